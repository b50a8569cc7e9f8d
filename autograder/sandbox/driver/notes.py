"""Turn a child's notes about skipped code into sentences for the result, without trusting them.

A note has a kind, a line number, and a text; the driver knows which cell is running. Invalid notes are dropped.
"""

from __future__ import annotations

import re
from typing import Any

from autograder.model import TEST_KINDS, CellRun

MAX_NOTES = 20  # per submission
MAX_TEXT = 80
_SAID = {
    "shell": "was skipped: there is no shell here",
    "cell": "was skipped with everything below it: there is no shell here",
    "magic": "was skipped: there is no such magic here, or it cannot work here",
    "debugger": "did nothing: no one is here to debug",
    "question": "got an empty answer: no one is here to type one",
}
_PACKAGE = re.compile(r"[A-Za-z_]\w{0,40}(\.\w{1,40}){0,2}", re.ASCII)
_UNPRINTED = re.compile(r"[^ -~\u00a1-\u024f\u0370-\u04ff\u4e00-\u9fff]+|`")  # control characters and backticks


def sentence(note: dict[str, Any], cell: CellRun | None) -> str | None:
    """Return the sentence for a note that arrived while ``cell`` ran, or None if the note is invalid."""
    what, text, line = note.get("what"), note.get("text"), note.get("line")
    if not isinstance(what, str) or not isinstance(text, str) or cell is None:
        return None
    if what == "package":
        if not _PACKAGE.fullmatch(text):
            return None
        return f"{text} is not installed where answers are graded; the course uses torch, numpy and matplotlib"
    if what not in _SAID:
        return None
    return f"{_where(cell, line)} (`{_UNPRINTED.sub(' ', text[:MAX_TEXT]).strip()}`) {_SAID[what]}"


def _where(cell: CellRun, line: Any) -> str:
    place = f"the answer to {cell.exercise}" if cell.kind == "solution" else "a cell of the notebook"
    if cell.kind in TEST_KINDS:
        place = f"what the test of {cell.exercise} calls"
    return f"line {line} of {place}" if type(line) is int and 0 < line < 10**6 else f"a line of {place}"
