"""Write a class for tests of failures during grading, and read everything that its course contains afterward."""

import contextlib
import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from sqlalchemy import NullPool, create_engine
from sqlalchemy import text as sql

from autograder.classroom.ledger import LEDGER
from autograder.recording.gradebook import course_directory
from autograder.texts import text
from tests.changed_answers import notebook
from tests.root import FIXTURES, ROOT

NAME = "two_exercises"
ANSWERS = [
    "def double(x):\n    return x + x",
    "def double(x):\n    return 3 * x",
    "def double(x):\n    raise NotImplementedError()",
    "def double(x:",
    "import os; os._exit(1)",
    "def double(x):\n    return 2 * x if isinstance(x, int) else x",
]
MEASURED = ("seconds", "peak_mb")
DRAWN = ("secret", "key")  # new for each run


def make_course(folder: Path, students: int = 6, answers: Sequence[str] = ANSWERS) -> Path:
    """Write a course and its class; the students give these answers to the first exercise, in turn."""
    write(folder / "solutions" / NAME / f"{NAME}.ipynb", nbformat.writes(text.read(FIXTURES / f"{NAME}.md")))
    for number in range(students):
        hand_in(folder, f"student-{number:02}", f"{answers[number % len(answers)]}\n# student {number}")
    write(folder / "reports" / NAME / "batch.json", json.dumps({"seed": 11}))
    return folder


def hand_in(course: Path, student: str, answer: str, chapter: str = NAME) -> Path:
    """Write a submission with this answer to the first exercise and the reference's answer to the second."""
    return write(course / "submitted" / student / chapter / f"{chapter}.ipynb", json.dumps(notebook(double=answer)))


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


# The contents of a course after grading


def unmeasured(value):
    """Return a JSON value without times, memory, and the run's secret, which differ between runs."""
    if isinstance(value, dict):
        kept = {key: part for key, part in value.items() if key not in DRAWN and not key.endswith(MEASURED)}
        return {key: unmeasured(part) for key, part in kept.items()}
    return [unmeasured(part) for part in value] if isinstance(value, list) else value


def lines(path: Path) -> list[dict]:
    """Return the complete lines of a JSON Lines file, sorted by student; skip a line that a kill cut off."""
    found = []
    for line in path.read_text(errors="replace").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            found.append(unmeasured(json.loads(line)))
    return sorted(found, key=lambda result: result["student"])


def rows(course: Path) -> list[tuple]:
    """Return the grades and comments of nbgrader's gradebook."""
    joined = (
        " join base_cell on {0}.cell_id = base_cell.id join submitted_notebook on {0}.notebook_id ="
        " submitted_notebook.id join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id"
    )
    asked = [("grade", "auto_score"), ("grade", "needs_manual_grade"), ("comment", "auto_comment")]
    with create_engine(course_directory(course).db_url, poolclass=NullPool).connect() as book:
        found = [
            (column, student, cell, value if isinstance(value, str | None) else float(value))
            for table, column in asked
            for student, cell, value in book.execute(
                sql(
                    f"select submitted_assignment.student_id, base_cell.name, {table}.{column}"
                    f" from {table} {joined.format(table)}"
                )
            )
        ]
    return sorted(found, key=str)


def sheet(course: Path) -> list[dict]:
    with (course / "reports" / NAME / "grades.csv").open(newline="") as file:
        return [unmeasured(row) for row in csv.DictReader(file)]


def files(course: Path) -> dict[str, str]:
    """Map the path of each file that students and instructors open to its text, including half-written leftovers."""
    folders = [course / "autograded", course / "feedback"]
    return {
        path.relative_to(course).as_posix(): path.read_text()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def everything(course: Path) -> dict:
    reports = course / "reports" / NAME
    return {
        "jsonl": lines(reports / "results.jsonl"),
        "ledger": lines(reports / LEDGER),
        "rows": rows(course),
        "csv": sheet(course),
        "files": files(course),
        "reports": sorted(path.name for path in reports.iterdir()),
    }


def assert_same(course: Path, undisturbed: dict, but: str = "") -> None:
    """Require that a course has the same contents as an undisturbed one, except for the part ``but``."""
    found = everything(course)
    for part, expected in undisturbed.items():
        assert part == but or found[part] == expected, part


def start(course: Path, *options: str, chapter: str = NAME) -> subprocess.Popen:
    command = [sys.executable, "-m", "autograder", "grade", chapter, "--root", str(course), "--workers", "2", *options]
    with (course / "log").open("a") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
