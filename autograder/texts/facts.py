"""The facts of an exercise: written once, as marks of its solution cell, and kept in that cell's metadata.

All other code reads them there. Readers see them as a line below the exercise's heading, which this module writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

CORE, MORE = "core", "more"
TIERS = (CORE, MORE)  # the exercises for everyone, and all others
SENTENCES = {
    "en": ("{tier}.", "Difficulty {difficulty} of 5.", "About {minutes} minutes.", "{points} points."),
    "de": ("{tier}.", "Schwierigkeit {difficulty} von 5.", "Etwa {minutes} Minuten.", "{points} Punkte."),
}
TIERS_IN = {"de": {CORE: "Kern", MORE: "Zusatz"}}  # where they are not called by their names


@dataclass(frozen=True)
class Facts:
    """What is known about an exercise before it is opened."""

    title: str  # from its heading, "a linear layer from scratch"
    tier: str  # one of `TIERS`
    difficulty: int  # 1 to 5
    minutes: int  # that it takes, by the rule of `autograder.texts.reading_time`
    points: int  # the sum of its claims


@dataclass(frozen=True)
class Mark:
    """A fact that an author writes: its allowed values, in words and as a test."""

    may_be: str
    holds: Callable[[Any], bool]


MARKS = {
    "tier": Mark("core (everyone works through it) or more", lambda value: value in TIERS),
    "difficulty": Mark("an integer from 1 to 5", lambda value: type(value) is int and 1 <= value <= 5),
}


BY_HAND = "by_hand"  # the mark of a solution cell that a person grades
_POINTS = Mark("the points that a person can give, an integer of at least 1", lambda n: type(n) is int and n > 0)


def mistake(mark: str, metadata: Mapping[str, Any]) -> str:
    """Return what is wrong with one of `MARKS` among the marks of a solution cell, or "" if nothing is."""
    if mark not in metadata:
        return f"the mark :{mark}: is missing; write {MARKS[mark].may_be}"
    if not MARKS[mark].holds(metadata[mark]):
        return f":{mark}: {metadata[mark]!r} is not understood; write {MARKS[mark].may_be}"
    return ""


def mistakes(is_text: bool, has_test: bool, metadata: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the marks of a solution cell, and "" for each mark with which nothing is."""
    return [_hand_mistake(is_text, has_test, metadata), *(mistake(mark, metadata) for mark in MARKS)]


def _hand_mistake(is_text: bool, has_test: bool, metadata: Mapping[str, Any]) -> str:
    if BY_HAND not in metadata:
        return "a person grades a Markdown answer: add by_hand to its marks, with its points" * is_text
    if not _POINTS.holds(metadata[BY_HAND]):
        return f"{BY_HAND} {metadata[BY_HAND]!r} is not understood; write {_POINTS.may_be}"
    if has_test:
        return "it has a test cell and is graded by hand: remove the test or the mark by_hand"
    needless = [mark for mark in ("rules", "personal") if mark in metadata]
    return f"tests check {needless[0]}, and a person grades this: remove the mark {needless[0]}" if needless else ""


def of(cell: Mapping[str, Any]) -> Facts | None:
    """Return the facts stored in a notebook cell, or None if it is not an exercise's solution cell."""
    found = cell["metadata"].get("layerlab", {}).get("facts")
    return Facts(**found) if found else None


def of_all(notebook: Mapping[str, Any]) -> list[Facts]:
    """Return the facts of a notebook's exercises, in order."""
    return [found for cell in notebook["cells"] if (found := of(cell))]


def sentences(facts: Mapping[str, Any], language: str = "en") -> list[str]:
    """Return what readers learn about an exercise, in order; joined by spaces, it is the line below the heading.

    Args:
        facts: the fields of `Facts` by name.
        language: one of `SENTENCES`.
    """
    tier = TIERS_IN.get(language, {}).get(facts["tier"], facts["tier"])
    said = (sentence.format(**{**facts, "tier": tier}) for sentence in SENTENCES[language])
    return [sentence[0].upper() + sentence[1:] for sentence in said]
