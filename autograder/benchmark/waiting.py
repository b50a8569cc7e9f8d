"""How long commands take that somebody waits for: with their files in memory, and when they come from the disk."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat

from autograder.chapters import chapter as chapters

REPEATS = 3
FILE = "commands.json"


@dataclass(frozen=True)
class Waiting:
    """One command. Seconds."""

    command: str
    cold: float  # nothing of the installed packages in memory
    warm: float  # the median of some further runs


def waiting(name: str, root: Path) -> Iterator[Waiting]:
    """Time the commands that a learner waits for on a solved notebook of one chapter, one after the other.

    Raises:
        RuntimeError: if a command fails.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        notebook = Path(folder) / f"{name}.ipynb"
        solved = nbformat.read(chapters.find(name, root), as_version=4)
        mine = ["grade", "--mine", str(notebook), "--root", str(root)]
        yield _timed("--help", ["--help"], folder)
        yield _timed("grade --help", ["grade", "--help"], folder)
        yield _timed("grade --mine, for the first time", mine, folder, lambda: _anew(solved, notebook))
        yield _timed("grade --mine, one answer changed", mine, folder, lambda: _changed(solved, notebook))
        yield _timed("grade --mine, nothing changed", mine, folder)


def _timed(called: str, arguments: Sequence[str], folder: str, before: Callable[[], None] = lambda: None) -> Waiting:
    seconds = []
    for number in range(1 + REPEATS):
        before()
        if number == 0:
            forget_files()
        seconds.append(_seconds(arguments, folder))
    return Waiting(called, seconds[0], statistics.median(seconds[1:]))


def _seconds(arguments: Sequence[str], folder: str) -> float:
    environment = os.environ | {"XDG_CACHE_HOME": folder}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"autograder {' '.join(arguments)} failed: {done.stderr.strip()[-500:]}")
    return time.perf_counter() - began


def _anew(solved: nbformat.NotebookNode, notebook: Path) -> None:
    for path in notebook.parent.glob("*.points.json"):
        path.unlink()
    nbformat.write(solved, notebook)


def _changed(solved: nbformat.NotebookNode, notebook: Path) -> None:
    answer = next(cell for cell in solved.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    answer.source += "\n# another try"
    nbformat.write(solved, notebook)


def forget_files() -> None:
    """Ask the system to drop the installed packages from memory; files that somebody else uses stay."""
    folders = {sysconfig.get_path(kind) for kind in ("stdlib", "platlib", "purelib")}
    for path in (path for folder in folders for path in Path(folder).rglob("*") if path.is_file()):
        file = os.open(path, os.O_RDONLY)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def write(found: Sequence[Waiting], folder: Path) -> Path:
    """Keep what was found as JSON, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n", encoding="utf-8")
    return path
