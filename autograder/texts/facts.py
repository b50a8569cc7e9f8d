"""The facts of an exercise: written once, as marks of its solution cell, and kept in that cell's metadata.

All other code reads them there. Readers see them as a line below the exercise's heading, which this module writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

CORE, MORE = "core", "more"
TIERS = (CORE, MORE)  # what everyone works through, and everything else
SENTENCES = ("{tier}.", "Difficulty {difficulty} of 5.", "About {minutes} minutes.", "{points} points.")


@dataclass(frozen=True)
class Facts:
    """What is known about an exercise before it is opened."""

    title: str  # from its heading, "a linear layer from scratch"
    tier: str  # one of `TIERS`
    difficulty: int  # 1 to 5
    minutes: int  # that a competent reader takes
    points: int  # the sum of its claims


@dataclass(frozen=True)
class Mark:
    """A fact that an author writes: its allowed values, in words and as a test."""

    may_be: str
    holds: Callable[[Any], bool]


MARKS = {
    "tier": Mark("core (everyone works through it) or more", lambda value: value in TIERS),
    "difficulty": Mark("an integer from 1 to 5", lambda value: type(value) is int and 1 <= value <= 5),
    "minutes": Mark("the minutes a competent reader takes", lambda value: type(value) is int and value > 0),
}


def mistake(mark: str, metadata: Mapping[str, Any]) -> str:
    """Return what is wrong with one of `MARKS` among the marks of a solution cell, or "" if nothing is."""
    if mark not in metadata:
        return f"the mark :{mark}: is missing; write {MARKS[mark].may_be}"
    if not MARKS[mark].holds(metadata[mark]):
        return f":{mark}: {metadata[mark]!r} is not understood; write {MARKS[mark].may_be}"
    return ""


def of(cell: Mapping[str, Any]) -> Facts | None:
    """Return the facts stored in a notebook cell, or None if it is not an exercise's solution cell."""
    found = cell["metadata"].get("layerlab", {}).get("facts")
    return Facts(**found) if found else None


def of_all(notebook: Mapping[str, Any]) -> list[Facts]:
    """Return the facts of a notebook's exercises, in order."""
    return [found for cell in notebook["cells"] if (found := of(cell))]


def sentences(facts: Mapping[str, Any]) -> list[str]:
    """Return what readers learn about an exercise, in order; joined by spaces, it is the line below the heading.

    Args:
        facts: the fields of `Facts` by name.
    """
    said = (sentence.format(**facts) for sentence in SENTENCES)
    return [sentence[0].upper() + sentence[1:] for sentence in said]
