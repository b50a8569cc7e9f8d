"""Measure the grader's speed, and compare it with stock nbgrader's and with the cost of the notebooks' own cells.

Times are meaningful only on a quiet machine. So one run measures everything, including how busy other programs keep the
machine, and prints seconds and ratios. The command ``python -m autograder bench`` saves the figures of each chapter as
JSON with the date and the machine; `bench_report` describes and plots them.
"""

from __future__ import annotations

import itertools
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import psutil

from autograder.grading.grader import Grader, new_batch
from autograder.model import Run, State
from autograder.recording.record import Recorder
from autograder.recording.results import read_results
from autograder.sample_class import make_class
from autograder.sandbox.driver.run import Runner
from autograder.texts import chapter as chapters

CONFIG = """c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""
RESULT = re.compile(r": (\d+) of (\d+) graded")  # in the line that `grade` prints when a result is recorded
_LEAST_CLASS = 24  # submissions in the smallest sample class, including broken ones


@dataclass(frozen=True)
class Timing:
    """The measurements, in seconds and MiB, from grading one class once with our grader."""

    students: int
    workers: int
    whole: float  # everything: fork servers, the reference, its known mistakes, grading, recording, reports
    before: float  # until the first result was recorded
    each: float  # per submission, from the first recorded result to the last
    cells: float  # CPU seconds for one submission's answers and tests: no grader can be faster
    parent_mb: float  # resident memory of the driver after the last result


@dataclass(frozen=True)
class Parts:
    """The parts of one submission's grading time, in seconds, measured on the reference.

    If ranks work on several cores at once, the cells' time is divided by the number of cores.
    """

    answers: float = 0.0  # CPU time of solution cells
    tests: float = 0.0  # CPU time of claims
    own: float = 0.0  # CPU time of the chapter's other cells that these need
    process: float = 0.0  # the rest of the run: fork, walls, messages, exit
    judging: float = 0.0  # before and after the run: rebuild, rules, choice of cells, verdicts given after the run
    recording: float = 0.0  # graded notebook, feedback, gradebook

    @property
    def run(self) -> float:
        """The time of the whole run, without judging and recording."""
        return self.answers + self.tests + self.own + self.process

    @property
    def of_limit(self) -> float:
        """The fraction of the run's time that answers and claims take; 1 means that the grader adds no time."""
        return (self.answers + self.tests) / self.run


@dataclass
class Figures:
    """The measurements of one benchmark run for one chapter, in seconds and MiB."""

    date: str
    machine: str
    chapter: str
    others: float = 0.0  # the largest fraction of the machine that other programs used just before a step
    nbgrader_each: float = 0.0  # stock `nbgrader autograde`, per submission of the same class
    nbgrader_students: int = 0
    unwalled: float = 0.0  # the run of one submission without the sandbox's walls
    submission_mb: float = 0.0
    cores: int = 1  # cores that one submission can keep busy: all of them if its tests start processes
    parts: Parts = field(default_factory=Parts)
    timings: list[Timing] = field(default_factory=list)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Figures:
        """Return figures from their saved form."""
        timings = [Timing(**timing) for timing in kept["timings"]]
        return cls(**{**kept, "parts": Parts(**kept["parts"]), "timings": timings})

    def ratio(self, timing: Timing) -> float:
        """Return our throughput after the first result, divided by stock nbgrader's throughput."""
        return self.nbgrader_each / timing.each

    def ratio_of_all(self, timing: Timing) -> float:
        """Return the throughput ratio for the whole command, including its startup."""
        return self.nbgrader_each * timing.students / timing.whole

    def ratio_at_limit(self, timing: Timing) -> float:
        """Return the throughput ratio of an ideal grader, for which only answers and tests take time."""
        return self.nbgrader_each / timing.cells * self._busy(timing)

    def of_limit(self, timing: Timing) -> float:
        """Return the fraction of the cores' time that answers and tests take; 1 means that the grader adds no time."""
        return timing.cells / (timing.each * self._busy(timing))

    def _busy(self, timing: Timing) -> int:
        return min(timing.workers * self.cores, os.cpu_count() or 1)


def bench(name: str, root: Path, asked: Sequence[tuple[int, int]], nbgrader_students: int) -> Iterator[Figures]:
    """Measure one chapter and yield the figures after each step, so that the caller can show progress.

    Args:
        asked: the classes to grade, each given as the number of submissions and the number to grade at a time.
        nbgrader_students: the number of submissions that stock nbgrader grades.

    Raises:
        RuntimeError: if stock nbgrader does not run.
    """
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    figures = Figures(datetime.now(UTC).date().isoformat(), machine, name)
    with _course(name, root, nbgrader_students, is_plain=True) as course:
        _look_around(figures)
        figures.nbgrader_students = nbgrader_students
        figures.nbgrader_each = _nbgrader_seconds(name, course) / nbgrader_students
    yield figures
    _look_around(figures)
    for is_walled in (True, False):
        _measure_one(figures, name, root, is_walled)
    yield figures
    for students, classes in itertools.groupby(sorted(asked), key=lambda one: one[0]):
        with _course(name, root, students) as course:
            for _, count in classes:
                for left in ("reports", "autograded", "feedback"):
                    shutil.rmtree(course / left, ignore_errors=True)
                _look_around(figures)
                figures.timings.append(_ours(name, course, count))
                yield figures


def _look_around(figures: Figures) -> None:
    """Record how busy other programs keep the machine during one second in which we only wait."""
    figures.others = max(figures.others, 1 - psutil.cpu_times_percent(interval=1.0).idle / 100)


