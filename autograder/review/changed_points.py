"""`autograder changes`: show what changed when a chapter was graded again.

The ledger has all results, so each student's last result in a chapter is compared with their previous one. The *last
round* is the longest run of results at the end of the ledger in which no student appears twice. So the last round
contains a whole regrade (even if the grader was stopped and restarted during that regrade) and all later resubmissions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from nbgrader.api import MissingEntry
from rich.table import Table

from autograder.classroom import ledger
from autograder.commands.say import FAULT, ROOT, USAGE, console, in_a_table, say, stop
from autograder.model import Result
from autograder.recording.class_report import report_folder
from autograder.recording.faults import RecordError
from autograder.recording.page_parts import plural, points
from autograder.recording.record import Recorder
from autograder.recording.totals import Mark
from autograder.texts import chapter as chapters


@dataclass(frozen=True)
class ChangedExercise:
    """An exercise whose points changed, such as "2/5"; "–" if the result before or after lacks the exercise."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangedResult:
    """One student's result before and after the last round."""

    student: str
    before: str  # total points, such as "2/5"
    after: str
    exercises: tuple[ChangedExercise, ...]


@dataclass(frozen=True)
class Changes:
    """What the last round changed."""

    again: int  # number of earlier results that the last round replaced
    changed: list[ChangedResult]  # sorted by student


def changes(history: Sequence[Result]) -> Changes:
    """Return what the last round changed, given every recorded result of a chapter, in order."""
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
        f"{before.earned}/{before.points}",
        f"{after.earned}/{after.points}",
        tuple(one for one in exercises if one.before != one.after),
    )


def _points(result: Result, name: str) -> str:
    part = result.part(name)
    return f"{part.earned}/{part.points}" if part else "–"


@click.command("changes")
@click.argument("name", metavar="CHAPTER")
@ROOT
def command(name: str, root: Path) -> None:
    """Show what changed when CHAPTER was graded again: students, exercises, and points before and after.

    Each student's last result is compared with their previous one, no matter whether the exercises, the grader, or the
    submission changed. The total that counts includes manual scores and late penalties.

    Exit status: 0 if the results were compared, 2 if nothing was graded, 3 if the disk or the gradebook failed.
    """
    try:
        chapter = chapters.load(name, root)
        found = changes(ledger.history(report_folder(root, chapter.name) / ledger.LEDGER))
        with Recorder(root) as recorder:
            marks = recorder.marks(chapter)
    except chapters.ChapterNotFound as error:
        stop(str(error), USAGE)
    except MissingEntry:
        stop(f"{name} was not graded yet: run `make grade`", USAGE)
    except RecordError as error:
        stop(str(error), FAULT)
    if found.changed:
        console.print(_table(found, marks))
    count = plural(len(found.changed), "student has different points", "students have different points")
    say(f"{chapter.name}: {found.again} graded again, {count}")


def _table(found: Changes, marks: Mapping[str, Mark]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("student", "exercise", "before", "after", "total before", "total after", "counts"):
        is_text = title in ("student", "exercise")
        table.add_column(title, header_style="dim", overflow="fold", justify="left" if is_text else "right")
    for one in found.changed:
        counts = points(marks[one.student].score) if one.student in marks else ""
        totals = (one.student, "", "", "", one.before, one.after, counts)
        table.add_row(*map(in_a_table, totals))
        for part in one.exercises:
            table.add_row("", in_a_table(part.name), part.before, part.after)
    return table
