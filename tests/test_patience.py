"""A cell's time is what it works, not what a busy machine's clock says."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from autograder.model import Batch, Cell, Limits, State
from autograder.running.patience import MOST, CellClock, child_cpu_seconds

# A stand-in for a fork server: it starts a child and waits for it, as the server does with a submission.
SERVER = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


def started(source: str) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", SERVER, source])
    deadline = time.monotonic() + 20
    while child_cpu_seconds(process.pid) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return process


def test_one_that_sleeps_is_over_when_its_limit_is():
    server = started("import time; time.sleep(60)")
    time.sleep(1.0)  # its interpreter has started
    clock = CellClock(limit=0.2, server=server.pid, worked_before=child_cpu_seconds(server.pid))
    time.sleep(0.4)
    assert clock.left() <= 0
    subprocess.run(["pkill", "-KILL", "-P", str(server.pid)], check=True)
    server.wait()


def test_one_that_works_has_its_limit_in_work():
    server = started("while True: pass")
    worked = child_cpu_seconds(server.pid)
    # Its clock says that the limit is over, but of its ten seconds of work it has had a fraction.
    clock = CellClock(limit=10.0, server=server.pid, worked_before=worked, began=time.monotonic() - 11)
    clock._looked = (time.monotonic() - 0.5, worked)
    time.sleep(0.5)
    assert clock.left() > 0
    spent = CellClock(limit=10.0, server=server.pid, worked_before=worked - 20, began=time.monotonic() - 11)
    assert spent.left() <= 0
    forever = CellClock(limit=10.0, server=server.pid, worked_before=worked, began=time.monotonic() - 10 * MOST)
    assert forever.left() <= 0
    subprocess.run(["pkill", "-KILL", "-P", str(server.pid)], check=True)
    server.wait()


def test_no_child_is_no_reason_to_wait():
    assert child_cpu_seconds(os.getpid()) is None or child_cpu_seconds(os.getpid()) >= 0
    assert CellClock(limit=0.0, server=2**22 - 1).left() <= 0


def test_a_submission_that_waits_is_stopped_soon(runner):
    began = time.monotonic()
    run = runner.run([Cell("own", "own", "import time; time.sleep(600)")], Batch(1, 2), Limits(cell_seconds=1.0))
    assert run.cells[0].stop is State.TIMED_OUT
    assert time.monotonic() - began < 30
