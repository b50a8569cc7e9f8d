"""`autograder explain`: show why one exercise of a submission earned its points, and how to reproduce the result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.syntax import Syntax
from rich.table import Table

from autograder import reasons
from autograder.classroom import ledger
from autograder.classroom.batch_file import open_batch
from autograder.classroom.handed_in import NothingSubmitted, find_submissions
from autograder.commands.say import FAULT, PRIVATE, ROOT, USAGE, console, in_a_table, say, stop
from autograder.grading.grader import Grader, ReferenceFailed
from autograder.model import Batch, Exercise, ExerciseResult
from autograder.plain import in_terminal, plain
from autograder.recording import class_report
from autograder.recording.faults import RecordError
from autograder.sandbox.driver.run import Runner
from autograder.sandbox.driver.server_process import ServerFault
from autograder.texts import chapter as chapters
from autograder.texts.variants import VariantError


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


@click.command("explain")
@click.argument("student")
@click.argument("name", metavar="CHAPTER")
@click.argument("exercise")
@click.option("--unsandboxed", is_flag=True, help="Run the submission with your own privileges.")
@PRIVATE
@ROOT
def command(student: str, name: str, exercise: str, unsandboxed: bool, root: Path) -> None:
    """Show an instructor why EXERCISE of one submission earned its points, with the expected values.

    This command grades only that submission again, with the seed of its batch, and records nothing.
    """
    try:
        found = explain(student, name, exercise, root, not unsandboxed)
    except (NotGraded, chapters.ChapterNotFound, chapters.ChapterError) as error:
        stop(str(error), USAGE)
    except (ReferenceFailed, VariantError, RecordError, ServerFault) as error:
        stop(str(error), FAULT)
    part = found.exercise
    say(f"{part.title}: {part.state}, {part.earned} of {part.points} points")
    if part.is_untouched:
        say(in_terminal(reasons.sentence(part.sentence)))
    for line in reasons.in_lines(found.asked, part):
        say(in_terminal(line))
    table = Table("claim", "points", "state", "detail", "seconds", show_lines=True)
    for v in part.verdicts:
        row = (v.claim, f"{v.earned}/{v.points}", v.state.value, v.detail, f"{v.seconds:.2f}")
        table.add_row(*(in_a_table(text) for text in row))
    console.print(table)
    say("The answer that was graded:")
    console.print(Syntax(plain(found.answer), "python", line_numbers=True))
    say(f"seed {found.batch.seed}, kept in {class_report.report_folder(root, name)}")
