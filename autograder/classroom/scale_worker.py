"""Grade a few submissions in a Dask worker, which has its own fork server, and return the answer as bytes.

The worker process has the reference and judges the answers, as the driver does on one machine; student code runs only
in the fork server's children. A worker needs this package and torch but not the course folder, because each task
contains the chapter, its known mistakes, the batch, and the submissions. The answer is JSON.
"""

from __future__ import annotations

import atexit
import functools
import json
import pickle
import platform
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from autograder import keys
from autograder.grading.result_key import LIBRARIES
from autograder.model import Batch, Chapter, Limits, Result
from autograder.recording.results import result_from
from autograder.submissions.beside import Beside
from autograder.texts.variants import Variants

SECONDS = 5.0  # a task ends after the submission that exceeds this; the driver sends out the rest again

# student, the file's content (None if there is no file), notes, the student's modules next to it
Handed = tuple[str, bytes | None, tuple[str, ...], Beside]


@dataclass(frozen=True)
class Job:
    """The data that all tasks of one batch share."""

    chapter: Chapter
    batch: Batch
    limits: Limits
    sandbox: bool
    variants: Variants | None = None


@dataclass(frozen=True)
class Answer:
    """A worker's answer to one task."""

    results: tuple[Result, ...] = ()  # of the task's first submissions, in order
    refused: str = ""  # why this worker cannot grade at all; other workers might be able to grade
    failed: str = ""  # why no worker can grade, if the reference does not earn its own points


def software() -> dict[str, str]:
    """Return, by name, the versions and hashes that must be the same on all machines that grade the same class."""
    code = keys.files(keys.HERE, keys.GRADES)
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **keys.installed(LIBRARIES),
        "grader": keys.key(code=code)[:12],
    }


_LOADED = software()  # the versions with which this process started; the files may have changed since then


def grade(expected: dict[str, str], job: bytes, handed: bytes) -> bytes:
    """Grade at least one submission, and continue one by one until `SECONDS` have passed.

    ``expected`` is the driver's `software`. A `Job` and a sequence of `Handed` are pickled: they come from the driver,
    which can run any code on a worker anyway. Return an encoded `Answer` for `answer_from`.
    """
    return json.dumps(asdict(_answer(expected, job, handed))).encode()


def answer_from(data: bytes) -> Answer:
    """Decode the answer that `grade` returned; raise ValueError if ``data`` is not an encoded answer."""
    found = json.loads(data)
    try:
        results = tuple(result_from(result) for result in found["results"])
        return Answer(results, str(found["refused"]), str(found["failed"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an answer: {error}") from error


_alone = threading.Lock()  # one task at a time per process, no matter how many threads its worker has


def _answer(expected: dict[str, str], job: bytes, handed: bytes) -> Answer:
    own = software()
    if own != _LOADED:
        return Answer(refused="its files have changed since it started; restart it")
    other = [f"{name} {own[name]}, not {wanted}" for name, wanted in expected.items() if own.get(name) != wanted]
    if other:
        return Answer(refused=f"it has {' and '.join(other)}")
    from autograder.grading.grader import ReferenceFailed  # imports torch, which a worker that refuses does not need
    from autograder.sandbox.driver.server_process import ServerFault

    with _alone:
        try:
            grader = _grader(job)
        except ReferenceFailed as error:
            return Answer(failed=str(error))
        except ServerFault as error:
            return Answer(refused=str(error))
        began, results = time.monotonic(), []
        submissions: Sequence[Handed] = pickle.loads(handed)
        for student, content, notes, beside in submissions:
            result = grader.grade(content, student, notes, beside)
            results.append(replace(result, plan=None))  # the driver has the notebook
            if time.monotonic() - began > SECONDS:
                break
        return Answer(tuple(results))


@functools.lru_cache(maxsize=8)
def _grader(job: bytes):
    from autograder.grading.grader import Grader
    from autograder.grading.known_mistakes import KnownMistakes

    asked: Job = pickle.loads(job)
    runner = _runner(asked.limits, asked.sandbox)
    mistakes = KnownMistakes(runner, asked.chapter, asked.variants)
    return Grader(asked.chapter, asked.batch, runner, mistakes)


@functools.cache
def _runner(limits: Limits, sandbox: bool):
    from autograder.sandbox.driver.run import Runner

    runner = Runner(1, limits, sandbox=sandbox).__enter__()
    atexit.register(runner.__exit__)
    return runner
