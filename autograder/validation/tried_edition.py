"""Try the known answers on an edition of an exercise; each answer must do as well as it does on the public exercise."""

from __future__ import annotations

from autograder.constants import said
from autograder.model import TEST_KINDS, Chapter, Exercise
from autograder.sandbox.driver.run import Branch, Runner
from autograder.texts.variants import Variants
from autograder.validation.outcome import Row
from autograder.validation.soak import soak
from autograder.validation.tried_answers import BATCHES, PATIENT_SECONDS


def tried_edition(chapter: Chapter, exercise: Exercise, variants: Variants, runner: Runner) -> Row:
    """Return the table row of an edition.

    Args:
        variants: the edition's variants, which include the answers to the other editions as mistakes.

    Raises:
        ServerFault: if the chapter's own cells do not run to the end.
    """
    title = f"edition: {said(exercise, exercise.edition or 0)}"
    row = soak(chapter, [exercise], variants, runner, seeds=1)[exercise.name]
    misses = [f"{title}: {miss}" for miss in row.misses]
    own = Branch(exercise.name, "reference", exercise.solution, BATCHES[0].seed, timeout=PATIENT_SECONDS)
    (done,) = runner.branches(chapter, [own], BATCHES[0], TEST_KINDS)
    failed = [check.what for check in done.run.checks if not check.passed]
    misses += [f"{title}: the reference fails the visible check {what!r}" for what in failed]
    return Row(title, "as in the public one", row.got, misses)
