"""`autograder marks`: write marks to a file for a learning management system, or to a file without names."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.say import FAULT, PRIVATE, ROOT, USAGE, say, stop
from autograder.exchange import anonymous, lms_marks, roster
from autograder.exchange.systems import SYSTEMS
from autograder.plain import as_csv
from autograder.recording.class_report import report_folder
from autograder.recording.faults import RecordError, recording
from autograder.recording.page_parts import heading
from autograder.recording.record import Recorder
from autograder.recording.results import read_results
from autograder.recording.whole_files import replace_bytes
from autograder.texts import chapter as chapters

ANONYMOUS = "anonymous"
IMPORTING = [name for name, system in SYSTEMS.items() if system.identity]


@click.command("marks")
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option("--for", "system", type=click.Choice((*IMPORTING, ANONYMOUS)), required=True, help="Who gets the file.")
@click.option(
    "--roster",
    "exported",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The grades exported from the system, or Moodle's grading worksheet.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write.  [default: in reports/]")
@PRIVATE
@ROOT
def command(names: tuple[str, ...], system: str, exported: Path | None, out: Path | None, root: Path) -> None:
    """Write the marks of each CHAPTER (default: all that were graded) for Canvas, Moodle, or Blackboard.

    Export the grades from the system and pass the file with --roster: its names and IDs tell the system which student
    each mark belongs to. The marks are those that count, as in grades.csv. Students who submitted nothing keep the mark
    they have in the export.

    With --for anonymous, write the points, states, and mistakes of each exercise, with pseudonyms instead of names.

    Exit status: 0 written; 2 nothing was graded, or the roster cannot be read; 3 the disk or the gradebook failed.
    """
    if (exported is None) != (system == ANONYMOUS):
        stop("--roster, with the grades that the system exports, goes with every --for but anonymous", USAGE)
    every = chapters.names(root, private=True)
    names = names or tuple(name for name in every if (report_folder(root, name) / "grades.csv").exists())
    if not names:
        stop(f"nothing was graded: {root / 'reports'} has no grades.csv", USAGE)
    try:
        with Recorder(root) as recorder:
            given = [(chapter, recorder.marks(chapter)) for chapter in (chapters.load(name, root) for name in names)]
        if exported is None:
            suffix, notes = ".csv", []
            secret, rows = anonymous.key(root), []
            for chapter, found in given:
                results = read_results(report_folder(root, chapter.name) / "results.jsonl")
                rows += anonymous.table(results, found, secret)
            content, done = as_csv([anonymous.HEADER, *rows]).encode(), f"{len(rows)} rows"
        else:
            asked = [lms_marks.ChapterMarks(c.name, heading(c), c.points, found) for c, found in given]
            sheet = lms_marks.sheet(SYSTEMS[system], roster.read(exported, SYSTEMS[system]), asked)
            content, suffix, notes, done = sheet.content, sheet.suffix, sheet.notes, f"{sheet.filled} marks"
        path = out or root / "reports" / f"marks-{system}{suffix}"
        with recording(f"{path} could not be written"):
            replace_bytes(path, content)
    except (roster.RosterError, chapters.ChapterNotFound, ValueError) as error:
        stop(str(error), USAGE)
    except RecordError as error:
        stop(str(error), FAULT)
    for note in notes:
        say(note)
    say(f"{done} in {path}")
