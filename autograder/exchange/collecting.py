"""Put downloaded submissions where nbgrader expects them: `submitted/<student>/<chapter>/<chapter>.ipynb`.

nbgrader's own `zip_collect` extracts files under the names in the archive, and knows neither a roster nor Canvas's mark
for late submissions. Nothing is lost: downloaded files replace a different submission only if they are not older, and
the earlier files move to `downloaded/earlier/<chapter>/<student>/`. After an interruption, run the same command again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

from autograder.exchange import archives
from autograder.exchange.archives import ArchiveError
from autograder.exchange.choosing import BESIDE, Collected, Placed, choose, file_name
from autograder.exchange.roster import Roster, Students
from autograder.exchange.systems import HandedIn, System
from autograder.recording import faults, gradebook
from autograder.recording.faults import RecordError
from autograder.recording.record import TIMESTAMP, submitted_at
from autograder.recording.whole_files import replace_bytes, replace_text
from autograder.submissions.rebuild import MAX_BYTES
from autograder.submissions.student_files import read_regular
from autograder.texts import chapter as chapters

MODIFIED = "Last modified (submission)"  # a column of Moodle's grading worksheet
MOODLE_TIMES = tuple(  # `strftimedaydatetime` in its language packs en and en_us, with a 12-hour or 24-hour clock
    f"{day}, {clock}" for day in ("%A, %d %B %Y", "%A, %B %d, %Y") for clock in ("%I:%M %p", "%H:%M")
)


def collect(source: Path, system: System, root: Path, roster: Roster | None = None) -> Collected:
    """Place each student's newest attempt at each chapter; after an ArchiveError or RecordError, files placed stay."""
    found = Collected()
    course = gradebook.course_directory(root)
    names = frozenset(chapters.names(root, private=True))
    with _opened(course) as book, archives.entries(source) as entries:
        students = Students(system, roster, [student.id for student in book.students])
        submitted: dict[str, list[HandedIn]] = defaultdict(list)
        for entry, handed in system.read(entries):
            try:
                if handed is not None:
                    submitted[file_name(students.name(handed.keys))].append(handed)
                elif entry.name.lower().endswith(".ipynb"):
                    found.left.append((entry.name, f"{system.label} does not say whose it is"))
            except LookupError as error:
                found.left.append((entry.name, str(error.args[0])))
        place = _Place(course, book, system, students)
        for student, files in sorted(submitted.items()):  # one by one, because zips that they submitted are in memory
            for chapter, chosen in choose(files, names, found).items():
                contents = _read(chosen, found.left)
                notebook = chosen[f"{chapter}.ipynb"]
                try:
                    if f"{chapter}.ipynb" in contents:
                        found.placed.append(place(student, chapter, notebook, contents))
                except ArchiveError as error:
                    found.left.append((notebook.entry.name, str(error)))
    return found


def _read(chosen: Mapping[str, HandedIn], left: list[tuple[str, str]]) -> dict[str, bytes]:
    contents = {}
    for name, one in chosen.items():
        try:
            contents[name] = one.entry.read()
        except ArchiveError as error:
            left.append((one.entry.name, str(error)))
    return contents


class _Place:
    def __init__(self, course: CourseDirectory, book: Gradebook, system: System, students: Students) -> None:
        self._course, self._book, self._system, self._students = course, book, system, students
        zone = course.config.Exchange.get("timezone", "UTC")
        try:
            self._zone = ZoneInfo(zone)
        except (LookupError, ValueError, OSError):
            raise RecordError(f"c.Exchange.timezone in nbgrader's configuration is {zone!r}, no time zone") from None

    def __call__(self, student: str, chapter: str, handed: HandedIn, files: Mapping[str, bytes]) -> Placed:
        folder = gradebook.step_folder(self._course, "submitted", student, chapter)
        notebook = f"{chapter}.ipynb"
        with faults.recording(f"The submission of {student} could not be placed"):
            before = _before(folder, files)
            when, late = self._when(student, chapter, handed)
            outcome = "unchanged" if before == files else "newer attempt" if notebook in before else "new"
            known = submitted_at(folder)
            if outcome == "newer attempt" and when and known and when < known:
                raise ArchiveError(f"{folder / notebook} has a newer one, of {known:%Y-%m-%d %H:%M:%S} UTC")
            earlier = Path(self._course.format_path("downloaded", "earlier", chapter)) / student
            for name, content in before.items():
                if files.get(name) != content:
                    replace_bytes(earlier / f"{hashlib.sha256(content).hexdigest()[:16]}{Path(name).suffix}", content)
                if name not in files:
                    (folder / name).unlink()
            for name, content in files.items():
                if before.get(name) != content:
                    replace_bytes(folder / name, content)
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
        local = handed.time or _modified(said)
        due = _due(self._book, student, chapter)
        if local is not None:
            when = local.replace(tzinfo=local.tzinfo or self._zone).astimezone(UTC).replace(tzinfo=None)
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


def _before(folder: Path, files: Collection[str]) -> dict[str, bytes]:
    """Return the files in a student's folder that collecting ``files`` replaces or removes."""
    there = {path.name for path in folder.glob("*") if path.suffix.lower() in BESIDE and path.is_file()} - {TIMESTAMP}
    return {name: read_regular(folder / name, MAX_BYTES + 1) for name in there | {*files} if (folder / name).exists()}


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
