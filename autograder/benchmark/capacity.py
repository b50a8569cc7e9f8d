"""Grade one large class with the instructor's command, and record the time, memory, and disk space it takes.

The class stays in its folder, so an interrupted measurement can resume there. A resumed measurement reports how many
results it kept.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from autograder.benchmark import workload
from autograder.benchmark.capacity_data import Capacity, Point
from autograder.benchmark.classes import CONFIG, RESULT
from autograder.recording.class_report import report_folder
from autograder.sample_class import make_class
from autograder.sample_class.check import SAMPLE_FILE

FIRST = 100  # results: the driver is measured after 100, 1,000, 10,000 and so on
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
KEPT = ("submitted", "autograded", "feedback", "reports")


def measure(name: str, root: Path, students: int, folder: Path) -> Capacity:
    """Make a sample class of this size in ``folder`` if there is none, and grade submissions that aren't graded yet.

    Raises:
        RuntimeError: if the class could not be graded.
    """
    _make(name, root, students, folder)
    before = workload.seconds()
    command = [sys.executable, "-m", "autograder", "grade", name, "--root", str(folder)]
    began, cpu = time.perf_counter(), _children_cpu()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        points, kept, last = _watched(process, students, began)
    whole = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"the class could not be graded: {last}")
    return Capacity(
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{platform.machine()}, Python {platform.python_version()}",
        processors=os.cpu_count() or 1,
        workload=(before + workload.seconds()) / 2,
        chapter=name,
        students=students,
        kept=kept,
        whole=whole,
        cpu=_children_cpu() - cpu,
        points=tuple(points),
        gradebook_mb=(folder / "gradebook.db").stat().st_size / 2**20,
        folders_mb={part: _mb(folder / part) for part in KEPT},
    )


def _make(name: str, root: Path, students: int, folder: Path) -> None:
    sample = report_folder(folder, name) / SAMPLE_FILE
    if sample.exists() and len(json.loads(sample.read_text(encoding="utf-8"))["students"]) == students:
        return
    for part in ("solutions", "notebooks"):
        shutil.copytree(root / part / name, folder / part / name, dirs_exist_ok=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    make_class.make(name, folder, students=students)


def _watched(process: subprocess.Popen[str], students: int, began: float) -> tuple[list[Point], int, str]:
    """Read the driver's output; return its `Point`s, the number of results it kept, and its last line."""
    points: list[Point] = []
    kept, results, line = students, students, ""
    latest = Point(0, 0.0, 0.0, 0.0)
    for line in process.stdout or ():
        if found := RESULT.search(line):
            kept = students - int(found[2])
            results = kept + int(found[1])
        latest = _point(process.pid, results, began) or latest
        if found and results >= FIRST and str(results).rstrip("0") == "1":
            points.append(latest)
    return [*points, latest], kept, line.strip()


def _point(pid: int, results: int, began: float) -> Point | None:
    """Return the time and memory that the driver has used so far, or None if the driver has just ended."""
    try:
        peak = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
        used = psutil.Process(pid).cpu_times()
    except (OSError, psutil.Error):
        return None
    if peak is None:
        return None
    return Point(results, time.perf_counter() - began, used.user + used.system, int(peak[1]) / 2**10)


def _children_cpu() -> float:
    used = os.times()
    return used.children_user + used.children_system


def _mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
