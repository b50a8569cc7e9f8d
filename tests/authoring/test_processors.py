"""Test the settings that imitate other processors, and the tables of what passes with each setting."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from authoring.setup import make
from authoring.setup.stages import Outcome, Screen, Stage
from authoring.upkeep import processors
from autograder import keys
from autograder.model import Batch
from autograder.sandbox.driver.run import Runner
from autograder.sandbox.inside import processor
from autograder.validation.cache import Cache
from tests.root import ROOT

ASKED = "import torch, os; print(torch.backends.cpu.get_cpu_capability(), os.environ.get('ATEN_CPU_CAPABILITY'))"


def asked(two_exercises, batch: Batch) -> str:
    """Return what a submission reports about its processor."""
    cells = [replace(cell, source=ASKED) if i == 0 else cell for i, cell in enumerate(two_exercises.cells)]
    with Runner() as runner:
        run = runner.run(cells, batch)
    return "".join(output.get("text", "") for output in run.cells[0].outputs).strip()


def test_setting_reaches_a_submission(two_exercises, batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    assert asked(two_exercises, batch) == "DEFAULT default"


def test_cache_distinguishes_processor_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Cache(tmp_path)._tools
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    assert Cache(tmp_path)._tools != plain


def test_setting_takes_effect_and_reports_differences() -> None:
    plain = processors.probe(processors.SETTINGS[0].environment(()))
    setting = next(s for s in processors.SETTINGS if s.says == "DEFAULT")
    found = processors.probe(setting.environment(plain.features))
    assert (found.capability, found.threads) == ("DEFAULT", 1)
    assert "torch says DEFAULT, 1 thread; other last bits in" in processors.effect(plain, found)
    assert not processors.effect(plain, found).endswith("nothing")


def test_rejected_environment_stops_the_check(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        processors.probe({"PYTHONHOME": str(tmp_path)})


def test_answers_are_judged_with_one_thread_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(environment: dict[str, str]) -> processors.Probe:
        capability = environment.get("ATEN_CPU_CAPABILITY", "avx512").upper()
        return processors.Probe(capability, int(environment["OMP_NUM_THREADS"]), (), {})

    def passed(stage: Stage, *_: object) -> Outcome:
        ran.append(stage.name)
        return Outcome(stage.name, 0, 1.0)

    ran: list[str] = []
    monkeypatch.setattr(processors, "probe", found)
    monkeypatch.setattr(processors, "run", passed)
    assert processors.check(tmp_path, ["scales"], Screen(io.StringIO())) == 0
    assert ran == ["nbval", "explorers", "validate"] * 3 + ["nbval", "explorers"]


def test_settings_are_distinct_and_start_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    environments = [setting.environment(("X86_V3", "X86_V4")) for setting in processors.SETTINGS]
    kept = [{k: v for k, v in e.items() if k in (*processor.VARIABLES, *processors.THREADS)} for e in environments]
    assert kept[0] == {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    assert len({str(sorted(e.items())) for e in kept}) == len(processors.SETTINGS) >= 4
    assert [e.get("NPY_DISABLE_CPU_FEATURES") for e in kept] == [None, "X86_V4", "X86_V3 X86_V4", None]


def test_cells_of_a_report_are_counted(tmp_path: Path) -> None:
    cell = '<testcase><properties><property name="outputs" value="{}"/></properties></testcase>'
    report = tmp_path / "cells.xml"
    report.write_text(f"<testsuite>{''.join(map(cell.format, [*processors.VERDICTS, 'the same bytes']))}</testsuite>")
    assert processors.count(report) == {"the same bytes": 2, "within the tolerance": 1, "beyond it": 1}


def test_table_shows_failed_and_passed_stages() -> None:
    outcomes = (Outcome("nbval", 1, 3.0), Outcome("validate", 0, 4.0))
    row = processors.Row(processors.SETTINGS[1], "torch says AVX2", {"the same bytes": 7}, outcomes)
    shown = processors.table([row])
    assert "cells: 7 the same bytes, 0 within the tolerance, 0 beyond it" in shown
    assert "nbval FAILED in 3.0 s, validate passed in 4.0 s" in shown


def test_nbval_runs_again_when_the_comparison_changes() -> None:
    (stage,) = [stage for stage in make.TESTS if stage.name == "nbval"]
    decided_by = keys.files(ROOT, stage.reads)
    assert {f"authoring/outputs/{name}.py" for name in ("cells", "markup", "picture", "tolerance")} <= set(decided_by)
