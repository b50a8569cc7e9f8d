"""Read the cells of a text, and determine what a student receives, what is held back, and each cell's metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

from autograder.texts.headings import headings

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
STARTER = "#~"  # a line of a debug-this exercise's faulty start
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")  # nbgrader's ClearSolutions replaces a region with these
BEGIN_ANSWER, END_ANSWER = "<!-- BEGIN SOLUTION -->", "<!-- END SOLUTION -->"  # the region of a Markdown cell
TEXT_STUB = "YOUR ANSWER HERE"  # ClearSolutions replaces the region of a Markdown cell with this


def released(source: str) -> str:
    """Return a solution cell as a student gets it: for each region its ``#~`` lines, if any, or nbgrader's stub."""
    kept: list[str] = []
    inside = False
    stub_at = -1
    for line in source.split("\n"):
        if BEGIN_SOLUTION in line:
            indent = line[: len(line) - len(line.lstrip())]
            stub_at = len(kept)
            kept += [indent + stub for stub in STUB]
            inside = True
        elif END_SOLUTION in line:
            inside = False
        elif not inside:
            if line.lstrip().startswith(STARTER) and stub_at >= 0:
                del kept[stub_at : stub_at + len(STUB)]
                stub_at = -1
            kept.append(starter_line(line))
    return "\n".join(kept)


def released_text(source: str) -> str:
    """Return a Markdown answer cell's source as a student receives it; the region must come last in the cell."""
    return source.partition(BEGIN_ANSWER)[0] + TEXT_STUB


def answer_mistakes(source: str, is_marked: bool) -> Iterator[tuple[str, int]]:
    """For each reason why a Markdown cell cannot be an answer, yield a sentence and a 0-based line number."""
    if not is_marked:
        yield 'a Markdown cell is part of an exercise only as an answer: +++ {"solution": "name", "by_hand": 4, …}', 0
    for found in headings(source):
        yield f"an answer cannot contain headings: begin a cell with +++ above {found.title!r}", found.line
    before, begin, rest = source.partition(BEGIN_ANSWER)
    _, end, below = rest.partition(END_ANSWER)
    if not begin or not end or BEGIN_ANSWER in rest or before[-1:].strip():
        yield f"an answer needs a line {BEGIN_ANSWER}, perhaps our own answer, and a line {END_ANSWER}", 0
    elif below.strip():
        yield f"nothing may follow {END_ANSWER}: begin the next cell with +++", source.count("\n")
    if "{{" in before:
        yield "a student would see {{ }} literally, because answer cells are not filled in", before.count("\n")


def solution_lines(source: str) -> list[str]:
    """Return the nonempty lines in the regions of a solution cell, without indentation."""
    kept: list[str] = []
    inside = False
    for line in source.split("\n"):
        if BEGIN_SOLUTION in line or END_SOLUTION in line:
            inside = BEGIN_SOLUTION in line
        elif inside and line.strip():
            kept.append(line.strip())
    return kept


def solved(source: str) -> str:
    """Return a solution cell's source without its region marks and without its faulty start."""
    lines = [line for line in source.split("\n") if BEGIN_SOLUTION not in line and END_SOLUTION not in line]
    return "\n".join(line for line in lines if not line.lstrip().startswith(STARTER)).strip("\n")


def starter_line(line: str) -> str:
    """Return ``line`` without its ``#~`` mark; other lines are unchanged."""
    return re.sub(rf"^(\s*){STARTER} ?", r"\1", line)


def split_test(source: str) -> tuple[str, str]:
    """Return a test cell's visible checks and its hidden claims."""
    visible, _, rest = source.partition(BEGIN_HIDDEN)
    return visible.rstrip(), rest.partition(END_HIDDEN)[0].strip("\n")


def nbgrader_entry(cell: NotebookNode, grade_id: str, points: int | None) -> dict[str, Any]:
    """Return nbgrader's metadata for a solution or test cell; ``points`` is None for a cell that earns nothing."""
    is_solution, is_grade = "solution" in cell.metadata, points is not None
    entry = {"cell_type": cell.cell_type, "grade": is_grade, "grade_id": grade_id, "locked": not is_solution}
    if is_grade:
        entry["points"] = points
    return entry | {"schema_version": 3, "solution": is_solution, "task": False}


def kept_metadata(cell: NotebookNode) -> dict[str, Any]:
    """Return the cell metadata to keep in the notebook: the tags, and the alt text under the key that myst-nb reads."""
    kept: dict[str, Any] = {"tags": list(cell.metadata.tags)} if "tags" in cell.metadata else {}
    if "alt" in cell.metadata:
        kept["mystnb"] = {"image": {"alt": str(cell.metadata.alt)}}
    return kept
