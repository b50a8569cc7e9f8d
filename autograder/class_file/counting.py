"""Select the exercises and results that count in a class, and set the points of each exercise.

The grader grades every exercise and keeps all results in its ledger. The gradebook, reports, and feedback use only the
exercises and results selected here, so nothing is graded again when the class file changes.
"""

from __future__ import annotations

from dataclasses import replace

from autograder.class_file.class_settings import ClassSettings
from autograder.model import Chapter, Claim, Exercise, ExerciseResult, Result


def counted(chapter: Chapter, settings: ClassSettings) -> Chapter:
    """Return the chapter with the exercises that count, each worth its points in the class."""
    points = settings.points.get(chapter.name, {})
    return replace(
        chapter,
        exercises=tuple(
            _worth(exercise, points.get(exercise.name, exercise.points))
            for exercise in chapter.exercises
            if settings.counts(chapter.name, exercise)
        ),
    )


def _worth(exercise: Exercise, points: int) -> Exercise:
    """Distribute the points over an exercise's claims, at least 1 each, in proportion to the claims' own points."""
    claims = exercise.claims
    if points == exercise.points:
        return exercise
    if exercise.by_hand:
        return replace(exercise, by_hand=points)
    given = [1] * len(claims)
    fair = [claim.points * points / exercise.points for claim in claims]
    for _ in range(points - len(claims)):
        poorest = max(range(len(claims)), key=lambda at: fair[at] - given[at])
        given[poorest] += 1
    made = tuple(Claim(claim.name, share) for claim, share in zip(claims, given, strict=True))
    return replace(exercise, claims=made)


def counted_result(result: Result, chapter: Chapter) -> Result:
    """Return the part of a result that counts; ``chapter`` is what `counted` returned."""
    exercises = {exercise.name: exercise for exercise in chapter.exercises}
    parts = [_part(part, exercises[part.name]) for part in result.exercises if part.name in exercises]
    return replace(result, exercises=parts, points=chapter.points, earned=sum(part.earned for part in parts))


def _part(part: ExerciseResult, exercise: Exercise) -> ExerciseResult:
    if part.points == exercise.points:
        return part
    worth = {claim.name: claim.points for claim in exercise.claims}
    verdicts = []
    for one in part.verdicts:
        points = worth.get(one.claim, one.points)  # a result for an earlier text may have other claims
        verdicts.append(replace(one, points=points, earned=points if one.earned else 0))
    earned = sum(one.earned for one in verdicts)
    return replace(part, points=exercise.points, earned=earned, verdicts=verdicts)
