"""Run an exercise's known mistakes when a submission first loses one of its claims."""

from __future__ import annotations

import threading
from collections.abc import Collection

from autograder.grading.mistakes import Mistake, Mistakes
from autograder.model import HIDDEN, Chapter, Exercise, Limits, Run
from autograder.sandbox.driver.events import Seen
from autograder.sandbox.driver.run import Branch, Runner
from autograder.texts import variants as variant_file
from autograder.texts.variants import Variant, Variants
from layerlab.judging.claim_model import Batch


class KnownMistakes:
    """A chapter's known mistakes, each of which runs at most once; this class is thread-safe."""

    def __init__(self, runner: Runner, chapter: Chapter, variants: Variants | None, batch: Batch) -> None:
        self._runner, self._chapter, self._variants, self._batch = runner, chapter, variants, batch
        self.seen: Seen | None = None  # what the reference observed, once known
        self._found: dict[str, list[Mistake]] = {}
        self._explaining: dict[str, Mistakes] = {}
        self._locks = {exercise.name: threading.Lock() for exercise in chapter.exercises}

    def of(self, exercise: str) -> list[Mistake]:
        """Return the mistakes of one exercise, each with its run under the batch's seed."""
        with self._locks[exercise]:
            if exercise not in self._found:
                self._found[exercise] = self._run(exercise, self._variants) if self._variants else []
            return self._found[exercise]

    def explaining(self, expected: Run, exercise: Exercise, got: Run, lost: Collection[str]) -> dict[str, Variant]:
        """For each claim that a submission lost, return the mistake that explains it; see `Mistakes.explaining`."""
        known = self.of(exercise.name)
        if exercise.name not in self._explaining:
            self._explaining[exercise.name] = Mistakes(exercise, expected, known, self._batch)
        return self._explaining[exercise.name].explaining(got, lost)

    def _run(self, exercise: str, variants: Variants) -> list[Mistake]:
        listed = variants.mistakes(self._chapter.exercise(exercise))
        patience = Limits().cell_seconds  # as for a student's cell, so a busy machine does not end a mistake early
        branches = [Branch(v.exercise, v.label, v.source, self._batch.seed, timeout=patience) for v in listed]
        if not branches:
            return []
        done = self._runner.branches(self._chapter, branches, self._batch, HIDDEN, seen=self.seen)
        return [(variant, branch.run) for variant, branch in zip(listed, done, strict=True)]


def known_mistakes(runner: Runner, chapter: Chapter, batch: Batch) -> KnownMistakes:
    """Return the known mistakes of a chapter."""
    return KnownMistakes(runner, chapter, listed(chapter), batch)


def listed(chapter: Chapter) -> Variants | None:
    """Return a chapter's variants, or None if it has no file of them; raise VariantError if they cannot be read."""
    return variant_file.load(chapter) if variant_file.path_of(chapter.name).exists() else None
