"""Write archives and grades in the formats of learning management systems, for tests that read them."""

from __future__ import annotations

import stat
import zipfile
from datetime import datetime
from pathlib import Path

import nbformat

from autograder.recording.gradebook import course_directory, open_gradebook
from autograder.texts import text
from tests.graded_class import NAME
from tests.root import FIXTURES

CANVAS_GRADES = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Two exercises (987),Quiz (988),Current Score\n"
    "    Points Possible,,,,,4,10,(read only)\n"
    '"Núñez, Zoë",1234,s-17,zoe,Lab 1,,3,30\n'
    '"Example, Bo",1235,s-18,bo,"Lab 1 and ""Lab 2""",1,,\n'
    '"=HYPERLINK(""http://x"")",1236,s-19,cy,Lab 1,,,\n'
)
MOODLE_WORKSHEET = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    'Participant 501,Zoë Núñez,zoe@example.org,Submitted for grading,,4.00,Yes,"Tuesday, 3 March 2026, 2:30 PM",-,\n'
    "Participant 502,Bo Example,bo@example.org,No submission,,4.00,Yes,-,-,\n"
)
BLACKBOARD_GRADES = (
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"\t'
    '"Two exercises [Total Pts: 4 Score] |534283"\n'
    '"Núñez"\t"Zoë"\t"zoe_n"\t"007"\t"2026-03-01 10:00:00"\t"Yes"\t""\n'
    '"Example"\t"Bo"\t"bo"\t"008"\t""\t"Yes"\t"2"\n'
)


def notebook(answer: str = "def double(x):\n    return x + x") -> bytes:
    made = text.read(FIXTURES / f"{NAME}.md")
    next(cell for cell in made.cells if cell.id == "double").source = answer
    made.metadata["layerlab"] = {"chapter": NAME}
    return nbformat.writes(made).encode()


def zipped(path: Path, files: dict[str, bytes], link: str = "") -> Path:
    """Write a zip file, optionally with a symbolic link among its entries."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    return path


def register(root: Path, students: tuple[str, ...] = (), due: datetime | None = None) -> None:
    """Add students to the course's gradebook and, if ``due`` (in UTC) is given, the chapter."""
    with open_gradebook(course_directory(root)) as book:
        for student in students:
            book.add_student(student)
        if due:
            book.update_or_create_assignment(NAME, duedate=due)
