"""Measure how fast this grader grades each chapter's sample class, compared with stock nbgrader, and plot the ratios.

Run ``make bench CHAPTERS="linear"`` on a quiet machine; without chapters, it measures all of them, which takes hours.
The times are saved in ``grader.json`` beside this script as soon as a chapter is complete, next to other chapters'
earlier times. ``grader.svg`` shows all of them.
"""

from __future__ import annotations

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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from authoring.setup.make import workload
from autograder.model import State
from autograder.recording.results import read_results
from autograder.recording.whole_files import replace_text
from autograder.sample_class import make_class
from autograder.sample_class.make_class import SampleStudent
from autograder.texts import chapter as chapters

DATA, PICTURE = "grader.json", "grader.svg"
STUDENTS, WORKERS = 24, 2
CONFIG = """c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""
RECORDED = re.compile(r": \d+ of \d+ graded")  # in the line that `grade` prints when a result is recorded


@dataclass(frozen=True)
class Figures:
    """The measurements of one chapter, in seconds."""

    date: str
    machine: str
    workload: float | None  # seconds of `workload` before the class was graded; None in older measurements
    chapter: str
    nbgrader_each: float  # stock `nbgrader autograde` on one submission of the class
    students: int
    workers: int  # how many submissions our grader grades at a time
    whole: float  # our command: fork servers, the reference, grading, naming mistakes, recording, reports
    before: float  # until the first result was recorded
    each: float  # per submission, from the first recorded result to the last
    cells: float  # CPU seconds of one submission's answers and tests: no grader can be faster

    @property
    def ratio(self) -> float:
        """Our throughput after the first result, divided by stock nbgrader's."""
        return self.nbgrader_each / self.each

    @property
    def of_limit(self) -> float:
        """The share of the processors' time that answers and tests take; 1 means that the grader adds no time."""
        return self.cells / (self.each * min(self.workers, os.cpu_count() or 1))

    def words(self) -> str:
        """Return a summary in one line."""
        return (
            f"{self.chapter}: {self.each:.3f} s each, {self.ratio:.1f} times nbgrader ({self.nbgrader_each:.1f} s), "
            f"{self.of_limit:.2f} of the limit; whole command {self.whole:.1f} s for {self.students} submissions"
        )


def measure(name: str, root: Path) -> Figures:
    """Grade one submission with stock nbgrader, and then its class with our command.

    Raises:
        RuntimeError: if either of the two does not run, or the class has too few submissions that both can grade.
    """
    with _class(name, root) as (course, plain):
        work = workload()
        nbgrader_each = _nbgrader_seconds(name, course, plain)
        whole, stamps = _ours(name, course)
        results = read_results(course / "reports" / name / "results.jsonl")
    return Figures(
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        workload=work,
        chapter=name,
        nbgrader_each=nbgrader_each,
        students=len(stamps),
        workers=WORKERS,
        whole=whole,
        before=stamps[0],
        each=(stamps[-1] - stamps[0]) / (len(stamps) - 1),
        cells=statistics.fmean(result.cell_cpu_seconds for result in results),
    )


@contextmanager
def _class(name: str, root: Path) -> Iterator[tuple[Path, str]]:
    """Yield a course with a sample class, and a student whose notebook stock nbgrader can grade.

    Every submission of the class is graded to its end: none of them hangs or crashes.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        course = Path(folder)
        for part in ("solutions", "notebooks"):
            shutil.copytree(root / part / name, course / part / name)
        (course / "nbgrader_config.py").write_text(CONFIG)
        made = make_class.make(name, course, students=2 * STUDENTS)
        honest = [one for one in made if one.state is State.PASSED and Path(one.file).name == f"{name}.ipynb"]
        honest = honest[:STUDENTS]
        released = _graded_cells(course / "notebooks" / name / f"{name}.ipynb")
        plain = [one.student for one in honest if _graded_cells(course / one.file) == released]
        if len(honest) < STUDENTS or not plain:
            raise RuntimeError(f"{name}: only {len(honest)} submissions can be measured, {len(plain)} by nbgrader")
        _leave_out(course, [one for one in made if one not in honest])
        yield course, plain[0]


def _leave_out(course: Path, students: Sequence[SampleStudent]) -> None:
    for one in students:
        shutil.rmtree(course / "submitted" / one.student)


def _graded_cells(notebook: Path) -> list[str]:
    """Return the ids of a notebook's graded cells; if one is missing or copied, stock nbgrader stops."""
    cells = json.loads(notebook.read_text(encoding="utf-8-sig"))["cells"]
    return [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]]


