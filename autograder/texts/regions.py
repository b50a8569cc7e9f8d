"""Split a solution or test cell by its regions: what a student receives, and what is held back."""

from __future__ import annotations

import re

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
STARTER = "#~"  # a line of a debug-this exercise's faulty start
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")  # what nbgrader's ClearSolutions replaces a region with


def released(source: str) -> str:
    """Return a solution cell's source as a student receives it.

    Each region is replaced by nbgrader's stub, or by the ``#~`` lines that follow it, if any.
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
    """Return a solution cell's source without its region marks and its faulty start."""
    lines = [line for line in source.split("\n") if BEGIN_SOLUTION not in line and END_SOLUTION not in line]
    return "\n".join(line for line in lines if not line.lstrip().startswith(STARTER)).strip("\n")


def starter_line(line: str) -> str:
    """Return ``line`` without its ``#~`` mark; other lines are unchanged."""
    return re.sub(rf"^(\s*){STARTER} ?", r"\1", line)


def split_test(source: str) -> tuple[str, str]:
    """Return a test cell's visible checks and its hidden claims."""
    visible, _, rest = source.partition(BEGIN_HIDDEN)
    return visible.rstrip(), rest.partition(END_HIDDEN)[0].strip("\n")
