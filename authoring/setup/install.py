"""Prepare `.venv`: the right Python, the pinned packages, and the course's own packages."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from authoring.setup.passed import Passed
from authoring.setup.stages import Screen, Stage, Workplace, run
from autograder import keys
from autograder.keys import LOCK, TORCH

ROOT = Path(__file__).resolve().parents[2]
PYTHON = (3, 11)  # the versions that the lock was resolved and tested with

GET_PYTHON = """\
    Debian, Ubuntu   apt install python3.11 python3.11-venv
    macOS            brew install python@3.11
    conda            conda create -n layers python=3.11, then conda activate layers
    uv               uv python install 3.11
  or from python.org. Then, if it is not found automatically: make course PYTHON=/where/it/is/python3.11"""


class SetupError(Exception):
    """A problem that the user can fix; the message says how."""


def check_python(version: Sequence[Any] = sys.version_info, executable: str = sys.executable) -> None:
    """Raise SetupError unless this is the Python version that the pins were made for, with what makes environments."""
    if tuple(version[:2]) != PYTHON:
        raise SetupError(
            f"This course needs Python {'.'.join(map(str, PYTHON))}, for which its packages are pinned and tested; "
            f"{executable} is {'.'.join(map(str, version[:3]))}.\n"
            f"  How to get it beside the one you have:\n{GET_PYTHON}"
        )
    for name in ("venv", "ensurepip"):
        if importlib.util.find_spec(name) is None:
            raise SetupError(f"This Python has no module {name}. On Debian and Ubuntu: apt install python3.11-venv.")


def fingerprint(root: Path) -> str:
    """Return a hash of everything that determines what is installed."""
    return keys.key(python=PYTHON, files=keys.files(root, (LOCK, TORCH, "pyproject.toml")))


def venv_python(root: Path) -> Path:
    """Return the path of the interpreter in the course's own environment, whether it exists or not."""
    return root / ".venv" / "bin" / "python"


def stamp(root: Path) -> Path:
    """Return the path of the file that stores the fingerprint of the last complete installation."""
    return root / ".venv" / "installed.sha256"


def is_ready(root: Path) -> bool:
    """Return whether `.venv` contains what the pins currently require."""
    is_complete = venv_python(root).exists() and stamp(root).exists()
    return is_complete and stamp(root).read_text() == fingerprint(root)


def environment(venv: Path) -> dict[str, str]:
    """Return our environment variables, changed to put a virtual environment first and leave out user packages.

    Python may store compiled modules, even if it may not elsewhere, because `pip` does not compile them here.
    """
    env = {**os.environ, "VIRTUAL_ENV": str(venv), "PYTHONUNBUFFERED": "1", "PYTHONNOUSERSITE": "1"}
    env["PATH"] = str(venv / "bin") + os.pathsep + env.get("PATH", "")
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    return env


def ensure(root: Path, screen: Screen, torch_index: str = "") -> None:
    """Prepare `.venv`; ``torch_index`` is the address of a package index for torch only (for its CPU build).

    After an interruption, the next run continues where the previous run stopped: pip keeps the packages that are
    complete, and the fingerprint is written last.

    Raise SetupError if there is a problem that the user can fix.
    """
    check_python()
    stamp(root).unlink(missing_ok=True)
    read = fingerprint(root)  # before pip runs: pins that a `git pull` changes meanwhile are not installed
    venv, python = root / ".venv", venv_python(root)
    steps = []
    if not _works(python):
        shutil.rmtree(str(venv), ignore_errors=True)
        steps = [Stage("create .venv", "installing", shlex.join([sys.executable, "-m", "venv", str(venv)]))]
    for folder in venv.glob("lib/*/site-packages/*.dist-info"):
        if not (folder / "RECORD").exists():  # pip writes it last: it reinstalls what it did not complete
            shutil.rmtree(str(folder))
    # Compiling every module takes 27 of 78 s, and most are never imported; Python compiles those that are.
    options = "--no-compile --retries 2 --progress-bar off --disable-pip-version-check"
    pip = f"{shlex.quote(str(python))} -m pip install {options}"
    large = 'installing, perhaps with CUDA, some gigabytes; for the small build see "torch for the CPU" in README'
    steps += [
        # The lock is complete, so pip has nothing to resolve; anything else that torch requires comes with its build.
        Stage("packages", "installing", f"{pip} --no-deps --require-hashes --requirement {LOCK}"),
        Stage("torch", "installing", f"{pip} --requirement {TORCH} --index-url {shlex.quote(torch_index)}")
        if torch_index
        else Stage("torch", large, f"{pip} --requirement {TORCH}"),
        Stage("our packages", "installing", f"{pip} --no-deps --no-build-isolation --editable ."),
    ]
    place = Workplace(environment(venv), screen, root / "_build" / "logs" / "set-up", Passed(root, ""))
    last = run([steps], place, stops=True)[-1]
    if last.state == "FAILED":
        text = (root / last.where).read_text(encoding="utf-8")
        full = " The disk is full." if "No space left" in text else ""
        unreachable = " There seems to be no network." if "connection" in text.lower() else ""
        raise SetupError(f"The set-up failed.{full}{unreachable} Nothing is lost: run the same command again.")
    stamp(root).write_text(read)


def _works(python: Path) -> bool:
    """Return whether an interpreter exists, is the right Python, and has pip."""
    wanted = f"import sys, pip; sys.exit(sys.version_info[:2] != {PYTHON})"
    try:
        return subprocess.run([str(python), "-c", wanted], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
