"""How long a cell may take: seconds of its own work, not of a busy machine's clock.

A limit in wall time is unjust where several things share the machine: the same answer passes in a quiet hour and times
out in a busy one. So a cell that is over its limit by the clock goes on as long as it has worked less than that and is
still getting work done; one that sleeps or waits is stopped at once.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

MOST = 8  # times its limit, by the clock: however busy the machine is
_LOOK_AGAIN = 1.0  # seconds
_STANDS_STILL = 0.02  # share of a processor below which a cell waits rather than works
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class CellClock:
    """The time of one cell.

    Args:
        limit: seconds of work.
        server: process id of the fork server whose child runs the cell.
        worked_before: processor seconds of that child when the cell began, as it says itself.
    """

    limit: float
    server: int
    worked_before: float = 0.0
    began: float = field(default_factory=time.monotonic)
    _looked: tuple[float, float] | None = None  # when, and processor seconds then
    _until: float | None = None

    def left(self) -> float:
        """Return for how many seconds to wait before asking again; 0 or less when the cell's time is over."""
        now = time.monotonic()
        if self._until is None:
            self._until = self.began + self.limit
        if now < self._until:
            return self._until - now
        if now >= self.began + MOST * self.limit or not self._is_worth_waiting(now):
            return 0.0
        self._until = now + _LOOK_AGAIN
        return _LOOK_AGAIN

    def _is_worth_waiting(self, now: float) -> bool:
        worked = child_cpu_seconds(self.server)
        if worked is None:
            return False
        when, before = self._looked or (self.began, self.worked_before)
        self._looked = (now, worked)
        share = (worked - before) / max(now - when, 1e-3)
        return worked - self.worked_before < self.limit and share > _STANDS_STILL


def child_cpu_seconds(server: int) -> float | None:
    """Return the processor seconds of the youngest process below a server, its ended children included.

    None where it cannot be told: the process is gone, or this is not Linux.
    """
    pid, youngest = server, None
    while True:
        children = _children(pid)
        if not children:
            break
        pid = youngest = children[-1]
    if youngest is None:
        return None
    try:
        fields = Path(f"/proc/{youngest}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (OSError, ValueError):
        return []
