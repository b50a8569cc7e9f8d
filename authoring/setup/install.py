"""Prepare `.venv`: the right Python, the pinned packages, and the course's own: `python -m authoring.setup.install`.

This runs before anything is installed, so it uses only the standard library, and syntax no newer than Python 3.7: the
wrong Python is told so.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder import keys
from autograder.keys import LOCK, TORCH

ROOT = Path(__file__).resolve().parents[2]
OLDEST, NEWEST = (3, 11), (3, 14)  # the versions of Python that the lock has packages for
HEARTBEAT_SECONDS = 30.0  # seconds between progress lines
CUDA = """\
torch perhaps comes with CUDA: gigabytes that this course doesn't use. README.md says how to get less, under "torch for
the CPU". Control-C stops here, and nothing is lost."""
INTERRUPTED = "Interrupted. Nothing is lost: the same command goes on from here."

GET_PYTHON = """\
    Debian 12 or newer, Ubuntu 24.04 or newer   apt install python3 python3-venv
    Fedora                                      dnf install python3
    macOS                                       brew install python@3.13
    conda                                       conda create -n layers python=3.13, then conda activate layers
    uv                                          uv python install 3.13, then make course PYTHON="$(uv python find 3.13)"
  or from python.org. Then, if it is not found automatically: make course PYTHON=/where/it/is/python3.13"""


def check_python(version: Sequence[Any] = sys.version_info, executable: str = sys.executable) -> None:
    """Exit with a sentence unless the pins have packages for this Python, and it can make environments."""
    if not OLDEST <= tuple(version[:2]) <= NEWEST:
        oldest, newest = (".".join(map(str, limit)) for limit in (OLDEST, NEWEST))
        sys.exit(
            f"This course needs Python {oldest} to {newest}, for which its packages are pinned; "
            f"{executable} is {'.'.join(map(str, version[:3]))}.\n"
            f"  How to get one beside the one you have:\n{GET_PYTHON}"
        )
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        sys.exit(f"{executable} is a free-threaded Python, for which not all packages exist: use the usual build.")
    for name in ("venv", "ensurepip"):
        if importlib.util.find_spec(name) is None:
            sys.exit(f"This Python has no module {name}. On Debian and Ubuntu: apt install python3-venv.")


def fingerprint(root: Path) -> str:
    """Return a hash of everything that determines what is installed."""
    return keys.key(python=sys.version_info[:2], files=keys.files(root, (LOCK, TORCH, "pyproject.toml")))


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


def ensure(root: Path, torch_index: str = "") -> None:
    """Prepare `.venv`; ``torch_index`` is the address of a package index for torch only (for its CPU build).

    After an interruption, the next run continues: pip keeps complete packages, and the fingerprint is written last.
    """
    check_python()
    stamp(root).unlink(missing_ok=True)
    read = fingerprint(root)  # before pip runs: pins that a `git pull` changes meanwhile are not installed
    venv, python = root / ".venv", str(venv_python(root))
    if not _works(python):
        shutil.rmtree(str(venv), ignore_errors=True)
        is_removed = sys.executable == python  # after an upgrade of the system's Python, for example
        base = getattr(sys, "_base_executable", "") if is_removed else sys.executable
        _run(root, "create .venv", [base, "-m", "venv", str(venv)])
    if not torch_index and sys.platform == "linux" and not any(venv.glob("lib/*/site-packages/torch")):
        print(CUDA, flush=True)
    for folder in venv.glob("lib/*/site-packages/*.dist-info"):
        if not (folder / "RECORD").exists():  # pip writes it last: it reinstalls what it did not complete
            shutil.rmtree(str(folder))
    # Compiling every module takes 27 of 78 s, and most are never imported; Python compiles those that are.
    options = "--no-compile --retries 2 --progress-bar off --disable-pip-version-check"
    pip = [python, "-m", "pip", "install", *options.split()]
    # The lock is complete, so pip has nothing to resolve; anything else that torch requires comes with its build.
    _run(root, "packages", [*pip, "--no-deps", "--require-hashes", "--requirement", LOCK])
    _run(root, "torch", [*pip, "--requirement", TORCH, *(["--index-url", torch_index] if torch_index else [])])
    _run(root, "our packages", [*pip, "--no-deps", "--no-build-isolation", "--editable", "."])
    stamp(root).write_text(read)


def _works(python: str) -> bool:
    """Return whether an interpreter exists, has this one's version, and has pip."""
    wanted = f"import sys, pip; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    try:
        return subprocess.run([python, "-c", wanted], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(root: Path, name: str, command: Sequence[str]) -> None:
    """Run a step with its output in a log, whose latest line is shown now and then; if it fails, exit with its end."""
    log = root / "_build" / "logs" / "set-up" / f"{name.partition(',')[0].replace(' ', '-')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    print(f"installing: {name}", flush=True)
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(command, cwd=str(root), stdout=file, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                try:
                    process.wait(HEARTBEAT_SECONDS)
                except subprocess.TimeoutExpired:
                    print(*(line[:100] for line in _lines(log)[-1:]), flush=True)  # pip lists all packages in a line
        finally:
            process.terminate()  # when interrupted
    if process.returncode != 0:
        print(*_lines(log)[-40:], sep="\n")
        sys.exit(f"The set-up failed; the whole output: {log}. Nothing is lost: run the same command again.")


def _lines(log: Path) -> list[str]:
    return [f"    {line}" for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]


def stop_like_control_c() -> None:
    """Let the signals that end a process raise KeyboardInterrupt, so that everything it started ends with it."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


if __name__ == "__main__":
    stop_like_control_c()
    try:
        if not is_ready(ROOT):
            ensure(ROOT, os.environ.get("TORCH_INDEX", ""))
    except KeyboardInterrupt:
        print(INTERRUPTED)
        sys.exit(130)
