"""Which known mistake is this: compares what a submission observed with what the wrong variants observe.

A mistake has a sentence that an author wrote for it. The student who made it is told that sentence, and the class
report counts how many did.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from autograder.chapters.variants import Variant, Variants
from autograder.judging.judges import JUDGES, holds
from autograder.judging.values import JudgeError
from autograder.model import Chapter, ClaimRun, Observed, Run

Mistake = tuple[Variant, Run]


def known(variants: Variants, chapter: Chapter, exercise: str) -> list[Variant]:
    """Return the mistakes of one exercise: its wrong variants, and its faulty start with the released code in it."""
    faulty = variants.faulty_start(exercise)
    released = [replace(faulty, source=chapter.exercise(exercise).stub)] if faulty else []
    return variants.wrong(exercise) + released


def match(exercise: str, got: Run, lost: Collection[str], mistakes: Sequence[Mistake]) -> Variant | None:
    """Return the mistake that observes what a submission observed, or None.

    Args:
        exercise: its name.
        got: what the submission did.
        lost: the names of the claims that it lost; with none lost there is no mistake to find.
        mistakes: those of this exercise, from `mistakes`, run under the same seed.

    Returns:
        the one that observes the same in every claim: what is right in the submission and wrong in a mistake says
        that it is another one.
    """
    told = [name for name in lost if _says_something(got.claim(exercise, name))]
    if not told:
        return None
    return next((variant for variant, run in mistakes if same_run(exercise, run, got)), None)


def same_run(exercise: str, known: Run, got: Run) -> bool:
    """Return whether two runs observe the same in every claim of an exercise."""
    names = {claim.name for run in (known, got) for claim in run.claims if claim.exercise == exercise}
    return all(same(known.claim(exercise, name), got.claim(exercise, name)) for name in names)


def same(known: ClaimRun | None, got: ClaimRun | None) -> bool:
    """Return whether two runs of one claim observe the same and end the same way.

    The judge is taken from ``known``, which ran our own test cell on our own code.
    """
    if known is None or got is None:
        return known is got
    if known.raised != got.raised or known.finished != got.finished or known.malformed or got.malformed:
        return False
    if [o.label for o in known.observed] != [o.label for o in got.observed]:
        return False
    return all(_same_values(a, b) for a, b in zip(known.observed, got.observed, strict=True))


def _same_values(known: Observed, got: Observed) -> bool:
    # Two different mistakes may both fit a judge's options; "the same" means the same numbers then, as the seed is.
    judged = known if JUDGES[known.judge].is_comparing else replace(known, judge="close", options={})
    try:
        return holds(judged, got)[0]
    except JudgeError:  # the wrong variant observes what no judge takes, so it explains nobody's answer
        return False


def _says_something(claim: ClaimRun | None) -> bool:
    """An unfinished cell raises `NotImplementedError` or observes nothing: no mistake in it has been made yet."""
    return claim is not None and (bool(claim.observed) or claim.raised_type not in (None, "NotImplementedError"))
