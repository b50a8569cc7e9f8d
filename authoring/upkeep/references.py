"""Execute every chapter and grade its reference: `python -m authoring.upkeep.references`.

This module uses the installed version of torch; `torch_versions` runs it with versions other than the pinned version. A
reference is compared with itself, so the module tests that the code runs and gives the same observations twice. It
writes no files.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from authoring.notebooks.execute import execute
from autograder.course import Course
from autograder.grading.grader import Grader, ReferenceFailed
from autograder.model import Batch, Limits
from autograder.sandbox.driver.run import Runner
from autograder.sandbox.driver.server_process import ServerFault
from autograder.texts import chapter as chapters
from autograder.texts.text import ChapterError

ROOT = Path(__file__).resolve().parents[2]
BATCH = Batch(seed=11, secret=1011)  # arbitrary, but fixed, so that the table repeats
LIMITS = Limits(cell_seconds=60, total_seconds=600, memory_mb=8192)  # generous: this tests whether code runs, not speed


@dataclass
class Outcome:
    """The result of one chapter."""

    chapter: str
    cells: int = 0  # code cells that ran, from first to last
    earned: float = 0
    points: float = 0
    seconds: float = 0.0
    failure: str = ""


def attempt(course: Course, name: str, runner: Runner) -> Outcome:
    """Execute a chapter's text from its first cell to its last, then grade the resulting notebook."""
    began, found = time.monotonic(), Outcome(name)
    try:
        notebook = execute(course.text(name), course.root)
        found.cells = sum(cell.cell_type == "code" for cell in notebook.cells)
        chapter = chapters.from_notebook(notebook, name)
        found.points = chapter.points
        if chapter.exercises:
            result = Grader(chapter, BATCH, runner).grade(notebook, student="reference")
            found.earned = result.earned
            lost = [exercise.name for exercise in result.exercises if exercise.earned < exercise.points]
            found.failure = f"points lost in {', '.join(lost)}" if lost else result.sentence
    except (ChapterError, ReferenceFailed, ServerFault) as error:
        found.failure = str(error)
    found.seconds = time.monotonic() - began
    return found


def show(console: Console, outcomes: list[Outcome]) -> None:
    """Print a line for each chapter, and below them the failures."""
    table = Table(title=f"torch {version('torch')}")
    for header in ("chapter", "cells", "points", "seconds", ""):
        table.add_column(header, justify="left" if header in ("chapter", "") else "right")
    for found in outcomes:
        points = f"{found.earned:g} of {found.points:g}" if found.points else ""
        holds = "FAILED" if found.failure else "holds"
        table.add_row(found.chapter, str(found.cells), points, f"{found.seconds:.0f}", holds)
    console.print(table)
    for found in outcomes:
        if found.failure:
            console.print(f"{found.chapter}: {found.failure}", markup=False, highlight=False)


def main() -> int:
    """Run all chapters; return 1 if any fails, else 0."""
    course, console, outcomes = Course(ROOT), Console(), []
    with Runner(limits=LIMITS, sandbox=False) as runner:
        for name in course.chapters:
            with console.status(f"torch {version('torch')}: {name}"):
                outcomes.append(attempt(course, name, runner))
    show(console, outcomes)
    return int(any(found.failure for found in outcomes))


if __name__ == "__main__":
    sys.exit(main())
