"""What `make lint` and `make test` look at: every folder of Python, and the packages' types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MISTYPED = "found: int = 'a word'\n"
TYPED = ("layerlab/__main__.py", "autograder/__main__.py", "authoring/__main__.py")
TYPED += ("book/_ext/coursebook/measures/ways.py", "tests/corpus/__main__.py")


def test_mypy_sees_a_finding_in_every_package(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(MISTYPED)
    shadows = [word for module in TYPED for word in ("--shadow-file", module, str(planted))]
    seen = subprocess.run([sys.executable, "-m", "mypy", *shadows], cwd=ROOT, text=True, capture_output=True).stdout
    assert [module for module in TYPED if f"{module}:1: error:" not in seen] == []
