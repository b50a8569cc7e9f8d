"""A class that is graded while something goes wrong, and all that its course holds afterwards."""

from __future__ import annotations

import contextlib
import csv
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import nbformat

from autograder.classroom.ledger import LEDGER
from autograder.texts import text
from tests.conftest import FIXTURES
from tests.root import ROOT

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
DRAWN = ("secret", "key")  # anew for each run


def make_course(folder: Path, students: int = 6) -> Path:
    reference = text.read(FIXTURES / f"{NAME}.md")
    write(folder / "solutions" / NAME / f"{NAME}.ipynb", nbformat.writes(reference))
    for number in range(students):
        submission = text.read(FIXTURES / f"{NAME}.md")
        answer = f"{ANSWERS[number % len(ANSWERS)]}\n# student {number}"
        next(c for c in submission.cells if c.id == "double").source = answer
        write(folder / "submitted" / f"student-{number:02}" / NAME / f"{NAME}.ipynb", nbformat.writes(submission))
    write(folder / "reports" / NAME / "batch.json", json.dumps({"seed": 11}))
    return folder


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


# What a course holds after grading


def unmeasured(value):
    """Return a JSON value without times, memory and a run's secret, which no two runs share."""
    if isinstance(value, dict):
        kept = {key: part for key, part in value.items() if key not in DRAWN and not key.endswith(MEASURED)}
        return {key: unmeasured(part) for key, part in kept.items()}
    return [unmeasured(part) for part in value] if isinstance(value, list) else value


def lines(path: Path) -> list[dict]:
    """Return the whole lines of a file of JSON lines, by student; one that a kill cut off is not one."""
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
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as book:
        asked = [("grade", "auto_score"), ("grade", "needs_manual_grade"), ("comment", "auto_comment")]
        return sorted(
            (column, *row)
            for table, column in asked
            for row in book.execute(
                f"select submitted_assignment.student_id, base_cell.name, cast({table}.{column} as text)"
                f" from {table} {joined.format(table)}"
            )
        )


def sheet(course: Path) -> list[dict]:
    with (course / "reports" / NAME / "grades.csv").open(newline="") as file:
        return [unmeasured(row) for row in csv.DictReader(file)]


def files(course: Path) -> dict[str, str]:
    """Return what students and instructors open, by path; a file left half-written would be one too many."""
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


def assert_same(course: Path, undisturbed: dict) -> None:
    found = everything(course)
    for part, expected in undisturbed.items():
        assert found[part] == expected, part


def start(course: Path, *options: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "autograder", "grade", NAME, "--root", str(course), "--workers", "2", *options]
    with (course / "log").open("a") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
