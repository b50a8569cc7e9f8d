"""Describe the progress and speed of a long command in a few words for a progress line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from autograder.model import Result, State

LAST = 100  # results that the speed is computed from, so that it follows a cluster that grows or shrinks
LEAST = 0.5  # seconds between the first and the last of them before a speed is shown


class Pace:
    """The count and speed of results as they arrive."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=LAST)
        self.faults = 0

    def add(self, result: Result) -> None:
        """Count a result that has arrived."""
        self._times.append(self._clock())
        self.faults += result.state is State.INFRASTRUCTURE

    @property
    def speed(self) -> float | None:
        """Submissions per second, or None while it is too early to tell."""
        taken = self._times[-1] - self._times[0] if self._times else 0.0
        return (len(self._times) - 1) / taken if taken >= LEAST else None

    def words(self, left: int) -> str:
        """Return a phrase such as "3.2 a second, 40 s left, 1 fault" when ``left`` submissions remain."""
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
    """One of the chapters that a command works through: chapter ``number`` of ``of``, counting from 1."""

    number: int
    of: int
    chapter: str

    def words(self, what: str = "", done: float = 0.0) -> str:
        """Return a progress line such as "chapter 3 of 11, linear: 12 of 24 graded [ 22%]".

        The percentage covers all chapters. It has pytest's format, because `make` uses it to estimate the time left.

        Args:
            what: the progress in this chapter, such as "12 of 24 graded".
            done: the fraction of this chapter that is done, 0 to 1.
        """
        share = int(100 * (self.number - 1 + done) / self.of)
        said = f": {what}" if what else ""
        return f"chapter {self.number} of {self.of}, {self.chapter}{said} [{share:3d}%]"


def steps(chapters: Iterable[str]) -> list[Step]:
    """Return the steps of a command that works through these chapters, in order."""
    names = list(chapters)
    return [Step(number, len(names), name) for number, name in enumerate(names, start=1)]


def duration(seconds: float) -> str:
    """Return a duration in the unit that people would use: "40 s", "3 min", "1 h 10 min"."""
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
