"""Tell from a download whose each file is, and list the columns of a system's tables that identify a student.

- **Canvas**, "Download Submissions" (instructure/canvas-lms, `lib/content_zipper.rb`): a file is named
  `sortablename_USER_FILE_name`, with `LATE_` before the user's number if the submission is late. The sortable name is
  lowercase, without spaces or commas. `FILE` is the number of the uploaded file, so later uploads have larger numbers;
  a file that is uploaded again can be called `name-1`. The columns are those in `lib/gradebook_exporter.rb`.
- **Moodle**, "Download all submissions" (moodle/moodle, `mod/assign/classes/downloader.php`): a file is in a folder
  `Full name_NUMBER_assignsubmission_file` (with `_` at the end in older versions), or its name begins with that text.
  `NUMBER` is also in the grading worksheet, as "Participant NUMBER", with the times of submission; the times in the
  zip are those of the download (`files/classes/local/archive_writer/zip_writer.php`), as in Canvas's zip.
- **Blackboard**, "Assignment File Download": a file is named `assignment_username_attempt_YYYY-MM-DD-HH-MM-SS_name`;
  each attempt also has a text file without `_name`. The time in the name is the server's. The columns are those in
  "Uploading or Downloading Grade Center Items for Working Offline", library.blackboard.com.
- **Gradescope**, "Export Submissions": a file is in a folder `submission_NUMBER`, of each student's last attempt.
  `submission_metadata.yml` beside these folders has, for each, the names and addresses of those who submitted it (a
  group's members, for example), and the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import yaml

from autograder.exchange.archives import ArchiveError, Entry

METADATA = "submission_metadata.yml"  # in the download of Gradescope


@dataclass(frozen=True)
class HandedIn:
    """One submitted file, as described by its name in the download."""

    entry: Entry
    keys: tuple[str, ...]  # strings that might identify the student, most certain first
    file: str  # the name that the student gave the file, as far as the system preserves it
    attempt: str = ""  # the same for all files that were submitted together; a later attempt compares as greater
    upload: int = 0  # a file that was uploaded later has a larger number, if the system numbers files
    time: datetime | None = None  # of the submission, without a time zone if it is the course's; None if unknown
    is_late: bool = False


Reader = Callable[[Sequence[Entry]], Iterable[tuple[Entry, HandedIn | None]]]


@dataclass(frozen=True)
class System:
    """A learning management system."""

    label: str
    ids: tuple[str, ...]  # columns of its files that can contain a student's name in `submitted/`, best first
    download: str  # the name of the download in the system's menu
    read: Reader  # yields each file, with None if it belongs to no submission
    identity: tuple[str, ...] = ()  # columns that a file of marks keeps, as in the system's export; none: no such file
    column: re.Pattern[str] = re.compile("")  # matches an assignment's grades, with the assignment's title as a group


_CANVAS = re.compile(r"(?P<name>.*?)_(?P<late>LATE_)?(?P<user>\d+)_(?P<number>\d+)_(?P<file>.+)", re.DOTALL)
_MOODLE = re.compile(r"(?P<name>[^/]+)_(?P<number>\d+)_assignsubmission_file(?:_?/|_)(?P<file>.+)", re.DOTALL)
_GRADESCOPE = re.compile(r"(?:^|/)(submission_\d+)/")
_BLACKBOARD = re.compile(r"(?P<before>.+)_attempt_(?P<time>\d{4}(?:-\d\d){5})_(?P<file>.+)", re.DOTALL)


def _canvas(entry: Entry) -> HandedIn | None:
    found = _CANVAS.fullmatch(_last(entry.name))
    if not found:
        return None
    return HandedIn(entry, (found["user"],), found["file"], upload=int(found["number"]), is_late=bool(found["late"]))


def _moodle(entry: Entry) -> HandedIn | None:
    found = _MOODLE.search(entry.name)
    return HandedIn(entry, (found["number"], found["name"]), _last(found["file"])) if found else None


def _blackboard(entry: Entry) -> HandedIn | None:
    found = _BLACKBOARD.fullmatch(_last(entry.name))
    if not found:
        return None
    try:
        when = datetime.strptime(found["time"], "%Y-%m-%d-%H-%M-%S")
    except ValueError:
        return None
    parts = found["before"].split("_")  # the assignment and the username may contain "_", too: try the longest first
    keys = tuple("_".join(parts[start:]) for start in range(1, len(parts)))
    return HandedIn(entry, keys, found["file"], found["time"], time=when)


def _gradescope(entries: Sequence[Entry]) -> Iterator[tuple[Entry, HandedIn | None]]:
    submissions = _submissions(entries)
    for entry in entries:
        found = _GRADESCOPE.search(entry.name)  # the first such folder, because a student may have submitted others
        handed: Sequence[HandedIn | None] = submissions.get(found[1], ()) if found else ()
        for one in handed or (None,):
            yield entry, one and replace(one, entry=entry, file=_last(entry.name))


def _submissions(entries: Sequence[Entry]) -> dict[str, list[HandedIn]]:
    """Return who submitted each folder in Gradescope's export, and when, or raise ArchiveError."""
    for entry in entries:
        if _last(entry.name) == METADATA and not _GRADESCOPE.search(entry.name):
            try:
                folders = yaml.safe_load(entry.read()).items()
                return {name: [_submitted(entry, one, said) for one in said[":submitters"]] for name, said in folders}
            except (yaml.YAMLError, ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
                raise ArchiveError(f"{entry.name} is not as Gradescope writes it: {error}") from None
    raise ArchiveError(f"there is no {METADATA}: take the whole file of Gradescope's 'Export Submissions'")


def _submitted(entry: Entry, person: Mapping[str, object], about: Mapping[str, object]) -> HandedIn:
    email, number, name = (str(person.get(key) or "") for key in (":email", ":sid", ":name"))
    keys = (email, number, name, email or number or name)  # without a roster, the last is the name of the folder
    time = about.get(":created_at")
    return HandedIn(entry, keys, "", str(time), time=time if isinstance(time, datetime) else None)


def _by_name(parse: Callable[[Entry], HandedIn | None]) -> Reader:
    return lambda entries: ((entry, parse(entry)) for entry in entries)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


SYSTEMS = {
    "canvas": System(
        "Canvas",
        ("SIS Login ID", "SIS User ID", "ID"),
        "Download Submissions",
        _by_name(_canvas),
        (
            "Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account",
            "Section",
        ),
        re.compile(r"(?P<title>.*) \(\d+\)"),
    ),
    "moodle": System(
        "Moodle",
        ("Username", "ID number", "Email address", "Identifier"),
        "Download all submissions",
        _by_name(_moodle),
        (
            "First name", "Last name", "Surname", "Username", "ID number", "Institution", "Department", "Email address",
        ),
        re.compile(r"(?:\w+: ?)?(?P<title>.*?)(?: \((?:Real|Percentage|Letter)\))?"),
    ),
    "blackboard": System(
        "Blackboard",
        ("Username", "Student ID"),
        "Assignment File Download",
        _by_name(_blackboard),
        ("Last Name", "First Name", "Username", "Student ID"),
        re.compile(r"(?P<title>.*?) \[Total Pts: (?P<points>[\d.]+)[^\]]*\] \|\d+"),
    ),
    "gradescope": System("Gradescope", ("Email", "SID"), "Export Submissions", _gradescope),
}  # fmt: skip