def _measure_one(figures: Figures, name: str, root: Path, is_walled: bool, repeats: int = 7) -> None:
    path = chapters.find(name, root)
    chapter, reference = chapters.load(path), nbformat.read(path, as_version=4)
    found: list[tuple[Run, Parts]] = []
    timed = _Timed(sandbox=is_walled)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, timed as runner, Recorder(Path(folder)) as recorder:
        grader = Grader(chapter, new_batch(), runner)
        for _ in range(repeats):
            began = time.perf_counter()
            result = grader.grade(path, "ada")
            graded = time.perf_counter()
            recorder.record(result, chapter, path, reference)
            recorded = time.perf_counter()
            run, seconds = timed.last
            found.append((run, _parts(run, seconds, graded - began - seconds, recorded - graded)))
    run, parts = sorted(found, key=lambda one: one[1].run)[len(found) // 2]
    figures.cores = _cores(run)
    driver = {part: statistics.median(getattr(each, part) for _, each in found) for part in ("judging", "recording")}
    parts = replace(parts, **driver)  # separate medians, because the first run also imports modules
    if is_walled:
        figures.parts = parts
        figures.submission_mb = statistics.median(run.peak_mb for run, _ in found)
    else:
        figures.unwalled = parts.run


class _Timed(Runner):
    """A runner that remembers its last run and how many seconds the run took."""

    last: tuple[Run, float]

    def run(self, *arguments: Any, **named: Any) -> Run:
        """Do what `Runner.run` does, and save the result and the time in `last`."""
        began = time.perf_counter()
        run = super().run(*arguments, **named)
        self.last = run, time.perf_counter() - began
        return run


def _parts(run: Run, seconds: float, judging: float, recording: float) -> Parts:
    kinds = {kind: _cpu(run, [kind]) for kind in ("solution", "hidden")}
    own = _cpu(run, {cell.kind for cell in run.cells} - kinds.keys())
    process = max(0.0, seconds - own - sum(kinds.values()))
    return Parts(kinds["solution"], kinds["hidden"], own, process, judging, recording)


def _cpu(run: Run, kinds: Collection[str]) -> float:
    return sum(cell.cpu_seconds for cell in run.cells if cell.kind in kinds) / _cores(run)


def _cores(run: Run) -> int:
    """Return how many cores a run can keep busy: all cores if its cells started processes, otherwise one."""
    return (os.cpu_count() or 1) if any(cell.forked_seconds for cell in run.cells) else 1


def _ours(name: str, course: Path, workers: int) -> Timing:
    """Grade a class with the instructor's command in a separate process, and time the command."""
    command = [sys.executable, "-m", "autograder", "grade", name, "--root", str(course), "--workers", str(workers)]
    said, stamps, memory = "", list[float](), 0
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            said += line
            if RESULT.search(line):
                stamps.append(time.perf_counter())
                memory = psutil.Process(process.pid).memory_info().rss
    whole = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"the class could not be graded: {said.strip()[-500:]}")
    results = read_results(course / "reports" / name / "results.jsonl")
    return Timing(
        students=len(stamps),
        workers=workers,
        whole=whole,
        before=stamps[0] - began,
        each=(stamps[-1] - stamps[0]) / (len(stamps) - 1),
        cells=statistics.fmean(result.cell_cpu_seconds for result in results),
        parent_mb=memory / 2**20,
    )


@contextmanager
def _course(name: str, root: Path, students: int, is_plain: bool = False) -> Iterator[Path]:
    """Yield a course in a temporary folder with ``students`` submissions that all finish on their own."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        course = Path(folder)
        for part in ("solutions", "notebooks"):
            shutil.copytree(root / part, course / part)
        (course / "nbgrader_config.py").write_text(CONFIG)
        made = make_class.make(name, course, students=max(students + _LEAST_CLASS, 2 * _LEAST_CLASS), seed=1)
        honest = [s.student for s in made if s.state is State.PASSED and Path(s.file).name == f"{name}.ipynb"]
        if is_plain:  # if a cell is missing or copied, stock nbgrader stops grading the whole class
            released = _graded_cells(course / "notebooks" / name / f"{name}.ipynb")
            handed_in = course / "submitted"
            honest = [s for s in honest if _graded_cells(handed_in / s / name / f"{name}.ipynb") == released]
        honest = honest[:students]
        if len(honest) < students:
            raise RuntimeError(f"only {len(honest)} of {students} submissions could be made")
        for student in made:
            if student.student not in honest:
                shutil.rmtree(course / "submitted" / student.student)
        yield course


def _graded_cells(notebook: Path) -> list[str]:
    """Return the ids of a notebook's graded cells, or an empty list if the file is not a notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]]
    except (ValueError, KeyError, TypeError):
        return []


def _nbgrader_seconds(name: str, course: Path) -> float:
    """Return how many seconds ``nbgrader autograde`` takes for the class, not counting its setup of the gradebook."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in (["generate_assignment", name, "--force"], ["autograde", name]):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command], cwd=course, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - began
        if done.returncode:
            raise RuntimeError(f"nbgrader {command[0]} failed: {done.stderr[-500:]}")
    graded, handed_in = (
        len(list(course.glob(f"{part}/*/{name}/{name}.ipynb"))) for part in ("autograded", "submitted")
    )
    if graded < handed_in:
        raise RuntimeError(f"nbgrader autograde graded {graded} of {handed_in} submissions: its time says nothing")
    return seconds
