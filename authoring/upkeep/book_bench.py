"""Measure the book's build time, from scratch and after an edit, and its pages' weight: `python -m authoring bench`.

The build runs on a copy of the course in a temporary folder, so it starts from scratch and leaves no files.
"""

from __future__ import annotations

import json
import os
import platform
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from authoring.book import build_book, changes
from authoring.book.weigh import Weight
from autograder.course import Course

RESULT = "benchmarks/book.json"
PLAIN = re.compile(r"^[A-Z][^`$<\[|#{*_]*$", re.MULTILINE)  # a line of prose that contains only words


@dataclass(frozen=True)
class Build:
    """The cost of building the book from scratch (cold), and again after a change in one paragraph (warm).

    Seconds are wall-clock time. Processor seconds are valid even on a busy machine.
    """

    pages: int
    cold_seconds: float
    warm_seconds: float
    cold_processor_seconds: float
    warm_processor_seconds: float
    site_mb: float  # of 1,000,000 bytes
    peak_mb: float  # memory of the largest process of the builds, in units of 1,000,000 bytes


@dataclass
class Figures:
    """The results of one run."""

    date: str
    machine: str
    load: float  # runnable processes in the previous minute; above 0.5, wall-clock times mean little
    build: Build
    kilobytes: dict[str, float] = field(default_factory=dict)  # the weights of the book's pages, by path

    def save(self, path: Path) -> None:
        """Write the figures to a file."""
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def run(root: Path, weights: list[Weight]) -> Figures:
    """Build a copy of a course in a temporary folder, and return the figures.

    Args:
        root: the course's root folder.
        weights: the weights of the course's own pages, to store with the figures.

    Raises:
        BuildError: if the build gave a warning, or a page breaks a promise.
    """
    cores = psutil.cpu_count()
    machine = f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, {platform.system()}"
    load = round(psutil.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder).resolve())
        copy(root, course.root)
        build = _timed(course)
    weighed = {weight.page: round(weight.kilobytes, 1) for weight in weights}
    return Figures(datetime.now(UTC).strftime("%Y-%m-%d"), machine, load, build, weighed)


def copy(root: Path, target: Path) -> None:
    """Copy the files that a book is made from."""
    for name in changes.FILES:
        shutil.copy(root / name, target)
    for name in ("book", "notebooks", "solutions"):
        shutil.copytree(root / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))


def _timed(course: Course) -> Build:
    cold, cold_work = _seconds(lambda: build_book.build(course))
    edited = sorted((course.root / "notebooks").glob("*/*.ipynb"))[-1]
    notebook: dict[str, Any] = json.loads(edited.read_text(encoding="utf-8"))
    cell = next(c for c in notebook["cells"] if c["cell_type"] == "markdown" and PLAIN.search("".join(c["source"])))
    cell["source"] = PLAIN.sub(lambda line: f"{line[0]} One more sentence.", "".join(cell["source"]), count=1)
    edited.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
    warm, warm_work = _seconds(lambda: build_book.build(course))
    files = [path for path in course.site.rglob("*") if path.is_file()]
    return Build(
        sum(path.suffix == ".html" for path in files),
        round(cold, 1),
        round(warm, 1),
        round(cold_work, 1),
        round(warm_work, 1),
        round(sum(path.stat().st_size for path in files) / 1e6, 1),
        round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6),
    )


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return the wall-clock time of ``work``, and the CPU time of this process and its children."""
    begin, computed = time.monotonic(), _computed()
    work()
    return time.monotonic() - begin, _computed() - computed


def _computed() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
