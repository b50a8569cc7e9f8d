"""Change answers in the fixture `two_exercises`; return a student's notebook or the cells to run."""

import json
from dataclasses import replace

import nbformat

from autograder.model import Cell, Chapter
from autograder.texts import text
from tests.root import FIXTURES


def notebook(above: str = "", below: str = "", **answers: str | None) -> dict:
    """Return the reference with other answers (None removes a cell) and a student's cells above and below `double`."""
    content = text.read(FIXTURES / "two_exercises.md")
    at = [cell.id for cell in content.cells].index("double")
    for place, source in ((at + 2, below), (at, above)):
        content.cells[place:place] = [nbformat.v4.new_code_cell(source)] if source else []
    content.cells = [cell for cell in content.cells if answers.get(cell.id, "") is not None]
    for cell in content.cells:
        cell.source = answers.get(cell.id, cell.source)
    return json.loads(nbformat.writes(content))


def with_answer(chapter: Chapter, exercise: str, source: str, **more) -> list[Cell]:
    """Return a chapter's cells with another answer; ``more`` replaces other fields of the exercise's cells."""
    cells = [replace(cell, **more) if cell.exercise == exercise else cell for cell in chapter.cells]
    return [replace(cell, source=source) if cell.id == exercise else cell for cell in cells]
