"""What decides a recorded result: as long as its key is the same, a submission need not be graded again.

A result is decided by the submission, the instructor's copy, the numbers that are drawn from, the code that rebuilds,
runs and judges, and the libraries below it. What is written of a result while its run's outputs are at hand (the graded
notebook, the gradebook's rows) counts too. What can be written again from the recorded result does not: `batch` does so
for feedback and reports. Neither do the variants: they give a mistake its name, and change no mark.
"""

from __future__ import annotations

import contextlib
import functools
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder import keys
from autograder.model import Batch, Chapter
from autograder.reach import Sources
from autograder.submissions.beside import Beside, beside_of
from autograder.submissions.rebuild import content_of

# A file, the bytes of one, the content of a notebook; None where nothing was handed in.
Submitted = Path | bytes | Mapping[str, Any] | None

LIBRARIES = ("ipython", "numpy", "torch", "tqdm")  # whose numbers and messages a result holds
GRADING = ("autograder.grading.grader", "autograder.recording.autograded", "autograder.recording.gradebook")
# What reads a chapter counts by what it read; `pages` only words and colours what `autograded` shows; an explorer is
# nothing under a grader (`layerlab.explorer` returns None before anything is drawn), nor is `lab.points()`.
NOT_GRADING = (
    "autograder.texts.chapter", "autograder.texts.variants", "autograder.recording.page_parts", "layerlab.explorers*",
    "layerlab.points", "autograder.grading.result_key", "autograder.keys", "autograder.reach",
    "autograder.recording.whole_files",
)  # fmt: skip


def result_key(chapter: Chapter, batch: Batch, submission: Submitted, beside: Beside | None = None) -> str:
    """Return what decides a result: a hash of the submission's files, the reference, the grader and the seed.

    Args:
        beside: what was handed in beside the notebook; by default what lies beside its path.
    """
    beside = beside_of(submission) if beside is None else beside
    content = b""
    if isinstance(submission, bytes | Path):
        with contextlib.suppress(OSError):  # no file, or one that may not be read: the result says so
            content = submission if isinstance(submission, bytes) else content_of(submission)
    return keys.key(
        chapter=chapter.digest,
        grader=grader_key(),
        seed=batch.seed,
        secret=batch.secret,
        submission=content,
        modules=beside.modules,
    )


def feedback_key(chapter: Chapter, sources: Sources | None = None) -> str:
    """Return a hash of what makes a feedback page out of a recorded result: code, templates and statements."""
    code = (sources or Sources.of()).reach("autograder.recording.feedback")
    return keys.key(code=code, statements=[asdict(b) for exercise in chapter.exercises for b in exercise.bullets])


@functools.cache
def grader_key() -> str:
    """Return a hash of the code and the libraries that decide a grade.

    Read once: a process goes on with the code that it began with.
    """
    return grader_key_of(Sources.of())


def grader_key_of(sources: Sources) -> str:
    """Return the same for the code in ``sources``."""
    return keys.key(
        code=sources.reach(*GRADING, without=NOT_GRADING),
        libraries=keys.installed(LIBRARIES),
        python=platform.python_version_tuple()[:2],
    )
