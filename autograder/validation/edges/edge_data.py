"""Define the input and the findings of an edge suite as plain data, which is sent to another process and back."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.model import Cell, Chapter, Exercise
from autograder.texts.regions import solved
from autograder.texts.variants import Variants


class EdgeError(ValueError):
    """An `### edges` entry that cannot be run; the message says what to do."""


@dataclass(frozen=True)
class Answers:
    """One exercise as plain text: its chapter's cells, its right answers by label, and its `### edges` entry."""

    exercise: str
    cells: tuple[Cell, ...]  # of its chapter; the cells that the exercise needs run first
    reference: str
    others: tuple[tuple[str, str], ...]  # label and solution cell, of the oracle and the right variants
    entry: str
    examples: int | None = None  # the number of cases; None means the entry's number


@dataclass
class Found:
    """The findings for one exercise: how many cases were drawn, and in which of them answers disagreed."""

    exercise: str
    drawn: int = 0
    answers: int = 0  # compared with the reference
    seconds: float = 0.0
    disagreements: list[str] = field(default_factory=list)


def answers(chapter: Chapter, exercise: Exercise, variants: Variants, examples: int | None = None) -> Answers | None:
    """Return the input of an exercise's edge suite, or None if there is no `### edges` entry with code."""
    entry = variants.edges(exercise.name)
    if entry is None or not entry.source:
        return None
    oracle = variants.oracle(exercise.name)
    others = [(v.label, v.source) for v in [*([oracle] if oracle else []), *variants.right(exercise.name)]]
    reference = solved(exercise.solution)
    return Answers(exercise.name, chapter.cells, reference, tuple(others), entry.source, examples)
