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
from autograder.submissions.beside import Beside, beside_of
from autograder.submissions.rebuild import content_of

# A file, the bytes of one, the content of a notebook; None where nothing was handed in.
Submitted = Path | bytes | Mapping[str, Any] | None

LIBRARIES = ("ipython", "numpy", "torch", "tqdm")  # whose numbers and messages a result holds


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


def feedback_key(chapter: Chapter) -> str:
    """Return a hash of what feedback quotes beyond a recorded result: the statements. No point depends on it."""
    return keys.key(statements=[asdict(b) for exercise in chapter.exercises for b in exercise.bullets])


@functools.cache
def grader_key() -> str:
    """Return a hash of the code and the libraries that decide a grade.

    Read once: a process goes on with the code that it began with.
    """
    return grader_key_of(keys.HERE)


def grader_key_of(root: Path) -> str:
    """Return the same for the code below ``root``."""
    return keys.key(
        code=keys.files(root, keys.GRADES),
        libraries=keys.installed(LIBRARIES),
        python=platform.python_version_tuple()[:2],
    )
