"""`autograder collect`: collect submissions downloaded from a learning management system."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from rich.table import Table

from autograder.commands.say import FAULT, MISSED, ROOT, USAGE, console, in_a_table, say, stop
from autograder.exchange import collecting, roster
from autograder.exchange.archives import ArchiveError
from autograder.exchange.systems import SYSTEMS
from autograder.recording.faults import RecordError


@click.command("collect")
@click.argument("source", metavar="ZIP_OR_FOLDER", type=click.Path(path_type=Path))
@click.option("--from", "name", type=click.Choice(tuple(SYSTEMS)), required=True, help="Where the files come from.")
@click.option(
    "--roster",
    "exported",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The grades exported from the system, or Moodle's grading worksheet; it lists the students.",
)
@ROOT
def command(source: Path, name: str, exported: Path | None, root: Path) -> None:
    """Put the submissions in ZIP_OR_FOLDER into submitted/<student>/<chapter>/, where `grade` looks for them.

    A student's folder is named after the login in --roster, or after a student in nbgrader's gradebook. Only the newest
    attempt counts, with the modules, data files, and images that were submitted with the notebook; a zip that a student
    submitted is opened. The attempt it replaces is moved to downloaded/earlier/. Files that belong to no student or
    chapter stay where they are and are listed.

    Exit status: 0 all files were placed; 1 a file could not be placed; 2 the archive or the roster cannot be read; 3
    the disk or the gradebook failed.
    """
    system = SYSTEMS[name]
    try:
        table = roster.read(exported, system) if exported else None
        if table is None and name == "moodle":
            stop("Moodle's numbers change with each assignment: pass its grading worksheet with --roster", USAGE)
        found = collecting.collect(source, system, root, table)
    except (ArchiveError, roster.RosterError) as error:
        stop(str(error), USAGE)
    except RecordError as error:
        stop(str(error), FAULT)
    counts = Counter(f"{one.chapter}: {one.outcome}" for one in found.placed)
    for what, count in sorted(counts.items()):
        say(f"{what}: {count}")
    for one in found.placed:
        if one.late:
            say(f"{one.student}, {one.chapter}: {one.late}")
    if found.older:
        say(f"left in {source}, because a newer file of the same student counts: {', '.join(found.older)}")
    if found.left:
        shown = Table(box=None, pad_edge=False)
        for heading in ("not placed", "because"):
            shown.add_column(heading, header_style="dim", overflow="fold")
        for file, why in found.left:
            shown.add_row(in_a_table(file), in_a_table(why))
        console.print(shown)
        raise SystemExit(MISSED)
    if not found.placed:
        stop(f"{source} contains no notebook: take the whole file of {system.label}'s {system.download!r}", USAGE)
