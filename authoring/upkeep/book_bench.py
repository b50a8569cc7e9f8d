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
from dataclasses import asdict, dataclass
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
class Figures:
    """The cost of building the book from scratch (cold), and again after a change in one paragraph (warm).

    Seconds are wall-clock time. Processor seconds are valid even on a busy machine.
    """

    date: str
    machine: str
    load: float  # runnable processes in the previous minute; above 0.5, wall-clock times mean little
    cold_seconds: float
    cold_processor_seconds: float
    warm_seconds: float
    warm_processor_seconds: float
    pages: int
    site_mb: float  # of 1,000,000 bytes
    peak_mb: float  # memory of the largest process of the builds, in units of 1,000,000 bytes
    kilobytes: dict[str, float]  # the weights of the book's pages, by path

    def save(self, path: Path) -> None:
        """Write the measurements to a file."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def run(root: Path, weights: list[Weight]) -> Figures:
    """Build a copy of a course in a temporary folder; return the times and sizes, together with the pages' ``weights``.

    Raises:
        BuildError: if the build gave a warning, or a page breaks a promise.
    """
    machine = f"{platform.machine()}, {psutil.cpu_count()} cores, Python {platform.python_version()}"
    about = datetime.now(UTC).strftime("%Y-%m-%d"), f"{machine}, {platform.system()}", round(psutil.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder).resolve())
        for name in changes.FILES:
            shutil.copy(root / name, course.root)
        for name in ("book", "notebooks", "solutions"):
            shutil.copytree(root / name, course.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        cold = _seconds(course)
        _edit(sorted((course.root / "notebooks").glob("*/*.ipynb"))[-1])
        warm = _seconds(course)
        files = [path for path in course.site.rglob("*") if path.is_file()]
        pages, size = sum(path.suffix == ".html" for path in files), sum(path.stat().st_size for path in files)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    weighed = {weight.page: round(weight.kilobytes, 1) for weight in weights}
    return Figures(*about, *cold, *warm, pages, round(size / 1e6, 1), round(peak / 1e6), weighed)


def _edit(path: Path) -> None:
    """Add a sentence to the first paragraph of plain words in a notebook."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    cell = next(c for c in notebook["cells"] if c["cell_type"] == "markdown" and PLAIN.search("".join(c["source"])))
    cell["source"] = PLAIN.sub(lambda line: f"{line[0]} One more sentence.", "".join(cell["source"]), count=1)
    path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")


def _seconds(course: Course) -> tuple[float, float]:
    """Build a book; return the wall-clock time, and the CPU time of this process and its children."""
    begin, computed = time.monotonic(), _computed()
    build_book.build(course)
    return round(time.monotonic() - begin, 1), round(_computed() - computed, 1)


def _computed() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
