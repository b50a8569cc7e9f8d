"""Put downloaded submissions where nbgrader expects them: `submitted/<student>/<chapter>/<chapter>.ipynb`.

nbgrader's own `zip_collect` extracts files under the names in the archive, and knows neither a roster nor Canvas's mark
for late submissions. Nothing is lost: a downloaded file replaces a different submission only if it is not older, and
the earlier one moves to `downloaded/earlier/<chapter>/<student>/`. After an interruption, run the same command again.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

from autograder.classroom.handed_in import MAX_NAME
from autograder.exchange import archives
from autograder.exchange.archives import ArchiveError
from autograder.exchange.roster import Roster, Students
from autograder.exchange.systems import HandedIn, System
from autograder.recording import faults, gradebook
from autograder.recording.faults import RecordError
from autograder.recording.record import TIMESTAMP, submitted_at
from autograder.recording.whole_files import replace_bytes, replace_text
from autograder.submissions.rebuild import MAX_BYTES, Unreadable
from autograder.submissions.rebuild import read as read_notebook
from autograder.submissions.student_files import read_regular
from autograder.texts import chapter as chapters

MODIFIED = "Last modified (submission)"  # a column of Moodle's grading worksheet
MOODLE_TIMES = tuple(  # `strftimedaydatetime` in its language packs en and en_us, with a 12-hour or 24-hour clock
    f"{day}, {clock}" for day in ("%A, %d %B %Y", "%A, %B %d, %Y") for clock in ("%I:%M %p", "%H:%M")
)
_COPY = re.compile(r"(.+?)(?:-\d+| ?\(\d+\))?\.ipynb", re.IGNORECASE)  # Canvas and browsers number duplicate file names


@dataclass(frozen=True)
class Placed:
    """A submission that has been placed."""

    student: str
    chapter: str
    outcome: str  # "new", "newer attempt", or "unchanged"
    late: str = ""  # a sentence about a late submission and its consequence


@dataclass
class Collected:
    """The outcome for every file in an archive."""

    placed: list[Placed] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)  # a file's name, and why it was not placed
    older: list[str] = field(default_factory=list)  # files that the same student replaced with a newer one


def collect(source: Path, system: System, root: Path, roster: Roster | None = None) -> Collected:
    """Place each student's newest attempt at each chapter; after an ArchiveError or RecordError, files placed stay."""
    found = Collected()
    course = gradebook.course_directory(root)
    names = frozenset(chapters.names(root))
    with _opened(course) as book, archives.entries(source) as entries:
        students = Students(system, roster, [student.id for student in book.students])
        attempts: dict[tuple[str, str], list[HandedIn]] = defaultdict(list)
        for entry in entries:
            handed = system.read(entry)
            if handed is None or not handed.file.lower().endswith(".ipynb"):
                if entry.name.lower().endswith(".ipynb"):
                    found.left.append((entry.name, f"its name is not as {system.label} writes it"))
                elif handed is not None:
                    found.left.append((entry.name, "only notebooks are collected"))
                continue
            try:
                attempts[_folder_name(students.name(handed.keys)), _chapter(handed, names)].append(handed)
            except (LookupError, ArchiveError) as error:
                found.left.append((entry.name, str(error.args[0])))
        place = _Place(course, book, system, students)
        for (student, chapter), some in sorted(attempts.items()):
            newest = max(some, key=lambda one: (one.order, one.file.lower() == f"{chapter}.ipynb"))
            found.older += [one.entry.name for one in some if one is not newest]
            try:
                found.placed.append(place(student, chapter, newest))
            except ArchiveError as error:
                found.left.append((newest.entry.name, str(error)))
    return found


