"""Find the submissions of a chapter below ``submitted/``."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from autograder.plain import named
from autograder.recording.gradebook import course_directory, step_folder

MAX_NAME = 240  # bytes in a student's name, because folders are named after it


class NothingSubmitted(FileNotFoundError):
    """There is no submission of this chapter; the message says where we looked."""


@dataclass(frozen=True)
class Submission:
    """The location of one student's notebook, if there is one."""

    student: str
    path: Path | None
    notes: tuple[str, ...] = ()


def find_submissions(root: Path, chapter: str, students: tuple[str, ...] = ()) -> list[Submission]:
    """Return the submissions of a chapter in ``submitted/<student>/<chapter>/``, sorted by student.

    A notebook with an unexpected name is accepted, with a note, if it is the only notebook in its folder. A folder that
    we have no permission to read counts as an unreadable submission, so no student is silently left out. Raise
    NothingSubmitted if there are none.
    """
    folders: dict[str, Path] = {}
    submitted = submitted_folder(root)
    for path in _folders(submitted):
        if _may_hold(path / chapter):
            name = _student(path)
            folders[_shortened(name, path) if name in folders else name] = path / chapter
    if students:
        folders = {student: folder for student, folder in folders.items() if student in students}
    if not folders:
        who = f" of {', '.join(students)}" if students else ""
        raise NothingSubmitted(f"there is no submission{who} in {submitted}/<student>/{chapter}/")
    return [_submission(student, folders[student], chapter) for student in sorted(folders)]


def submitted_folder(root: Path) -> Path:
    """Return the folder of all submissions, as set in the course's nbgrader configuration."""
    return step_folder(course_directory(root), "submitted", "student", "chapter").parents[1]


def _folders(submitted: Path) -> list[Path]:
    try:
        return sorted(path for path in submitted.iterdir() if path.is_dir())
    except FileNotFoundError:
        return []


def _may_hold(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except PermissionError:
        return True


def _student(folder: Path) -> str:
    """Return the student's name, which is the folder's name, shortened if it is too long for our file names."""
    name = named(folder.name)
    return name if len(name.encode()) <= MAX_NAME else _shortened(name, folder)


def _shortened(name: str, folder: Path) -> str:
    mark = hashlib.sha256(os.fsencode(folder.name)).hexdigest()[:8]
    return f"{name.encode()[: MAX_NAME - 10].decode(errors='ignore')}~{mark}"


def _submission(student: str, folder: Path, chapter: str) -> Submission:
    wanted = f"{chapter}.ipynb"
    try:
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        there = [name for name in names if (folder / name).is_file()]
    except OSError:  # grading hits the same error and reports it
        return Submission(student, folder / wanted)
    if wanted in there:
        return _inside(student, folder / wanted)
    if wanted in names:
        return Submission(student, None, (f"{wanted!r} is not a regular file",))
    notebooks = [name for name in there if name.lower().endswith(".ipynb")]
    if len(notebooks) == 1:
        return _inside(student, folder / notebooks[0], (f"graded {notebooks[0]!r}, because there is no {wanted!r}",))
    close = get_close_matches(wanted, there, n=1, cutoff=0.0)
    hint = f"; the nearest is {close[0]!r}" if close else ": the folder is empty"
    return Submission(student, None, (f"there is no {wanted!r} in the submission{hint}",))


def _inside(student: str, path: Path, notes: tuple[str, ...] = ()) -> Submission:
    """Return the submission; reject a link that leaves the student's folder, perhaps to other students' answers."""
    real, own = path.resolve(), path.parents[1].resolve()
    if real.is_relative_to(own):
        return Submission(student, real if path.is_symlink() else path, notes)
    return Submission(student, None, (f"{path.name!r} is a link to a file elsewhere, not a notebook",))
