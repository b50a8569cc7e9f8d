"""Run commands one after another, with a progress line for each, and save their output in logs.

This module uses only the standard library, and syntax no newer than Python 3.7, because it runs before anything is
installed.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from autograder import keys

HEARTBEAT_SECONDS = 30.0  # seconds between progress lines of a long stage, if there is no terminal
TAIL_LINES = 120  # pytest prints tracebacks before a table of 25 durations
LAST_WORDS = 8  # lines of a failed stage's log that the summary repeats, for people who read only its end


@dataclass(frozen=True)
class Stage:
    """A command to run: its short name, a description, and its arguments.

    ``reads`` and ``makes`` are patterns for files below the root. If ``reads`` is not empty, the stage runs only if one
    of its files changed since the last success, or if a pattern in ``makes`` matches no file.
    """

    name: str
    says: str
    command: tuple[str, ...]
    reads: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()  # environment variables


@dataclass(frozen=True)
class Outcome:
    """The result of a stage. If the stage was not run, ``skipped`` gives the reason."""

    name: str
    status: int
    seconds: float
    log: Path | None = None
    skipped: str = ""

    @property
    def passed(self) -> bool:
        return self.status == 0 and not self.skipped

    @property
    def failed(self) -> bool:
        return self.status != 0 and not self.skipped


class Screen:
    """Writes progress: in a terminal, one line that is rewritten; elsewhere, a line every `HEARTBEAT_SECONDS`."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = sys.stdout if out is None else out
        self.live = self.out.isatty() and os.environ.get("TERM") != "dumb"
        self._next_beat = 0.0
        self._shown = False

    def line(self, text: str) -> None:
        """Print a permanent line."""
        self._erase()
        print(text, file=self.out, flush=True)
        self._next_beat = time.monotonic() + HEARTBEAT_SECONDS

    def status(self, text: str) -> None:
        """Show what is happening now."""
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            self._erase()
            print(text[:width], end="", file=self.out, flush=True)
            self._shown = True
        elif time.monotonic() >= self._next_beat:
            self.line(text)

    def _erase(self) -> None:
        if self._shown:
            print("\r\033[K", end="", file=self.out)
            self._shown = False


def duration(seconds: float) -> str:
    """Return a number of seconds in words: '4.2 s', '3 min 07 s'."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


PERCENT = re.compile(r" *\[ *(\d+)%\]")
LONG_ENOUGH = 5.0  # seconds before the time left is shown


def brief(line: str) -> str:
    """Shorten a line of output for the progress line; for pytest, keep only the current file's name."""
    line = PERCENT.sub("", line.strip())
    found = re.search(r"(?:^|\s)(\S+)::\S*", line)
    if found:
        return Path(found[1].partition("::")[0]).stem
    return re.sub(r"^(\[gw\d+\])?[.sxXFE]*$", "", line)


@dataclass
class Progress:
    """A stage's part of the progress line, taken from its command's output."""

    describe: Callable[[str], str] = brief
    latest: str = ""
    done: float | None = None  # the fraction; once a line has had a percentage, lines without one are not shown

    def take(self, line: str) -> None:
        """Update the progress from a line of output, which may contain a percentage, such as ``[ 17%]``."""
        percents = PERCENT.findall(line)
        if percents:
            self.done = int(percents[-1]) / 100
        elif self.done is not None:
            return
        self.latest = self.describe(line) or self.latest

    def words(self, seconds: float) -> str:
        """Return words such as "linear, 17%, 40.0 s left", given the seconds so far."""
        said = [self.latest] if self.latest else []
        if self.done is not None:
            said.append(f"{self.done:.0%}")
            if self.done > 0 and seconds > LONG_ENOUGH:
                said.append(f"{duration(round(seconds / self.done - seconds))} left")
        return ", ".join(said)


@dataclass(frozen=True)
class Workplace:
    """The folder and environment in which commands run, the screen for their progress, and the folder for logs."""

    root: Path
    env: dict[str, str]
    screen: Screen
    logs: Path


