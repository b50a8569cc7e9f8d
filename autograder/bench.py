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

import psutil

from autograder import chapter as chapters
from autograder import sample
from autograder.batch import grade_class
from autograder.grade import new_batch
from autograder.model import State
from autograder.needed import needed
from autograder.run import Runner

_CONFIG = """c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""
_LEAST_CLASS = 24  # a sample class has at least so many, broken ones among them


@dataclass(frozen=True)
class Timing:
    """One class graded once."""

    students: int
    workers: int
    seconds: float  # everything: servers, the reference, its mistakes, recording, reports
    each: float  # seconds a submission once grading has begun
    parent_mb: float  # memory of the driver afterwards


@dataclass
class Figures:
    """What one run of the benchmark found. Seconds, MiB."""

    date: str
    machine: str
    chapter: str
    nbgrader_each: float = 0.0  # stock `nbgrader autograde`, a submission
    nbgrader_students: int = 0
    cells: float = 0.0  # what a submission's solution and test cells take by themselves
    whole_walled: float = 0.0  # a submission from fork to end, behind its walls
    whole_plain: float = 0.0  # the same without walls
    submission_mb: float = 0.0
    timings: list[Timing] = field(default_factory=list)

    def ratio(self, timing: Timing) -> float:
        """Return how many times faster than stock nbgrader."""
        return self.nbgrader_each / timing.each if timing.each else 0.0

    @property
    def of_limit(self) -> float:
        """Return the share of a submission's time that its own cells take: 1 is the physical limit."""
        return self.cells / self.whole_walled if self.whole_walled else 0.0


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
                shutil.rmtree(course / "reports" / name, ignore_errors=True)
                figures.timings.append(_ours(name, course, count))
                yield figures


def _measure_one(figures: Figures, name: str, root: Path, is_walled: bool, repeats: int = 7) -> None:
    chapter = chapters.load(name, root)
    cells = needed(chapter.cells)
    with Runner(sandbox=is_walled) as runner:
        runner.run(cells, new_batch())
        runs = []
        for _ in range(repeats):
            began = time.perf_counter()
            run = runner.run(cells, new_batch())
            runs.append((time.perf_counter() - began, run))
    whole = statistics.median(seconds for seconds, _ in runs)
    if is_walled:
        figures.whole_walled = whole
        figures.cells = statistics.median(sum(c.seconds for c in r.cells if c.kind != "provided") for _, r in runs)
        figures.submission_mb = statistics.median(run.peak_mb for _, run in runs)
    else:
        figures.whole_plain = whole


def _ours(name: str, course: Path, workers: int) -> Timing:
    stamps = []
    began = time.perf_counter()
    outcome = grade_class(name, course, workers=workers, progress=lambda *_: stamps.append(time.perf_counter()))
    whole = time.perf_counter() - began
    if len(stamps) != len(outcome.results) or outcome.faults:
        raise RuntimeError(f"{outcome.faults} faults of ours among {len(outcome.results)} submissions")
    # The first results wait for nothing that the others do not: from the last preparation to the end, shared by all.
    each = (stamps[-1] - stamps[0]) / (len(stamps) - 1)
    memory = psutil.Process().memory_info().rss / 2**20
    return Timing(len(stamps), workers, whole, each, memory)


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


def write(figures: Figures, folder: Path) -> tuple[Path, Path]:
    """Write ``grader.json`` and ``grader.svg`` and return their paths."""
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    data, picture = folder / "grader.json", folder / "grader.svg"
    data.write_text(json.dumps(asdict(figures), indent=1) + "\n", encoding="utf-8")
    fig, ax = plt.subplots(figsize=(6, 3.2))
    for count in sorted({t.workers for t in figures.timings}):
        chosen = sorted((t.students, figures.ratio(t)) for t in figures.timings if t.workers == count)
        ax.plot(*zip(*chosen, strict=True), marker="o", label=f"{count} at a time")
    ax.set(xscale="log", xlabel="submissions", ylabel="times nbgrader's throughput", ylim=(0, None))
    ax.set_title(f"{figures.chapter}, {figures.date}, {figures.machine}", fontsize=9)
    ax.legend()
    fig.tight_layout()
    fig.savefig(picture, metadata={"Date": None})
    plt.close(fig)
    return data, picture
