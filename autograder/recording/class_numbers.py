"""Compute the numbers of a class report once, as plain data for the page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, median

from autograder.model import Chapter, Exercise, ExerciseResult, Result, State


@dataclass(frozen=True)
class ExerciseNumbers:
    """The results of a class on one exercise."""

    exercise: Exercise
    mean_share: float  # of its points, 0 to 1
    solved: int
    untouched: int
    often_lost: str  # the claim lost by most students who began it
    often_lost_count: int


@dataclass(frozen=True)
class Mistake:
    """A known mistake that some submissions make; their answers behave like the mistake's wrong variant."""

    exercise: str  # title
    title: str
    sentence: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class Spread:
    """The distribution of a quantity over the class."""

    total: float
    median: float
    largest: tuple[tuple[str, float], ...]  # student, value


@dataclass(frozen=True)
class ClassNumbers:
    """All numbers on the class page."""

    counted: tuple[Result, ...]  # all except those that our own faults left without a verdict
    mean: float
    median: float
    full: int
    exercises: tuple[ExerciseNumbers, ...]  # hardest first
    mistakes: tuple[Mistake, ...]  # most common first
    troubled: tuple[Result, ...]  # any state except passed and faults of ours
    faults: tuple[Result, ...]  # entirely or partly our fault
    seconds: Spread
    peak_mb: Spread


def numbers(chapter: Chapter, results: list[Result], totals: Mapping[str, float]) -> ClassNumbers:
    """Return the numbers of a class, given the points that count by student; for an empty class, all are 0."""
    counted = tuple(result for result in results if result.state is not State.INFRASTRUCTURE)
    earned = [totals[result.student] for result in counted]
    exercises = [_exercise(exercise, counted) for exercise in chapter.exercises]
    return ClassNumbers(
        counted=counted,
        mean=fmean(earned) if earned else 0.0,
        median=median(earned) if earned else 0.0,
        full=sum(total >= chapter.points for total in earned),
        exercises=tuple(sorted(exercises, key=lambda found: found.mean_share)),
        mistakes=_mistakes(counted),
        troubled=tuple(result for result in counted if result.state is not State.PASSED),
        faults=tuple(r for r in results if State.INFRASTRUCTURE in {r.state, *(e.state for e in r.exercises)}),
        seconds=_spread({result.student: result.seconds for result in results}),
        peak_mb=_spread({result.student: result.peak_mb for result in results}),
    )


def _exercise(exercise: Exercise, counted: tuple[Result, ...]) -> ExerciseNumbers:
    found = [part for result in counted for part in result.exercises if part.name == exercise.name]
    lost = Counter(
        verdict.claim
        for part in found
        if part.state is not State.NOT_IMPLEMENTED
        for verdict in part.verdicts
        if verdict.earned < verdict.points
    )
    claim, count = lost.most_common(1)[0] if lost else ("", 0)
    possible = len(counted) * exercise.points
    share = sum(part.earned for part in found) / possible if possible else 0.0
    return ExerciseNumbers(
        exercise,
        mean_share=share,
        solved=sum(part.earned >= part.points for part in found),
        untouched=sum(part.state is State.NOT_IMPLEMENTED for part in found),
        often_lost=claim,
        often_lost_count=count,
    )


def _mistakes(counted: tuple[Result, ...]) -> tuple[Mistake, ...]:
    students: dict[tuple[str, str], list[str]] = defaultdict(list)
    last: dict[tuple[str, str], ExerciseResult] = {}
    for result in counted:
        for part in result.exercises:
            if part.mistake:
                students[part.name, part.mistake].append(result.student)
                last[part.name, part.mistake] = part
    ordered = sorted(last.items(), key=lambda item: (-len(students[item[0]]), item[0]))
    return tuple(Mistake(part.title, part.mistake, part.sentence, tuple(students[key])) for key, part in ordered)


def _spread(values: dict[str, float]) -> Spread:
    largest = sorted(values.items(), key=lambda item: -item[1])[:3]
    return Spread(sum(values.values()), median(values.values()) if values else 0.0, tuple(largest))
