"""Prepare `.venv`: the right Python, the pinned packages, and the course's own packages.

This module uses only the standard library, and syntax no newer than Python 3.7, because it runs before anything is
installed, perhaps with the wrong Python, which it reports in one sentence. It raises `SetupError` for every failure
that the user can fix.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from authoring.setup.stages import Screen, Workplace, stream
from autograder import keys
from autograder.keys import LOCK, TORCH

ROOT = Path(__file__).resolve().parents[2]
PYTHON = (3, 11)  # the versions that the lock was resolved and tested with
FREE_BYTES = 4 * 1024**3

GET_PYTHON = """\
    Debian, Ubuntu   apt install python3.11 python3.11-venv
    macOS            brew install python@3.11
    conda            conda create -n layers python=3.11, then conda activate layers
    uv               uv python install 3.11
  or from python.org. Then, if it is not found automatically: make course PYTHON=/where/it/is/python3.11"""

# A pattern for pip's output when it fails, and what the user can do. The first match is printed.
PIP_FAILURES = (
    (r"No space left on device|Errno 28", "The disk is full. Free some space and run the same command: it goes on."),
    (
        r"NewConnectionError|NameResolutionError|name resolution|Network is unreachable|Connection refused"
        r"|Max retries|ProxyError|ReadTimeout|Connection timed out|Could not fetch URL",
        "The packages could not be downloaded: there seems to be no network (or a proxy that pip was not told of). "
        "Nothing is lost: connect and run the same command.",
    ),
    (
        r"No matching distribution found for (?P<what>\S+)",
        "No package index offers {what} for this Python and machine. If pip is set to a mirror, it may lag behind.",
    ),
    (
        r"THESE PACKAGES DO NOT MATCH THE HASHES",
        "A download is not the file whose hash is in requirements.txt: it arrived damaged, or an index offers a "
        "file of its own under that name. Run the same command again; if the error persists, give pip another index.",
    ),
    (r"Permission denied", "A file in .venv may not be written. Remove .venv and run the same command as yourself."),
)


class SetupError(Exception):
    """A problem that the user can fix; the message says how."""


def check_python(found: tuple[int, ...], executable: str = sys.executable) -> None:
    """Raise SetupError unless this is the Python version that the pins were made for."""
    if tuple(found[:2]) == PYTHON:
        return
    wanted = ".".join(map(str, PYTHON))
    have = ".".join(map(str, found[:3]))
    raise SetupError(
        f"This course needs Python {wanted}, for which its packages are pinned and tested; {executable} is {have}.\n"
        f"  How to get it beside the one you have:\n{GET_PYTHON}"
    )


def check_modules() -> None:
    """Raise SetupError if this Python lacks the modules that create virtual environments."""
    for name in ("venv", "ensurepip"):
        if importlib.util.find_spec(name) is None:
            raise SetupError(
                f"This Python has no `{name}` module, which makes virtual environments. On Debian and Ubuntu: "
                "apt install python3.11-venv. Then run the same command."
            )


def check_disk(root: Path) -> None:
    """Raise SetupError if less than 4 GiB is free, because packages, caches, and the book need about 3 GB."""
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
    if not (venv_python(root).exists() and stamp(root).exists()):
        return False
    return stamp(root).read_text() == fingerprint(root)


def environment(venv: Path) -> dict[str, str]:
    """Return our environment variables, changed to put a virtual environment first and leave out user packages.

    Python may store compiled modules, even if it may not elsewhere, because `pip` does not compile them here.
    """
    env = dict(os.environ)
    env["PATH"] = str(venv / "bin") + os.pathsep + env.get("PATH", "")
    env["VIRTUAL_ENV"] = str(venv)
    env["PYTHONUNBUFFERED"] = "1"
    env["PYTHONNOUSERSITE"] = "1"
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    return env


def ensure(root: Path, screen: Screen, label: str = "", torch_index: str = "") -> bool:
    """Prepare `.venv` and return whether there was anything to do.

    After an interruption, the next run continues where the previous run stopped: pip keeps the packages that are
    complete, and the fingerprint is written last. ``torch_index`` is the address of a package index for torch only (for
    its CPU build).

    Raises:
        SetupError: if there is a problem that the user can fix.
    """
    if is_ready(root):
        return False
    check_python(tuple(sys.version_info[:3]))
    check_modules()
    check_disk(root)
    stamp(root).unlink(missing_ok=True)
    read = fingerprint(root)  # before pip runs: pins that a `git pull` changes meanwhile are not installed
    if not _works(root):
        _create(root, screen, label)
    _forget_half_installed(root)
    python = venv_python(root)
    # The lock is complete, so pip has nothing to resolve; anything else that torch requires comes with its build.
    locked = ("install", "--no-deps", "--require-hashes", "--requirement", LOCK)
    pip(python, root, screen, label, *locked, total=len(read_pins(root)))
    has_torch = any((root / ".venv").glob("lib/*/site-packages/torch-*.dist-info"))
    if sys.platform.startswith("linux") and not torch_index and not has_torch:
        screen.line(
            '    torch may come with CUDA, some gigabytes; for the small build see "torch for the CPU" in README'
        )
    index = ("--index-url", torch_index) if torch_index else ()
    pip(python, root, screen, f"{label} torch", "install", "--requirement", TORCH, *index)
    ours = ("install", "--no-deps", "--no-build-isolation", "--editable", ".")
    pip(python, root, screen, f"{label} our packages", *ours)
    stamp(root).write_text(read)
    return True


def read_pins(root: Path) -> dict[str, str]:
    """Return the versions pinned in the lock, by package name; names are normalized as in pip."""
    return keys.pins((root / LOCK).read_text(encoding="utf-8"))


def _works(root: Path) -> bool:
    """Return whether `.venv` exists, uses the right Python, and has pip."""
    wanted = f"import sys, pip; sys.exit(sys.version_info[:2] != {PYTHON})"
    try:
        done = subprocess.run([str(venv_python(root)), "-c", wanted], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _create(root: Path, screen: Screen, label: str) -> None:
    screen.status(f"{label} creating .venv")
    folder = root / ".venv"
    if folder.exists():
        shutil.rmtree(str(folder))
    done = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        shutil.rmtree(str(folder), ignore_errors=True)
        last = (done.stdout.strip().splitlines() or ["no reason given"])[-1]
        raise SetupError(
            f"The virtual environment .venv could not be made ({last}). On Debian and Ubuntu: apt install "
            "python3.11-venv. Then run the same command."
        )


def _forget_half_installed(root: Path) -> None:
    """Remove the metadata of packages that lack RECORD, the file that pip writes last, so that pip reinstalls them."""
    for folder in (root / ".venv").glob("lib/*/site-packages/*.dist-info"):
        if not (folder / "RECORD").exists():
            shutil.rmtree(str(folder))


def pip(python: Path, root: Path, screen: Screen, label: str, *arguments: str, total: int = 0) -> None:
    """Run the pip of ``python``; save its output in a log, and show its progress on one line.

    Raises:
        SetupError: if pip failed; the message explains why in a sentence, and names the log.
    """
    place = Workplace(root, environment(python.parents[1]), screen, root / "_build" / "logs")
    # Compiling every module takes 27 of 78 s, and most are never imported; Python compiles those that are.
    command = [str(python), "-m", "pip", *arguments, "--no-compile", "--retries", "2", "--progress-bar", "off"]
    command.append("--disable-pip-version-check")
    if stream(command, "install.log", label, place, _Packages(total).describe) != 0:
        log = place.logs / "install.log"
        raise SetupError(f"{explain(log.read_text(encoding='utf-8'))}\n  What pip said: {log.relative_to(root)}")


class _Packages:
    """Counts the packages that pip names, for the progress line."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.seen: set[str] = set()

    def describe(self, line: str) -> str:
        if line.startswith("Installing collected packages"):
            return f"unpacking {self.total} packages, which takes a minute or two" if self.total else "unpacking"
        match = re.match(r"(?:Collecting|Processing|Requirement already satisfied:|Ignoring) ([^\s:]+)", line)
        if match is None:
            return ""
        name = re.split(r"[=<>;\[]|-\d", match.group(1).rsplit("/", 1)[-1])[0]
        self.seen.add(name)
        return f"{min(len(self.seen), self.total)} of {self.total} packages: {name}" if self.total else name


def explain(said: str) -> str:
    """Return a sentence that explains why pip failed; ``said`` is pip's output."""
    for pattern, sentence in PIP_FAILURES:
        match = re.search(pattern, said)
        if match:
            return sentence.format(**match.groupdict())
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    return f"pip could not install the packages ({errors[-1][7:] if errors else 'it gave no reason'})."
