"""Grade one class with the `autograder grade` command, and time each result as it is recorded.

`autograder/benchmark/classes.py` starts ``python -m autograder.timed_class CHAPTER COURSE WORKERS`` for each
measurement, because what one leaves in memory would count toward the next. The last line of its output is the
measurements, as JSON. It runs the whole command line, so it is beside `cli.py`, not in the benchmark's folder.
"""

from __future__ import annotations

import json
import sys
import time

import psutil

from autograder.classroom.pace import Pace
from autograder.model import Result


class Stamped(Pace):
    """Keeps the time at which each result came and the CPU time of its cells."""

    def __init__(self) -> None:
        super().__init__()
        self.stamps: list[float] = []
        self.cells: list[float] = []

    def add(self, result: Result) -> None:
        """See `Pace.add`."""
        self.stamps.append(time.perf_counter())
        self.cells.append(result.cell_cpu_seconds)
        super().add(result)


def main(chapter: str, course: str, workers: str) -> None:
    """Grade a class and print the measurements."""
    began = time.perf_counter()
    from autograder import cli  # its imports are part of the measured time

    pace = Stamped()
    try:
        cli.main(["grade", chapter, "--root", course, "--workers", workers], obj=lambda: pace)
    except SystemExit as end:
        if end.code:
            raise
    memory = psutil.Process().memory_info().rss / 2**20
    cells = sum(pace.cells) / len(pace.cells)
    print(json.dumps({"began": began, "stamps": pace.stamps, "cells": cells, "parent_mb": memory}))


if __name__ == "__main__":
    main(*sys.argv[1:])
