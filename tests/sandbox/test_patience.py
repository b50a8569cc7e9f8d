"""Test that a cell's time limit counts the cell's own time, even on a busy machine."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from autograder.model import Batch, Cell, Limits, State
from autograder.sandbox.driver import patience
from autograder.sandbox.driver.patience import MOST, Clock, Used, used

# A stand-in for a fork server: it starts a child and waits for it, as the server does with a submission.
SERVER = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


@contextlib.contextmanager
def started(source: str) -> Iterator[int]:
    """Start a process that runs ``source``, and yield its id."""
    server = subprocess.Popen([sys.executable, "-c", SERVER, source], start_new_session=True)
    deadline = time.monotonic() + 20
    while not (children := psutil.Process(server.pid).children()) and time.monotonic() < deadline:
        time.sleep(0.05)
    (child,) = children
    time.sleep(1.0)  # wait until its interpreter has started
    try:
        yield child.pid
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def ended(clock: Clock, within: float) -> float:
    """Wait until the clock's time is over, for at most ``within`` seconds; return the seconds waited."""
    began = time.monotonic()
    while (left := clock.left()) > 0 and time.monotonic() - began < within:
        time.sleep(min(left, 0.1))
    return time.monotonic() - began


def test_sleeping_process_is_limited_by_elapsed_time():
    with started("import time; time.sleep(60)") as pid:
        assert 0.5 <= ended(Clock(0.6, lambda: pid), within=5) < 1.5


def test_working_process_is_limited_by_its_work():
    with started("while True: pass") as pid:
        clock = Clock(1.0, lambda: pid)
        before = used(pid).worked
        ended(clock, within=20)
        assert 0.6 <= used(pid).worked - before <= 1.6


def test_time_waiting_for_a_processor_does_not_count(monkeypatch):
    now = [Used()]
    monkeypatch.setattr(patience, "used", lambda pid: now[0])
    clock = Clock(10.0, lambda: 1, began=time.monotonic() - 1)
    assert clock.left() > 0
    clock.began -= 29
    assert clock.left() <= 0, "thirty seconds of sleep"
    now[0] = Used(worked=2.0, in_line=27.0)
    assert clock.left() > 0
    assert clock.counted() == pytest.approx(3, abs=0.5)
    now[0] = Used()  # The process has ended.
    assert clock.counted() == pytest.approx(3, abs=0.5)
    now[0] = Used(worked=11.0, in_line=27.0)  # several of its own processes, waiting for each other
    clock.began -= 1  # the longest time before the clock measures again
    assert clock.left() <= 0


def test_usage_is_measured_occasionally_and_before_time_is_up(monkeypatch):
    looks = []
    monkeypatch.setattr(patience, "used", lambda pid: looks.append(pid) or Used())
    clock = Clock(10.0, lambda: 1, began=time.monotonic() - 1)
    waits = [clock.left() for _ in range(100)]
    assert len(looks) == 2, "before, and now"
    assert all(0 < wait <= 1 for wait in waits)
    assert 0 < Clock(10.0, lambda: 1, began=time.monotonic() - 9.5).left() < 0.5


def test_waiting_has_a_maximum(monkeypatch):
    clock = Clock(1.0, lambda: 1, began=time.monotonic() - MOST)
    monkeypatch.setattr(patience, "used", lambda pid: Used(in_line=time.monotonic()))
    assert clock.left() <= 0


def test_work_of_children_started_in_threads_counts():
    source = (
        "import os, threading, time\n"
        "def work():\n"
        "    if os.fork() == 0:\n"
        "        while True: pass\n"
        "threading.Thread(target=work).start(); time.sleep(60)"
    )
    with started(source) as pid:
        end = time.monotonic() + 60  # on a busy machine, the child waits for a processor
        while used(pid).worked <= 0.4:
            assert time.monotonic() < end, "the work of the child is not counted"
            time.sleep(0.1)


def test_missing_child_means_no_waiting():
    assert used(None) == Used()
    assert Clock(0.0, lambda: None).left() <= 0


def test_sleeping_cells_share_the_total_limit(runner):
    cells = [Cell(f"own-{number}", "own", "import time; time.sleep(0.8)") for number in range(9)]
    run = runner.run(cells, Batch(1, 2), Limits(cell_seconds=2.0, total_seconds=3.0))
    assert run.is_over
    assert run.counted == pytest.approx(3, abs=0.7)
    assert [cell.stop for cell in run.cells if cell.stop] == [State.TIMED_OUT]


def test_later_attempt_gets_only_the_remaining_time(runner):
    cells = [Cell("own-1", "own", "import time; time.sleep(2)"), Cell("own-2", "own", "2")]
    limits = Limits(cell_seconds=1.0, total_seconds=4.0)
    first = runner.run(cells, Batch(1, 2), limits)
    assert [cell.stop for cell in first.cells] == [State.TIMED_OUT, None]
    first.counted = 3.9
    assert runner.run(cells, Batch(1, 2), limits, after=first).is_over
