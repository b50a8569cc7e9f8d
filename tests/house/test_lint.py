"""Test that `make lint` and `make test` check every folder and the packages' types."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.test_house import tracked
from tests.root import ROOT

BIN = Path(sys.executable).parent
WRONG = {".py": "import os;x: int  =  'a word'\n", ".js": "const a  =  1\nif (document.title == 1) console.log(2)\n"}
TYPED = ("layerlab", "autograder", "authoring", "book/_ext/coursebook", "tests/corpus")


def planted(name: str, *suffixes: str) -> list[str]:
    """Return a file of this name for every folder of the repository that contains a file with one of these suffixes."""
    folders = {path.parent.relative_to(ROOT) for path in tracked() if path.suffix in suffixes}
    return sorted((folder / name).as_posix() for folder in folders)


@pytest.mark.parametrize(
    ("command", "places"),
    [
        ("ruff check --output-format concise", planted("__init__.py", ".py")),
        ("ruff format --check", planted("__init__.py", ".py")),
        ("mypy", [f"{package}/__init__.py" for package in TYPED]),
        ("oxlint", planted("planted.js", ".js", ".mjs")),
        ("oxfmt --check", planted("planted.js", ".js", ".mjs")),
    ],
)
def test_tool_reports_a_mistake_in_every_folder(tmp_path: Path, command: str, places: list[str]) -> None:
    for name in ("pyproject.toml", ".oxlintrc.json", ".oxfmtrc.json"):
        shutil.copy(ROOT / name, tmp_path)
    for place in map(tmp_path.joinpath, places):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(WRONG[place.suffix])
    tool, *options = command.split()
    done = subprocess.run([BIN / tool, *options], cwd=tmp_path, text=True, capture_output=True)
    assert done.returncode
    assert [place for place in places if place not in done.stdout + done.stderr] == []
