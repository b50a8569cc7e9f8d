"""Find the submissions of a chapter below ``submitted/``."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
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
    we have no permission to read counts as an unreadable submission, and a notebook in another folder as a submission
    without a notebook, so no student is silently left out. Raise NothingSubmitted if there are none.
    """
    folders: dict[str, Path] = {}
    submitted = submitted_folder(root)
    for path in _folders(submitted):
        if _may_hold(path / chapter):
            name = _student(path)
            folders[_shortened(name, path) if name in folders else name] = path / chapter
    astray = dict(_astray(submitted, chapter))
    asked = [student for student in sorted(folders | astray) if not students or student in students]
    if not asked:
        who = f" of {', '.join(students)}" if students else ""
        raise NothingSubmitted(f"there is no submission{who} in {submitted}/<student>/{chapter}/")
    return [
        _submission(name, folders[name], chapter) if name in folders else Submission(name, None, (astray[name],))
        for name in asked
    ]


def submitted_chapters(root: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Return those chapters of ``names`` of which there are submissions, or raise NothingSubmitted."""
    submitted = submitted_folder(root)
    students = _folders(submitted)
    found = [n for n in names if any(_may_hold(path / n) for path in students) or any(_astray(submitted, n))]
    if not found:
        raise NothingSubmitted(f"nothing was submitted: {submitted} has no folder <student>/<chapter>/")
    return tuple(found)


def _astray(submitted: Path, chapter: str) -> Iterator[tuple[str, str]]:
    """Yield the student and a sentence for each notebook of a chapter that is not in ``<student>/<chapter>/``."""
    name = f"{chapter}.ipynb"
    for path in _folders(submitted):
        with contextlib.suppress(PermissionError):
            if (path / name).is_file():
                yield _student(path), f"{name} is one folder too high: move it into {f'{path.name}/{chapter}'!r}"
            for inner in _folders(path):
                here, there = f"{path.name}/{inner.name}", f"{path.name}/{chapter}"
                if inner.name != chapter and inner.name.lower() == chapter.lower():
                    yield _student(path), f"a folder has the wrong name: rename {here!r} to {there!r}"
                elif path.name == chapter and (inner / name).is_file():
                    yield _student(inner), f"two folders are swapped: move {here!r} to {f'{inner.name}/{chapter}'!r}"


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
    deeper = folder / chapter / wanted
    try:
        every = sorted(path.name for path in folder.iterdir())
        names = [name for name in every if not name.startswith(".")]
        times = {name: int((folder / name).stat().st_mtime) for name in names if (folder / name).is_file()}
        is_deeper = deeper.is_file()
    except OSError:  # grading hits the same error and reports it
        return Submission(student, folder / wanted)
    if wanted in names and wanted not in times:
        return Submission(student, None, (f"{wanted!r} is not a regular file",))
    if copies := _copies(times, chapter):
        newest = max(copies, key=lambda name: (times[name], copies[name]))
        why = f"because there is no {wanted!r}" if len(copies) == 1 else f"the newest of {', '.join(map(repr, copies))}"
        return _inside(student, folder / newest, () if [*copies] == [wanted] else (f"graded {newest!r}, {why}",))
    if is_deeper:
        return _inside(student, deeper, (f"graded {f'{chapter}/{wanted}'!r}, which is one folder too deep",))
    close = get_close_matches(wanted, names or every, n=1, cutoff=0.0)
    hint = f"; the nearest is {close[0]!r}" if close else ": the folder is empty"
    return Submission(student, None, (f"there is no {wanted!r} in the submission{hint}",))


def _copies(files: Iterable[str], chapter: str) -> dict[str, int]:
    """Return the files that are the chapter's notebook, with the numbers that a browser gives to downloads."""
    matches = [re.fullmatch(rf"{re.escape(chapter)}(?: ?\((\d{{1,4}})\))?\.ipynb", name) for name in files]
    notebooks = [name for name in files if name.lower().endswith(".ipynb")]
    only = {notebooks[0]: 0} if len(notebooks) == 1 else {}
    return {match[0]: int(match[1] or 0) for match in matches if match} or only


def _inside(student: str, path: Path, notes: tuple[str, ...] = ()) -> Submission:
    """Return the submission; reject a link that leaves the student's folder, perhaps to other students' answers."""
    real, own = path.resolve(), path.parents[1].resolve()
    if real.is_relative_to(own):
        return Submission(student, real if path.is_symlink() else path, notes)
    return Submission(student, None, (f"{path.name!r} is a link to a file elsewhere, not a notebook",))
