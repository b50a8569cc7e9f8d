"""The regions of a solution or test cell: what a student receives of it, and what stays behind."""

from __future__ import annotations

import re

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
STARTER = "#~"  # a line of a debug-this exercise's faulty start
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")  # what nbgrader's ClearSolutions puts in a region's place


def released(source: str) -> str:
    """Return a solution cell's source as a student receives it.

    Each region gives way to nbgrader's stub, or to the ``#~`` lines that follow it when there are any.
    """
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


def solved(source: str) -> str:
    """Return a solution cell's source without the marks of its regions and without the faulty start."""
    lines = [line for line in source.split("\n") if BEGIN_SOLUTION not in line and END_SOLUTION not in line]
    return "\n".join(line for line in lines if not line.lstrip().startswith(STARTER)).strip("\n")


def starter_line(line: str) -> str:
    """Return ``line`` with its ``#~`` mark taken off; other lines come back as they are."""
    return re.sub(rf"^(\s*){STARTER} ?", r"\1", line)


def split_test(source: str) -> tuple[str, str]:
    """Return a test cell's visible checks and its hidden claims."""
    visible, _, rest = source.partition(BEGIN_HIDDEN)
    return visible.rstrip(), rest.partition(END_HIDDEN)[0].strip("\n")
