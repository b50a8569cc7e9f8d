"""Test grading with Dask workers: results are the same even when workers fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from autograder.classroom import scale
from autograder.classroom.grade_class import Grading, Listener, grade_class
from autograder.classroom.ledger import LEDGER
from autograder.recording.faults import ClusterFault
from tests.graded_class import NAME, assert_same, everything, lines, make_course, write
from tests.root import ROOT
from tests.typed import typed

ANSWERS = [
    "def double(x):\n    return x + x\nprint('é', [1, (2,)])",
    "def double(x):\n    return 3 * x",
    "def double(x:",
    "import os; os._exit(1)",
]
# Start a worker in a separate process; lines before this code can change its behavior.
WORKER = "from distributed.cli.dask_worker import main; main(prog_name='dask worker')"


class LocalDask:
    """A local scheduler and its workers, each in its own process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen] = []
        file = folder / "scheduler.json"
        command = [sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self.scheduler = self._start([*command, "--scheduler-file", str(file)], "Scheduler at:")
        deadline = time.monotonic() + 30
        # The scheduler logs its address before it has finished the file.
        while not file.read_text().endswith("}") and time.monotonic() < deadline:
            time.sleep(0.05)
        self.address = json.loads(file.read_text())["address"]

    def worker(self, first: str = "") -> subprocess.Popen:
        """Start a worker whose process executes ``first`` before anything else."""
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder)]
        return self._start([sys.executable, "-c", f"{first}\n{WORKER}", self.address, *options], "Registered to:")

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()

    def _start(self, command: list[str], ready: str) -> subprocess.Popen:
        """Start a process and wait until it reports that it is ready."""
        log = self.folder / f"{len(self.processes)}.log"
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with log.open("w") as file:
            process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=file, stderr=subprocess.STDOUT)
        self.processes.append(process)
        until = time.monotonic() + 120
        while ready not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, f"not ready: {log.read_text()}"
            time.sleep(0.05)
        return process


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    started = LocalDask(tmp_path_factory.mktemp("dask"))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def workers(dask):
    """Start a worker that lives through all tests; a test may add others and stop them."""
    return [dask.worker()]


def made(folder: Path, pause: float = 0.0) -> Path:
    """Write a class in which each submission sleeps for ``pause`` extra seconds."""
    course = make_course(folder, 12, [f"import time\ntime.sleep({pause})\n{answer}" for answer in ANSWERS])
    write(course / "submitted" / "empty" / NAME / f"{NAME}.ipynb", "")
    write(course / "submitted" / "none" / NAME / "notes.txt", "")
    return course


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Grade the class on this machine without Dask, and return the contents of its course."""
    course = made(tmp_path_factory.mktemp("here"))
    grade_class(NAME, course)
    return everything(course)


def points(results) -> list[tuple]:
    return [(result["student"], result["state"], result["earned"]) for result in results]


def recorded(course: Path) -> list[str]:
    """Return the students in the ledger, sorted; a student who was recorded twice appears twice."""
    path = course / "reports" / NAME / LEDGER
    return [line["student"] for line in lines(path)] if path.exists() else []


def test_dask_workers_match_local_grading(tmp_path, dask, workers, here):
    course, seen, said = made(tmp_path), [], []
    listener = Listener(progress=lambda *a: seen.append(a[:2]), notice=said.append)
    outcome = grade_class(NAME, course, Grading(scheduler=dask.address), listener)
    assert_same(course, here, but="reports")  # the driver ran no known mistakes, so it saved none
    assert seen == [(n, 14) for n in range(1, 15)]
    assert said == []
    assert (outcome.kept, outcome.faults) == (0, 0)
    assert grade_class(NAME, course, Grading(scheduler=dask.address)).kept == 14
    assert recorded(course) == sorted(result.student for result in outcome.results)


def test_killed_worker_costs_no_submission(tmp_path, dask, workers, here):
    course, said = made(tmp_path, pause=0.2), []
    victim = dask.worker()

    def kill(done, total, result):
        if done == 1:
            victim.send_signal(signal.SIGKILL)

    outcome = grade_class(NAME, course, Grading(scheduler=dask.address), Listener(progress=kill, notice=said.append))
    assert points(map(asdict, outcome.results)) == points(here["jsonl"])
    assert recorded(course) == [result.student for result in outcome.results]  # Each student appears once.
    assert victim.wait(timeout=10) == -signal.SIGKILL
    assert len(said) == 1
    assert "was lost while it graded" in said[0]


def test_workers_with_different_software_are_rejected(tmp_path, dask, workers, here):
    course, said = made(tmp_path), []
    older = (
        "import importlib.metadata as m; found = m.version; m.version = lambda n: '2.0' if n == 'torch' else found(n)"
    )
    others = [
        dask.worker("import autograder.keys as k; found = k.key; k.key = lambda **parts: 'another grader'"),
        dask.worker(older),
        dask.worker("import sys; sys.modules['autograder'] = None"),
    ]
    try:
        grade_class(NAME, course, Grading(scheduler=dask.address), Listener(notice=said.append))
    finally:
        for other in others:
            other.kill()
    assert_same(course, here, but="reports")
    assert len(said) == 3
    assert all("is not used: it " in sentence for sentence in said)
    for words in (
        "it has grader another grad, not ",
        "it has torch 2.0, not ",
        "it cannot run the grader (ModuleNotFound",
    ):
        assert sum(words in sentence for sentence in said) == 1, words


@pytest.mark.long
def test_lost_scheduler_leaves_recorded_results(tmp_path, tmp_path_factory, here):
    own = LocalDask(tmp_path_factory.mktemp("lost"))
    own.worker("import autograder.classroom.scale_worker as w; w.SECONDS = 0.0")  # Report each submission at once.
    course = made(tmp_path)
    listener = Listener(progress=lambda done, total, result: done == 3 and own.scheduler.kill())
    try:
        with pytest.raises(ClusterFault, match=r"is lost\. Start it and its workers again\. Then run the same"):
            grade_class(NAME, course, Grading(scheduler=own.address), listener)
    finally:
        own.stop()
    before = recorded(course)
    assert 3 <= len(before) < 14
    assert grade_class(NAME, course).kept == len(before)
    assert_same(course, here, but="reports")


def test_missing_scheduler_gives_one_sentence_and_status(tmp_path, monkeypatch):
    monkeypatch.setattr(scale, "CONNECT", 1.0)
    course = made(tmp_path)
    said = typed("grade", "--root", course, "--scheduler", "tcp://127.0.0.1:9", status=3)
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in said
    assert not recorded(course)


def test_workers_and_scheduler_options_exclude_each_other():
    said = typed("grade", "--workers", "2", "--scheduler", "tcp://127.0.0.1:9", status=2)
    assert "--workers is for this machine" in said
