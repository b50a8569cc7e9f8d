"""Time commands that users wait for, once with installed packages in memory and once with packages read from disk."""

from __future__ import annotations

import copy
import json
import os
import signal
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

from autograder.recording.whole_files import replace_text
from autograder.texts import chapter as chapters

REPEATS = 3
FILE = "commands.json"


@dataclass(frozen=True)
class Waiting:
    """The waiting times of one command, in seconds."""

    command: str
    cold: float  # with installed packages read from disk; for `--watch`, after the first save
    warm: float  # the median of the runs, or saves, after the first


def waiting(name: str, root: Path) -> Iterator[Waiting]:
    """On one chapter's solved notebook, time the commands that a learner waits for, and yield the times one by one.

    Raises:
        RuntimeError: if a command fails.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        notebook = Path(folder) / f"{name}.ipynb"
        solved = nbformat.read(chapters.find(name, root), as_version=4)
        mine = ["grade", "--mine", str(notebook), "--root", str(root)]
        yield _timed("--help", ["--help"], folder)
        yield _timed("grade --help", ["grade", "--help"], folder)
        yield _timed(f"grade --mine {notebook.name}, for the first time", mine, folder, lambda: _anew(solved, notebook))
        yield _timed(
            f"grade --mine {notebook.name}, one answer changed", mine, folder, lambda: _changed(solved, notebook)
        )
        yield _timed(f"grade --mine {notebook.name}, nothing changed", mine, folder)
        yield from _watched(notebook, solved, [*mine, "--watch"], folder)


def _watched(notebook: Path, solved: nbformat.NotebookNode, arguments: Sequence[str], folder: str) -> Iterator[Waiting]:
    """Time how long `--watch` takes from a save until it reports the points.

    The first time an answer loses points, the grader also runs the known mistakes.
    """
    command = [sys.executable, "-m", "autograder", *arguments]
    environment = os.environ | {"XDG_CACHE_HOME": folder}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        try:
            _wait_for_answer(watch)
            right, lost = list[float](), list[float]()
            for number in range(2 * (1 + REPEATS)):
                _changed(solved, notebook, is_wrong=number % 2 == 1)
                began = time.perf_counter()
                _wait_for_answer(watch)
                (lost if number % 2 else right).append(time.perf_counter() - began)
        finally:
            _end(watch)
    for what, seconds in (("held", right), ("lost", lost)):
        called = f"grade --mine {notebook.name} --watch, from a save to an answer that {what}"
        yield Waiting(called, seconds[0], statistics.median(seconds[1:]))


def _end(watch: subprocess.Popen) -> None:
    watch.send_signal(signal.SIGINT)
    try:
        watch.communicate(timeout=10)
    except subprocess.TimeoutExpired:  # a process that a shell starts in the background may ignore SIGINT
        watch.terminate()
        watch.communicate()


def _wait_for_answer(watch: subprocess.Popen) -> None:
    if watch.stdout is None or watch.stderr is None:
        raise RuntimeError("grade --mine --watch was started without its pipes")
    for line in watch.stdout:
        if line.rstrip().endswith("press control-C to stop."):
            return
    raise RuntimeError(f"grade --mine --watch ended: {watch.stderr.read().strip()[-500:]}")


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


def _changed(solved: nbformat.NotebookNode, notebook: Path, is_wrong: bool = False) -> None:
    """Change the first answer and save the notebook in one step, so the watcher never reads half a file."""
    changed = copy.deepcopy(solved)
    answer = next(cell for cell in changed.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    answer.source = ("raise KeyError('_p')" if is_wrong else answer.source) + f"\n# try {time.time_ns()}"
    replace_text(notebook, nbformat.writes(changed))


def forget_files() -> None:
    """Ask the operating system to drop installed packages from its page cache, except files that other programs use."""
    folders = {sysconfig.get_path(kind) for kind in ("stdlib", "platlib", "purelib")}
    for path in (path for folder in folders for path in Path(folder).rglob("*") if path.is_file()):
        file = os.open(path, os.O_RDONLY)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def write(found: Sequence[Waiting], folder: Path) -> Path:
    """Save the results as JSON and return the file's path."""
    return replace_text(folder / FILE, json.dumps([asdict(one) for one in found], indent=1) + "\n")
