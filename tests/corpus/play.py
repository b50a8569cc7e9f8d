"""Play cases against our grader: submit, grade, and record each, and compare the outcome with the expected one.

`Course` makes the scene. A test can weaken the grader in three ways: with a different chapter text, with other limits,
or by monkeypatching the grader.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from authoring.notebooks import release
from autograder.classroom.handed_in import find_submissions
from autograder.grading.grader import Grader
from autograder.model import Batch, Limits, Result, State
from autograder.recording.record import Recorder
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters
from autograder.texts import text
from tests.corpus.case import CHAPTER, Case, Handed, Notebook, Scene, honest, write

TEXTS = Path(__file__).parent / "course"
LIMITS = Limits(cell_seconds=3.0, total_seconds=12.0, memory_mb=400, output_bytes=200_000, result_bytes=4 * 2**20)
PATIENCE = 3 * LIMITS.total_seconds  # a case that occupies the grader longer would stop a batch
# Limits of the grader itself for one case: a class would notice more. The most expensive case takes a third of it.
DRIVER_SECONDS, DRIVER_MB = 3.0, 1_000.0
_ENDED = {State.TIMED_OUT, State.OUT_OF_MEMORY, State.CRASHED}
SECRET_NAME = "CORPUS_TOKEN"


@dataclass
class Outcome:
    """The outcome of one case: its points, states, and effects on the grader."""

    case: Case
    earned: dict[str, int] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    stopped: str = ""  # why the batch would have stopped here
    harmed: bool = False
    seconds: float = 0.0
    driver_seconds: float = 0.0  # CPU seconds, used by the grader itself
    driver_mb: float = 0.0  # MiB, the most by which the grader's memory grew

    @property
    def unearned(self) -> int:
        return sum(max(0, self.earned.get(name, 0) - points) for name, points in self.case.must().items())

    @property
    def lost(self) -> int:
        return sum(max(0, points - self.earned.get(name, 0)) for name, points in self.case.must().items())

    def through(self) -> str:
        """Return in a word or two how the submission got through the grader, or "" if it did not."""
        if self.stopped:
            return "stopped"
        if self.unearned or self.lost:
            return "unearned" if self.unearned else "lost"
        if self.harmed:
            return "harm"
        ended = [name for name, state in self.case.lost.items() if state in _ENDED]
        return "went on" if any(self.states.get(name, State.CRASHED) not in _ENDED for name in ended) else ""

    def faults(self) -> list[str]:
        """Return a phrase for each way in which the outcome differs from what the case must get."""
        said = [f"stopped: {self.stopped}"] if self.stopped else []
        said += ["did harm"] if self.harmed else []
        for name, points in self.case.must().items():
            got, state = self.earned.get(name), self.states.get(name)
            if not self.stopped and (got, state) != (points, self.case.state(name)):
                said.append(f"{name}: {got} points, {state}; must be {points}, {self.case.state(name)}")
        return said


class Course:
    """A context manager for a course of one chapter in a temporary folder, with a listener on a port."""

    def __init__(self, variant: str = "surfaces", limits: Limits = LIMITS, *, sandbox: bool = True) -> None:
        self.variant, self.limits, self.sandbox = variant, limits, sandbox

    def __enter__(self) -> Course:
        self.root = Path(tempfile.mkdtemp(prefix="corpus-"))
        self._listener = Listener()
        self.secret = secrets.token_hex(8)
        self._environ = os.environ.get(SECRET_NAME)
        os.environ[SECRET_NAME] = self.secret
        notebook = text.read(TEXTS / f"{self.variant}.md")
        self.reference, self.released = notebook, json.loads(json.dumps(release.release(notebook)))
        solutions = self.root / "solutions" / CHAPTER / f"{CHAPTER}.ipynb"
        solutions.parent.mkdir(parents=True)
        nbformat.write(notebook, solutions)
        write(honest(self.released), self.path("neighbour"))
        self.chapter = chapters.load(solutions)
        self.runner = Runner(limits=self.limits, sandbox=self.sandbox).__enter__()
        self.recorder = Recorder(self.root)
        self.grader = Grader(self.chapter, Batch(secrets.randbelow(2**31), secrets.randbelow(2**62)), self.runner)
        return self

    def __exit__(self, *error: Any) -> None:
        self.recorder.__exit__(*error)
        self.runner.__exit__()
        self._listener.close()
        if self._environ is None:
            del os.environ[SECRET_NAME]
        shutil.rmtree(self.root, ignore_errors=True)

    def path(self, student: str) -> Path:
        return self.root / "submitted" / student / CHAPTER / f"{CHAPTER}.ipynb"

    def answers(self) -> Notebook:
        """Return the released notebook with right answers."""
        return honest(self.released)

    def scene(self) -> Scene:
        """Return a new scene, in which nothing has happened yet."""
        self._listener.forget()
        scene = Scene(self.root, self._listener.port, self.secret, self.root / "mark", self._listener.was_called)
        scene.mark.unlink(missing_ok=True)
        return scene

    def play(self, case: Case) -> Outcome:
        """Submit, grade, and record one case (after its accomplice), and return the outcome."""
        outcome, scene = Outcome(case), self.scene()
        began, worked, before = time.monotonic(), time.process_time(), forget_peak()
        try:
            if case.before is not None:
                self._grade(case.before(self.answers(), scene), "accomplice")
            result = self._grade(case.make(self.answers(), scene), "student", case.beside)
        except Exception as error:  # this is exactly what would have stopped a batch
            outcome.stopped = f"{type(error).__name__}: {error}"[:300]
            return outcome
        outcome.seconds = time.monotonic() - began
        outcome.driver_seconds, outcome.driver_mb = time.process_time() - worked, peak_mb() - before
        if outcome.seconds > PATIENCE:
            outcome.stopped = f"it took {outcome.seconds:.0f} s"
        if outcome.driver_seconds > DRIVER_SECONDS or outcome.driver_mb > DRIVER_MB:
            outcome.stopped = f"it took {outcome.driver_seconds:.0f} s and {outcome.driver_mb:.0f} MiB of the grader"
        outcome.earned = {e.name: e.earned for e in result.exercises}
        outcome.states = {e.name: e.state for e in result.exercises}
        outcome.harmed = case.harm is not None and case.harm(scene, self._read_by(result))
        return outcome

    def _grade(self, handed: Handed, student: str, beside: Mapping[str, str] | None = None) -> Result:
        write(handed, self.path(student), beside)
        (submission,) = find_submissions(self.root, CHAPTER, (student,))
        result = self.grader.grade(submission.path, student, submission.notes)
        self.recorder.record(result, self.chapter, submission.path, self.reference)
        return result

    def _read_by(self, result: Result) -> str:
        """Return everything that a student can read."""
        folders = [self.root / step / result.student for step in ("autograded", "feedback")]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def forget_peak() -> float:
    """Reset the peak memory of this process; return its current memory, in MiB."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_mb()


def peak_mb() -> float:
    """Return the peak memory of this process since the reset, in MiB."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


class Listener:
    """A listener on 127.0.0.1 that remembers whether anything connected."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._called = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed
            connection.close()
            self._called.set()

    def forget(self) -> None:
        self._called.clear()

    def was_called(self) -> bool:
        return self._called.is_set()

    def close(self) -> None:
        self._socket.close()
