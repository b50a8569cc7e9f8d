"""Test that feedback names only what all wrong values have in common."""

import numpy as np
import pytest

from autograder.grading import unexplained as claims
from autograder.judging.effects import effect
from autograder.model import ClaimRun, Observed, Run, State, Told, Verdict
from layerlab.graded.wire import Array

RNG = np.random.default_rng(7)
X = RNG.normal(size=(6, 5, 7)).astype(np.float32)
UNIFORM, NORMAL = {"low": -0.5, "high": 0.5}, {"mean": 0.0, "std": 0.2}


def array(values) -> Array:
    return Array("tensor", "float32", np.asarray(values, np.float32))


def observed(*values, judge: str = "close", options=None) -> Observed:
    return Observed("output", judge, values, options or {})


def said(expected, got, **more) -> str:
    return effect(observed(expected, **more), observed(got, **more))[1]


def other_positions(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values[:1], RNG.normal(size=values[1:].shape)])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda x: x / 5, "every value is 1/5 of what it should be."),
        (lambda x: x * 12, "every value is 12 times what it should be."),
        (lambda x: x * 3**0.5, "every value is √3 times what it should be."),
        (lambda x: x * 1.37, "every value is about 1.4 times what it should be."),
        (lambda x: -x, "every value has the wrong sign."),
        (lambda x: x + 0.25, "a constant is added to every value, or left out."),
        (lambda x: np.swapaxes(x[:, :, :5], 1, 2), ""),
        (lambda x: x.mean(1), "a dimension is missing: your result is the mean of the expected one along dimension 1."),
        (other_positions, "only position 0 of dimension 0 is right, and every other one is wrong."),
        (lambda x: np.zeros_like(x), "every value is 0."),
        (
            lambda x: np.roll(x, 1, 2),
            "the values are shifted by 1 position forward along dimension 2, wrapping around its end.",
        ),
        (lambda x: x[::-1], "the order along dimension 0 is reversed."),
        (lambda x: x.clip(-0.5, 0.5), "values below -0.5 and above 0.5 are cut off."),
        (lambda x: np.tanh(x), "the values are right except for one extra step: tanh."),
        (lambda x: x + RNG.normal(size=x.shape), ""),
        (lambda x: x * 1.01, ""),
        (lambda x: x, ""),
    ],
)
def test_common_change_of_all_values_is_named(change, sentence):
    assert said(array(X), array(change(X))) == sentence


def test_transposed_matrix_is_named():
    square = X[0, :5, :5]
    assert said(array(square), array(square.T)) == "the values are right, but two or more dimensions are swapped."


def test_power_of_the_expected_values_is_named():
    positive = np.abs(X[0]) + 0.5
    assert said(array(positive), array(positive**1.7)).startswith("every value is a power of what it should be")


@pytest.mark.parametrize("values", [(2.0, 4.0), (3, 6), (0.5, 0.6), ("a", "b"), (True, False), (None, 1.0)])
def test_single_values_show_no_effect(values):
    assert said(*values) == ""


def test_location_of_the_effect_is_named():
    where = effect(observed(array(X), {"a": (array(X),)}), observed(array(X), {"a": (array(X / 2),)}))[0]
    assert where == "output (index 1, key 'a', index 0)"


def test_swapped_dict_entries_are_named():
    right = {"missing": ["a", "b"], "unexpected": ["c"], "loaded": []}
    wrong = {"missing": ["c"], "unexpected": ["a", "b"], "loaded": []}
    assert said(right, wrong) == "the contents of the keys 'missing' and 'unexpected' are swapped."
    assert said(right, wrong | {"loaded": ["x"]}) == ""
    assert said({"a": True, "b": False}, {"a": False, "b": True}) == ""


@pytest.mark.parametrize(
    ("judge", "options", "draw", "sentence"),
    [
        ("uniform", UNIFORM, lambda n: RNG.uniform(0, 0.5, n), "the values fill only the upper half of the range."),
        ("uniform", UNIFORM, lambda n: RNG.uniform(-0.5, 0, n), "the values fill only the lower half of the range."),
        ("uniform", UNIFORM, lambda n: RNG.uniform(-(12**-0.5), 12**-0.5, n), "the values are uniform, and their"),
        ("uniform", UNIFORM, lambda n: RNG.normal(0, 12**-0.5, n), "the values are sampled from a normal"),
        ("uniform", UNIFORM, lambda n: RNG.uniform(-0.4, 0.4, n), ""),
        ("uniform", UNIFORM, lambda n: RNG.uniform(-0.5, 0.5, n), ""),
        ("normal", NORMAL, lambda n: RNG.normal(0, 0.04, n), "the variance is used as the std."),
        ("normal", NORMAL, lambda n: RNG.uniform(-0.2, 0.2, n), "the values are uniform, and their"),
        ("normal", NORMAL, lambda n: RNG.normal(0, 0.3, n), ""),
        ("normal", NORMAL, lambda n: np.full(n, np.nan), ""),
        ("normal", NORMAL, lambda n: np.zeros(n), ""),
    ],
)
def test_distribution_of_a_wrong_sample_is_named(judge, options, draw, sentence):
    found = said(array(draw(40_000)), array(draw(40_000)), judge=judge, options=options)
    assert found.startswith(sentence)
    assert bool(found) == bool(sentence)


def run(*claims_: tuple[str, Array]) -> Run:
    return Run(1, [ClaimRun("own", name, 1, [observed(values)], finished=True) for name, values in claims_])


def test_common_reason_omits_location_for_several_claims():
    verdicts = [Verdict("own", name, 1, 0, State.WRONG, "off", told=Told.VALUES) for name in ("a", "b", "c")]
    verdicts[2].mistake = "It is known."
    expected = run(("a", array(X)), ("b", array(X + 1)), ("c", array(X)))
    got = run(("a", array(-X)), ("b", array(-X - 1)), ("c", array(-X)))
    claims.tell(verdicts, expected, got)
    assert [verdict.why for verdict in verdicts] == ["every value has the wrong sign."] * 2 + ["It is known."]
    assert [verdict.told for verdict in verdicts] == [Told.EFFECT, Told.EFFECT, Told.VALUES]


def test_reason_for_one_claim_names_the_location():
    verdicts = [Verdict("own", name, 1, 0, State.WRONG, "off", told=Told.VALUES) for name in ("a", "b")]
    claims.tell(verdicts, run(("a", array(X)), ("b", array(X))), run(("a", array(-X)), ("b", array(X**2 + 2))))
    assert [verdict.why for verdict in verdicts] == ["output: every value has the wrong sign.", "off"]
