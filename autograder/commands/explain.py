"""`autograder explain`: show why one exercise of a submission earned its points."""

from __future__ import annotations

from pathlib import Path

import click
from rich.syntax import Syntax
from rich.table import Table

from autograder import reasons
from autograder.classroom import explanation as explaining
from autograder.commands.say import FAULT, PRIVATE, ROOT, USAGE, console, in_a_table, say, stop
from autograder.grading.grader import ReferenceFailed
from autograder.plain import in_terminal, plain
from autograder.recording import class_report
from autograder.recording.faults import RecordError
from autograder.sandbox.driver.server_process import ServerFault
from autograder.texts import chapter as chapters
from autograder.texts.variants import VariantError


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
        found = explaining.explain(student, name, exercise, root, not unsandboxed)
    except (explaining.NotGraded, chapters.ChapterNotFound, chapters.ChapterError) as error:
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
