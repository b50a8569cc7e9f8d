"""Apply a change, which lists the lines to remove from a solution and the lines to add, without line numbers.

    -        y = x @ self.weight.T
    +        y = x @ self.weight

A line that begins with a space is a context line, and an empty line is an empty context line. A line `@@` separates
hunks. The context and `-` lines of a hunk must together occur exactly once in the text to which the change applies.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

SEPARATOR = "@@"
CONTEXT, OLD, NEW = " ", "-", "+"


class ChangeError(ValueError):
    """A change that cannot be applied, with its 0-based line, what is wrong, and what to do."""

    def __init__(self, line: int, what: str, to_do: str) -> None:
        super().__init__(f"{what}. {to_do}")
        self.line, self.what, self.to_do = line, what, to_do


@dataclass(frozen=True)
class Hunk:
    """Consecutive lines of a text, and the lines that replace them."""

    line: int  # of its first line, counted from 0 in the change
    old: tuple[str, ...]
    new: tuple[str, ...]


def applied(change: str, text: str) -> str:
    """Return ``text`` with all hunks of a change applied."""
    lines = text.split("\n")
    places = sorted(((_place(hunk, lines), hunk) for hunk in hunks(change)), key=lambda found: found[0])
    result: list[str] = []
    end = 0  # of the lines that earlier hunks changed
    for place, hunk in places:
        if place < end:
            what = "two hunks change the same line, " + _quoted(lines[place])
            raise ChangeError(hunk.line, what, "Join them into one hunk, or remove context.")
        result += [*lines[end:place], *hunk.new]
        end = place + len(hunk.old)
    return "\n".join([*result, *lines[end:]])


def hunks(change: str) -> list[Hunk]:
    """Return the hunks of a change, in order."""
    lines = change.split("\n")
    found, start = [], 0
    for end in [*(at for at, line in enumerate(lines) if line == SEPARATOR), len(lines)]:
        found.append(_hunk(lines[start:end], start))
        start = end + 1
    return found


def _hunk(lines: list[str], start: int) -> Hunk:
    for number, line in enumerate(lines, start):
        if line.startswith(SEPARATOR):
            raise ChangeError(number, f"{_quoted(line)} is not a line of a change", f"Write `{SEPARATOR}` alone.")
        if line[:1] not in (CONTEXT, OLD, NEW, ""):
            to_do = "Begin it with `-`, with `+`, or with a space for a line that stays."
            raise ChangeError(number, f"{_quoted(line)} is not a line of a change", to_do)
    old = tuple(line[1:] for line in lines if line[:1] != NEW)
    new = tuple(line[1:] for line in lines if line[:1] != OLD)
    if old == new:
        raise ChangeError(start, "this hunk changes nothing", "Delete it, or write what to remove and what to add.")
    if not any(line.strip() for line in old):
        raise ChangeError(start, "this hunk does not say where", "Add the line above or below it as context.")
    return Hunk(start, old, new)


def _place(hunk: Hunk, lines: list[str]) -> int:
    size = len(hunk.old)
    places = [at for at in range(len(lines) - size + 1) if tuple(lines[at : at + size]) == hunk.old]
    if not places:
        raise ChangeError(hunk.line, _missing(hunk, lines), "Rewrite the change from these.")
    if len(places) > 1:
        count = "twice" if len(places) == 2 else f"{len(places)} times"
        raise ChangeError(
            hunk.line,
            f"what this hunk changes appears {count} in the solution, starting with {_quoted(hunk.old[0])}",
            "Add a line of context that distinguishes them.",
        )
    return places[0]


def _missing(hunk: Hunk, lines: list[str]) -> str:
    """Describe which line of a hunk is missing from the text, and which lines of the text are most similar."""
    first = next((line for line in hunk.old if line not in lines), None)
    if first is None:
        what = "the solution changed: the lines of this hunk are not consecutive in it"
    else:
        what = f"the solution changed: it has no line {_quoted(first)}"
    size = len(hunk.old)
    windows = [lines[at : at + size] for at in range(max(1, len(lines) - size + 1))]
    nearest = max(windows, key=lambda window: _likeness(window, hunk.old))
    told = ", ".join(_quoted(line) for line in nearest if line.strip())
    return f"{what}; the nearest lines are {told}"


def _likeness(window: list[str], old: tuple[str, ...]) -> float:
    return difflib.SequenceMatcher(None, "\n".join(window), "\n".join(old), autojunk=False).ratio()


def _quoted(line: str) -> str:
    return f"`{line.strip()}`"
