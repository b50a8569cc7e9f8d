"""Limit the time of cells and submissions fairly, even on a busy machine.

A limit on wall time is unfair when other programs share the machine: the same answer passes when the machine is quiet
and times out when it is busy. Instead, a limit applies to the *counted time*: the wall time minus the time that the
submission waited for a processor. Linux records this waiting time for each process (`/proc/PID/schedstat`,
https://docs.kernel.org/scheduler/sched-stats.html). Sleeping and other kinds of waiting do count. The counted time is
never less than the total CPU time of the submission's processes, so a submission gains nothing by making its own
processes wait for each other.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.sandbox.inside import usage

MOST = 8  # times the limit, in wall time, no matter how busy the machine is
_SOON = 0.2  # seconds before the first check; most cells end sooner, so their processes are never checked
_LOOK_AGAIN = (0.05, 1.0)  # minimum and maximum seconds between two checks
_TICKS = os.sysconf("SC_CLK_TCK")
_NANO = 1e-9


@dataclass(frozen=True)
class Used:
    """CPU seconds used by a process and its descendants, and the longest wait for a processor, in seconds."""

    worked: float = 0.0
    in_line: float = 0.0


@dataclass
class Clock:
    """A clock for one cell or one submission; ``find`` returns the process whose time counts, or None for wall time."""

    limit: float
    find: Callable[[], int | None]
    began: float = field(default_factory=time.monotonic)
    _pid: int | None = None
    _before: Used | None = None
    _last: Used = Used()  # highest values seen so far, because a process that has exited reports nothing
    _next: float = 0.0  # wall seconds before the next check, no matter how many messages arrive

    def counted(self) -> float:
        """Return the counted time so far, in seconds."""
        wall = time.monotonic() - self.began
        if self._before is None:
            return wall
        now = used(self._pid)
        self._last = Used(max(now.worked, self._last.worked), max(now.in_line, self._last.in_line))
        in_line, worked = self._last.in_line - self._before.in_line, self._last.worked - self._before.worked
        return max(wall - max(0.0, in_line), worked)

    def left(self) -> float:
        """Return how many seconds to wait before checking again; 0 or less if time is up."""
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
    """Return the CPU time used by a process and its descendants so far, including children that have exited."""
    worked = in_line = 0.0
    for one in () if pid is None else usage.family_of(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            worked += sum(int(ticks) for ticks in fields[11:15]) / _TICKS
            in_line = max(in_line, int(Path(f"/proc/{one}/schedstat").read_text().split()[1]) * _NANO)
        except OSError:  # the process is gone, or this kernel does not record it
            continue
    return Used(worked, in_line)
