"""The commands: each is imported when it is typed, and `--help` says of it what it says itself."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest

from autograder.cli import COMMANDS
from tests.root import ROOT

HEAVY = ("IPython", "dask", "matplotlib", "nbformat", "nbgrader", "numpy", "pandas", "rich", "sqlalchemy", "torch")


def imported(*arguments: str) -> set[str]:
    """Return which of the large packages are imported by a command."""
    code = (
        "import atexit, json, sys; from autograder.cli import main\n"
        "atexit.register(lambda: print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules}))))\n"
        "main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {*json.loads(done.stdout.splitlines()[-1])} & {*HEAVY}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_described_in_its_own_words(name):
    module, about = COMMANDS[name]
    assert import_module(module).command.name == name
    assert import_module(module).command.get_short_help_str(limit=200) == about


def test_help_imports_nothing_large():
    assert imported("--help") == set()


def test_no_command_imports_what_only_another_uses():
    assert imported("grade", "--help") <= {*HEAVY} - {"dask"}
    assert "nbgrader" not in imported("validate", "--help")
