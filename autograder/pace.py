"""How fast a batch goes, how long it will take and what went wrong so far, in the few words of a progress line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from autograder.model import Result, State

LAST = 100  # results that the speed is taken from: it follows a cluster that grows or shrinks
LEAST = 0.5  # seconds between the first and the last of them before a speed is said


class Pace:
    """Counts results as they come."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=LAST)
        self.faults = 0

    def add(self, result: Result) -> None:
        """Note that a result has come."""
        self._times.append(self._clock())
        self.faults += result.state is State.INFRASTRUCTURE

    @property
    def speed(self) -> float | None:
        """Submissions a second, None while that cannot be said yet."""
        taken = self._times[-1] - self._times[0] if self._times else 0.0
        return (len(self._times) - 1) / taken if taken >= LEAST else None

    def words(self, left: int) -> str:
        """Return "3.2 a second, 40 s left, 1 fault" for ``left`` submissions to come."""
        said = []
        if self.speed is not None:
            said.append(f"{self.speed:.1f} a second")
            if left:
                said.append(f"{duration(left / self.speed)} left")
        if self.faults:
            said.append("1 fault" if self.faults == 1 else f"{self.faults} faults")
        return ", ".join(said)


def duration(seconds: float) -> str:
    """Return a time as a person says it: "40 s", "3 min", "1 h 10 min"."""
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
