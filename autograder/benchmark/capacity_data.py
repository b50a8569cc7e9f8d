"""Save and read the measurements of `autograder bench --capacity`, which the book's page *Large classes* shows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.recording.whole_files import replace_text

DATA = "capacity.json"


@dataclass(frozen=True)
class Point:
    """The time and memory that the driver had used when it reached a given number of results."""

    results: int
    seconds: float  # since the command began
    driver_cpu: float  # seconds
    driver_mb: float  # MiB, the highest resident memory so far


@dataclass(frozen=True)
class Capacity:
    """The measurements, in seconds and MiB, from grading one large class once."""

    date: str
    machine: str
    processors: int
    workload: float  # seconds for `workload.seconds`, the mean of before and after; 1 s on two quiet, fast cores
    chapter: str
    students: int
    kept: int  # results from an earlier, interrupted run
    whole: float  # wall time of the whole command
    cpu: float  # CPU time of the whole command, in all its processes
    points: tuple[Point, ...]  # the last one is after the reports
    gradebook_mb: float
    folders_mb: dict[str, float]

    @classmethod
    def of(cls, saved: dict[str, Any]) -> Capacity:
        """Return a measurement from its saved form."""
        return cls(**{**saved, "points": tuple(Point(**point) for point in saved["points"])})

    @property
    def graded(self) -> int:
        """The number of submissions that this run graded."""
        return self.students - self.kept


def read(folder: Path) -> list[Capacity]:
    """Return the saved measurements, or an empty list if there is no file."""
    path = folder / DATA
    return [Capacity.of(one) for one in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def write(found: Capacity, folder: Path) -> Path:
    """Save a measurement, replacing an earlier one of the same chapter and size, and return the file's path."""
    others = [one for one in read(folder) if (one.chapter, one.students) != (found.chapter, found.students)]
    every = sorted([*others, found], key=lambda one: (one.chapter, one.students))
    return replace_text(folder / DATA, json.dumps([asdict(one) for one in every], indent=1) + "\n")
