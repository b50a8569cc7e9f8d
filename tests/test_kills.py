"""A batch that is killed at any moment, and started again, ends like one that nobody disturbed."""

from __future__ import annotations

import contextlib
import csv
import functools
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest

from authoring import text
from autograder.batch import LEDGER, grade_class
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
FEW, MANY = 24, 60  # students; more than three and ten kills let through
VICTIMS = ("driver", "server", "child")
MEASURED = {"seconds", "peak_mb"}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in Linux's /proc")


def make_course(folder: Path, students: int = FEW) -> Path:
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


# What a course holds after grading


def unmeasured(value):
    """Return a JSON value without times and memory, which no two runs share."""
    if isinstance(value, dict):
        return {key: unmeasured(part) for key, part in value.items() if key not in MEASURED}
    return [unmeasured(part) for part in value] if isinstance(value, list) else value


def lines(path: Path) -> list[dict]:
    """Return the whole lines of a file of JSON lines, by student; one that a kill cut off is not one."""
    found = []
    for line in path.read_text().splitlines():
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


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Callable[[int], dict]:
    """What a class of so many students holds when nothing happened."""

    @functools.cache
    def of_class(students: int) -> dict:
        course = make_course(tmp_path_factory.mktemp("peace"), students)
        grade_class(NAME, course, workers=2)
        found = everything(course)
        assert len(found["jsonl"]) == len(found["ledger"]) == len(found["csv"]) == students
        return found

    return of_class


def assert_same(course: Path, undisturbed: dict) -> None:
    found = everything(course)
    for part, expected in undisturbed.items():
        assert found[part] == expected, part


# Killing


def start(course: Path, *options: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "autograder", "grade", NAME, "--root", str(course), "--workers", "2", *options]
    with (course / "log").open("a") as log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


def children(pid: int) -> list[int]:
    """Return a process's children, as fast as Linux tells it: a submission lives for some hundredths of a second."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def at_work(driver: int) -> dict[str, list[int]]:
    """Return the processes of a batch. A fork server is two: one that waits, and the first of a pid namespace."""
    waiting = [pid for pid in children(driver) if is_server(pid)]
    serving = [pid for waiter in waiting for pid in children(waiter)]
    running = [pid for server in serving for pid in children(server)]
    return {"driver": [driver], "server": waiting + serving, "child": running}


def is_server(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"server.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def kill(driver: subprocess.Popen, victim: str, draw: random.Random) -> bool:
    """Kill the driver, one of its fork servers, or a submission that one of them runs; say whether it was there."""
    until = time.monotonic() + 60
    while driver.poll() is None and time.monotonic() < until:
        there = at_work(driver.pid)[victim]
        if there:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself meanwhile: look for another
                os.kill(draw.choice(there), signal.SIGKILL)
                return True
    return False


def graded(course: Path) -> int:
    ledger = course / "reports" / NAME / LEDGER
    return ledger.read_bytes().count(b"\n") if ledger.exists() else 0


def wait_for(course: Path, count: int, driver: subprocess.Popen) -> None:
    until = time.monotonic() + 120
    while graded(course) < count and driver.poll() is None and time.monotonic() < until:
        time.sleep(0.002)


def disturb(course: Path, students: int, kills: int, seed: int) -> Counter:
    """Grade a class while something is killed again and again, start again what was killed, and finish in peace.

    A kill hits while the servers start, or so many results after the one before, or, the last one, while the reports
    are written.
    """
    draw = random.Random(seed)
    hit: Counter = Counter()
    driver = start(course)
    while hit.total() < kills:
        if driver.poll() is not None:
            assert graded(course) < students, "the class was graded before everything was killed: it is too small"
            driver = start(course)
        is_last = hit.total() == kills - 1
        victim = "driver" if is_last else draw.choice(VICTIMS)
        if is_last:
            wait_for(course, students, driver)
        elif draw.random() < 0.8:
            wait_for(course, graded(course) + draw.randrange(4), driver)
        time.sleep(draw.uniform(0.0, 3.0 if draw.random() < 0.2 and not is_last else 0.2))
        hit[victim] += kill(driver, victim, draw)
        if victim == "driver":
            driver.wait()
    driver.wait(timeout=300)
    assert start(course).wait(timeout=300) == 0, (course / "log").read_text()
    return hit


def test_a_few_kills_lose_and_double_nothing(tmp_path, undisturbed):
    course = make_course(tmp_path)
    assert disturb(course, FEW, kills=3, seed=1).total() == 3
    assert_same(course, undisturbed(FEW))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_kills_lose_and_double_nothing(tmp_path, undisturbed, seed):
    course = make_course(tmp_path, MANY)
    hit = disturb(course, MANY, kills=10, seed=seed)
    print(f"killed: {dict(hit)}")
    assert hit.total() == 10
    assert_same(course, undisturbed(MANY))


def test_a_killed_driver_leaves_no_process_behind(tmp_path):
    course = make_course(tmp_path, students=2)
    for path in (course / "submitted").rglob("*.ipynb"):
        path.write_text(path.read_text().replace("def double(x):", "while True: pass\\ndef double(x):"))
    driver = start(course)
    while not (found := at_work(driver.pid))["child"] and driver.poll() is None:
        time.sleep(0.01)
    left = [psutil.Process(pid) for pid in (*found["server"], *found["child"])]
    assert len(left) >= 3
    driver.kill()
    driver.wait()
    _, alive = psutil.wait_procs(left, timeout=60)
    assert alive == []


def test_two_graders_at_once_lose_and_double_nothing(tmp_path, undisturbed):
    course = make_course(tmp_path)
    both = [start(course), start(course)]
    assert sorted(process.wait(timeout=300) for process in both) == [0, 3]
    assert f"{NAME} is being graded by process" in " ".join((course / "log").read_text().split())
    assert start(course).wait(timeout=300) == 0
    assert_same(course, undisturbed(FEW))
