"""`autograder changes`: what grading a chapter again changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from nbgrader.api import MissingEntry
from rich.table import Table

from autograder.classroom import ledger
from autograder.commands.say import FAULT, ROOT, USAGE, console, in_a_table, say, stop
from autograder.model import Chapter
from autograder.recording.class_report import report_folder
from autograder.recording.faults import RecordError, recording
from autograder.recording.page_parts import environment, heading, plural, points
from autograder.recording.record import Recorder
from autograder.recording.totals import Mark
from autograder.recording.whole_files import replace_text
from autograder.regrade.changed_points import Changes, Points, changes
from autograder.texts import chapter as chapters


@click.command("changes")
@click.argument("name", metavar="CHAPTER")
@ROOT
def command(name: str, root: Path) -> None:
    """Show what grading CHAPTER again changed: students, exercises, and points before and after.

    Each student's last result is compared with the one before it, whether the exercises, the grader, or the submission
    changed. The total that counts includes scores by hand and late penalties. The same table is in reports/, as a page.

    Exit status: 0 compared, 2 nothing was graded, 3 the disk or the gradebook failed.
    """
    try:
        chapter = chapters.load(name, root)
        folder = report_folder(root, chapter.name)
        found = changes(ledger.history(folder / ledger.LEDGER))
        with Recorder(root) as recorder:
            marks = recorder.marks(chapter)
        path = folder / "changes.html"
        with recording(f"{path} could not be written"):
            replace_text(path, page(chapter, found, marks))
    except chapters.ChapterNotFound as error:
        stop(str(error), USAGE)
    except MissingEntry:
        stop(f"{name} was not graded yet: run `make grade`", USAGE)
    except RecordError as error:
        stop(str(error), FAULT)
    if found.changed:
        console.print(_table(found, marks))
    count = plural(len(found.changed), "student has other points", "students have other points")
    say(f"{chapter.name}: {found.again} graded again, {count}\n  {path}")


def page(chapter: Chapter, found: Changes, marks: Mapping[str, Mark]) -> str:
    """Return the page: one file, no script."""
    template = environment().get_template("changes.html")
    return template.render(heading=heading(chapter), chapter=chapter, found=found, marks=marks)


def _table(found: Changes, marks: Mapping[str, Mark]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("student", "exercise", "before", "after", "total before", "total after", "counts"):
        is_text = title in ("student", "exercise")
        table.add_column(title, header_style="dim", overflow="fold", justify="left" if is_text else "right")
    for one in found.changed:
        counts = points(marks[one.student].score) if one.student in marks else ""
        totals = (one.student, "", "", "", str(one.before), str(one.after), counts)
        table.add_row(*map(in_a_table, totals))
        for part in one.exercises:
            table.add_row("", in_a_table(part.name), _shown(part.before), _shown(part.after))
    return table


def _shown(value: Points | None) -> str:
    return str(value) if value else "–"
