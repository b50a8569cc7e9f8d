"""Observations that nothing moved: under no wrong answer and no mutant was one of them another than the reference's.

Such an observation may check nothing (it hands over a copy of what it asks about, say), or no answer makes yet the
mistake that it is there for. Either is for the author to look at.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.judging.judges import JudgeError, holds
from autograder.model import ClaimRun
from autograder.validation.evidence import BATCHES, Evidence

KINDS = ("wrong", "mutant")


def unmoved(evidence: Evidence) -> list[str]:
    """Return a line for each observation of one exercise that every answer tried on it leaves as it is."""
    name = evidence.exercise.name
    left: dict[tuple[str, str], None] = {
        (claim.name, observed.label): None for claim in evidence.expected(0).claims for observed in claim.observed
    }
    for kind in KINDS:
        for attempt in evidence.of(kind):
            for claim in evidence.expected(attempt.batch).claims:
                for label in _moved(claim, attempt.run.claim(name, claim.name), attempt.batch, name):
                    left.pop((claim.name, label), None)
    return [f"nothing moves {label!r} of the claim {claim!r}" for claim, label in left]


def _moved(expected: ClaimRun, got: ClaimRun | None, batch: int, exercise: str) -> Iterator[str]:
    for wanted, found in zip(expected.observed, got.observed if got else (), strict=False):
        if found.label != wanted.label:
            return  # from here on it is not known what is what
        try:
            is_same = holds(wanted, found, BATCHES[batch], exercise)[0]
        except JudgeError:
            is_same = True
        if not is_same:
            yield wanted.label
