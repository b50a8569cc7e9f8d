"""A batch that is killed at any moment, and started again, ends like one that nobody disturbed."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from authoring import text
from autograder import report
from autograder.batch import grade_class
from tests.conftest import FIXTURES

NAME = "two_exercises"
ROOT = Path(__file__).parents[1]
ANSWERS = [
    "def double(x):\n    return x + x",
    "def double(x):\n    return 3 * x",
    "def double(x):\n    raise NotImplementedError()",
    "def double(x:",
    "import os; os._exit(1)",
    "def double(x):\n    return 2 * x if isinstance(x, int) else x",
]


def make_course(folder: Path, students: int = 12) -> Path:
    reference = text.read(FIXTURES / f"{NAME}.md")
    write(folder / "solutions" / NAME / f"{NAME}.ipynb", nbformat.writes(reference))
    for number in range(students):
        submission = text.read(FIXTURES / f"{NAME}.md")
        answer = f"{ANSWERS[number % len(ANSWERS)]}\n# student {number}"
        next(c for c in submission.cells if c.id == "double").source = answer
        write(folder / "submitted" / f"student-{number:02}" / NAME / f"{NAME}.ipynb", nbformat.writes(submission))
    write(folder / "reports" / NAME / "batch.json", json.dumps({"seed": 11, "secret": 22}))
    return folder


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def recorded(course: Path) -> list[tuple]:
    """Return what every student got, from the report; times and memory left out."""
    results = report.read_results(course / "reports" / NAME / "results.jsonl")
    return [(r.student, r.state, r.earned, [(e.name, e.earned, e.state) for e in r.exercises]) for r in results]


def scores(course: Path) -> list[tuple]:
    """Return the rows of nbgrader's gradebook: student, cell, score."""
    with sqlite3.connect(course / "gradebook.db") as book:
        return sorted(
            book.execute(
                "select submitted_assignment.student_id, base_cell.name, grade.auto_score from grade"
                " join base_cell on grade.cell_id = base_cell.id"
                " join submitted_notebook on grade.notebook_id = submitted_notebook.id"
                " join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id"
            )
        )


def start(course: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "autograder", "grade", NAME, "--root", str(course), "--workers", "2"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_something(driver: subprocess.Popen, chosen: str, draw: random.Random) -> None:
    """Kill the driver, or one of its fork servers or their children."""
    victims = [psutil.Process(driver.pid)] if chosen == "driver" else []
    if chosen == "server":
        victims = psutil.Process(driver.pid).children(recursive=True)
    for victim in draw.sample(victims, min(1, len(victims))):
        try:
            os.kill(victim.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it ended by itself meanwhile


def disturb(course: Path, kills: int, seed: int) -> None:
    """Run the batch again and again, killing something each time, then once in peace."""
    draw = random.Random(seed)
    for number in range(kills):
        driver = start(course)
        time.sleep(draw.uniform(0.0, 8.0))
        if driver.poll() is None:
            kill_something(driver, ("driver", "server")[number % 2], draw)
        try:
            driver.wait(timeout=60 if number % 2 else 5)
        except subprocess.TimeoutExpired:
            driver.kill()
            driver.wait()
    assert start(course).wait(timeout=300) == 0


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> tuple[list, list]:
    course = make_course(tmp_path_factory.mktemp("peace"))
    grade_class(NAME, course, workers=2)
    return recorded(course), scores(course)


def assert_same(course: Path, undisturbed: tuple[list, list]) -> None:
    assert recorded(course) == undisturbed[0]
    assert scores(course) == undisturbed[1]


def test_a_few_kills_lose_and_double_nothing(tmp_path, undisturbed):
    course = make_course(tmp_path)
    disturb(course, kills=3, seed=1)
    assert_same(course, undisturbed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_kills_lose_and_double_nothing(tmp_path, undisturbed, seed):
    course = make_course(tmp_path)
    disturb(course, kills=10, seed=seed)
    assert_same(course, undisturbed)


def test_two_graders_at_once_lose_and_double_nothing(tmp_path, undisturbed):
    course = make_course(tmp_path)
    both = [start(course), start(course)]
    assert [process.wait(timeout=300) for process in both] in ([0, 0], [0, 3], [3, 0])
    assert start(course).wait(timeout=300) == 0
    assert_same(course, undisturbed)
