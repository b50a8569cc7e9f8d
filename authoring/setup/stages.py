"""Run commands side by side, with a progress line for each, and save their output in logs."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column

from authoring.setup.passed import Passed

HEARTBEAT_SECONDS = 30.0  # seconds between the progress lines of a running stage, if there is no terminal
TAIL_LINES = 120  # pytest prints tracebacks before a table of 25 durations
PERCENT = re.compile(r" *\[ *(\d+)%\]")


@dataclass(frozen=True)
class Stage:
    """A command to run. In ``about`` and ``reads``, "{0}" stands for a chapter.

    ``about`` is an option or argument for chapters; None if no chapter can break the stage. The stage runs if a file of
    ``reads`` changed since it passed, and then only for the changed chapters, or if a pattern in ``makes`` has no file.
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


@dataclass
class Workplace:
    """The folder and environment in which stages run, their logs and keys, and what is running there now."""

    env: dict[str, str]
    logs: Path
    passed: Passed
    console: Console = field(default_factory=lambda: Console(highlight=False, markup=False, emoji=False))
    of: int = 0  # how many stages there are
    started: int = 0
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    is_interrupted: bool = False

    def say(self, *lines: str) -> None:
        """Print permanent lines."""
        self.console.print("\n".join(lines), soft_wrap=True)

    def run(self, *rounds: Sequence[Sequence[Stage]], stops: bool = False) -> Iterator[Outcome]:
        """Run rounds in order, each with its lanes side by side; ``stops`` ends a lane that fails. Yield outcomes."""
        self.of += sum(len(lane) for lanes in rounds for lane in lanes)
        for lanes in rounds:
            with progress(self.console) as shown, ThreadPoolExecutor(len(lanes)) as pool:
                futures = [pool.submit(self._follow, lane, shown, stops) for lane in lanes]
                try:
                    self._watch(futures, shown)
                except BaseException:
                    self.is_interrupted = True
                    for process in self.processes:
                        end(process)
                    raise
            yield from (outcome for future in futures for outcome in future.result())

    def _watch(self, futures: Sequence[Future[list[Outcome]]], shown: Progress) -> None:
        beat = time.monotonic()
        while wait(futures, timeout=0.5).not_done:
            if shown.disable and time.monotonic() - beat >= HEARTBEAT_SECONDS:
                self.console.print(shown)
                beat = time.monotonic()

    def _follow(self, lane: Sequence[Stage], shown: Progress, stops: bool) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for stage in lane:
            if not self.is_interrupted and not (stops and outcomes and outcomes[-1].state == "FAILED"):
                outcomes.append(self._run(stage, shown))
        return outcomes

    def _run(self, stage: Stage, shown: Progress) -> Outcome:
        """Run one stage; on failure, print the end of its output and the location of the log."""
        root, begin = self.passed.root, time.monotonic()
        self.started += 1
        label = f"[{self.started}/{self.of}] {stage.name:<12}"
        due = self.passed.due(stage)
        if not due and all(any(root.glob(pattern)) for pattern in stage.makes):
            self.say(f"{label} nothing changed")
            return Outcome(stage.name, "passed", time.monotonic() - begin)
        self.say(f"{label} {stage.says}")
        log = self.logs / f"{stage.name.replace(' ', '-')}.log"
        task = shown.add_task(label, total=None, latest="")
        status = self._stream(stage.words([name for name in due if name]), log, lambda line: follow(line, shown, task))
        shown.remove_task(task)
        seconds, where = time.monotonic() - begin, str(log.relative_to(root))
        if status == 0:
            self.say(f"{label} done in {duration(seconds)}")
            if stage.reads:
                self.passed.add(stage.name, due)
            return Outcome(stage.name, "passed", seconds)
        if not self.is_interrupted:
            self.say(tail(log), f"{label} FAILED after {duration(seconds)}; the whole output: {where}")
        return Outcome(stage.name, "FAILED", seconds, where)

    def _stream(self, command: Sequence[str], log: Path, take: Callable[[str], None]) -> int:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as file:
            process = subprocess.Popen(
                command, cwd=self.passed.root, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", start_new_session=True,
            )  # fmt: skip
            self.processes.append(process)
            if self.is_interrupted:
                end(process)
            for line in process.stdout or ():
                file.write(line)
                take(line)
            return process.wait()


def end(process: subprocess.Popen[str]) -> None:
    """End a command and every process that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)


def progress(console: Console) -> Progress:
    """Return what shows the stages that are running, in a line each: in a terminal, by rewriting these lines."""
    columns = (
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[latest]}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
    )
    return Progress(
        *columns, console=console, disable=not console.is_interactive, transient=True, expand=True,
        refresh_per_second=2, speed_estimate_period=3600,
    )  # fmt: skip


def follow(line: str, shown: Progress, task: TaskID) -> None:
    """Show a line of a stage's output; once one had a percentage, such as ``[ 17%]``, only lines with one are shown."""
    percents = PERCENT.findall(line)
    if percents:
        shown.update(task, total=100, completed=int(percents[-1]))
    if (percents or not shown.tasks[shown.task_ids.index(task)].total) and brief(line):
        shown.update(task, latest=brief(line))


def duration(seconds: float) -> str:
    """Return a number of seconds in words: '4.2 s', '3 min 07 s'."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


def brief(line: str) -> str:
    """Shorten a line of output for the progress line; for pytest, keep only the current file's name."""
    line = PERCENT.sub("", line.strip())
    test = re.search(r"(?:^|\s)(\S+)::\S*", line)
    return Path(test[1].partition("::")[0]).stem if test else re.sub(r"^(\[gw\d+\])?[.sxXFE]*$", "", line)


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