def _nbgrader_seconds(name: str, course: Path, student: str) -> float:
    """Return how long ``nbgrader autograde`` takes for one student; leave no trace of its grades."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in (["generate_assignment", name, "--force"], ["autograde", name, "--student", student]):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command], cwd=course, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - began
        if done.returncode:
            raise RuntimeError(f"nbgrader {command[0]} failed: {done.stderr[-500:]}")
    if not (course / "autograded" / student / name / f"{name}.ipynb").exists():
        raise RuntimeError(f"nbgrader did not grade {student}'s {name}, so its time says nothing")
    shutil.rmtree(course / "autograded")
    (course / "gradebook.db").unlink()
    return seconds


def _ours(name: str, course: Path) -> tuple[float, list[float]]:
    """Grade the class with the instructor's command; return its time, and the time of each recorded result."""
    command = [sys.executable, "-m", "autograder", "grade", name, "--root", str(course), "--workers", str(WORKERS)]
    said, stamps = "", list[float]()
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            said += line
            if RECORDED.search(line):
                stamps.append(time.perf_counter() - began)
    whole = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"the class could not be graded: {said.strip()[-500:]}")
    return whole, stamps


def read(folder: Path) -> dict[str, Figures]:
    """Return the saved figures by chapter."""
    path = folder / DATA
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: Figures(**figures) for name, figures in kept.items()}


def write(figures: Figures, folder: Path) -> None:
    """Save a chapter's figures next to those of other chapters, and plot all of them."""
    every = read(folder) | {figures.chapter: figures}
    kept = {name: asdict(every[name]) for name in sorted(every)}
    replace_text(folder / DATA, json.dumps(kept, indent=1) + "\n")
    draw(sorted(every.values(), key=lambda one: -one.ratio), folder / PICTURE)


def draw(rows: Sequence[Figures], path: Path) -> None:
    """Plot each chapter's throughput relative to nbgrader's and to the upper limit; the last row is on top."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, 2, figsize=(8, 0.8 + 0.28 * max(4, len(rows))), sharey=True)
    places = range(len(rows))
    axes[0].plot([figures.ratio for figures in rows], places, "s")
    axes[1].plot([figures.of_limit for figures in rows], places, "s")
    axes[0].set(xlabel="times stock nbgrader's throughput", xlim=(0, None))
    axes[0].set_yticks(places, [figures.chapter for figures in rows])
    axes[0].set_title(f"classes of {rows[0].students}, {rows[0].machine}", fontsize=9)
    axes[1].set(xlabel="share of the time that answers and tests take", xlim=(0, 1.05))
    for ax in axes:
        _dress(ax)
    fig.tight_layout()
    fig.savefig(path, metadata={"Date": None})
    plt.close(fig)


def _dress(ax: Any) -> None:
    ax.grid(axis="x", color="0.9")
    ax.set_axisbelow(True)


@click.command()
@click.argument("names", metavar="[CHAPTER]...", nargs=-1)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path(__file__).parent, help="Where to save the figures."
)
def main(names: tuple[str, ...], out: Path) -> None:
    """Measure each CHAPTER (default: all), on a quiet machine."""
    root = Path.cwd()
    for name in names or chapters.names(root):
        figures = measure(name, root)
        write(figures, out)
        click.echo(figures.words())


if __name__ == "__main__":
    main()
