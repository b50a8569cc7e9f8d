"""How far a long command is and how fast it goes, in the few words of a progress line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Step:
    """One chapter of those that a command works through: the ``number``-th of ``of``, from 1."""

    number: int
    of: int
    chapter: str

    def words(self, what: str = "", done: float = 0.0) -> str:
        """Return "chapter 3 of 11, linear: 12 of 24 graded [ 22%]": ``what`` is said of it, ``done`` is its share.

        The percentage is of all chapters, written as pytest does: `make` says from it how long the rest will take.
        """
        share = int(100 * (self.number - 1 + done) / self.of)
        said = f": {what}" if what else ""
        return f"chapter {self.number} of {self.of}, {self.chapter}{said} [{share:3d}%]"


def steps(chapters: Iterable[str]) -> list[Step]:
    """Return the steps of a command that works through some chapters, in their order."""
    names = list(chapters)
    return [Step(number, len(names), name) for number, name in enumerate(names, start=1)]


def duration(seconds: float) -> str:
    """Return a time as a person says it: "40 s", "3 min", "1 h 10 min"."""
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
