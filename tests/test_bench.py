"""The benchmark: what its ratios mean, and that what it found can be read again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.bench import Figures, Timing, last_step, write

ROOT = Path(__file__).resolve().parents[1]
ONE = Timing(students=100, workers=1, whole=40.0, before=8.0, each=0.25, cells=0.2, parent_mb=400.0)
TWO = Timing(students=100, workers=2, whole=24.0, before=8.0, each=0.125, cells=0.2, parent_mb=410.0)


@pytest.fixture
def figures() -> Figures:
    return Figures("2000-01-01", "2 cores", "linear", nbgrader_each=5.0, nbgrader_students=4, timings=[ONE, TWO])


def test_ratios_are_of_throughput_and_of_the_whole_command(figures):
    assert (figures.ratio(ONE), figures.ratio(TWO)) == (20.0, 40.0)
    assert figures.ratio_of_all(ONE) == 5.0 * 100 / 40.0


def test_the_limit_is_what_the_cells_cost_on_as_many_cores_as_are_used(figures, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert figures.of_limit(ONE) == pytest.approx(0.8)
    assert figures.of_limit(TWO) == pytest.approx(0.8)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert figures.of_limit(TWO) == pytest.approx(1.6)  # two at a time on one core cannot be: the clock would say so


def test_what_was_found_is_kept_as_json_with_a_picture(figures, tmp_path):
    data, picture = write(figures, tmp_path / "benchmarks")
    assert json.loads(data.read_text())["timings"][1] == vars(TWO)
    assert "<svg" in picture.read_text()
    assert "40.0 times nbgrader" in last_step(figures)


@pytest.mark.long
def test_the_command_measures_all_of_it(tmp_path):
    command = ["bench", "linear", "--sizes", "4", "--workers", "1", "--nbgrader", "2", "--out", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", "autograder", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "grader.json").read_text())
    assert found["nbgrader_each"] > found["timings"][0]["each"] > found["timings"][0]["cells"] > 0
    assert found["walled"] > 0 < found["unwalled"]
