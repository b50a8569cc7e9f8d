"""The key of a recorded result: as long as it is the same, a submission doesn't have to be graded again.

A result depends on the submission, the reference notebook, the seed and secret, the code that rebuilds, runs, and
judges, and the libraries below it. Whatever is written while the run's outputs are available (the graded notebook, the
gradebook's rows) counts too. What can be rewritten from the recorded result does not: `grade_class` rewrites feedback
and reports. Nor do the variants count: they give a mistake its name and change no mark.
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
    """Return the key of a result: a hash of the submission's files, the reference, the grader, and the seed.

    Args:
        beside: what was submitted beside the notebook; by default what is beside its path.
    """
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
    """Return a hash of the statements, which feedback quotes and no points depend on."""
    return keys.key(statements=[asdict(b) for exercise in chapter.exercises for b in exercise.bullets])


@functools.cache
def grader_key() -> str:
    """Return a hash of the code and the libraries that decide a grade.

    It is computed once, because a process keeps running the code it started with.
    """
    return grader_key_of(keys.HERE)


def grader_key_of(root: Path) -> str:
    """Return the same hash for the code below ``root``."""
    return keys.key(
        code=keys.files(root, keys.GRADES),
        libraries=keys.installed(LIBRARIES),
        python=platform.python_version_tuple()[:2],
    )
