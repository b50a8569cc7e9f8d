"""Split the exercises in a chapter's text into parts, for tests that check their words and names."""

from dataclasses import dataclass
from functools import cache

import nbformat

from autograder.texts.headings import headings
from tests.root import COURSE

CHAPTERS = [name for name in COURSE.chapters if name != "explorers"]


@dataclass(frozen=True)
class Asked:
    """The parts of one exercise as its author wrote it."""

    name: str
    statement: str  # prose and code between its heading and its solution cell
    solution: str
    test: str
    rules: tuple[str, ...]  # forbidden calls


@cache
def asked(chapter: str) -> list[Asked]:
    """Return the exercises of a chapter of this course, in order."""
    above, found = "", []
    cells = [(cell, cell.metadata.get("nbgrader", {})) for cell in nbformat.read(COURSE.reference(chapter), 4).cells]
    tests = {c.metadata.layerlab.exercise: c.source for c, mark in cells if mark.get("grade") and not mark.solution}
    for cell, mark in cells:
        titles = headings(cell.source) if cell.cell_type == "markdown" else []
        if titles:
            above = "\n".join(cell.source.split("\n")[titles[-1].line + 1 :])
        elif not mark.get("solution"):
            above += f"\n\n{cell.source}"
        else:
            rules = tuple(cell.metadata.layerlab.get("rules", ()))
            found.append(Asked(mark.grade_id, above, cell.source, tests.get(mark.grade_id, ""), rules))
    return found
