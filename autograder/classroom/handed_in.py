"""What was handed in: the submissions of a chapter, found below ``submitted/``."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from autograder.recording.files import printable


class NothingSubmitted(FileNotFoundError):
    """There is no submission of this chapter; the message says where they are looked for."""


@dataclass(frozen=True)
class Submission:
    """Where one student's notebook is, if there is one."""

    student: str
    path: Path | None
    notes: tuple[str, ...] = ()


def find_submissions(root: Path, chapter: str, students: tuple[str, ...] = ()) -> list[Submission]:
    """Return the submissions of a chapter in ``submitted/<student>/<chapter>/``, by student.

    A notebook with another name is taken if it is the only one there, with a note.

    Raises:
        NothingSubmitted: if there are none.
    """
    folders = sorted(path for path in (root / "submitted").glob(f"*/{chapter}") if path.is_dir())
    if students:
        folders = [folder for folder in folders if printable(folder.parent.name) in students]
    if not folders:
        who = f" of {', '.join(students)}" if students else ""
        raise NothingSubmitted(f"there is no submission{who} in {root / 'submitted'}/<student>/{chapter}/")
    return [_submission(folder, chapter) for folder in folders]


def _submission(folder: Path, chapter: str) -> Submission:
    student, wanted = printable(folder.parent.name), f"{chapter}.ipynb"
    if (folder / wanted).is_file():
        return _unless_linked(Submission(student, folder / wanted))
    there = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    notebooks = [name for name in there if name.lower().endswith(".ipynb")]
    if len(notebooks) == 1:
        note = f"graded {notebooks[0]!r}, as there is no {wanted!r}"
        return _unless_linked(Submission(student, folder / notebooks[0], (note,)))
    close = get_close_matches(wanted, there, n=1, cutoff=0.0)
    hint = f"; the nearest is {close[0]!r}" if close else ": the folder is empty"
    return Submission(student, None, (f"there is no {wanted!r} in the submission{hint}",))


def _unless_linked(submission: Submission) -> Submission:
    """A link can lead to the reference or to somebody else's answers: what is graded lies in the student's folder."""
    own = submission.path.parents[1].resolve()
    if submission.path.resolve().is_relative_to(own):
        return submission
    name = submission.path.name
    return Submission(submission.student, None, (f"{name!r} is a link to a file elsewhere, not a notebook",))
