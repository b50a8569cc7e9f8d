"""Execute every chapter and grade its reference with the installed torch: `make test-torch` installs the one to try.

A reference is compared with itself, so this tests that the code runs, and that it gives the same observations twice.
"""

import sys
from importlib.metadata import version

from authoring.notebooks.execute import execute
from autograder.grading.grader import Grader, ReferenceFailed
from autograder.model import Batch, Limits
from autograder.sandbox.driver.run import Runner
from autograder.sandbox.driver.server_process import ServerFault
from autograder.texts import chapter as chapters
from autograder.texts.text import ChapterError
from tests.root import COURSE

LIMITS = Limits(cell_seconds=60, total_seconds=600)  # generous: this tests whether code runs, and in how much memory


def outcome(course, name, runner):
    """Execute a chapter's text, then grade the resulting notebook; return what failed (or ""), and MiB used."""
    try:
        notebook = execute(course.text(name), course.root)
        chapter = chapters.from_notebook(notebook, name)
        if not chapter.exercises:
            return "", 0.0
        result = Grader(chapter, Batch(seed=11, secret=1011), runner).grade(notebook, student="reference")
    except (ChapterError, ReferenceFailed, ServerFault) as error:
        return str(error), 0.0
    lost = [exercise.name for exercise in result.exercises if exercise.earned < exercise.points]
    return f"points lost in {', '.join(lost)}" if lost else result.sentence, result.peak_mb


if __name__ == "__main__":
    with Runner(limits=LIMITS, sandbox=False) as runner:
        outcomes = {name: outcome(COURSE, name, runner) for name in sys.argv[1:] or COURSE.chapters}
    for name, (why, peak_mb) in outcomes.items():
        print(f"torch {version('torch')}: {name}: {f'FAILED: {why}' if why else f'holds in {peak_mb:.0f} MiB'}")
    sys.exit(any(why for why, _ in outcomes.values()))
