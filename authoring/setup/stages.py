"""Run commands side by side, with a progress line for each, and save their output in logs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from authoring.setup.passed import Passed

HEARTBEAT_SECONDS = 30.0  # seconds between the progress lines of a running stage, if there is no terminal
TAIL_LINES = 120  # pytest prints tracebacks before a table of 25 durations
PERCENT = re.compile(r" *\[ *(\d+)%\]")


@dataclass(frozen=True)
class Stage:
    """A command to run. In ``about`` and ``reads``, "{0}" stands for a chapter.

    ``about`` is an option or argument that makes the command check a chapter; None if no chapter can break the stage.
    ``reads`` are patterns for files: the stage runs only if one of these files changed since the stage last passed, and
    then only for the chapters whose files changed; or if a pattern in ``makes`` matches no file.
    """

    name: str
    says: str
    command: str
    about: str | None = None
    reads: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()

    def words(self, chapters: Sequence[str]) -> list[str]:
        """Return the command's words, including those about chapters."""
        words = shlex.split(self.command)
        if chapters and self.about and self.about.startswith("--"):
            return [*words, self.about, " ".join(chapters)]
        return words + [self.about.format(name) for name in chapters if self.about]


@dataclass(frozen=True)
class Outcome:
    """The result of a stage; ``where`` is the log of a failure, or the reason for skipping."""

    name: str
    state: str  # "passed", "FAILED", or "skipped"
    seconds: float
    where: str = ""


class Screen:
    """Writes progress: in a terminal, lines that are rewritten; elsewhere, lines every `HEARTBEAT_SECONDS`."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = sys.stdout if out is None else out
        self.live = self.out.isatty() and os.environ.get("TERM") != "dumb"
        self._lock = threading.Lock()
        self._next_beat = time.monotonic() + HEARTBEAT_SECONDS
        self._drawn = 0  # lines that the next text replaces

    def line(self, *lines: str) -> None:
        """Print permanent lines."""
        with self._lock:
            above = f"\033[{self._drawn}A\033[J" if self._drawn else ""  # up, and clear to the end
            print(above + "".join(f"{line}\n" for line in lines), end="", file=self.out, flush=True)
            self._drawn = 0

    def status(self, lines: Sequence[str]) -> None:
        """Show what is running now, in a line each."""
        if self.live:
            self.line(*(line[: shutil.get_terminal_size().columns - 1] for line in lines))
            self._drawn = len(lines)
        elif time.monotonic() >= self._next_beat:
            self.line(*lines)
            self._next_beat = time.monotonic() + HEARTBEAT_SECONDS


@dataclass
class Running:
    """A stage that is running, and what its progress line shows of its output."""

    label: str
    process: subprocess.Popen[str] | None = None
    latest: str = ""
    done: float | None = None  # the fraction; once a line has had a percentage, lines without one are not shown
    begin: float = field(default_factory=time.monotonic)

    def take(self, line: str) -> None:
        """Take in a line of output, which may contain a percentage, such as ``[ 17%]``."""
        percents = PERCENT.findall(line)
        if percents:
            self.done = int(percents[-1]) / 100
        if percents or self.done is None:
            self.latest = brief(line) or self.latest

    def words(self, seconds: float) -> str:
        """Return the progress line, such as "nbval  1 min 20 s  linear, 17%, 40.0 s left"."""
        shown = [self.latest] if self.latest else []
        shown += [f"{self.done:.0%}"] if self.done is not None else []
        shown += [f"{duration(round(seconds / self.done - seconds))} left"] if self.done and seconds > 5 else []
        return f"{self.label} {duration(seconds):>12}  {', '.join(shown)}".rstrip()

    def end(self) -> None:
        """End the command and every process that it started."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)


@dataclass
class Workplace:
    """The folder and environment in which stages run, their logs and keys, and what is running there now."""

    env: dict[str, str]
    screen: Screen
    logs: Path
    passed: Passed
    of: int = 0  # how many stages there are
    started: int = 0
    running: list[Running] = field(default_factory=list)
    is_interrupted: bool = False


