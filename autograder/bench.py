"""How fast is it: against stock nbgrader on the same notebooks, and against what the notebooks themselves cost.

Times are only worth as much as the machine is quiet, so everything is measured in one run and printed as ratios
beside the seconds. ``python -m autograder bench`` keeps the figures as JSON with date and machine, and draws them.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.chapters import chapter as chapters
from autograder.grading.grade import new_batch
from autograder.model import State
from autograder.running.run import Runner
from autograder.sample_class import sample
from autograder.submissions.needed import needed

_CONFIG = """c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""
_LEAST_CLASS = 24  # a sample class has at least so many, broken ones among them


@dataclass(frozen=True)
class Timing:
    """One class graded once by ours. Seconds, MiB."""

    students: int
    workers: int
    whole: float  # everything: fork servers, the reference, its known mistakes, grading, recording, reports
    before: float  # until the first result was recorded
    each: float  # a submission, from the first recorded result to the last
    cells: float  # CPU seconds of one submission's answers and tests alone: what no grader can be faster than
    parent_mb: float  # resident memory of the driver at the end


@dataclass
class Figures:
    """What one run of the benchmark found. Seconds, MiB."""

    date: str
    machine: str
    chapter: str
    nbgrader_each: float = 0.0  # stock `nbgrader autograde`, a submission of the same class
    nbgrader_students: int = 0
    walled: float = 0.0  # one submission (the reference) from fork to end, behind its walls
    unwalled: float = 0.0  # the same without walls
    submission_mb: float = 0.0
    timings: list[Timing] = field(default_factory=list)

    def ratio(self, timing: Timing) -> float:
        """Return how many times stock nbgrader's throughput this is, once grading has begun."""
        return self.nbgrader_each / timing.each

    def ratio_of_all(self, timing: Timing) -> float:
        """Return the same of the whole command, its preparations included."""
        return self.nbgrader_each * timing.students / timing.whole

    @staticmethod
    def of_limit(timing: Timing) -> float:
        """Return the share of a worker's time that answers and tests take by themselves: 1 is the physical limit."""
        return timing.cells / (timing.each * min(timing.workers, os.cpu_count() or 1))


def bench(name: str, root: Path, sizes: list[int], workers: list[int], nbgrader_students: int) -> Iterator[Figures]:
    """Measure one chapter and yield the figures after each step, so that a long run can be watched.

    Args:
        sizes: how many submissions to grade; with each number of ``workers``.
        nbgrader_students: how many of them stock nbgrader grades.

    Raises:
        RuntimeError: if stock nbgrader does not run.
    """
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    figures = Figures(datetime.now(UTC).date().isoformat(), machine, name)
    with _course(name, root, nbgrader_students, []) as course:
        figures.nbgrader_students = nbgrader_students
        figures.nbgrader_each = _nbgrader_seconds(name, course) / nbgrader_students
    yield figures
    for is_walled in (True, False):
        _measure_one(figures, name, root, is_walled)
    yield figures
    for students in sizes:
        with _course(name, root, students, ["solutions"]) as course:
            for count in workers:
                for left in ("reports", "autograded", "feedback"):
                    shutil.rmtree(course / left, ignore_errors=True)
                figures.timings.append(_ours(name, course, count))
                yield figures


def _measure_one(figures: Figures, name: str, root: Path, is_walled: bool, repeats: int = 7) -> None:
    cells = needed(chapters.load(name, root).cells)
    with Runner(sandbox=is_walled) as runner:
        runner.run(cells, new_batch())
        runs = []
        for _ in range(repeats):
            began = time.perf_counter()
            run = runner.run(cells, new_batch())
            runs.append((time.perf_counter() - began, run))
    whole = statistics.median(seconds for seconds, _ in runs)
    if is_walled:
        figures.walled = whole
        figures.submission_mb = statistics.median(run.peak_mb for _, run in runs)
    else:
        figures.unwalled = whole


def _ours(name: str, course: Path, workers: int) -> Timing:
    """Grade a class by the command that an instructor types, in a process of its own, and time it."""
    command = [sys.executable, "-c", _GRADE, name, str(course), str(workers)]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    whole = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"the class could not be graded: {done.stderr.strip()[-500:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    stamps = found["stamps"]
    return Timing(
        students=len(stamps),
        workers=workers,
        whole=whole,
        before=stamps[0] - found["began"],
        each=(stamps[-1] - stamps[0]) / (len(stamps) - 1),
        cells=found["cells"],
        parent_mb=found["parent_mb"],
    )


