"""Test that `make lint` and `make test` check every folder and the packages' types."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.test_house import tracked
from tests.root import ROOT

BIN = Path(sys.executable).parent
MISTYPED = "found: int = 'a word'\n"
TYPED = ("layerlab/__main__.py", "autograder/__main__.py", "authoring/__main__.py")
TYPED += ("book/_ext/coursebook/measures/routes.py", "tests/corpus/__main__.py")


def test_mypy_reports_an_error_in_every_package(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(MISTYPED)
    shadows = [word for module in TYPED for word in ("--shadow-file", module, str(planted))]
    seen = subprocess.run([sys.executable, "-m", "mypy", *shadows], cwd=ROOT, text=True, capture_output=True).stdout
    assert [module for module in TYPED if f"{module}:1: error:" not in seen] == []


def folders(*suffixes: str) -> list[Path]:
    """Return every folder of the repository that contains a file with one of these suffixes."""
    return sorted({path.parent.relative_to(ROOT) for path in tracked() if path.suffix in suffixes})


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_reports_an_error_in_every_folder(command: tuple[str, ...]) -> None:
    unseen = []
    for folder in folders(".py"):
        options = ["--force-exclude", f"--stdin-filename={folder}/planted.py", "-"]
        planted = [sys.executable, "-m", "ruff", *command, *options]
        done = subprocess.run(planted, cwd=ROOT, text=True, capture_output=True, input="import os;x  =  1\n")
        unseen += [] if done.returncode else [str(folder)]
    assert unseen == []


def test_oxlint_reports_an_error_in_every_folder(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".oxlintrc.json", tmp_path)
    for folder in folders(".js", ".mjs"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "planted.js").write_text("if (document.title == 1) console.log(2)\n")
    done = subprocess.run([BIN / "oxlint"], cwd=tmp_path, text=True, capture_output=True)
    assert done.returncode
    assert [str(one) for one in folders(".js", ".mjs") if f"{one}/planted.js" not in done.stdout] == []


def test_oxfmt_reports_and_formats_an_unformatted_script(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".oxfmtrc.json", tmp_path)
    (tmp_path / "planted.js").write_text("const a  =  1\n")
    assert subprocess.run([BIN / "oxfmt", "--check"], cwd=tmp_path, capture_output=True).returncode
    subprocess.run([BIN / "oxfmt"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "planted.js").read_text() == "const a = 1;\n"


def test_ruff_ignores_notebooks_of_learners() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--show-files", "."], cwd=ROOT, text=True, capture_output=True
    )
    assert [path for path in listed.stdout.splitlines() if path.endswith(".ipynb")] == []
