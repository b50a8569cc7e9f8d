"""Test that a batch that is killed at any moment and then restarted ends like an undisturbed batch."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from autograder.classroom.grade_class import Grading, grade_class
from autograder.classroom.ledger import LEDGER
from tests.graded_class import NAME, assert_same, everything, make_course, start

FEW, MANY = 40, 150  # students: more than get graded before three and ten kills on an otherwise idle machine
VICTIMS = ("driver", "server", "child")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in Linux's /proc")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Callable[[int], dict]:
    """Return a function that grades a class of this many students undisturbed and returns the records."""

    @functools.cache
    def of_class(students: int) -> dict:
        course = make_course(tmp_path_factory.mktemp("peace"), students)
        grade_class(NAME, course, Grading(workers=2))
        found = everything(course)
        assert len(found["jsonl"]) == len(found["ledger"]) == len(found["csv"]) == students
        return found

    return of_class


def children(pid: int) -> list[int]:
    """Return a process's children quickly, because a submission may live for only hundredths of a second."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def at_work(driver: int) -> dict[str, list[int]]:
    """Return a batch's processes by role.

    A fork server is two processes: one that waits, and the first process in a PID namespace.
    """
    waiting = [pid for pid in children(driver) if is_server(pid)]
    serving = [pid for waiter in waiting for pid in children(waiter)]
    running = [pid for server in serving for pid in children(server)]
    return {"driver": [driver], "server": waiting + serving, "child": running}


def is_server(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"fork_server.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def kill(driver: subprocess.Popen, victim: str, draw: random.Random) -> bool:
    """Kill the driver, one of its fork servers, or a running submission; return whether one was found."""
    until = time.monotonic() + 60
    while driver.poll() is None and time.monotonic() < until:
        there = at_work(driver.pid)[victim]
        if there:
            with contextlib.suppress(ProcessLookupError):  # The process has already ended, so look for another.
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
    """Grade a class while killing its processes again and again; let the last run finish.

    If the driver ends, a new one starts. A kill comes while the servers start, or a few results after the previous
    kill. The last kill comes while the reports are written.
    """
    draw = random.Random(seed)
    hit: Counter = Counter()
    driver = start(course)
    while hit.total() < kills:
        is_last = hit.total() == kills - 1
        if driver.poll() is not None:  # On a fast machine the last kill may come too late; it hits the next run.
            assert is_last or graded(course) < students, "the class was graded before all was killed: it is too small"
            driver = start(course)
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


@pytest.mark.parametrize(
    ("students", "kills", "seed"),
    [(FEW, 3, 1), *(pytest.param(MANY, 10, seed, marks=pytest.mark.long) for seed in range(10))],
)
def test_kills_lose_and_duplicate_nothing(tmp_path, undisturbed, students, kills, seed):
    course = make_course(tmp_path, students)
    hit = disturb(course, students, kills, seed)
    print(f"killed: {dict(hit)}")
    assert hit.total() == kills
    assert_same(course, undisturbed(students))


def test_killed_driver_leaves_no_process_behind(tmp_path):
    course = make_course(tmp_path, students=2)
    for path in (course / "submitted").rglob("*.ipynb"):
        forever = "import os; os.fork()\\nwhile True: pass"  # in a process of its own, too, as ranks are
        path.write_text(path.read_text().replace("def double(x):", f"{forever}\\ndef double(x):"))
    driver = start(course)
    left: list[psutil.Process] = []
    while driver.poll() is None and not any(map(children, at_work(driver.pid)["child"])):
        time.sleep(0.01)
    left = psutil.Process(driver.pid).children(recursive=True)
    assert len(left) >= 4, "a fork server, its first process, a submission, and its child"
    driver.kill()
    driver.wait()
    _, alive = psutil.wait_procs(left, timeout=60)
    assert alive == []


def test_two_simultaneous_graders_lose_and_duplicate_nothing(tmp_path, undisturbed):
    course = make_course(tmp_path, FEW)
    both = [start(course), start(course)]
    assert sorted(process.wait(timeout=300) for process in both) == [0, 3]
    assert f"{NAME} is being graded by process" in " ".join((course / "log").read_text().split())
    assert start(course).wait(timeout=300) == 0
    assert_same(course, undisturbed(FEW))
