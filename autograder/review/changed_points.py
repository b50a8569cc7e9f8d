"""`autograder changes`: show what changed when a chapter was graded again.

The *last round* is the longest run of results at the end of the ledger in which no student appears twice: a whole
regrade, even if it was stopped and restarted, and all later resubmissions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table

from autograder.classroom import ledger
from autograder.commands.say import FAULT, PRIVATE, ROOT, USAGE, console, in_a_table, say, stop
from autograder.model import ExerciseResult, Result
from autograder.recording.class_report import report_folder
from autograder.recording.faults import RecordError
from autograder.recording.page_parts import plural, points
from autograder.recording.record import Recorder
from autograder.recording.totals import Mark
from autograder.texts import chapter as chapters


@dataclass(frozen=True)
class Change:
    """The points, such as "2/5" ("–" if there were none), of a student or an exercise before and after a round."""

    name: str
    before: str
    after: str
    exercises: tuple[Change, ...] = ()  # of a student: those whose points changed


def changes(history: Sequence[Result]) -> tuple[int, list[Change]]:
    """Return how many of all results, in order, the last round replaced, and the students with different points."""
    last: dict[str, Result] = {}
    start = len(history)
    while start and history[start - 1].student not in last:
        start -= 1
        last[history[start].student] = history[start]
    earlier = {result.student: result for result in history[:start] if result.student in last}
    found = [_changed(earlier[student], last[student]) for student in sorted(earlier)]
    return len(earlier), [one for one in found if one.exercises or one.before != one.after]


def _changed(before: Result, after: Result) -> Change:
    names = dict.fromkeys(exercise.name for result in (after, before) for exercise in result.exercises)
    exercises = [Change(name, _points(before.part(name)), _points(after.part(name))) for name in names]
    changed = tuple(one for one in exercises if one.before != one.after)
    return Change(after.student, _points(before), _points(after), changed)


def _points(of: Result | ExerciseResult | None) -> str:
    return f"{of.earned}/{of.points}" if of else "–"


@click.command("changes")
@click.argument("name", metavar="CHAPTER")
@PRIVATE
@ROOT
def command(name: str, root: Path) -> None:
    """Show what changed when CHAPTER was graded again: students, exercises, and points before and after.

    Each student's last result is compared with their previous one, no matter whether the exercises, the grader, or the
    submission changed. The total that counts includes manual scores and late penalties.

    Exit status: 0 if the results were compared, 2 if nothing was graded, 3 if the disk or the gradebook failed.
    """
    try:
        chapter = chapters.load(name, root)
        again, changed = changes(ledger.history(report_folder(root, chapter.name) / ledger.LEDGER))
        with Recorder(root) as recorder:
            marks = recorder.marks(chapter)
    except (chapters.ChapterNotFound, ValueError) as error:
        stop(str(error), USAGE)
    except RecordError as error:
        stop(str(error), FAULT)
    if changed:
        console.print(_table(changed, marks))
    count = plural(len(changed), "student has different points", "students have different points")
    say(f"{chapter.name}: {again} graded again, {count}")


def _table(changed: Sequence[Change], marks: Mapping[str, Mark]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("student", "exercise", "before", "after", "total before", "total after", "counts"):
        is_text = title in ("student", "exercise")
        table.add_column(title, header_style="dim", overflow="fold", justify="left" if is_text else "right")
    for one in changed:
        counts = points(marks[one.name].score) if one.name in marks else ""
        totals = (one.name, "", "", "", one.before, one.after, counts)
        table.add_row(*map(in_a_table, totals))
        for part in one.exercises:
            table.add_row("", in_a_table(part.name), part.before, part.after)
    return table
