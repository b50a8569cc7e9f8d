"""Test that an answer counts as merely resembling a known mistake if something contradicts the mistake."""

import numpy as np
import pytest

from autograder.grading.mistakes import Mistakes
from autograder.grading.partial_mistakes import LIKE
from autograder.model import Batch, Claim, ClaimRun, Exercise, Observed, Run
from autograder.texts.variants import Variant
from tests.judging.test_effects import array

RNG = np.random.default_rng(3)
X = RNG.normal(size=(4, 5)).astype(np.float32)
OWN = Exercise("own", "", "", "", "", "", claims=(Claim("values", 1), Claim("gradient", 1)))
HALF, LATE = "Half of it is missing.", "It comes too late."


def claim(name: str, *values) -> ClaimRun:
    sent = [Observed(f"case {at}", "close", (value,), {}) for at, value in enumerate(values)]
    return ClaimRun("own", name, 1, sent, finished=True)


def run(values: tuple, gradient: tuple) -> Run:
    return Run(1, [claim("values", *values), claim("gradient", *gradient)])


def variant(sentence: str) -> Variant:
    return Variant("own", "wrong", sentence.lower(), sentence, "", 1)


RIGHT = run((array(X), array(X + 1), True), (array(X), array(X * X)))
HALVES = run((array(X / 2), array(X + 1), True), (array(X / 2), array(X * X)))
MOVES = run((array(X), array(X[::-1]), True), (array(X), array(X * X)))
KNOWN = [(variant(HALF), HALVES), (variant(LATE), MOVES)]


def told(got: Run, *lost: str, known=KNOWN) -> dict[str, str]:
    found = Mistakes(OWN, RIGHT, known, Batch(1, 2)).explaining(got, lost)
    return {name: one.sentence for name, one in found.items()}


def test_mistake_is_reported_beside_another_mistake():
    got = run((array(X / 2), array(X + 1), False), (array(X / 2), array(X * X)))
    assert told(got, "values", "gradient") == {"values": LIKE + HALF, "gradient": LIKE + HALF}


def test_contradicted_mistake_is_only_likened():
    got = run((array(X / 2), array(X + 1), True), (array(X), array(X * X)))
    assert told(got, "values") == {"values": LIKE + HALF}
    found = Mistakes(OWN, RIGHT, KNOWN, Batch(1, 2)).explaining(got, ["values"])
    assert found["values"].title == "", "the class report does not count it"


def test_better_explaining_mistake_is_reported():
    both = run((array(X / 2), array(X[::-1]), True), (array(X), array(X * X)))
    last = (variant("Both."), run((array(X / 2), array(X[::-1]), True), (array(X), array(-X))))
    assert told(both, "values", known=[*KNOWN, last]) == {"values": f"{LIKE}Both."}


def test_mistake_explaining_less_than_half_is_not_reported():
    got = run((array(X / 2), array(X * 3), False), (array(X), array(X * X)))
    assert told(got, "values") == {}


@pytest.mark.parametrize("wrong", [False, array(X * np.nan), array(X * 0), array([7.0, 7.0]), 2, "a"])
def test_weak_evidence_does_not_count(wrong):
    right = run((array(X), True), (array(X),))
    known = run((array(X), wrong), (array(-X),))
    got = run((array(X), wrong), (array(X),))
    own = Mistakes(OWN, right, [(variant(HALF), known)], Batch(1, 2))
    assert own.explaining(got, ["values"]) == {}


def test_differently_wrong_value_does_not_match():
    got = run((array(X / 3), array(X + 1), False), (array(X / 2), array(X * X)))
    assert "values" not in told(got, "values", "gradient")


def test_stopped_or_mismatched_claim_gets_no_explanation():
    stopped = run((array(X / 2), array(X + 1), True), (array(X / 2), array(X * X)))
    stopped.claims[0].raised = "ValueError: no"
    shorter = run((array(X / 2),), (array(X / 2), array(-X)))
    for got in (stopped, shorter):
        assert "values" not in told(got, "values", "gradient")
