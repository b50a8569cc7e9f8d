"""Test that a mistake in random values is recognized by its reason and distribution, whatever the values are."""

import numpy as np
import pytest

from autograder.grading import mistakes
from autograder.judging.likeness import alike, same_reason
from autograder.model import Claim, ClaimRun, Exercise, Observed
from layerlab.graded.wire import Array
from tests.judging.test_effects import array

X, P = np.ones((40, 50), np.float32), 0.3


def dropped(p: float, scale: float, seed: int) -> Array:
    return array(scale * (np.random.default_rng(seed).random(X.shape) >= p))


def observed(values: Array) -> Observed:
    return Observed("output", "dropout", (values,), {"x": array(X), "p": P})


def claim(values: Array) -> ClaimRun:
    return ClaimRun("own_dropout", "mask", points=1, observed=[observed(values)], finished=True)


RIGHT = claim(dropped(P, 1 / (1 - P), 0))
NOT_SCALED = claim(dropped(P, 1.0, 1))


def test_mistake_is_recognized_with_other_random_values():
    assert mistakes.same(NOT_SCALED, claim(dropped(P, 1.0, 2)), RIGHT)


@pytest.mark.parametrize(
    "got",
    [dropped(P, 1 / (1 - P), 2), dropped(0.6, 1 / (1 - P), 2), dropped(P, 0.9, 2), dropped(0.6, 1.0, 2)],
    ids=["right", "another rate", "another scale", "another rate, not scaled"],
)
def test_other_answers_are_not_recognized(got):
    assert not mistakes.same(NOT_SCALED, claim(got), RIGHT)


def test_identical_values_are_required_without_a_reference():
    assert not mistakes.same(NOT_SCALED, claim(dropped(P, 1.0, 2)))
    assert mistakes.same(NOT_SCALED, claim(dropped(P, 1.0, 1)))


def test_two_correct_answers_are_the_same():
    assert mistakes.same(claim(dropped(P, 1 / (1 - P), 3)), claim(dropped(P, 1 / (1 - P), 4)), RIGHT)


def test_reasons_are_compared_without_their_numbers():
    assert same_reason("the spread is wrong: it is about 1.4 times", "the spread is wrong: it is about 2 times")
    assert not same_reason("the spread is wrong", "the mean is wrong")


def test_samples_of_one_distribution_are_alike():
    rng = np.random.default_rng(0)
    one, other = array(rng.normal(size=2000)), array(rng.normal(size=2000))
    assert alike((one,), (other,), {})
    assert not alike((one,), (array(rng.normal(scale=1.3, size=2000)),), {})
    assert not alike((one,), (array(rng.normal(size=1999)),), {})
    assert not alike((one,), (array(np.full(2000, np.nan)),), {})
    assert not alike((one, other), (one,), {})


def test_lost_random_claim_is_explained():
    from autograder.model import Batch, Run
    from autograder.texts.variants import Variant

    own = Exercise("own_dropout", "", "", "", "", "", claims=(Claim("mask", 1),))
    listed = Variant("own_dropout", "wrong", "not scaled", "You never divide by 1 - p.", "", 1)

    def run(one: ClaimRun) -> Run:
        return Run(seed=1, claims=[one])

    known = mistakes.Mistakes(own, run(RIGHT), [(listed, run(NOT_SCALED))], Batch(1, 2))
    assert known.explaining(run(claim(dropped(P, 1.0, 5))), ["mask"]) == {"mask": listed}
    assert known.explaining(run(claim(dropped(0.6, 1.0, 5))), ["mask"]) == {}
