"""One result, recorded: gradebook rows, the graded notebook, the student's feedback.

Only the driver calls this. What is recorded replaces what was there for the same student and chapter, so a regrade,
or a batch that was killed and started again, leaves one result.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import TracebackType

from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.utils import parse_utc
from sqlalchemy.exc import SQLAlchemyError

from autograder import autograded, feedback, gradebook
from autograder.files import replace_text
from autograder.model import Chapter, Plan, Result
from autograder.rebuild import Unreadable, rebuild


class RecordError(RuntimeError):
    """A result could not be written: the disk or the database failed, not the submission."""


class Recorder:
    """Writes the results of one course; keeps its gradebook open, so use it as a context manager."""

    def __init__(self, root: Path) -> None:
        self._course = gradebook.course_directory(root)
        self._registered: set[str] = set()
        try:
            self._book = gradebook.open_gradebook(self._course)
        except SQLAlchemyError as error:
            raise RecordError(f"The gradebook {self._course.db_url} cannot be opened: {_cause(error)}") from error

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    @property
    def db_url(self) -> str:
        """Where the gradebook is, as SQLAlchemy writes it."""
        return self._course.db_url

    def record(self, result: Result, chapter: Chapter, submission: Path | None, reference: NotebookNode) -> None:
        """Write one result.

        Args:
            submission: the file that was graded, None where the student handed in none.
            reference: the instructor's notebook.

        Raises:
            RecordError: if the database or the disk refuses; nothing of a submission raises.
        """
        plan = _plan(chapter, submission)
        graded = self._folder("autograded", result) / f"{chapter.name}.ipynb"
        try:
            if chapter.name not in self._registered:
                gradebook.register(self._book, chapter, reference)
                self._registered.add(chapter.name)
            replace_text(graded, autograded.dumps(autograded.build(result, chapter, reference, plan)))
            feedback.write(result, chapter, self._folder("feedback", result))
            gradebook.write(self._book, result, _timestamp(self._folder("submitted", result)))
        except SQLAlchemyError as error:
            self._book.db.rollback()
            raise RecordError(
                f"The gradebook {self.db_url} did not take the result of {result.student}: {_cause(error)}"
            ) from error
        except OSError as error:
            raise RecordError(f"The result of {result.student} could not be written: {error}") from error

    def has(self, student: str, chapter: Chapter) -> bool:
        """Return whether rows and files of an earlier result are still there; a person may have deleted them."""
        try:
            self._book.find_submission(chapter.name, student)
        except MissingEntry:
            return False
        course = self._course
        folders = [gradebook.step_folder(course, step, student, chapter.name) for step in ("autograded", "feedback")]
        return (folders[0] / f"{chapter.name}.ipynb").exists() and (folders[1] / f"{chapter.name}.html").exists()

    def _folder(self, step: str, result: Result) -> Path:
        return gradebook.step_folder(self._course, step, result.student, result.chapter)


def record(result: Result, chapter: Chapter, root: Path, submission: Path | None, reference: NotebookNode) -> None:
    """Write one result into the course at ``root``; for many, keep a `Recorder` open."""
    with Recorder(root) as recorder:
        recorder.record(result, chapter, submission, reference)


def _plan(chapter: Chapter, submission: Path | None) -> Plan | None:
    if submission is None or not submission.is_file():
        return None
    try:
        return rebuild(chapter, submission)
    except Unreadable:
        return None


def _timestamp(folder: Path) -> datetime | None:
    """Return when a submission was handed in, as nbgrader's collect notes it; None without a usable note."""
    try:
        return parse_utc((folder / "timestamp.txt").read_text(encoding="utf-8").strip())
    except (OSError, ValueError, OverflowError):
        return None


def _cause(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error)
