"""Show an instructor why one exercise of a submission earned its points, and how to reproduce the result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from autograder.classroom import ledger
from autograder.classroom.batch_file import open_batch
from autograder.classroom.handed_in import NothingSubmitted, find_submissions
from autograder.grading.grader import Grader
from autograder.model import Batch, Exercise, ExerciseResult
from autograder.recording import class_report
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters


class NotGraded(LookupError):
    """The student's exercise was not graded; the message says why."""


@dataclass(frozen=True)
class Explanation:
    """One exercise of one submission, graded again under the seed of its batch."""

    exercise: ExerciseResult
    asked: Exercise
    batch: Batch
    answer: str  # the text that was graded; empty if there is none


def explain(student: str, name: str, exercise: str, root: Path, sandbox: bool = True) -> Explanation:
    """Grade one submission again and return the outcome of one exercise, or raise NotGraded or ChapterNotFound."""
    chapter = chapters.load(name, root)
    if exercise not in {e.name for e in chapter.exercises}:
        there = ", ".join(e.name for e in chapter.exercises)
        raise NotGraded(f"{name} has no exercise {exercise!r}; it has {there}")
    try:
        submission = find_submissions(root, chapter.name, (student,))[0]
    except NothingSubmitted as error:
        raise NotGraded(str(error)) from None
    if submission.path is None:
        raise NotGraded(submission.notes[0])
    folder = class_report.report_folder(root, chapter.name)
    batch = open_batch(folder)
    kept = ledger.read(folder / ledger.LEDGER).get(student)
    if kept is not None and kept.seed == batch.seed:  # use the secret it was graded with, for the same result
        batch = replace(batch, secret=kept.secret)
    with Runner(sandbox=sandbox) as runner:
        grader = Grader(chapter, batch, runner)
        result = grader.grade(submission.path, student, submission.notes)
    found = result.part(exercise)
    if found is None:
        raise NotGraded(f"{student}'s notebook could not be graded: {result.sentence}")
    cells = result.plan.cells if result.plan else ()
    answer = next((cell.source for cell in cells if cell.kind == "solution" and cell.exercise == exercise), "")
    return Explanation(found, chapter.exercise(exercise), batch, answer)
