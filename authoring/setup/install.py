"""Prepare `.venv`: the right Python, the pinned packages, and the course's own packages.

This module uses only the standard library, and syntax no newer than Python 3.7, because it runs before anything is
installed, perhaps with the wrong Python, which it reports in one sentence.
"""

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
FREE_BYTES = 4 * 1024**3  # packages, caches, and the book need about 3 GB

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


def check_disk(root: Path) -> None:
    """Raise SetupError if there is too little free space."""
    free = shutil.disk_usage(str(root)).free
    if free < FREE_BYTES:
        raise SetupError(
            f"There are {free / 1024**3:.1f} GB free on the disk of {root}, and installing needs "
            f"{FREE_BYTES / 1024**3:.0f} GB. Free some space and run the same command."
        )


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

    Raises:
        SetupError: if there is a problem that the user can fix.
    """
    check_python()
    check_disk(root)
    stamp(root).unlink(missing_ok=True)
    read = fingerprint(root)  # before pip runs: pins that a `git pull` changes meanwhile are not installed
    venv, python = root / ".venv", venv_python(root)
    if not _works(python):
        shutil.rmtree(str(venv), ignore_errors=True)
        _step("create .venv", [sys.executable, "-m", "venv", str(venv)], root, screen)
    for folder in venv.glob("lib/*/site-packages/*.dist-info"):
        if not (folder / "RECORD").exists():  # pip writes it last: it reinstalls what it did not complete
            shutil.rmtree(str(folder))
    # The lock is complete, so pip has nothing to resolve; anything else that torch requires comes with its build.
    pip(python, root, screen, "packages", "--no-deps", "--require-hashes", "--requirement", LOCK)
    has_torch = any(venv.glob("lib/*/site-packages/torch-*.dist-info"))
    if sys.platform.startswith("linux") and not torch_index and not has_torch:
        screen.line('torch may come with CUDA, some gigabytes; for the small build see "torch for the CPU" in README')
    index = ("--index-url", torch_index) if torch_index else ()
    pip(python, root, screen, "torch", "--requirement", TORCH, *index)
    pip(python, root, screen, "our packages", "--no-deps", "--no-build-isolation", "--editable", ".")
    stamp(root).write_text(read)


def pip(python: Path, root: Path, screen: Screen, name: str, *arguments: str) -> None:
    """Run the `pip install` of ``python``, and save its output in a log; raise SetupError if it fails."""
    # Compiling every module takes 27 of 78 s, and most are never imported; Python compiles those that are.
    options = ("--no-compile", "--retries", "2", "--progress-bar", "off", "--disable-pip-version-check")
    _step(name, [str(python), "-m", "pip", "install", *arguments, *options], root, screen)


def _step(name: str, command: Sequence[str], root: Path, screen: Screen) -> None:
    logs = root / "_build" / "logs" / "set-up"
    place = Workplace(environment(root / ".venv"), screen, logs, Passed(root, ""))
    (outcome,) = run([[Stage(name, "installing", shlex.join(command))]], place)
    if outcome.state == "FAILED":
        text = (root / outcome.where).read_text(encoding="utf-8")
        full = " The disk is full." if "No space left" in text else ""
        unreachable = " There seems to be no network." if "connection" in text.lower() else ""
        raise SetupError(f"The set-up failed.{full}{unreachable} Nothing is lost: run the same command again.")


def _works(python: Path) -> bool:
    """Return whether an interpreter exists, is the right Python, and has pip."""
    wanted = f"import sys, pip; sys.exit(sys.version_info[:2] != {PYTHON})"
    try:
        return subprocess.run([str(python), "-c", wanted], capture_output=True, check=False).returncode == 0
    except OSError:
        return False
