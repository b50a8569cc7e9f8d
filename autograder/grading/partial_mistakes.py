"""Find a known mistake in an answer that contains several mistakes, by comparing single observations.

Every observation that the mistake gets wrong in a claim must be wrong in the same way in the answer, with enough values
to rule out a coincidence. Values that prove little (a bool, a string, nan, one small number) do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.judging.judges import JUDGES, holds
from autograder.judging.samples import SMALLEST_SAMPLE
from autograder.judging.values import JudgeError, numbers
from autograder.model import ClaimRun, Observed
from layerlab.graded.wire import Array

LIKE = "At least part of the difference comes from this mistake: "  # before the sentence of a partial match
LEAST = 0.5  # share of a claim's wrong observations: naming a mistake that explains less would mislead
DIGITS = 8.0  # decimal digits that must agree: 1 coincidence in 100 million
_OF_FLOAT, _OF_INT = 4.0, 1.0  # digits that each distinct number adds

Wrong = dict[int, Observed]  # wrong observations of a claim, by index
Same = Callable[[Observed, Observed, Observed | None], bool]


def wrong_in(expected: ClaimRun | None, run: ClaimRun | None) -> Wrong | None:
    """Return the wrong observations of a claim by index, or None if the judges cannot decide which ones are wrong."""
    if expected is None or run is None or run.raised or run.malformed or not run.finished:
        return None
    if [o.label for o in expected.observed] != [o.label for o in run.observed]:
        return None
    pairs = enumerate(zip(expected.observed, run.observed, strict=True))
    try:
        return {
            at: got
            for at, (own, got) in pairs
            if got.values is not own.values and not JUDGES[own.judge].is_told and not holds(own, got)[0]
        }
    except JudgeError:
        return None


def share_of(expected: ClaimRun | None, theirs: Wrong | None, own: Wrong | None, same: Same) -> float:
    """Within one claim, return the share of an answer's wrong observations that a mistake gets wrong in the same way.

    The share is 0 if the mistake gets an observation wrong that the answer gets right or gets wrong in a different way.

    Args:
        expected: the reference's run of the claim.
        theirs: the wrong observations of the mistake.
        own: the wrong observations of the answer.
        same: a function that returns whether two observations are the same, given the reference's observation.
    """
    if expected is None or not theirs or own is None or not theirs.keys() <= own.keys():
        return 0.0
    if not all(same(one, own[at], expected.observed[at]) for at, one in theirs.items()):
        return 0.0
    is_proved = sum(_digits(expected.observed[at], one) for at, one in theirs.items()) >= DIGITS
    return len(theirs) / len(own) if is_proved else 0.0


def _digits(expected: Observed, known: Observed) -> float:
    """Return, in decimal digits, how strongly a match with ``known`` shows that an answer contains the mistake."""
    if not JUDGES[expected.judge].is_comparing:
        return DIGITS if sum(_size(value) for value in known.values) >= SMALLEST_SAMPLE else 0.0
    return sum(_proved(one, other) for one, other in pairs(expected.values, known.values))


def _size(value: Any) -> int:
    return value.data.size if isinstance(value, Array) else 0


def _proved(expected: Any, known: Any) -> float:
    wanted, found = numbers(expected), numbers(known)
    if wanted is None or found is None or wanted.shape != found.shape:
        return 0.0
    with np.errstate(all="ignore"):
        told = found[np.isfinite(found) & (found != 0) & ~np.isclose(found, wanted, rtol=1e-4, atol=1e-6)]
    whole = bool((told == np.round(told)).all())
    return len(np.unique(np.abs(told))) * (_OF_INT if whole else _OF_FLOAT)


def pairs(one: Any, other: Any) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of values at the same position in two nested structures; skip positions that only one of them has."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() & other.keys():
            yield from pairs(one[key], other[key])
    elif isinstance(one, tuple | list) and isinstance(other, tuple | list):
        for first, second in zip(one, other, strict=False):
            yield from pairs(first, second)
    else:
        yield one, other
