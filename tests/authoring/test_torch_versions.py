"""Test `make test-torch`, which runs the course with a different torch version than the pinned one.

The tests cover what pip installs and when a chapter passes.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from authoring.setup import install as setup
from authoring.setup import stages
from authoring.upkeep import references, torch_versions
from autograder.course import Course
from autograder.sandbox.driver.run import Runner
from tests.root import HALVED, ROOT

TEXT = HALVED / "text.md"


def test_oldest_version_matches_pyproject() -> None:
    lines = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (promised,) = [line for line in map(Requirement, lines) if line.name == "torch"]
    (tried,) = Requirement(torch_versions.requirement(ROOT, "oldest")).specifier
    assert promised.specifier.contains(tried.version)
    assert str(promised.specifier) == f">={tried.version}"


@pytest.mark.parametrize(("wanted", "asked"), [("newest", "torch"), ("2.6.0", "torch==2.6.0")])
def test_newest_and_version_numbers_become_requirements(wanted: str, asked: str) -> None:
    assert torch_versions.requirement(ROOT, wanted) == asked


@pytest.mark.parametrize("wanted", ["", "old", "../2.6", "--help"])
def test_invalid_version_is_explained(wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert torch_versions.main([wanted]) == 2
    assert "make test-torch TORCH=2.6.0" in capsys.readouterr().out


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Copy the pins to ``tmp_path``, and return a list that records the arguments of pip.

    Empty folders replace virtual environments.
    """
    for name in (setup.LOCK, setup.TORCH, "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    found: list[tuple[str, ...]] = []
    monkeypatch.setattr(setup, "pip", lambda python, root, screen, label, *said, total=0: found.append(said))

    def make(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        Path(command[-1]).mkdir(parents=True)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(torch_versions.subprocess, "run", make)
    return found


def test_lock_is_installed_first_and_only_once(tmp_path: Path, asked: list) -> None:
    screen = stages.Screen(io.StringIO())
    python = torch_versions.prepare(tmp_path, screen, "2.6.0", "https://index.invalid/cpu")
    assert python == tmp_path / ".cache" / "torch" / "2.6.0" / "bin" / "python"
    locked, ours, torch = asked
    assert {"--require-hashes", "--no-deps", setup.LOCK} <= set(locked)
    assert ours[-2:] == ("--editable", ".")
    assert torch[-3:] == ("torch==2.6.0", "--index-url", "https://index.invalid/cpu")
    torch_versions.prepare(tmp_path, screen, "2.6.0")
    assert len(asked) == 4
    assert asked[3][-1] == "torch==2.6.0"


def test_changed_lock_rebuilds_the_environment(tmp_path: Path, asked: list) -> None:
    screen = stages.Screen(io.StringIO())
    torch_versions.prepare(tmp_path, screen, "newest")
    (tmp_path / setup.LOCK).write_text("numpy==2.4.6\n")
    torch_versions.prepare(tmp_path, screen, "newest")
    assert len(asked) == 6


# --- a chapter --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runner():
    with Runner(sandbox=False) as started:
        yield started


def attempt(root: Path, runner: Runner, old: str = "", new: str = "") -> str:
    """Attempt the small chapter `halved` after replacing ``old`` with ``new`` in its text."""
    course = Course(root)
    text = TEXT.read_text(encoding="utf-8")
    assert old in text
    course.text("halved").parent.mkdir(parents=True)
    course.text("halved").write_text(text.replace(old, new) if old else text, encoding="utf-8")
    for name in (setup.LOCK, setup.TORCH):
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "layerlab", root / "layerlab", ignore=shutil.ignore_patterns("__pycache__"))
    return references.attempt(course, "halved", runner)


def test_reproducible_chapter_passes(tmp_path: Path, runner: Runner) -> None:
    assert attempt(tmp_path, runner) == ""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("import torch\n\nimport", "import torch\ntorch.new_in_another_version\n\nimport", "new_in_another_version"),
        ("    return x / 2\n", "    return torch.rand(x.shape)\n", "two values"),
        ("draw.randn(*draw.sizes(3, 2, 9))", "torch.new_in_another_version(2)", "new_in_another_version"),
        ("halved(draw.randn(*draw.sizes(3, 2, 9)))", "torch.tensor(__import__('time').time_ns())", "halved"),
    ],
)
def test_failing_or_irreproducible_chapter_does_not_pass(
    tmp_path: Path, runner: Runner, old: str, new: str, why: str
) -> None:
    assert why in attempt(tmp_path, runner, old, new)


def test_failed_chapter_is_named_and_sets_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Both:
        def __init__(self, root: Path) -> None:
            self.chapters = ["padding", "linear"]

    failures = {"padding": "no [CircularPad]", "linear": ""}
    monkeypatch.setattr(references, "Course", Both)
    monkeypatch.setattr(references, "attempt", lambda course, name, runner: failures[name])
    monkeypatch.setattr(references, "version", lambda name: "2.6.0")
    assert references.main() == 1
    assert capsys.readouterr().out == "torch 2.6.0: padding: FAILED: no [CircularPad]\ntorch 2.6.0: linear: holds\n"
    failures["padding"] = ""
    assert references.main() == 0
