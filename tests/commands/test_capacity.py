"""Test that a large class is measured at 100, 1,000, and more results, and that the measurements are saved."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.benchmark import capacity, capacity_data
from autograder.benchmark.capacity_data import Capacity, Point
from tests.root import ROOT
from tests.typed import typed

FIRST, LAST = Point(100, 20.0, 6.0, 400.0), Point(1000, 200.0, 60.0, 445.0)
FOLDERS = {"submitted": 120.0, "autograded": 100.0, "feedback": 10.0, "reports": 50.0}
RUN = Capacity("2000-01-01", "x86_64", 2, 1.5, "lazy", 1000, 0, 200.0, 260.0, (FIRST, LAST, LAST), 6.5, FOLDERS)


def test_measurement_replaces_one_of_same_size(tmp_path: Path) -> None:
    assert capacity_data.read(tmp_path) == []
    small = replace(RUN, students=100)
    for run in (RUN, small, replace(RUN, whole=190.0)):
        capacity_data.write(run, tmp_path)
    assert capacity_data.read(tmp_path) == [small, replace(RUN, whole=190.0)]


def test_continued_run_counts_kept_results() -> None:
    lines = "for n in range(1, 81): print(f'lazy: {n} of 80 graded, ada: 1/2', flush=True)"
    # It waits for the reader, as the grader does while it writes the reports.
    command = [sys.executable, "-c", f"import time\n{lines}\ntime.sleep(1)\nprint('done', flush=True)\ntime.sleep(1)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        points, kept, last = capacity._watched(process, 120, time.perf_counter())
    assert (kept, last) == (40, "done")
    assert [point.results for point in points] == [100, 120]
    assert all(1 < point.driver_mb < 1000 and point.seconds > 0 for point in points)


def test_measured_time_is_that_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "_make", lambda *_: None)
    monkeypatch.setattr(capacity.workload, "seconds", lambda: 1.0)
    monkeypatch.setattr(sys, "executable", shutil.which("true"))  # It prints nothing.
    (tmp_path / "gradebook.db").touch()
    began = time.perf_counter()
    run = capacity.measure("lazy", ROOT, 0, tmp_path)
    assert 0 < run.whole <= time.perf_counter() - began
    assert run.points == (Point(0, 0.0, 0.0, 0.0),)
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with pytest.raises(RuntimeError, match="could not be graded"):
        capacity.measure("lazy", ROOT, 0, tmp_path)


@pytest.mark.long
def test_class_is_graded_once_and_measured(tmp_path: Path) -> None:
    options = ("--folder", tmp_path / "class", "--out", tmp_path, "--root", ROOT)
    typed("bench", "lazy", "--capacity", "100", *options)
    (run,) = capacity_data.read(tmp_path)
    assert (run.chapter, run.students, run.kept, run.graded) == ("lazy", 100, 0, 100)
    assert [point.results for point in run.points] == [100, 100]
    assert 0 < run.points[0].driver_cpu < run.cpu
    assert 0 < run.points[0].seconds <= run.points[1].seconds <= run.whole
    assert 0 < run.points[0].driver_mb <= run.points[1].driver_mb
    assert min(run.gradebook_mb, *run.folders_mb.values()) > 0
