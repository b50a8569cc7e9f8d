"""Compare each student's last result in a chapter with the one before it, from the ledger, which keeps all of them.

The *last round* is the end of the ledger in which no student appears twice. It is a whole regrade, even if the grader
was stopped and started again in between, and it includes what was submitted again since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.model import ExerciseResult, Result


@dataclass(frozen=True)
class Points:
    """Points earned, of how many."""

    earned: int
    of: int

    def __str__(self) -> str:
        return f"{self.earned}/{self.of}"


@dataclass(frozen=True)
class ChangedExercise:
    """An exercise whose points are not what they were; None if it did not exist or was not reached."""

    name: str
    before: Points | None
    after: Points | None


@dataclass(frozen=True)
class ChangedResult:
    """One student's result, before and after."""

    student: str
    before: Points
    after: Points
    exercises: tuple[ChangedExercise, ...]


@dataclass(frozen=True)
class Changes:
    """What the last round changed."""

    again: int  # how many results it replaced
    changed: list[ChangedResult]  # sorted by student


def changes(history: Sequence[Result]) -> Changes:
    """Return what the last round changed.

    Args:
        history: every recorded result of a chapter, in order.
    """
    last: dict[str, Result] = {}
    start = len(history)
    while start and history[start - 1].student not in last:
        start -= 1
        last[history[start].student] = history[start]
    earlier = {result.student: result for result in history[:start] if result.student in last}
    found = [_changed(earlier[student], last[student]) for student in sorted(earlier)]
    return Changes(len(earlier), [one for one in found if one.exercises or one.before != one.after])


def _changed(before: Result, after: Result) -> ChangedResult:
    names = dict.fromkeys(exercise.name for result in (after, before) for exercise in result.exercises)
    exercises = [ChangedExercise(name, _points(before, name), _points(after, name)) for name in names]
    return ChangedResult(
        after.student,
        Points(before.earned, before.points),
        Points(after.earned, after.points),
        tuple(one for one in exercises if one.before != one.after),
    )


def _points(result: Result, name: str) -> Points | None:
    part: ExerciseResult | None = next((part for part in result.exercises if part.name == name), None)
    return Points(part.earned, part.points) if part else None
