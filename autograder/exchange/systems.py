"""Parse the names that Canvas, Moodle, and Blackboard give submissions, and list the columns that identify a student.

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
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from autograder.exchange.archives import Entry


@dataclass(frozen=True)
class HandedIn:
    """One submitted file, as described by its name in the download."""

    entry: Entry
    keys: tuple[str, ...]  # strings that might identify the student, most certain first
    file: str  # the name that the student gave the file, as far as the system preserves it
    order: str = ""  # a later attempt compares as greater
    local_time: datetime | None = None  # of the submission, without a time zone; None if the name does not contain it
    is_late: bool = False


@dataclass(frozen=True)
class System:
    """A learning management system."""

    label: str
    ids: tuple[str, ...]  # columns of its files that can contain a student's name in `submitted/`, best first
    identity: tuple[str, ...]  # columns that a file of marks keeps, with the names they have in the system's own export
    read: Callable[[Entry], HandedIn | None]  # parses a file's name; None if it is not that of a submission there
    download: str  # the name of the download in the system's menu
    column: re.Pattern[str]  # matches the header of an assignment's grades, with the assignment's title as a group


_CANVAS = re.compile(r"(?P<name>.*?)_(?P<late>LATE_)?(?P<user>\d+)_(?P<number>\d+)_(?P<file>.+)", re.DOTALL)
_MOODLE = re.compile(r"(?P<name>[^/]+)_(?P<number>\d+)_assignsubmission_file(?:_?/|_)(?P<file>.+)", re.DOTALL)
_BLACKBOARD = re.compile(r"(?P<before>.+)_attempt_(?P<time>\d{4}(?:-\d\d){5})_(?P<file>.+)", re.DOTALL)


def _canvas(entry: Entry) -> HandedIn | None:
    found = _CANVAS.fullmatch(_last(entry.name))
    if not found:
        return None
    return HandedIn(entry, (found["user"],), found["file"], found["number"].zfill(20), is_late=bool(found["late"]))


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
    return HandedIn(entry, keys, found["file"], found["time"], when)


def _last(name: str) -> str:
    return name.rpartition("/")[2]


SYSTEMS = {
    "canvas": System(
        "Canvas",
        ("SIS Login ID", "SIS User ID", "ID"),
        (
            "Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account",
            "Section",
        ),
        _canvas,
        "Download Submissions",
        re.compile(r"(?P<title>.*) \(\d+\)"),
    ),
    "moodle": System(
        "Moodle",
        ("Username", "ID number", "Email address", "Identifier"),
        (
            "First name", "Last name", "Surname", "Username", "ID number", "Institution", "Department", "Email address",
        ),
        _moodle,
        "Download all submissions",
        re.compile(r"(?:\w+: ?)?(?P<title>.*?)(?: \((?:Real|Percentage|Letter)\))?"),
    ),
    "blackboard": System(
        "Blackboard",
        ("Username", "Student ID"),
        ("Last Name", "First Name", "Username", "Student ID"),
        _blackboard,
        "Assignment File Download",
        re.compile(r"(?P<title>.*?) \[Total Pts: (?P<points>[\d.]+)[^\]]*\] \|\d+"),
    ),
}  # fmt: skip
