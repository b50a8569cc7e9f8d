"""Test that feedback names only what all wrong values have in common."""

import numpy as np
import pytest

from autograder.grading import unexplained as claims
from autograder.model import Run, State, Told, Verdict
from layerlab.graded.wire import Array
from layerlab.judging.claim_model import ClaimRun, Observed
from layerlab.judging.effects import effect, words

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


def test_swapped_dimensions_and_powers_are_named():
    square, positive = X[0, :5, :5], np.abs(X[0]) + 0.5
    assert said(array(square), array(square.T)) == "the values are right, but two or more dimensions are swapped."
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


def test_notebook_reads_expected_values_and_the_cause():
    sentence = words(observed(array(X)), observed(array(2 * X)))
    assert f"the first at [0, 0, 0]: expected {X[0, 0, 0]:.4g}, got" in sentence
    assert sentence.endswith(". Likely cause: every value is twice what is expected.")
    assert words(observed(array(X)), observed(array(X))) == ""


def told(values: dict[str, np.ndarray], wrong: dict[str, np.ndarray], **mistakes: str) -> list[tuple[str, Told]]:
    """Return what is told about each lost claim, and its kind."""
    verdicts = [Verdict("own", name, 1, 0, State.WRONG, "off", told=Told.VALUES) for name in values]
    for verdict in verdicts:
        verdict.mistake = mistakes.get(verdict.claim, "")
    runs = [
        Run(1, [ClaimRun("own", name, 1, [observed(array(x))], finished=True) for name, x in given.items()])
        for given in (values, wrong)
    ]
    claims.tell(verdicts, *runs)
    return [(verdict.why, verdict.told) for verdict in verdicts]


def test_common_reason_omits_location_for_several_claims():
    found = told({"a": X, "b": X + 1, "c": X}, {"a": -X, "b": -X - 1, "c": -X}, c="It is known.")
    assert found == [("every value has the wrong sign.", Told.EFFECT)] * 2 + [("It is known.", Told.VALUES)]
    found = told({"a": X, "b": X}, {"a": -X, "b": X**2 + 2})
    assert [why for why, _ in found] == ["output: every value has the wrong sign.", "off"]
