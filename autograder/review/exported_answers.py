"""`autograder answers`: write each student's answers as Python files, for tools that find copies."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.classroom.handed_in import NothingSubmitted, find_submissions, submitted_chapters
from autograder.commands.say import FAULT, ROOT, USAGE, say, stop
from autograder.model import Chapter
from autograder.recording.faults import RecordError, recording
from autograder.recording.whole_files import replace_bytes
from autograder.submissions.rebuild import Unreadable, rebuild
from autograder.texts import chapter as chapters
from autograder.texts.regions import solved


@click.command("answers")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@ROOT
def command(folder: Path, names: tuple[str, ...], root: Path) -> None:
    """Write the answers to each CHAPTER (default: all that were submitted) as Python files below a new FOLDER.

    copydetect, Dolos, and JPlag read this layout: CHAPTER/students/STUDENT/EXERCISE.py has a student's answer,
    CHAPTER/released/EXERCISE.py the text that everyone received, and CHAPTER/published/solution/EXERCISE.py the
    solution in this book. Unchanged answers and notebooks that cannot be read are left out.

    Exit status: 0 written, 2 nothing was submitted or FOLDER exists, 3 the disk failed.
    """
    if folder.exists():
        stop(f"{folder} exists: name a new folder", USAGE)
    try:
        names = names or submitted_chapters(root, chapters.names(root, private=True))
        for name in names:
            found = answers(chapters.load(name, root), root)
            with recording(f"{folder} could not be written"):
                for path, source in found.items():
                    replace_bytes(folder / name / path, f"{source}\n".encode(errors="replace"))
            say(f"{name}: {sum(path.startswith('students') for path in found)} answers in {folder / name}")
    except (chapters.ChapterNotFound, chapters.ChapterError, NothingSubmitted) as error:
        stop(str(error), USAGE)
    except RecordError as error:
        stop(str(error), FAULT)


def answers(chapter: Chapter, root: Path) -> dict[str, str]:
    """Return the content of each file by its path below the chapter's folder, or raise NothingSubmitted."""
    asked = [exercise for exercise in chapter.exercises if not exercise.is_text]
    found = {f"released/{exercise.name}.py": exercise.stub for exercise in asked}
    found |= {f"published/solution/{exercise.name}.py": solved(exercise.solution) for exercise in asked}
    for submission in find_submissions(root, chapter.name):
        if not submission.path:
            continue
        try:
            plan = rebuild(chapter, submission.path)
        except Unreadable:
            continue
        for cell in plan.cells:
            if cell.kind == "solution" and cell.exercise not in plan.untouched:
                found[f"students/{submission.student}/{cell.exercise}.py"] = cell.source
    return found
