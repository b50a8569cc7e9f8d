"""Test that commands are imported only when used, and that `--help` shows their own descriptions."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest

from autograder.cli import COMMANDS, about
from tests.root import ROOT

HEAVY = ("IPython", "dask", "matplotlib", "nbformat", "nbgrader", "numpy", "pandas", "rich", "sqlalchemy", "torch")


def imported(*arguments: str) -> set[str]:
    """Return the large packages that a command imports."""
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
def test_listed_help_is_each_commands_own(name):
    command = import_module(COMMANDS[name]).command
    assert (command.name, command.get_short_help_str(limit=200)) == (name, about(name))


def test_help_imports_no_large_package():
    assert imported("--help") == set()


def test_commands_do_not_import_packages_of_other_commands():
    assert imported("grade", "--help") <= {*HEAVY} - {"dask"}
    assert "nbgrader" not in imported("validate", "--help")


@pytest.mark.parametrize(
    "modules",
    [
        "authoring.notebooks.build, autograder.validation.lost_claims",
        "coursebook.pages.layer_index, coursebook.pages.solution_pages",
    ],
)
def test_checks_and_pages_do_not_import_torch(modules):
    code = f"import sys; sys.path.append('book/_ext'); import {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