def stream(
    command: Iterable[str], log: str, label: str, place: Workplace, describe: Callable[[str], str] = brief
) -> int:
    """Run a command, save its output, and show its progress; return its exit status.

    Args:
        log: the name of the file for the output.
        label: the text before the progress line, "[2/5] notebooks".
        describe: turns one line of output into the text of the progress line, or returns "" to keep the last text. The
            time left is computed from the percentages in the output.
    """
    place.logs.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    progress = Progress(describe)
    with (place.logs / log).open("w", encoding="utf-8") as kept:
        process = subprocess.Popen(
            list(command),
            cwd=str(place.root),
            env=place.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_pump, args=(process.stdout, lines), daemon=True).start()
        try:
            while True:
                try:
                    text = lines.get(timeout=1.0)
                except queue.Empty:
                    text = ""
                if text is None:
                    break
                kept.write(text)
                if text:
                    progress.take(text)
                seconds = time.monotonic() - begin
                place.screen.status(f"{label} {duration(seconds):>8}  {progress.words(seconds)}".rstrip())
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise


def _pump(source: TextIO, lines: queue.Queue[str | None]) -> None:
    for text in source:
        lines.put(text)
    lines.put(None)


def run(stage: Stage, number: int, of: int, place: Workplace) -> Outcome:
    """Run one stage; on failure, print the end of its output and the location of the log."""
    screen = place.screen
    label = f"[{number}/{of}] {stage.name:<12}"
    screen.line(f"{label} {stage.says}")
    begin = time.monotonic()
    kept = place.logs / f"{stage.name}.sha256"
    now = keys.key(command=stage.command, files=keys.files(place.root, stage.reads))
    was_done = stage.reads and kept.exists() and kept.read_text() == now
    if was_done and all(any(place.root.glob(pattern)) for pattern in stage.makes):
        screen.line(f"{label} nothing changed")
        return Outcome(stage.name, 0, time.monotonic() - begin)
    kept.unlink(missing_ok=True)
    log = place.logs / f"{number}-{stage.name.replace(' ', '-')}.log"
    status = stream(stage.command, log.name, label, replace(place, env={**place.env, **dict(stage.sets)}))
    outcome = Outcome(stage.name, status, time.monotonic() - begin, log)
    if outcome.failed:
        screen.line(tail(log))
        screen.line(f"{label} FAILED after {duration(outcome.seconds)}; all it said: {log.relative_to(place.root)}")
    else:
        screen.line(f"{label} done in {duration(outcome.seconds)}")
        kept.write_text(now)
    return outcome


def tail(log: Path, count: int = TAIL_LINES) -> str:
    """Return the last nonempty lines of a log, indented."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-count:])


def summary(outcomes: list[Outcome], cwd: Path) -> str:
    """Return a table of the stages and the end of each failed stage's log; the last line is 'N passed, N failed'."""
    rows, ends, width = [], [], max([12, *(len(outcome.name) for outcome in outcomes)])
    for outcome in outcomes:
        state = "skipped" if outcome.skipped else "passed" if outcome.passed else "FAILED"
        where = outcome.skipped or (str(outcome.log.relative_to(cwd)) if outcome.failed and outcome.log else "")
        rows.append(f"  {outcome.name:<{width}} {state:<8} {duration(outcome.seconds):>12}  {where}".rstrip())
        if outcome.failed and outcome.log and outcome.log.exists():
            ends += ["", f"  last lines of {outcome.name}:", tail(outcome.log, LAST_WORDS)]
    count = {
        "passed": sum(outcome.passed for outcome in outcomes),
        "failed": sum(outcome.failed for outcome in outcomes),
        "skipped": sum(bool(outcome.skipped) for outcome in outcomes),
    }
    parts = [f"{number} {word}" for word, number in count.items() if number or word != "skipped"]
    return "\n".join([*rows, *ends, "", ", ".join(parts)])
