"""Execute every chapter and grade its reference: `python -m authoring.upkeep.references`.

This module uses the installed version of torch; `torch_versions` runs it with versions other than the pinned version. A
reference is compared with itself, so the module tests that the code runs and gives the same observations twice. It
writes no files.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path

from authoring.notebooks.execute import execute
from autograder.course import Course
from autograder.grading.grader import Grader, ReferenceFailed
from autograder.model import Batch, Limits
from autograder.sandbox.driver.run import Runner
from autograder.sandbox.driver.server_process import ServerFault
from autograder.texts import chapter as chapters
from autograder.texts.text import ChapterError

ROOT = Path(__file__).resolve().parents[2]
BATCH = Batch(seed=11, secret=1011)  # arbitrary, but fixed, so that the result repeats
LIMITS = Limits(cell_seconds=60, total_seconds=600, memory_mb=8192)  # generous: this tests whether code runs, not speed


def attempt(course: Course, name: str, runner: Runner) -> str:
    """Execute a chapter's text, then grade the resulting notebook; return what failed, or ""."""
    try:
        notebook = execute(course.text(name), course.root)
        chapter = chapters.from_notebook(notebook, name)
        if not chapter.exercises:
            return ""
        result = Grader(chapter, BATCH, runner).grade(notebook, student="reference")
    except (ChapterError, ReferenceFailed, ServerFault) as error:
        return str(error)
    lost = [exercise.name for exercise in result.exercises if exercise.earned < exercise.points]
    return f"points lost in {', '.join(lost)}" if lost else result.sentence


def main() -> int:
    """Try all chapters and print a line for each; return 1 if any fails, else 0."""
    course, failed = Course(ROOT), False
    with Runner(limits=LIMITS, sandbox=False) as runner:
        for name in course.chapters:
            failure = attempt(course, name, runner)
            said = f"FAILED: {failure}" if failure else "holds"
            print(f"torch {version('torch')}: {name}: {said}", flush=True)
            failed = failed or bool(failure)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
