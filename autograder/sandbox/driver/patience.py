"""How long a cell and a submission may take: seconds of their own, not of a busy machine's clock.

A limit in wall time is unjust where several things share the machine: the same answer passes in a quiet hour and times
out in a busy one. So what counts is the clock's time without the time that a submission stood in line for a processor,
which Linux counts for each process (`/proc/PID/schedstat`,
https://docs.kernel.org/scheduler/sched-stats.html). Sleeping and waiting count; and whatever its processes worked
together counts, so that nobody gains by standing in a line of their own making.
"""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

MOST = 8  # times its limit, by the clock: however busy the machine is
_SOON = 0.2  # seconds; most cells are over by then, and cost no look at all
_LOOK_AGAIN = (0.05, 1.0)  # seconds, at least and at most
_TICKS = os.sysconf("SC_CLK_TCK")
_NANO = 1e-9


@dataclass(frozen=True)
class Used:
    """What a process and those below it had so far: seconds of processors, and the longest time in line for one."""

    worked: float = 0.0
    in_line: float = 0.0


@dataclass
class Clock:
    """The time of one cell, or of a submission.

    Args:
        limit: seconds of its own.
        find: returns the process whose time it is, or None; then the clock on the wall counts.
    """

    limit: float
    find: Callable[[], int | None]
    began: float = field(default_factory=time.monotonic)
    _pid: int | None = None
    _before: Used | None = None
    _last: Used = Used()  # most seen: of a process that has ended nothing can be told
    _next: float = 0.0  # seconds on the wall before which nobody looks again, however many messages come

    def counted(self) -> float:
        """Return the seconds that count by now."""
        wall = time.monotonic() - self.began
        if self._before is None:
            return wall
        now = used(self._pid)
        self._last = Used(max(now.worked, self._last.worked), max(now.in_line, self._last.in_line))
        in_line, worked = self._last.in_line - self._before.in_line, self._last.worked - self._before.worked
        return max(wall - max(0.0, in_line), worked)

    def left(self) -> float:
        """Return for how many seconds to wait before asking again; 0 or less when the time is over."""
        wall = time.monotonic() - self.began
        if wall >= MOST * self.limit:
            return 0.0
        if self._before is None:
            if wall < min(_SOON, self.limit):
                return min(_SOON, self.limit) - wall
            self._pid = self.find()
            self._before = used(self._pid)
        if wall < self._next:
            return self._next - wall
        left = self.limit - self.counted()
        if left > 0:
            left = min(max(left / 2, _LOOK_AGAIN[0]), _LOOK_AGAIN[1])
            self._next = wall + left
        return left


def used(pid: int | None) -> Used:
    """Return what a process and those below it had so far, its ended children's work included."""
    worked, in_line, waiting = 0.0, 0.0, [] if pid is None else [pid]
    while waiting:
        one = waiting.pop()
        for task in glob.glob(f"/proc/{one}/task/*/children"):
            waiting += _numbers(task)
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            worked += sum(int(ticks) for ticks in fields[11:15]) / _TICKS
            in_line = max(in_line, int(Path(f"/proc/{one}/schedstat").read_text().split()[1]) * _NANO)
        except OSError:  # it is gone, or this kernel does not count
            continue
    return Used(worked, in_line)


def _numbers(path: str) -> list[int]:
    try:
        return [int(number) for number in Path(path).read_text().split()]
    except (OSError, ValueError):
        return []
