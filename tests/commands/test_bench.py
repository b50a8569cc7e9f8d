"""Test the benchmark's ratios, and that its results can be read back."""

import json
import subprocess
import sys
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from autograder.benchmark import classes
from autograder.benchmark.bench_report import last_step, read, where, write
from autograder.benchmark.classes import Figures, Parts, Timing
from autograder.model import CellRun, Run
from tests.root import ROOT
from tests.typed import typed

ONE = Timing(students=100, workers=1, whole=40.0, before=8.0, each=0.25, cells=0.2, parent_mb=400.0)
TWO = Timing(students=100, workers=2, whole=24.0, before=8.0, each=0.125, cells=0.2, parent_mb=410.0)
PARTS = Parts(answers=0.02, tests=0.06, own=0.01, process=0.01, judging=0.005, recording=0.02)


@pytest.fixture
def figures() -> Figures:
    kept = {"nbgrader_each": 5.0, "nbgrader_students": 4, "parts": PARTS, "timings": [ONE, TWO]}
    return Figures("2000-01-01", "2 cores", "linear", **kept)


def test_ratios_measure_throughput_and_the_whole_command(figures):
    assert (figures.ratio(ONE), figures.ratio(TWO)) == (20.0, 40.0)
    assert figures.ratio_of_all(ONE) == 5.0 * 100 / 40.0


def test_limit_is_cell_time_divided_by_used_cores(figures, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert figures.of_limit(ONE) == pytest.approx(0.8)
    assert figures.of_limit(TWO) == pytest.approx(0.8)
    assert figures.parts.of_limit == pytest.approx(0.8)
    assert (figures.ratio_at_limit(ONE), figures.ratio_at_limit(TWO)) == (25.0, 50.0)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert figures.of_limit(TWO) == pytest.approx(1.6)  # impossible on a real clock: one core can't run two at a time


def test_submission_sharing_cores_is_limited_by_all_cores(figures, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    shared = replace(figures, cores=2)
    assert (shared.of_limit(ONE), shared.of_limit(TWO)) == pytest.approx((0.4, 0.8))
    assert shared.ratio_at_limit(ONE) == shared.ratio_at_limit(TWO) == 50.0


def test_rank_time_is_divided_by_the_shared_cores(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    cells = [CellRun("a", "a", "solution", cpu_seconds=0.1), CellRun("b", "a", "hidden", cpu_seconds=0.5)]
    assert classes._parts(Run(0, cells=cells), 0.7, 0.0, 0.0).of_limit == pytest.approx(0.6 / 0.7)
    cells[1].forked_seconds = 0.3
    parts = classes._parts(Run(0, cells=cells), 0.7, 0.0, 0.0)
    assert (parts.answers, parts.tests, parts.process) == pytest.approx((0.05, 0.25, 0.4))


def test_results_are_drawn_and_kept_beside_other_chapters(figures, tmp_path):
    other = replace(figures, chapter="softmax", timings=[replace(ONE, each=0.5)])
    write([other], tmp_path / "benchmarks")
    data, picture = write([figures], tmp_path / "benchmarks")
    assert json.loads(data.read_text())["linear"]["timings"][1] == vars(TWO)
    assert read(tmp_path / "benchmarks") == {"linear": figures, "softmax": other}
    assert "<svg" in picture.read_text()
    assert read(tmp_path) == {}


def test_last_step_reports_progress_and_other_load(figures):
    assert "linear:   100 submissions, 2 at a time: 0.125 s each, 40.0 times nbgrader" in last_step(figures)
    assert "other programs" not in last_step(figures)
    assert "up to 30% of the machine" in last_step(replace(figures, others=0.3))


def test_table_lists_the_slowest_chapter_first(figures):
    slow = replace(figures, chapter="softmax", timings=[replace(ONE, each=0.5)])
    console = Console(file=StringIO(), width=100)
    console.print(where([figures, slow]))
    rows = [line for line in console.file.getvalue().splitlines() if "linear" in line or "softmax" in line]
    assert ["softmax" in row for row in rows] == [True, False]
    assert rows[0].split() == ["softmax", "20", "60", "10", "10", "5", "20", "0.80", "10.0", "25.0"]


def test_stopped_benchmark_keeps_the_earlier_figures(figures, tmp_path, monkeypatch):
    def stopped(chapter, *_):
        yield Figures("2000-01-02", "2 cores", chapter, nbgrader_each=6.0)
        raise KeyboardInterrupt

    write([figures], tmp_path)
    monkeypatch.setattr(classes, "bench", stopped)
    typed("bench", "linear", "--out", tmp_path, status=1)
    assert read(tmp_path) == {"linear": figures}


def test_invalid_class_list_is_reported():
    said = typed("bench", "linear", "--classes", "24", status=2)
    assert "is not a list of classes such as 24:2,100:1" in said


def bench(*options: str) -> str:
    command = [sys.executable, "-m", "autograder", "bench", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_bench_command_measures_every_part(tmp_path):
    said = bench("linear", "--classes", "4:1", "--nbgrader", "2", "--out", str(tmp_path))
    found = read(tmp_path)["linear"]
    assert found.nbgrader_each > found.timings[0].each > found.timings[0].cells > 0
    assert found.parts.run > 0 < found.unwalled
    assert "Where one submission's time goes" in said
