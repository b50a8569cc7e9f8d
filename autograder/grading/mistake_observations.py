"""What known mistakes observed under a batch's seed, kept beside its results: late submissions and single ones need not
wait for them again.

A file for each exercise holds what its mistakes sent, as it came, and the key of all that decided it. Keeping is for
speed alone: what cannot be written or read is run again.
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
_TASK = "task("  # in every cell that asks for one
MOST = 8 * 2**20  # bytes of one exercise: where weights of large layers are observed, it could be thrice as much


class KnownMistakes:
    """The mistakes of a chapter, each exercise's run when somebody first loses a claim of it; safe among threads."""

    def __init__(
        self, runner: Runner, chapter: Chapter, variants: Variants | None, batch: Batch, folder: Path | None
    ) -> None:
        self._runner, self._chapter, self._variants, self._batch = runner, chapter, variants, batch
        self._kept = Observations(folder, chapter, batch)
        self.seen: Seen | None = None  # what the reference observed, once that is known
        self._found: dict[str, list[Mistake]] = {}
        self._explaining: dict[str, Mistakes] = {}
        self._locks = {exercise.name: threading.Lock() for exercise in chapter.exercises}

    def of(self, exercise: str) -> list[Mistake]:
        """Return the mistakes of one exercise with what they observe under the batch's seed.

        Raises:
            ServerFault: if the chapter's own cells do not survive.
        """
        with self._locks[exercise]:
            if exercise not in self._found:
                self._found[exercise] = self._kept_or_run(exercise, self._variants) if self._variants else []
            return self._found[exercise]

    def explaining(self, expected: Run, exercise: Exercise, got: Run, lost: Collection[str]) -> dict[str, Variant]:
        """Return the mistake that explains each of the claims that a submission lost: see `Mistakes`."""
        known = self.of(exercise.name)
        if exercise.name not in self._explaining:
            self._explaining[exercise.name] = Mistakes(exercise, expected, known, self._batch)
        return self._explaining[exercise.name].explaining(got, lost)

    def _kept_or_run(self, exercise: str, variants: Variants) -> list[Mistake]:
        asked = known(variants, self._chapter, exercise)
        sent = self._kept.read(exercise, asked)
        with contextlib.suppress(Exception):  # kept by something that wrote otherwise: it is run again
            if sent is not None:
                runs = [read_branch(one, self._batch.seed, self.seen) for one in sent]
                return list(zip(asked, runs, strict=True))
        found = mistakes(self._runner, self._chapter, asked, self._batch, self.seen)
        self._kept.write(exercise, asked, [branch.message for branch in found if branch.message is not None])
        return [(variant, branch.run) for variant, branch in zip(asked, found, strict=True)]


def known_mistakes(runner: Runner, chapter: Chapter, batch: Batch, folder: Path | None = None) -> KnownMistakes:
    """Return the mistakes of a chapter as its variants file lists them; without one there are none.

    Args:
        folder: where what they observe under this batch is kept; by default nowhere.

    Raises:
        VariantError: if the variants cannot be read.
    """
    variants = variant_file.load(chapter) if variant_file.path_of(chapter.name).exists() else None
    return KnownMistakes(runner, chapter, variants, batch, folder)


def mistakes(
    runner: Runner, chapter: Chapter, asked: Sequence[Variant], batch: Batch, seen: Seen | None = None
) -> list[BranchRun]:
    """Run some wrong variants of a chapter under the batch's seed; return what each did.

    Raises:
        ServerFault: if the chapter's own cells do not survive.
    """
    patience = Limits().cell_seconds  # what a student's cell gets: a busy machine makes no mistake look slower
    branches = [Branch(v.exercise, v.label, v.source, batch.seed, timeout=patience) for v in asked]
    return runner.branches(chapter, branches, batch, HIDDEN, keep=True, seen=seen) if branches else []


class Observations:
    """What mistakes of one chapter observed under one batch; without a folder nothing is kept."""

    def __init__(self, folder: Path | None, chapter: Chapter, batch: Batch) -> None:
        self._folder, self._chapter, self._batch = folder, chapter, batch

    def read(self, exercise: str, mistakes: Sequence[Variant]) -> list[Message] | None:
        """Return what each of some mistakes sent, or None if that was not kept, or was kept for others."""
        if self._folder is None:
            return None
        try:
            (about, _), *found = messages.read_all(read_regular(_path(self._folder, exercise), MOST))
        except (OSError, ValueError):
            return None
        wanted = self._about(exercise, mistakes, found)
        return found if about == wanted and len(found) == len(mistakes) else None

    def write(self, exercise: str, mistakes: Sequence[Variant], found: Sequence[Message]) -> None:
        """Keep what each of some mistakes sent."""
        if self._folder is None:
            return
        about = self._about(exercise, mistakes, found)
        content = b"".join(messages.pack(*message) for message in [(about, b""), *found])
        with contextlib.suppress(OSError):
            if len(content) <= MOST:
                replace_bytes(_path(self._folder, exercise), content)

    def _about(self, exercise: str, mistakes: Sequence[Variant], found: Sequence[Message]) -> dict[str, str]:
        """Return what stands before the messages: what decided them, and a hash of them, for a file may be damaged."""
        asks = any(_TASK in cell.source for cell in needed(self._chapter.cells, of=[exercise]))
        key = keys.key(
            chapter=self._chapter.digest,
            grader=grader_key(),
            seed=self._batch.seed,
            secret=self._batch.secret if asks else 0,  # another each time: it decides what a task is, and nothing else
            mistakes=[keys.without(asdict(variant), "line") for variant in mistakes],
        )
        return {"kind": "mistakes", "key": key, "sent": keys.key(sent=list(found))}


def _path(folder: Path, exercise: str) -> Path:
    return folder / FOLDER / f"{exercise}.frames"
