"""Limit the CPU time of the claims, because a notebook runs them while a learner waits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograder.model import Cell, Chapter, Exercise, Limits
from autograder.sandbox.driver.run import Runner
from autograder.validation.outcome import Row
from autograder.validation.tried_answers import BATCHES, learns

EXERCISE, TRAINING, CHAPTER = 1.0, 4.0, 6.0  # seconds of CPU that the claims may take with the reference's answer
# What exercises over these limits, and their chapters, may take until they are cheaper: no more than was measured on a
# busy machine. Most of it is torch's compiler, or the start of several ranks.
DEAR = {
    "window_sum": 5.5, "export_sequences": 5.5, "logging_backend": 4.5, "settle": 3.5, "run_batches": 3.2,
    "sharded_block": 2.3, "sharded_adamw": 2.2, "parallel_mlp": 1.5, "vocab_embedding": 1.4, "vocab_cross_entropy": 1.3,
    "row_linear": 1.3, "column_linear": 1.2, "ring_all_reduce": 1.3,
}  # fmt: skip
DEAR_CHAPTERS = {"window_sum": 24.0, "sharded_block": 11.0}  # by an exercise of the chapter
RUNS = 3  # in one process; the first one also imports what torch loads late, such as its compiler
PACE = Cell("pace", "own", "sum(n * n for n in range(1_350_000))")
PACE_SECONDS = 0.1  # of CPU on a quiet core; while other programs share the core's cache, everything takes longer
_PATIENT = Limits(cell_seconds=600.0, total_seconds=3600.0, result_bytes=2**31)


def limit(exercise: Exercise) -> float:
    """Return the seconds of CPU that an exercise's claims may take; more if they train a network on a task's data."""
    return DEAR.get(exercise.name, TRAINING if learns(exercise) else EXERCISE)


def timed(chapter: Chapter, exercises: Sequence[Exercise], runner: Runner) -> dict[str, float]:
    """Return the CPU seconds of each exercise's claims with the reference's answers, as on a quiet core.

    This is the least of several runs, each divided by how much longer than usual a fixed workload takes just before it.
    """
    from autograder.submissions.needed_cells import needed  # it imports torch, which `Runner.start` does meanwhile

    names = [exercise.name for exercise in exercises]
    tests = [cell for cell in chapter.cells if cell.kind == "hidden" and cell.exercise in names]
    cells = needed([cell for cell in chapter.cells if cell.kind not in ("visible", "hidden") or cell in tests])
    cells = [replace(cell, rules=()) for cell in [*cells, *([PACE, *tests] * (RUNS - 1))]]  # watching for rules is slow
    run = runner.run(cells, BATCHES[0], _PATIENT)
    took: dict[str, float] = {}
    pace = 1.0
    for cell in run.cells:
        if cell.id == PACE.id:
            pace = max(1.0, cell.cpu_seconds / PACE_SECONDS)
        elif cell.kind == "hidden":
            took[cell.exercise] = min(took.get(cell.exercise, math.inf), cell.cpu_seconds / pace)
    return took


def speed_row(exercise: Exercise, took: float) -> Row:
    """Return the table row for the CPU time of the claims."""
    must, got = f"at most {limit(exercise):g} s", f"{took:.2f} s"
    slow = [f"the claims take {got} of CPU, more than {limit(exercise):g}: draw smaller sizes, or repeat less"]
    return Row("CPU of the claims", must, got, slow if took > limit(exercise) else [])


def chapter_misses(took: Mapping[str, float]) -> list[str]:
    """Return a miss if the claims of a chapter's exercises together take too long."""
    total, slowest = sum(took.values()), max(took, key=lambda name: took[name], default="")
    most = max([CHAPTER, *(DEAR_CHAPTERS[name] for name in took.keys() & DEAR_CHAPTERS)])
    miss = f"the claims take {total:.1f} s of CPU in all, more than {most:g}; those of {slowest} take the longest"
    return [miss] if total > most else []
