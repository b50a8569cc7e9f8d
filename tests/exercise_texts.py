"""Split the exercises in a chapter's text into parts, for tests that check their words and names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from autograder.course import Course
from autograder.texts import text
from autograder.texts.headings import EXERCISE, headings
from tests.root import COURSE, ROOT

CHAPTERS = [name for name in COURSE.chapters if name != "explorers"]


@dataclass(frozen=True)
class Asked:
    """The parts of one exercise as its author wrote it."""

    name: str
    title: str
    statement: str  # prose and code between its heading and its solution cell
    solution: str
    test: str
    hints: str  # prose between its test cell and the next heading
    rules: tuple[str, ...]  # forbidden calls


def asked(chapter: str) -> list[Asked]:
    """Return the exercises of a chapter of this course, in order."""
    return list(_read(Course(ROOT).text(chapter)))


@cache
def _cells(path: Path) -> list[NotebookNode]:
    return text.read(path).cells


def _read(path: Path) -> Iterator[Asked]:
    title, above, cells = "", "", _cells(path)
    for at, cell in enumerate(cells):
        found = headings(cell.source) if cell.cell_type == "markdown" else []
        if found:
            title, above = found[-1].title, "\n".join(cell.source.split("\n")[found[-1].line + 1 :])
        elif not cell.metadata.get("nbgrader", {}).get("solution"):
            above += f"\n\n{cell.source}"
        if cell.metadata.get("nbgrader", {}).get("solution"):
            name = cell.metadata.nbgrader.grade_id
            rules = tuple(cell.metadata.layerlab.get("rules", ()))
            test, hints = _behind(cells[at + 1 :], title)
            yield Asked(name, title.removeprefix(EXERCISE), above, cell.source, test, hints, rules)


def _behind(cells: list[NotebookNode], title: str) -> tuple[str, str]:
    """Return the next test cell, and the prose after it up to the next heading."""
    test, hints = "", []
    for cell in cells:
        if cell.cell_type == "markdown":
            found = headings(cell.source)
            hints.append("\n".join(cell.source.split("\n")[: found[0].line]) if found else cell.source)
            if found:
                break
        elif not test:
            test = cell.source
    return test, "\n\n".join(hints)