# A process for each measurement: what one leaves in memory would be counted to the next.
_GRADE = """
import json, pathlib, sys, time
began = time.perf_counter()
import psutil
from autograder.classroom.grade_class import grade_class
stamps = []
name, course, workers = sys.argv[1:]
stamp = lambda *_: stamps.append(time.perf_counter())
outcome = grade_class(name, pathlib.Path(course), workers=int(workers), progress=stamp)
assert not outcome.faults and len(stamps) == len(outcome.results)
cells = sum(result.cell_cpu_seconds for result in outcome.results) / len(outcome.results)
memory = psutil.Process().memory_info().rss / 2**20
print(json.dumps({"began": began, "stamps": stamps, "cells": cells, "parent_mb": memory}))
"""


@contextmanager
def _course(name: str, root: Path, students: int, shared: list[str]) -> Iterator[Path]:
    """Yield a course in a temporary folder with ``students`` submissions that all come to an end by themselves."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        course = Path(folder)
        for part in {"solutions", "notebooks", *shared}:
            shutil.copytree(root / part, course / part)
        (course / "nbgrader_config.py").write_text(_CONFIG)
        made = sample.make(name, course, students=max(students + _LEAST_CLASS, 2 * _LEAST_CLASS), seed=1)
        honest = [s.student for s in made if s.state is State.PASSED and Path(s.file).name == f"{name}.ipynb"][
            :students
        ]
        if len(honest) < students:
            raise RuntimeError(f"only {len(honest)} of {students} submissions could be made")
        for student in made:
            if student.student not in honest:
                shutil.rmtree(course / "submitted" / student.student)
        yield course


def _nbgrader_seconds(name: str, course: Path) -> float:
    """Return what ``nbgrader autograde`` takes for the class, its gradebook prepared beforehand."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in (["generate_assignment", name, "--force"], ["autograde", name]):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command], cwd=course, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - began
        if command[0] != "autograde" and done.returncode:
            raise RuntimeError(f"nbgrader {command[0]} failed: {done.stderr[-500:]}")
    return seconds


def last_step(figures: Figures) -> str:
    """Return what the last step of the benchmark found, in a line or two."""
    if figures.timings:
        t = figures.timings[-1]
        return (
            f"{t.students:5} submissions, {t.workers} at a time: {t.each:.3f} s each, {figures.ratio(t):.1f} times "
            f"nbgrader, {figures.of_limit(t):.2f} of the limit; whole command {t.whole:.1f} s, "
            f"{figures.ratio_of_all(t):.1f} times; driver {t.parent_mb:.0f} MiB"
        )
    if figures.walled:
        return (
            f"one submission, {figures.submission_mb:.0f} MiB: {figures.walled:.3f} s with walls, "
            f"{figures.unwalled:.3f} s without"
        )
    return f"nbgrader autograde: {figures.nbgrader_each:.3f} s a submission"


def write(figures: Figures, folder: Path) -> tuple[Path, Path]:
    """Write ``grader.json`` and ``grader.svg`` and return their paths."""
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    data, picture = folder / "grader.json", folder / "grader.svg"
    data.write_text(json.dumps(asdict(figures), indent=1) + "\n", encoding="utf-8")
    fig, axes = plt.subplots(1, 2, figsize=(8, 3.2))
    for count in sorted({t.workers for t in figures.timings}):
        chosen = sorted((t for t in figures.timings if t.workers == count), key=lambda t: t.students)
        sizes = [t.students for t in chosen]
        label = f"{count} at a time"
        axes[0].plot(sizes, [figures.ratio(t) for t in chosen], marker="o", label=label)
        axes[1].plot(sizes, [t.parent_mb for t in chosen], marker="o", label=label)
    axes[0].set(ylabel="times nbgrader's throughput")
    axes[1].set(ylabel="driver's memory, MiB")
    for ax in axes:
        ax.set(xscale="log", xlabel="submissions", ylim=(0, None))
    if figures.timings:
        axes[0].legend()
    fig.suptitle(f"{figures.chapter}, {figures.date}, {figures.machine}", fontsize=9)
    fig.tight_layout()
    fig.savefig(picture, metadata={"Date": None})
    plt.close(fig)
    return data, picture