def duration(seconds: float) -> str:
    """Return a number of seconds in words: '4.2 s', '3 min 07 s'."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


def brief(line: str) -> str:
    """Shorten a line of output for the progress line; for pytest, keep only the current file's name."""
    line = PERCENT.sub("", line.strip())
    test = re.search(r"(?:^|\s)(\S+)::\S*", line)
    return Path(test[1].partition("::")[0]).stem if test else re.sub(r"^(\[gw\d+\])?[.sxXFE]*$", "", line)


def run(lanes: Sequence[Sequence[Stage]], place: Workplace, stops: bool = False) -> list[Outcome]:
    """Run lanes side by side, and the stages of a lane in order; with ``stops``, a failure ends its lane.

    A KeyboardInterrupt ends every process.
    """
    with ThreadPoolExecutor(len(lanes)) as pool:
        futures = [pool.submit(_follow, lane, place, stops) for lane in lanes]
        try:
            while wait(futures, timeout=0.5).not_done:
                now = time.monotonic()
                place.screen.status([running.words(now - running.begin) for running in place.running])
        except BaseException:
            place.is_interrupted = True
            for running in place.running:
                running.end()
            raise
    return [outcome for future in futures for outcome in future.result()]


def _follow(lane: Sequence[Stage], place: Workplace, stops: bool) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for stage in lane:
        if not place.is_interrupted and not (stops and outcomes and outcomes[-1].state == "FAILED"):
            outcomes.append(_run(stage, place))
    return outcomes


def _run(stage: Stage, place: Workplace) -> Outcome:
    """Run one stage; on failure, print the end of its output and the location of the log."""
    screen, root, begin = place.screen, place.passed.root, time.monotonic()
    place.started += 1
    label = f"[{place.started}/{place.of}] {stage.name:<12}" if place.of else stage.name
    due = place.passed.due(stage)
    if not due and all(any(root.glob(pattern)) for pattern in stage.makes):
        screen.line(f"{label} nothing changed")
        return Outcome(stage.name, "passed", time.monotonic() - begin)
    screen.line(f"{label} {stage.says}")
    log = place.logs / f"{stage.name.replace(' ', '-')}.log"
    status = _stream(stage.words([name for name in due if name]), log, Running(label), place)
    seconds, where = time.monotonic() - begin, str(log.relative_to(root))
    if status == 0:
        screen.line(f"{label} done in {duration(seconds)}")
        if stage.reads:
            place.passed.add(stage.name, due)
        return Outcome(stage.name, "passed", seconds)
    if not place.is_interrupted:
        screen.line(tail(log), f"{label} FAILED after {duration(seconds)}; the whole output: {where}")
    return Outcome(stage.name, "FAILED", seconds, where)


def _stream(command: Sequence[str], log: Path, running: Running, place: Workplace) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        running.process = subprocess.Popen(
            command, cwd=str(place.passed.root), env=place.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", start_new_session=True,
        )  # fmt: skip
        place.running.append(running)
        if place.is_interrupted:
            running.end()
        for line in running.process.stdout or ():
            file.write(line)
            running.take(line)
        place.running.remove(running)
        return running.process.wait()


def tail(log: Path) -> str:
    """Return the last nonempty lines of a log, indented."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])


def summary(outcomes: Sequence[Outcome], more: str = "") -> str:
    """Return a table of the stages, ``more``, and 'N passed, N failed'."""
    rows = [f"  {each.name:<12} {each.state:<8} {duration(each.seconds):>12}  {each.where}" for each in outcomes]
    states = [outcome.state for outcome in outcomes]
    counts = [f"{states.count(state)} {state.lower()}" for state in ("passed", "FAILED", "skipped")]
    return "\n".join([*map(str.rstrip, rows), more, ", ".join(counts[: 3 if "skipped" in states else 2])])