class _Place:
    def __init__(self, course: CourseDirectory, book: Gradebook, system: System, students: Students) -> None:
        self._course, self._book, self._system, self._students = course, book, system, students
        zone = course.config.Exchange.get("timezone", "UTC")
        try:
            self._zone = ZoneInfo(zone)
        except (LookupError, ValueError, OSError):
            raise RecordError(f"c.Exchange.timezone in nbgrader's configuration is {zone!r}, no time zone") from None

    def __call__(self, student: str, chapter: str, handed: HandedIn) -> Placed:
        folder = gradebook.step_folder(self._course, "submitted", student, chapter)
        path, content = folder / f"{chapter}.ipynb", handed.entry.read()
        with faults.recording(f"The submission of {student} could not be placed"):
            before = _content(path)
            when, late = self._when(student, chapter, handed)
            outcome = "unchanged" if before == content else "new" if before is None else "newer attempt"
            if before is not None and before != content:
                known = submitted_at(folder)
                if when and known and when < known:
                    raise ArchiveError(f"{path} has a newer one, of {known:%Y-%m-%d %H:%M:%S} UTC")
                kept = Path(self._course.format_path("downloaded", "earlier", chapter)) / student
                replace_bytes(kept / f"{hashlib.sha256(before).hexdigest()[:16]}.ipynb", before)
            if outcome != "unchanged":
                replace_bytes(path, content)
            if when:
                replace_text(folder / TIMESTAMP, f"{when:%Y-%m-%d %H:%M:%S.%f} UTC\n")
            elif outcome != "unchanged":
                (folder / TIMESTAMP).unlink(missing_ok=True)
        return Placed(student, chapter, outcome, late)

    def _when(self, student: str, chapter: str, handed: HandedIn) -> tuple[datetime | None, str]:
        """Return when a file was submitted (UTC; None if unknown), and a sentence if it was late or a time is missing.

        Canvas says only *that* a submission is late: it gets the earliest possible time, a second after the due date.
        """
        said = self._students.rows.get(student, {}).get(MODIFIED, "").strip()
        local = handed.local_time or _modified(said)
        due = _due(self._book, student, chapter)
        if local is not None:
            when = local.replace(tzinfo=self._zone).astimezone(UTC).replace(tzinfo=None)
            return when, f"submitted {when - due} after the due date" if due and when > due else ""
        if not handed.is_late:
            return None, f"its time is not in English, so it counts as in time: {said!r}" if said.strip("-") else ""
        if due is None:
            return (
                None,
                f"late in {self._system.label}, but {chapter} has no due date: set it in formgrader, and repeat",
            )
        return due + timedelta(seconds=1), f"late in {self._system.label}; counted as one second after the due date"


def _opened(course: CourseDirectory) -> Gradebook:
    try:
        return gradebook.open_gradebook(course)
    except SQLAlchemyError as error:
        raise RecordError(f"The gradebook {gradebook.shown_url(course)}: {faults.cause(error)}") from error


def _folder_name(student: str) -> str:
    """Return a student's name, or raise LookupError if it is not a valid name for a folder."""
    if student.startswith(".") or re.search(r"[/\\\x00-\x1f]", student) or len(student.encode()) > MAX_NAME:
        raise LookupError(f"{student!r} cannot be the name of a folder")
    return student


def _chapter(handed: HandedIn, names: frozenset[str]) -> str:
    """Return the chapter named by a notebook's file name or, if no such chapter exists, by the notebook's metadata."""
    stem = _COPY.fullmatch(handed.file)
    if stem and stem[1].lower() in names:
        return stem[1].lower()
    try:
        metadata = read_notebook(handed.entry.read()).get("metadata")
        said = metadata.get("layerlab", {}).get("chapter") if isinstance(metadata, Mapping) else None
    except (Unreadable, AttributeError):
        said = None
    if isinstance(said, str) and said in names:
        return said
    raise LookupError(f"no chapter is called {handed.file!r}, and the notebook does not name one")


def _content(path: Path) -> bytes | None:
    try:
        return read_regular(path, MAX_BYTES + 1)
    except FileNotFoundError:
        return None


def _modified(said: str) -> datetime | None:
    """Parse a time in Moodle's grading worksheet; return None for a non-English format such as 5.3.2026."""
    for form in MOODLE_TIMES:
        with contextlib.suppress(ValueError):
            return datetime.strptime(said, form)
    return None


def _due(book: Gradebook, student: str, chapter: str) -> datetime | None:
    """Return a student's due date in UTC, including any extension, or None if the chapter has no due date."""
    with contextlib.suppress(MissingEntry):
        return book.find_submission(chapter, student).duedate
    with contextlib.suppress(MissingEntry):
        return book.find_assignment(chapter).duedate
    return None
