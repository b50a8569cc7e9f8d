"""Describe the progress and speed of a long command in a few words for a progress line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One of the chapters that a command works through: chapter ``number`` of ``of``, counting from 1."""

    number: int
    of: int
    chapter: str

    def words(self, what: str = "", done: float = 0.0) -> str:
        """Return a progress line such as "chapter 3 of 11, linear: 12 of 24 graded [ 22%]".

        ``what`` is the progress in this chapter, ``done`` a fraction of it. The percentage, of all chapters, has
        pytest's format, because `make` uses it to estimate the time left.
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
