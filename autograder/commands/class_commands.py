"""`autograder class`: check the class file, and write its settings into the gradebook."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.class_file import class_reader
from autograder.class_file.class_settings import path_of
from autograder.commands.say import FAULT, PRIVATE, ROOT, USAGE, say, stop


@click.group("class")
def command() -> None:
    """Check class.yml, which describes the class, or write its settings into the gradebook.

    `class.example.yml` shows every setting.
    """


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@PRIVATE
@ROOT
def check(file: Path | None, root: Path) -> None:
    """List the mistakes in FILE (default: class.yml), each with its line number and how to fix it.

    Exit status: 0 there are no mistakes; 2 there are mistakes.
    """
    path = file or path_of(root)
    try:
        settings = class_reader.read(path, root)
    except class_reader.ClassFileError as error:
        stop(f"{path.name} has mistakes:\n{error}", USAGE)
    count = "all" if settings.chapters is None else len(settings.chapters)
    say(f"{path.name}: no mistakes. Chapters: {count}, due dates: {len(settings.due)}, roster: {len(settings.roster)}.")


@command.command("apply")
@PRIVATE
@ROOT
def apply(root: Path) -> None:
    """Write assignments, due dates, and the roster from class.yml into the gradebook.

    The points of graded submissions change the next time `autograder grade` runs, but nothing is graded twice.

    Exit status: 0 done; 2 the file has mistakes; 3 the database failed.
    """
    from autograder.classroom.apply_class import apply_class
    from autograder.recording.faults import RecordError
    from autograder.texts import chapter as chapters

    if not path_of(root).exists():
        stop(f"there is no {path_of(root)}: copy class.example.yml to it and change what you need", USAGE)
    try:
        settings = class_reader.of_course(root)
        applied = apply_class(root, settings)
    except class_reader.ClassFileError as error:
        stop(f"class.yml has mistakes, and nothing was written:\n{error}", USAGE)
    except (chapters.ChapterNotFound, chapters.ChapterError) as error:
        stop(str(error), USAGE)
    except RecordError as error:
        stop(str(error), FAULT)
    for chapter, due in applied:
        date = f"due {due:%Y-%m-%d %H:%M %Z}" if due else ""
        say(f"  {chapter.name:20} {len(chapter.exercises):3} exercises {chapter.points:4} points  {date}")
    say(f"{len(applied)} assignments and {len(settings.roster)} students of the roster are in the gradebook.")
