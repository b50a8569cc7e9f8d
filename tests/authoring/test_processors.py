"""Test the settings that imitate other processors, and that an output beyond the tolerance fails the check."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from authoring.setup import make, stages
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


def probed(environment: dict[str, str]) -> processors.Probe:
    """Return what a setting asks for, without a process."""
    capability = environment.get("ATEN_CPU_CAPABILITY", "avx512").upper()
    return processors.Probe(capability, int(environment["OMP_NUM_THREADS"]), (), {})


def test_answers_are_judged_with_one_thread_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def passed(stage: Stage, *_: object) -> Outcome:
        ran.append(stage.name)
        return Outcome(stage.name, 0, 1.0)

    ran: list[str] = []
    monkeypatch.setattr(processors, "probe", probed)
    monkeypatch.setattr(processors, "run", passed)
    assert processors.check(tmp_path, ["scales"], Screen(io.StringIO())) == 0
    by_setting = [[name.rpartition(" ")[2] for name in ran if name.startswith(s.name)] for s in processors.SETTINGS]
    assert by_setting == [["nbval", "explorers", "validate"]] * 3 + [["nbval", "explorers"]]
    assert len(set(ran)) == len(ran) == 11


@pytest.mark.parametrize(
    ("stored", "status", "counted"),
    [
        ("0.5001", 0, "0 the same bytes, 1 within the tolerance, 0 beyond it"),
        ("0.51", 1, "0 within the tolerance, 1 beyond it"),
    ],
)
def test_output_beyond_tolerance_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: str, status: int, counted: str
) -> None:
    """Run nbval for real; the other stages pass."""

    def only_nbval(stage: Stage, *rest: Any) -> Outcome:
        return stages.run(stage, *rest) if stage.name.endswith("nbval") else Outcome(stage.name, 0, 1.0)

    output = nbformat.v4.new_output("stream", name="stdout", text=f"{stored}\n")
    cell = nbformat.v4.new_code_cell("print(0.5)", execution_count=1, outputs=[output])
    folder = tmp_path / "solutions" / "made"
    folder.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "made.ipynb")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(processors, "SETTINGS", processors.SETTINGS[:1])
    monkeypatch.setattr(processors, "probe", probed)
    monkeypatch.setattr(processors, "run", only_nbval)
    screen = Screen(io.StringIO())
    assert processors.check(tmp_path, ["made"], screen) == status
    said = screen.out.getvalue()
    assert counted in said
    assert said.splitlines()[-1] == f"{3 - status} passed, {status} failed"


def test_settings_are_distinct_and_start_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKL_CBWR", "AVX2")
    environments = [setting.environment(("X86_V3", "X86_V4")) for setting in processors.SETTINGS]
    kept = [{k: v for k, v in e.items() if k in (*processor.VARIABLES, *processors.THREADS)} for e in environments]
    assert kept[0] == {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    assert len({str(sorted(e.items())) for e in kept}) == len(processors.SETTINGS) >= 4
    assert [e.get("NPY_DISABLE_CPU_FEATURES") for e in kept] == [None, "X86_V4", "X86_V3 X86_V4", None]


def test_nbval_runs_again_when_the_comparison_changes() -> None:
    (stage,) = [stage for stage in make.TESTS if stage.name == "nbval"]
    decided_by = keys.files(ROOT, stage.reads)
    assert {f"authoring/outputs/{name}.py" for name in ("cells", "markup", "picture", "tolerance")} <= set(decided_by)
