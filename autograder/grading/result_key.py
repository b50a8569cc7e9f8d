"""Compute the key of a recorded result; while the key is unchanged, the submission is not graded again.

The key does not cover the statements that feedback quotes, because `grade_class` rewrites feedback and reports from the
recorded result, or the variants, because they name mistakes but change no points.
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
from autograder.submissions.beside import Beside, beside_of
from autograder.submissions.rebuild import content_of

# A file, its bytes, or the content of a notebook; None if nothing was submitted.
Submitted = Path | bytes | Mapping[str, Any] | None

LIBRARIES = ("ipython", "numpy", "torch", "tqdm")  # a result contains their numbers and messages


def result_key(chapter: Chapter, batch: Batch, submission: Submitted, beside: Beside | None = None) -> str:
    """Return a hash of the submission, the modules beside it, the reference, the grader, and the batch."""
    beside = beside_of(submission) if beside is None else beside
    content = b""
    if isinstance(submission, bytes | Path):
        with contextlib.suppress(OSError):  # no file, or an unreadable one: the result says so
            content = submission if isinstance(submission, bytes) else content_of(submission)
    return keys.key(
        chapter=chapter.digest,
        grader=grader_key(),
        seed=batch.seed,
        secret=batch.secret,
        submission=content,
        modules=beside.modules,
    )


def feedback_key(chapter: Chapter) -> str:
    """Return a hash of the statements, which feedback quotes but which change no points."""
    return keys.key(statements=[asdict(b) for exercise in chapter.exercises for b in exercise.bullets])


@functools.cache
def grader_key() -> str:
    """Return a hash of the code and the libraries that decide a grade, as they were when this process started."""
    return grader_key_of(keys.HERE)


def grader_key_of(root: Path) -> str:
    """Return the same hash as `grader_key`, but for the code below ``root``."""
    return keys.key(
        code=keys.files(root, keys.GRADES),
        libraries=keys.installed(LIBRARIES),
        python=platform.python_version_tuple()[:2],
    )
