"""Check the facts of an exercise (tier, difficulty, minutes, points), store them in its solution, and state them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

CORE, MORE = "core", "more"
TIERS = (CORE, MORE)  # the exercises for everyone, and all others
SENTENCES = ("{tier}.", "Difficulty {difficulty} of 5.", "About {minutes} minutes.", "{points} points.")


@dataclass(frozen=True)
class Facts:
    """Facts that readers see about an exercise before they start it."""

    title: str  # from its heading, "a linear layer from scratch"
    tier: str  # one of `TIERS`
    difficulty: int  # 1 to 5
    minutes: int  # the estimate of `autograder.texts.reading_time`
    points: int  # the sum of its claims' points, or what a person can give


@dataclass(frozen=True)
class Mark:
    """An author's mark on a solution cell: its allowed values in words, and a function that checks a value."""

    may_be: str
    holds: Callable[[Any], bool]


MARKS = {
    "tier": Mark("core (everyone works through it) or more", lambda value: value in TIERS),
    "difficulty": Mark("an integer from 1 to 5", lambda value: type(value) is int and 1 <= value <= 5),
}


BY_HAND = "by_hand"  # the mark of a solution cell that a person grades
_POINTS = Mark("the points that a person can give, an integer of at least 1", lambda n: type(n) is int and n > 0)


def mistake(mark: str, metadata: Mapping[str, Any]) -> str:
    """Return what is wrong with the mark ``mark`` (a key of `MARKS`) on a solution cell, or "" if it is correct."""
    if mark not in metadata:
        return f"the mark :{mark}: is missing; write {MARKS[mark].may_be}"
    if not MARKS[mark].holds(metadata[mark]):
        return f":{mark}: {metadata[mark]!r} is not understood; write {MARKS[mark].may_be}"
    return ""


def mistakes(is_text: bool, has_test: bool, metadata: Mapping[str, Any]) -> list[str]:
    """Return an entry for each mark of a solution cell: what is wrong with the mark, or "" if it is correct."""
    return [_hand_mistake(is_text, has_test, metadata), *(mistake(mark, metadata) for mark in MARKS)]


def _hand_mistake(is_text: bool, has_test: bool, metadata: Mapping[str, Any]) -> str:
    if BY_HAND not in metadata:
        return "a person grades a Markdown answer: add by_hand to its marks, with its points" * is_text
    if not _POINTS.holds(metadata[BY_HAND]):
        return f"{BY_HAND} {metadata[BY_HAND]!r} is not understood; write {_POINTS.may_be}"
    if has_test:
        return "it has a test cell and is graded by hand: remove the test or the mark by_hand"
    return "tests check rules, and a person grades this: remove the mark rules" * ("rules" in metadata)


def of(cell: Mapping[str, Any]) -> Facts | None:
    """Return the facts stored in a notebook cell, or None if it is not an exercise's solution cell."""
    found = cell["metadata"].get("layerlab", {}).get("facts")
    return Facts(**found) if found else None


def of_all(notebook: Mapping[str, Any]) -> list[Facts]:
    """Return the facts of a notebook's exercises, in order."""
    return [found for cell in notebook["cells"] if (found := of(cell))]


def sentences(facts: Mapping[str, Any]) -> list[str]:
    """Return the sentences about an exercise, in order; joined by spaces, they form the line below the heading."""
    filled = (sentence.format(**facts) for sentence in SENTENCES)
    return [sentence[0].upper() + sentence[1:] for sentence in filled]
