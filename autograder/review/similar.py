"""`autograder similar`: list answers that are unusually alike, for a person to judge."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from autograder.classroom.handed_in import NothingSubmitted
from autograder.commands.say import FAULT, ROOT, USAGE, console, in_a_table, say, stop
from autograder.plain import plain
from autograder.recording.class_report import report_folder
from autograder.recording.faults import RecordError, recording
from autograder.recording.page_parts import rendered
from autograder.recording.whole_files import replace_text
from autograder.review.answers_alike import Alike, alike, answers
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file

MOST = 40  # copies shown on the page and in the table, and as many pairs; no one reads more


@click.command("similar")
@click.argument("name", metavar="CHAPTER")
@ROOT
def command(name: str, root: Path) -> None:
    """List answers in CHAPTER that copy a published solution, and pairs of students whose answers are alike.

    Spacing, comments, and variable names make no difference. Code that the course published or most of the class wrote
    does not count, and short answers are not compared. A page in reports/ shows similar answers side by side. This is
    evidence for a person to judge. Nothing is recorded, and no points change.

    Exit status: 0 compared (whatever was found), 2 nothing was submitted, 3 the disk failed.
    """
    try:
        chapter = chapters.load(name, root)
        published = variant_file.path_of(chapter.name)
        variants = variant_file.load(chapter, published) if published.exists() else None
        found = alike(chapter, variants, answers(chapter, root))
        path = report_folder(root, chapter.name) / "similar.html"
        with recording(f"{path} could not be written"):
            replace_text(path, rendered("similar.html", chapter, found=found, MOST=MOST, plain=plain))
    except (chapters.ChapterNotFound, NothingSubmitted) as error:
        stop(str(error), USAGE)
    except (variant_file.VariantError, RecordError) as error:
        stop(str(error), FAULT)
    if found.copies or found.pairs:
        console.print(_table(found))
    counts = f"{len(found.copies)} copies of published answers, {len(found.pairs)} pairs of students"
    say(f"{chapter.name}: {counts}\n  {path}")


def _table(found: Alike) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("students", "exercise", "like"):
        table.add_column(title, header_style="dim", overflow="fold")
    for copy in found.copies[:MOST]:
        table.add_row(*map(in_a_table, (", ".join(copy.students), copy.exercise.name, copy.published)))
    for pair in found.pairs[:MOST]:
        shown = ", ".join(f"{part.exercise.name} {part.share:.0%}" for part in pair.parts)
        table.add_row(*map(in_a_table, (", ".join(pair.students), shown, "each other")))
    return table
