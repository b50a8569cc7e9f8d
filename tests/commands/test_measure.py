"""Test the ratios that `make bench` reports, and that its figures are kept next to earlier ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import measure
from benchmarks.measure import Figures, read, write
from tests.root import ROOT

FIGURES = Figures(
    date="2000-01-01", machine="2 cores", workload=1.0, chapter="linear", nbgrader_each=5.0, students=24, workers=2,
    whole=24.0, before=8.0, each=0.125, cells=0.2,
)  # fmt: skip


def test_ratios_measure_throughput_and_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert FIGURES.ratio == 40.0
    assert FIGURES.of_limit == pytest.approx(0.8)
    assert FIGURES.words().startswith("linear: 0.125 s each, 40.0 times nbgrader (5.0 s), 0.80 of the limit")
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert FIGURES.of_limit == pytest.approx(1.6)  # impossible on a real clock: one core can't run two at a time


def test_figures_are_kept_and_drawn_with_other_chapters(tmp_path: Path) -> None:
    other = replace(FIGURES, chapter="softmax", each=0.5, workload=None)
    assert read(tmp_path) == {}
    for figures in (other, replace(FIGURES, each=9.0), FIGURES):
        write(figures, tmp_path)
    assert read(tmp_path) == {"linear": FIGURES, "softmax": other}
    assert "<svg" in (tmp_path / measure.PICTURE).read_text()


def test_committed_figures_can_be_read() -> None:
    assert read(ROOT / "benchmarks")["linear"].ratio > 1


def test_stopped_measurement_keeps_earlier_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(name: str, root: Path) -> Figures:
        if name == "softmax":
            raise KeyboardInterrupt
        return replace(FIGURES, chapter=name)

    monkeypatch.setattr(measure, "measure", stopped)
    assert CliRunner().invoke(measure.main, ["linear", "softmax", "--out", str(tmp_path)]).exit_code == 1
    assert list(read(tmp_path)) == ["linear"]


@pytest.mark.long
def test_chapter_is_measured_with_both_graders() -> None:
    figures = measure.measure("linear", ROOT)
    assert figures.students == measure.STUDENTS
    assert figures.nbgrader_each > figures.each > 0 < figures.cells
    assert 0 < figures.before < figures.whole
