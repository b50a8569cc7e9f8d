"""Record a result in the gradebook, the graded notebook, and the student's feedback.

Only the driver calls this module. A new result replaces the earlier result of the same student and chapter, so there is
never more than one result, even if a submission is regraded or a killed batch is restarted.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbformat import NotebookNode
from nbgrader.api import InvalidEntry, MissingEntry
from nbgrader.utils import parse_utc
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.class_file import class_reader
from autograder.class_file.counting import counted, counted_result
from autograder.model import Chapter, Plan, Result, State
from autograder.recording import autograded, faults, feedback, gradebook, totals
from autograder.recording.faults import RecordError
from autograder.recording.totals import LatePolicy, Mark
from autograder.recording.whole_files import replace_bytes, replace_text
from autograder.submissions.rebuild import rebuild
from autograder.submissions.student_files import read_regular

# Seconds that another program may keep the gradebook locked. Formgrader and nbgrader need a fraction of a second; a
# database browser with unsaved changes keeps it locked until someone closes it, so we must report that.
PATIENCE = 30.0
TIMESTAMP = "timestamp.txt"
MAX_TIMESTAMP = 100  # bytes; nbgrader writes 32
RECEIPT = (TIMESTAMP, "submission_secret.txt")
MAX_RECEIPT = 1000  # bytes; nbgrader's secret has 64
_T = TypeVar("_T")


class Recorder:
    """A recorder of one course's results; it keeps the gradebook open, so use it as a context manager."""

    def __init__(self, root: Path) -> None:
        self._course = gradebook.course_directory(root)
        self._class = class_reader.of_course(root)
        self._registered: set[str] = set()
        self._late = LatePolicy(self._course, self._class)
        self._book: Any = None
        self._file: tuple[int, int] | None = None
        self._book = self._patiently(lambda: gradebook.open_gradebook(self._course), "cannot be opened")
        self._file = self._file_now()
        if self._class.roster:
            self._patiently(lambda: gradebook.enroll(self._book, self._class.roster), "did not take the roster")

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    @property
    def db_url(self) -> str:
        """The gradebook's URL, without its password."""
        return gradebook.shown_url(self._course)

    def record(
        self, result: Result, chapter: Chapter, submission: Path | bytes | None, reference: NotebookNode
    ) -> None:
        """Write the part of one result that counts in the class; ``submission`` is the graded file, or its bytes.

        Like the other methods, raise RecordError if the database or the disk fails, which no submission can cause.
        """
        plan = result.plan or (None if result.state is State.SKIPPED else _plan(chapter, submission))
        graded = autograded.build(result, chapter, reference, plan)
        mark = self._mark(result, chapter, reference, self._changed_answers(graded, result, chapter))
        with faults.recording(f"The result of {result.student} could not be written"):
            folder = self._folder("autograded", result)
            self._write_graded(graded, result, chapter)
            feedback.write(*self.counting(result, chapter), self._folder("feedback", result), mark)
            self._copy_receipt(result, folder, self._folder("feedback", result))

    def register(self, chapter: Chapter, reference: NotebookNode) -> None:
        """Register a chapter once, with its due date and only the exercises that count in the class."""
        self._patiently(lambda: self._register(chapter, reference), f"did not take the chapter {chapter.name}")

    def _register(self, chapter: Chapter, reference: NotebookNode) -> None:
        if chapter.name in self._registered:
            return
        counts = counted(chapter, self._class)
        gradebook.refuse_to_drop_hand_scores(self._book, chapter, counts)
        gradebook.register(self._book, counts, reference)
        if chapter.name in self._class.due:
            self._book.update_or_create_assignment(chapter.name, duedate=self._class.due[chapter.name])
        self._registered.add(chapter.name)

    def counting(self, result: Result, chapter: Chapter) -> tuple[Result, Chapter]:
        """Return the parts of a result and of its chapter that count in the class."""
        counts = counted(chapter, self._class)
        return counted_result(result, counts), counts

    def class_key(self, chapter: Chapter) -> str:
        """Return a hash of the class settings that change a chapter's recorded points; see `count_again`."""
        return self._class.key(chapter.name)

    def count_again(self, result: Result, chapter: Chapter, reference: NotebookNode) -> None:
        """Record a result again with the points that count now; the graded notebook keeps its outputs."""
        path = self._folder("autograded", result) / f"{chapter.name}.ipynb"
        names = {part.name for part in result.exercises}
        is_earlier = names and names != {exercise.name for exercise in chapter.exercises}
        if is_earlier or not path.exists():
            return  # then it is graded again; until then, exercises added since have no score
        mark = self._mark(result, chapter, reference)
        with faults.recording(f"The result of {result.student} could not be written"):
            self._write_graded(nbformat.read(path, as_version=4), result, chapter)
        self.tell_again(result, chapter, mark)

    def _changed_answers(self, graded: NotebookNode, result: Result, chapter: Chapter) -> list[str]:
        """Return the exercises that a person grades and whose answers changed since the earlier graded notebook."""
        by_hand = [exercise.name for exercise in chapter.exercises if exercise.by_hand]
        if not by_hand:
            return []
        try:
            path = self._folder("autograded", result) / f"{chapter.name}.ipynb"
            before = autograded.answers(nbformat.read(path, as_version=4), by_hand)
        except Exception:  # it is missing, or someone edited it
            return by_hand
        now = autograded.answers(graded, by_hand)
        return [name for name in by_hand if before.get(name) != now.get(name)]

    def _mark(
        self, result: Result, chapter: Chapter, reference: NotebookNode, changed: Sequence[str] = ()
    ) -> Mark | None:
        """Write the rows of a result, and return its mark if a person or a penalty may have changed its points."""
        refused = f"did not take the result of {result.student}"
        self._patiently(lambda: self._register(chapter, reference), refused)
        counts, _ = self.counting(result, chapter)
        handed_in = submitted_at(self._folder("submitted", result))
        write = partial(gradebook.write, self._book, counts, handed_in, self._late, changed)
        is_changed = self._patiently(write, refused)
        self._check_file()  # SQLite may keep writing to a file that was deleted
        return self.marks(chapter, [result.student]).get(result.student) if is_changed else None

    def _write_graded(self, notebook: NotebookNode, result: Result, chapter: Chapter) -> None:
        if self._class.is_written:
            autograded.count(notebook, *self.counting(result, chapter))
        path = self._folder("autograded", result) / f"{chapter.name}.ipynb"
        replace_text(path, autograded.dumps(notebook))

    def _copy_receipt(self, result: Result, *folders: Path) -> None:
        """Copy nbgrader's receipt of the submission, without which nbgrader cannot release the feedback.

        A resubmission has a different receipt, and feedback released under the old receipt would not be found.
        """
        submitted = self._folder("submitted", result)
        for name in RECEIPT:
            try:
                content = read_regular(submitted / name, MAX_RECEIPT)
            except OSError:
                content = None
            for folder in folders:
                if content is None:
                    (folder / name).unlink(missing_ok=True)
                else:
                    replace_bytes(folder / name, content)

    def marks(self, chapter: Chapter, students: Sequence[str] | None = None) -> dict[str, Mark]:
        """Return the marks of all students or some (`totals.marks`), or raise ValueError for a chapter never graded."""
        try:
            return self._patiently(lambda: totals.marks(self._book, chapter.name, students), "cannot be read")
        except MissingEntry:
            raise ValueError(f"{chapter.name} was not graded yet: run `make grade`") from None

    def absent(self, chapter: Chapter) -> list[str]:
        """Return the students on the roster who did not submit the chapter."""
        return self._patiently(lambda: totals.absent(self._book, chapter.name), "cannot be read")

    def accept(self, result: Result, chapter: Chapter) -> None:
        """Let the grader's points of a recorded result count where a hand score is outgrown; see `Mark.outgrown`."""
        refused = f"did not take the result of {result.student}"
        self._patiently(lambda: gradebook.accept(self._book, result, self._late), refused)
        self.tell_again(result, chapter, self.marks(chapter, [result.student])[result.student])

    def tell_again(self, result: Result, chapter: Chapter, mark: Mark | None = None) -> None:
        """Rewrite the feedback of a recorded result, if it has any, with the current templates and mark."""
        folder = self._folder("feedback", result)
        if (folder / f"{chapter.name}.html").exists():
            with faults.recording(f"The feedback of {result.student} could not be written"):
                feedback.write(*self.counting(result, chapter), folder, mark)

    def tells_plain_points(self, result: Result, chapter: Chapter) -> bool:
        """Return whether a student's feedback page does not exist or shows only the grader's points."""
        try:
            page = (self._folder("feedback", result) / f"{chapter.name}.html").read_text(encoding="utf-8")
        except OSError:
            return True
        return feedback.MARKED not in page

    def has(self, student: str, chapter: Chapter) -> bool:
        """Return whether an earlier result still has its rows and files, and the submission has the same timestamp."""
        course = self._course
        try:
            row = self._patiently(lambda: self._book.find_submission(chapter.name, student), "cannot be read")
        except MissingEntry:
            return False
        if row.timestamp != submitted_at(gradebook.step_folder(course, "submitted", student, chapter.name)):
            return False
        folders = [gradebook.step_folder(course, step, student, chapter.name) for step in ("autograded", "feedback")]
        return (folders[0] / f"{chapter.name}.ipynb").exists() and (folders[1] / f"{chapter.name}.html").exists()

    def _patiently(self, action: Callable[[], _T], refused: str) -> _T:
        """Run a database action, retrying for up to `PATIENCE` seconds while another program uses the database."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with _quiet_nbgrader():
                    return action()
            except (SQLAlchemyError, InvalidEntry) as error:
                if self._book is not None:
                    self._book.db.rollback()
                self._check_file()
                if not faults.is_in_the_way(error) or time.monotonic() > until:
                    raise RecordError(f"The gradebook {self.db_url} {refused}: {faults.cause(error)}") from error
            time.sleep(0.1)

    def _check_file(self) -> None:
        if self._file is not None and self._file != self._file_now():
            raise RecordError(
                f"The gradebook {self.db_url} was deleted or replaced while it was written to. Run the same command "
                "again: whatever is missing in it is graded again."
            )

    def _file_now(self) -> tuple[int, int] | None:
        """Return the identity of the gradebook's file, or None if the database is not a file."""
        url = make_url(self._course.db_url)
        if not url.drivername.startswith("sqlite") or not url.database or url.database == ":memory:":
            return None
        try:
            found = Path(url.database).stat()
        except OSError:
            return (0, 0)
        return found.st_dev, found.st_ino

    def _folder(self, step: str, result: Result) -> Path:
        return gradebook.step_folder(self._course, step, result.student, result.chapter)


@contextlib.contextmanager
def _quiet_nbgrader() -> Iterator[None]:
    """Hide nbgrader's traceback for an error that is reported in a sentence."""
    log = logging.getLogger("tornado.application")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _plan(chapter: Chapter, submission: Path | bytes | None) -> Plan | None:
    """For the graded notebook, read the student's cells from the submission; return None if that fails."""
    try:
        return None if submission is None else rebuild(chapter, submission)
    except Exception:  # most likely the fault that the result reports
        return None


def submitted_at(folder: Path) -> datetime | None:
    """Return the time in nbgrader's timestamp, or None; the student's side writes it, so it can contain anything."""
    try:
        return parse_utc(read_regular(folder / TIMESTAMP, MAX_TIMESTAMP).decode("ascii").strip())
    except Exception:  # the date parser can raise anything
        return None
