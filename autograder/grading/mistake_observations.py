"""Run known mistakes and save their observations, so that grading a late or single submission is fast.

Each exercise has one file. The file contains the raw messages that the exercise's mistakes sent, and a key computed
from everything that decides these messages. A file only saves time: if it cannot be written or read, the known mistakes
are run again.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path

from autograder import keys
from autograder.grading.mistakes import Mistake, Mistakes, known
from autograder.grading.result_key import grader_key
from autograder.model import HIDDEN, Batch, Chapter, Exercise, Limits, Run
from autograder.recording.whole_files import replace_bytes
from autograder.sandbox.driver.events import Seen
from autograder.sandbox.driver.link import Message, read_branch
from autograder.sandbox.driver.run import Branch, BranchRun, Runner
from autograder.sandbox.inside import messages
from autograder.submissions.needed_cells import needed
from autograder.submissions.student_files import read_regular
from autograder.texts import variants as variant_file
from autograder.texts.variants import Variant, Variants

FOLDER = "mistakes"
_TASK = "task("  # appears in every cell that requests a task
MOST = 8 * 2**20  # bytes per exercise; observing the weights of large layers could take three times as many


class KnownMistakes:
    """A chapter's known mistakes; an exercise's mistakes run when a submission first loses one of its claims.

    This class is thread-safe.
    """

    def __init__(
        self, runner: Runner, chapter: Chapter, variants: Variants | None, batch: Batch, folder: Path | None
    ) -> None:
        self._runner, self._chapter, self._variants, self._batch = runner, chapter, variants, batch
        self._kept = Observations(folder, chapter, batch)
        self.seen: Seen | None = None  # what the reference observed, once known
        self._found: dict[str, list[Mistake]] = {}
        self._explaining: dict[str, Mistakes] = {}
        self._locks = {exercise.name: threading.Lock() for exercise in chapter.exercises}

    def of(self, exercise: str) -> list[Mistake]:
        """Return the mistakes of one exercise, each with its run under the batch's seed.

        Raises:
            ServerFault: if the chapter's own cells do not run to the end.
        """
        with self._locks[exercise]:
            if exercise not in self._found:
                self._found[exercise] = self._kept_or_run(exercise, self._variants) if self._variants else []
            return self._found[exercise]

    def explaining(self, expected: Run, exercise: Exercise, got: Run, lost: Collection[str]) -> dict[str, Variant]:
        """For each claim that a submission lost, return the mistake that explains it; see `Mistakes.explaining`."""
        known = self.of(exercise.name)
        if exercise.name not in self._explaining:
            self._explaining[exercise.name] = Mistakes(exercise, expected, known, self._batch)
        return self._explaining[exercise.name].explaining(got, lost)

    def _kept_or_run(self, exercise: str, variants: Variants) -> list[Mistake]:
        asked = known(variants, self._chapter, exercise)
        sent = self._kept.read(exercise, asked)
        with contextlib.suppress(Exception):  # saved in another format: run again
            if sent is not None:
                runs = [read_branch(one, self._batch.seed, self.seen) for one in sent]
                return list(zip(asked, runs, strict=True))
        found = mistakes(self._runner, self._chapter, asked, self._batch, self.seen)
        self._kept.write(exercise, asked, [branch.message for branch in found if branch.message is not None])
        return [(variant, branch.run) for variant, branch in zip(asked, found, strict=True)]


def known_mistakes(runner: Runner, chapter: Chapter, batch: Batch, folder: Path | None = None) -> KnownMistakes:
    """Return the mistakes in a chapter's variants file.

    Args:
        folder: where to save the mistakes' observations under this batch; by default, they are not saved.

    Raises:
        VariantError: if the variants cannot be read.
    """
    return KnownMistakes(runner, chapter, listed(chapter), batch, folder)


def listed(chapter: Chapter) -> Variants | None:
    """Return a chapter's variants, or None if it has no file of them.

    Raises:
        VariantError: if the variants cannot be read.
    """
    return variant_file.load(chapter) if variant_file.path_of(chapter.name).exists() else None


def mistakes(
    runner: Runner, chapter: Chapter, asked: Sequence[Variant], batch: Batch, seen: Seen | None = None
) -> list[BranchRun]:
    """Run wrong variants of a chapter under the batch's seed, and return the result of each one.

    Raises:
        ServerFault: if the chapter's own cells do not run to the end.
    """
    patience = Limits().cell_seconds  # the limit of a student's cell, so a busy machine does not end a mistake early
    branches = [Branch(v.exercise, v.label, v.source, batch.seed, timeout=patience) for v in asked]
    return runner.branches(chapter, branches, batch, HIDDEN, keep=True, seen=seen) if branches else []


class Observations:
    """The saved observations of a chapter's mistakes under one batch; without a folder, nothing is saved."""

    def __init__(self, folder: Path | None, chapter: Chapter, batch: Batch) -> None:
        self._folder, self._chapter, self._batch = folder, chapter, batch

    def read(self, exercise: str, mistakes: Sequence[Variant]) -> list[Message] | None:
        """Return the message of each of these mistakes, or None if no valid file has exactly these mistakes."""
        if self._folder is None:
            return None
        try:
            (about, _), *found = messages.read_all(read_regular(_path(self._folder, exercise), MOST))
        except (OSError, ValueError):
            return None
        wanted = self._about(exercise, mistakes, found)
        return found if about == wanted and len(found) == len(mistakes) else None

    def write(self, exercise: str, mistakes: Sequence[Variant], found: Sequence[Message]) -> None:
        """Save the message of each of these mistakes."""
        if self._folder is None:
            return
        about = self._about(exercise, mistakes, found)
        content = b"".join(messages.pack(*message) for message in [(about, b""), *found])
        with contextlib.suppress(OSError):
            if len(content) <= MOST:
                replace_bytes(_path(self._folder, exercise), content)

    def _about(self, exercise: str, mistakes: Sequence[Variant], found: Sequence[Message]) -> dict[str, str]:
        """Return the file's header: a key for everything that decides the messages, and a hash that detects damage."""
        asks = any(_TASK in cell.source for cell in needed(self._chapter.cells, of=[exercise]))
        key = keys.key(
            chapter=self._chapter.digest,
            grader=grader_key(),
            seed=self._batch.seed,
            secret=self._batch.secret if asks else 0,  # it changes with every run, but decides only the data of tasks
            mistakes=[keys.without(asdict(variant), "line") for variant in mistakes],
        )
        return {"kind": "mistakes", "key": key, "sent": keys.key(sent=list(found))}


def _path(folder: Path, exercise: str) -> Path:
    return folder / FOLDER / f"{exercise}.frames"
