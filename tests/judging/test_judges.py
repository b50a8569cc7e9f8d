"""Test that judges accept right answers by any method, and reject others without revealing an expected value."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn, ones, tensor

from autograder.grading.verdicts import verdict_on
from autograder.model import Batch, State
from layerlab.graded import tasks, wire
from layerlab.judging import judges, samples
from layerlab.judging.claim_model import ClaimRun, Observed
from layerlab.judging.samples import Distribution, distribution_sigmas, mask_sigmas
from layerlab.judging.values import JudgeError
from tests.layerlab.test_compare_properties import PLAIN
from tests.root import ROOT

BATCH = Batch(seed=3, secret=99)


def observed(*values, label="output", judge="close", **options) -> Observed:
    """Return an observation as the grader receives it, after encoding and decoding."""
    body = wire.decode(wire.encode({"values": values, "options": options}))
    return Observed(label, judge, tuple(body["values"]), body["options"])


def claim(*observations, **more) -> ClaimRun:
    return ClaimRun("own_layer", "values", points=2, observed=list(observations), **({"finished": True} | more))


def verdict(expected: ClaimRun, got: ClaimRun | None):
    return verdict_on(expected, got, BATCH)


def sentence(expected, got, judge="close", **options) -> str:
    """Return why ``got`` fails, or "" if it passes."""
    held, why = judges.holds(observed(expected, judge=judge, **options), observed(got), BATCH, "own_layer")
    assert held == (why == "")
    return why


# -- the reference itself ------------------------------------------------------------------------------------------


def test_values_identical_to_the_reference_skip_judging(monkeypatch):
    wanted = claim(observed(ones(3), label="a"), observed(ones(2), label="b"))
    got = claim(*(replace(one, judge="equal") for one in wanted.observed))
    monkeypatch.setattr(judges, "find_why", lambda *_: pytest.fail("looked at"))
    assert verdict(wanted, got).state is State.PASSED


def test_reference_is_judged_in_full_against_itself():
    few = claim(observed(torch.rand(3), judge="uniform", low=0.0, high=1.0))
    with pytest.raises(JudgeError):
        verdict(few, few)


# -- close ---------------------------------------------------------------------------------------------------------


DIFFERS = ": the value at index"
VALUES_OF = ": expected values of magnitude"


@pytest.mark.parametrize(
    ("expected", "got", "why"),
    [
        (ones(3, 2), ones(3, 2) * (1 + 2e-5), ""),
        (ones(3, dtype=torch.float64), ones(3, dtype=torch.float64) * (1 + 2e-9), ""),
        (nn.Parameter(ones(2)), ones(2), ""),
        ((3, 4), [3, 4], ""),
        (torch.Size([3, 4]), (3, np.int64(4)), ""),
        (7, 7.0, ""),
        (0.5, np.float32(0.5), ""),
        (1.0, 1, ""),
        (np.float64(0.25), 0.25, ""),
        ({"a": 1, "b": ones(2)}, {"b": ones(2), "a": tensor(1)}, ""),
        (ones(4, 2), ones(4, 3), ": expected shape (4, 2), got (4, 3)"),
        (ones(4, 2), ones(2, 4), ": expected shape (4, 2), got (2, 4)"),
        (ones(()), ones(1), ": expected shape (), got (1,)"),
        (ones(2), ones(2).double(), ": expected dtype float32, got float64"),
        (ones(2), ones(2).to_sparse(), ": expected dtype float32, got float32 sparse"),
        (ones(2), np.ones(2), ": expected a tensor of shape (2,), got a NumPy array of shape (2,)"),
        (ones(()), 1.0, ": expected a tensor of shape (), got a number"),
        (
            ones(2, 3),
            ones(2, 3) * 1.001,
            f"{VALUES_OF} 1, got 1.001 at index (0, 0); 6 of 6 values are off by up to 0.001",
        ),
        (
            torch.arange(4.0),
            tensor([0, 1, 2.5, 3]),
            f"{VALUES_OF} 2, got 2.5 at index (2,); 1 of 4 values is off by about 0.5",
        ),
        (ones(3), tensor([1, math.nan, 1]), f"{DIFFERS} (1,) is nan (1 of 3 are nan or infinite and should not be)"),
        (tensor([math.nan]), ones(1), f"{DIFFERS} (0,) is a finite number, but should not be"),
        (tensor([math.inf]), tensor([-math.inf]), f"{DIFFERS} (0,) is infinite, but should be a different value"),
        (tensor([3, 4]), tensor([3, 5]), f"{VALUES_OF} 4, got 5 at index (1,); 1 of 2 values is off by about 1"),
        (tensor(2.0), tensor(3.0), ": got 3, off by about 1"),
        (tensor([1 + 2j]), tensor([1 + 3j]), ": got 1+3j, off by about 1"),
        (
            tensor([True, False]),
            tensor([True, True]),
            f"{DIFFERS} (1,) is True in your answer, which is wrong (1 of 2 values are wrong)",
        ),
        (7, 7.5, ": expected an integer, got 7.5"),
        (7, 10**400, ": got 1e+400, off by about"),
        (7, 8, ": got 8, off by about 1"),
        (7, 2007, ": got 2,007, off by about 2,000"),
        (7, True, ": expected a number, got a bool"),
        (True, 1, ": expected True or False, got an integer"),
        (True, False, ": your answer gives False, which is wrong"),
        (7, tensor([7]), ": expected a number, got a tensor of shape (1,)"),
        (7, 7 + 0j, ": expected a real number, got a complex one"),
        (0.5, 0.5001, ": got 0.5001, off by about 0.0001"),
        (0.5, None, ": expected a number, got None"),
        (0.5, 10**400, ": got a value larger than any float"),
        ("dense", "sparse", ": expected a different string, got 'sparse'"),
        ("dense", "s" * 70, f": expected a different string, got '{'s' * 60}…'"),
        ("ValueError", "TypeError", ": expected a different exception, got TypeError"),
        ("ValueError", "none", ": expected an exception, got 'none'"),
        ("ValueError", "", ": expected an exception, got an empty string"),
        ("dense", 1, ": expected a string, got an integer"),
        (None, 0, ": expected None, got an integer"),
        (torch.float32, torch.float64, ": expected float32, got float64"),
        ((3, 4), (3, 5), " (index 1): got 5, off by about 1"),
        ((3, 4), (3, 4, 5), ": expected 2 entries, got 3"),
        ((3, 4), tensor([3, 4]), ": expected a tuple or list, got a tensor of shape (2,)"),
        ({"w": ones(2)}, {"b": ones(2)}, ": the key 'w' is missing"),
        ({"w": 1}, {"w": 1, "b": 2}, ": the key 'b' is not expected"),
        ({"w": [1, ones(2)]}, {"w": [1, torch.zeros(2)]}, f" (key 'w', index 1){VALUES_OF} 1, got 0 at index (0,)"),
        ({"w": 1}, [1], ": expected a dict, got a list"),
    ],
)
def test_close_accepts_equivalents_and_names_failing_locations(expected, got, why):
    said = sentence(expected, got)
    assert said.startswith(f"output{why}") if why else said == ""


def test_several_values_are_counted_and_named_by_index():
    expected = observed(1.0, ones(2))
    why = f"output (index 1){VALUES_OF} 1, got 0"
    assert judges.holds(expected, observed(1.0, torch.zeros(2)))[1].startswith(why)
    assert judges.holds(expected, observed(1.0))[1] == "output: expected 2 values, got 1"


MIXED = tensor([*[0.0] * 8, 1e3, 1e3], dtype=torch.float64)
LARGE, THIRD = tensor([1000.0, 0.0]), ones(3) / 3


@pytest.mark.parametrize(
    ("expected", "got", "options", "is_close"),
    [
        (MIXED, MIXED + torch.eye(10)[0] * 1e-3, {"rtol": 1e-5, "atol": 0.0}, True),  # rounding of the large values
        (MIXED, MIXED + torch.eye(10)[0], {"rtol": 1e-5, "atol": 0.0}, False),
        (LARGE, LARGE + tensor([0.0, 1e-3]), {}, True),
        (tensor([0.0, 1e-3]), torch.zeros(2), {}, False),
        (torch.full((3,), 1e-5), torch.zeros(3), {}, False),
        (ones(2), ones(2) * 1.01, {"rtol": 0.1}, True),
        (torch.zeros(2), torch.full((2,), 1e-4), {"atol": 1e-3}, True),
        (THIRD, THIRD.clone(), {"judge": "equal"}, True),
        (THIRD, torch.nextafter(THIRD, ones(3)), {"judge": "equal"}, False),
    ],
)
def test_tolerance_follows_the_options_and_the_usual_size(expected, got, options, is_close):
    assert (sentence(expected, got, **options) == "") is is_close


def test_submission_chooses_neither_judge_nor_options():
    generous = observed(ones(2) * 1.01, rtol=1.0, atol=9.0, judge="alive")
    assert not judges.holds(observed(ones(2)), generous)[0]


def test_sentences_never_reveal_an_expected_value():
    secret = tensor([[123.456, 7.25]])
    for value in (secret, secret.numpy(), 123.456, (1, 123.456), {"w": secret}, "123.456"):
        for got in (torch.zeros(1, 2), 0.0, (1, 0.5), {"w": torch.zeros(1, 2)}, "0"):
            why = sentence(value, got)
            assert why
            assert "123" not in why
            assert "7.25" not in why


# -- random values -------------------------------------------------------------------------------------------------


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def uniform(*shape, low=-0.5, high=0.5, seed=0):
    return low + (high - low) * torch.rand(*shape, generator=generator(seed))


def normal(*shape, mean=0.0, std=0.1, seed=0):
    return mean + std * torch.randn(*shape, generator=generator(seed))


UNIFORM = {"judge": "uniform", "low": -0.5, "high": 0.5}
NORMAL = {"judge": "normal", "mean": 0.0, "std": 0.1}
SAMPLE = (130, 120)


TRUNCATED = {"judge": "truncated", "mean": 0.1, "std": 0.2, "low": -0.3, "high": 0.4}
BOUNDS = {"mean": 0.1, "std": 0.2, "a": -0.3, "b": 0.4}


@pytest.mark.parametrize(
    ("got", "options", "why"),
    [
        (uniform(*SAMPLE, seed=1), UNIFORM, ""),
        (normal(*SAMPLE, seed=1), NORMAL, ""),
        (nn.init.trunc_normal_(torch.empty(*SAMPLE), **BOUNDS, generator=generator()), TRUNCATED, ""),
        (uniform(*SAMPLE, low=-0.6, high=0.6), UNIFORM, "values are outside the bounds, by up to 0.1"),
        (uniform(*SAMPLE, low=-0.4, high=0.4), UNIFORM, "the spread"),
        (uniform(*SAMPLE, low=-0.4, high=0.5), UNIFORM, "the mean"),
        (uniform(*SAMPLE).abs() * torch.sign(uniform(*SAMPLE, seed=5)) ** 2, UNIFORM, "the mean"),
        (torch.where(uniform(*SAMPLE) > 0, 0.2887, -0.2887), UNIFORM, "values repeat"),
        (normal(*SAMPLE, std=0.11), NORMAL, "the spread is wrong: it is about 1.1 times the expected one"),
        (normal(*SAMPLE, mean=0.02), NORMAL, "the mean is wrong: it is off by about 0.02"),
        (uniform(*SAMPLE, low=-0.1732, high=0.1732), NORMAL, "the shape of the distribution"),
        (normal(1, 120).expand(*SAMPLE), NORMAL, "values repeat"),
        (normal(65, 120).repeat_interleave(2, 0), NORMAL, "neighbors along dimension 0"),
        (normal(130, 60).repeat_interleave(2, 1), NORMAL, "neighbors along dimension 1"),
        (torch.zeros(*SAMPLE), NORMAL, "values repeat"),
        (torch.full(SAMPLE, math.nan), NORMAL, "is nan (15,600 of 15,600 are nan or infinite and should not be)"),
        (normal(120, 130), NORMAL, "got (120, 130)"),
        (normal(*SAMPLE).double(), NORMAL, "dtype"),
        (normal(*SAMPLE), NORMAL | {"judge": "truncated", "low": -0.2, "high": 0.2}, "outside the bounds"),
    ],
)
def test_samples_pass_only_with_the_right_distribution(got, options, why):
    said = sentence(torch.zeros(*SAMPLE), got, **options)
    assert why in said
    assert bool(said) == bool(why)


@pytest.mark.parametrize(
    "expected", [Distribution.uniform(-1, 1), Distribution.normal(0, 1), Distribution.truncated(0, 1, -1, 2)], ids=str
)
def test_correct_samples_stay_well_within_six_sigma(expected):
    """In 200 samples, no statistic exceeds 4.8 sigma, and each one varies as much as chance predicts."""
    rng = np.random.default_rng(4)
    found: dict[str, list[float]] = {}
    for _ in range(200):
        wide = np.sort(rng.random(1200))
        quantiles = np.interp(wide, expected.cdf(grid := np.linspace(-7, 7, 40_001)), grid)
        sample = rng.permutation(quantiles).reshape(30, 40)
        for cause, sigma in distribution_sigmas(sample, expected).items():
            found.setdefault(cause, []).append(sigma)
    assert set(found) >= {"sample_mean", "sample_spread"}
    for cause, sigmas in found.items():
        assert max(map(abs, sigmas)) < 4.8, cause
        if "shape" not in cause:
            assert 0.85 < np.std(sigmas) < 1.15, cause


@pytest.mark.parametrize("shift", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("n", [1000, 1003, 40_000])
def test_kolmogorov_gap_matches_its_definition(n, shift):
    """The quick estimate from a few values is an upper bound that is only slightly larger."""
    expected, values = Distribution.normal(0, 1), np.sort(np.random.default_rng(n).standard_normal(n) + shift)
    probabilities = expected.cdf(values)
    gap = max(max((k + 1) / n - p, p - k / n) for k, p in enumerate(probabilities)) * math.sqrt(n)
    assert samples._largest_gap(values, expected, 1) == pytest.approx(gap)
    found = samples._kolmogorov(values, expected)
    assert gap <= found + 1e-12
    assert found <= gap + 1 / 8
    assert found <= samples.KOLMOGOROV or found == pytest.approx(gap)


@pytest.mark.parametrize(
    "sample",
    [
        normal(11_700, std=1.1, seed=1),
        normal(560 * 2, std=1.4, seed=1),
        normal(1_030, mean=0.5, std=1.0, seed=1),
        uniform(10_600, low=-math.sqrt(3), high=math.sqrt(3), seed=1),
        normal(500, std=1.0, seed=1).repeat_interleave(2),
    ],
)
def test_documented_sample_sizes_expose_mistakes_beyond_ten_sigma(sample):
    sigmas = distribution_sigmas(sample.double().numpy(), Distribution.normal(0, 1))
    assert max(map(abs, sigmas.values())) > 10


def dropped(x, p, seed, shared=()):
    shape = [1 if axis in shared else n for axis, n in enumerate(x.shape)]
    return x * (torch.rand(shape, generator=generator(seed)) >= p) / (1 - p)


X = torch.randn(40, 30, 6, generator=generator(7))
P = 0.3


def dropout_sentence(*calls, x=X, p=P, judge="dropout", **options) -> str:
    expected = observed(*[torch.zeros_like(x) for _ in calls], judge=judge, x=x, p=p, **options)
    return judges.holds(expected, observed(*calls))[1]


WITH_ZEROS, COARSE = X * (X > 0), X.bfloat16().float()
ALPHA = {"judge": "alpha_dropout"}


@pytest.mark.parametrize(
    ("calls", "options", "why"),
    [
        ([dropped(X, P, 1)], {}, ""),
        ([dropped(X, P, seed) for seed in (1, 2, 3)], {}, ""),
        ([dropped(X, P, 1, shared=(2,))], {"shared": 2}, ""),
        ([dropped(WITH_ZEROS, P, 1)], {"x": WITH_ZEROS}, ""),
        ([nn.functional.dropout(COARSE, P)], {"x": COARSE}, ""),
        ([nn.functional.alpha_dropout(X, P, True)], ALPHA, ""),
        ([nn.functional.feature_alpha_dropout(X, P, True)], ALPHA | {"shared": 2}, ""),
        ([dropped(X, P, 1)], ALPHA, "neither"),
        ([dropped(X, P, 1) * (1 - P)], {}, "neither the dropped value nor the rescaled kept value"),
        ([dropped(X, 1 - P, 1) * P / (1 - P)], {}, "too many entries are dropped"),
        ([dropped(X, 0.2, 1) * 0.8 / 0.7], {}, "too few entries are dropped"),
        ([X / (1 - P)], {}, "all values are the same"),
        ([torch.zeros_like(X)], {}, "all values are the same"),
        ([dropped(X, P, 1), dropped(X, P, 1)], {}, "independent masks"),
        ([dropped(X, P, 1), dropped(X, P, 2), dropped(X, P, 1)], {}, "independent masks"),
        ([dropped(X, P, 1, shared=(0,))], {}, "neighbors along dimension 0"),
        ([dropped(X, P, 1, shared=(2,))], {}, "neighbors along dimension 2"),
        ([dropped(X, P, 1)], {"shared": 2}, "not dropped together"),
        ([dropped(X, P, 1)[:39]], {}, "got (39, 30, 6)"),
    ],
)
def test_only_correct_dropout_passes(calls, options, why):
    said = dropout_sentence(*calls, **options)
    assert why in said
    assert bool(said) == bool(why)


def exactly(shape, count, seed):
    """Return ones of the given shape, with exactly ``count`` zeros in each slice along the first dimension."""
    torch.manual_seed(seed)
    flat = ones(shape).flatten(1)
    for row in flat:
        row[torch.randperm(len(row))[:count]] = 0
    return flat.view(shape)


def test_dropout_with_constant_counts_fails():
    rows, p = ones(40, 30), 0.3
    every_row = exactly(rows.shape, 9, seed=1) / (1 - p)
    assert "slices along dimension 0 all lose the same number" in dropout_sentence(every_row, x=rows, p=p)
    calls = [exactly((1, 300), 90, seed=n) / (1 - p) for n in range(40)]
    assert "all calls drop the same number" in dropout_sentence(*calls, x=ones(1, 300), p=p)
    assert dropout_sentence(*calls[:4], x=ones(1, 300), p=p) == ""  # Four calls may agree by chance.


def test_correct_masks_stay_within_six_sigma():
    rng = np.random.default_rng(0)
    for _ in range(300):
        shape, p = (int(rng.integers(24, 60)), int(rng.integers(10, 40))), float(rng.uniform(0.1, 0.9))
        for group in mask_sigmas([rng.random(shape) < p for _ in range(3)], np.ones(shape, bool), p):
            assert max(map(abs, group.values())) < 6


def test_share_of_zeros_is_measured_in_sigma():
    mask = np.zeros((100, 100), bool)
    mask.flat[: 2000 + 200] = True  # At p = 0.2, this is 5 times sqrt(10000 * 0.2 * 0.8) = 40.
    (first, *_) = mask_sigmas([mask], np.ones_like(mask), 0.2)
    assert first["too_many"] == pytest.approx(5.0)


# -- bounds and learning -------------------------------------------------------------------------------------------


def test_bounds_report_the_excess():
    assert sentence(0.9, 0.95, judge="at_least") == ""
    assert sentence(0.9, np.float32(0.86), judge="at_least", margin=0.95) == ""
    assert sentence(0.9, 0.8, judge="at_least") == "output: the value is too small, by about 0.1"
    assert sentence(0.9, 0.4, judge="at_most", limit=0.5) == ""
    why = "output: 1 of 3 values are too large, by at most about 0.1; the first is at index (1,)"
    assert sentence(ones(3), tensor([0.5, 1.1, 0.2]), judge="at_most", limit=1) == why
    assert sentence(0.9, math.nan, judge="at_most") != ""
    assert sentence(0.9, -math.inf, judge="at_most") != ""
    assert sentence(0.9, True, judge="at_least", limit=0) == "output: expected a number, got a bool"


def test_alive_rejects_zeros_in_any_structure():
    assert sentence([ones(2)], {"a": 1.0, "b": [torch.full((3, 3), 1e-30)]}, judge="alive") == ""
    for dead, why in [
        ([], "it contains no number"),
        ([ones(0)], "it contains no number"),
        ({"a": ones(2), "b": None}, "output (key 'b'): expected a number, got None"),
        ([1.0, tensor([1.0, 0.0])], "output (index 1): 1 of 2 numbers are exactly zero"),
        ([math.inf], "the value is infinite"),
        (tensor([True]), "expected a number"),
    ]:
        assert why in sentence([ones(2)], dead, judge="alive")


def task(name: str, secret: int = BATCH.secret) -> tasks.TaskData:
    return tasks.make(name, tasks.secret_seed(secret, "own_layer", name))


LABELS, SERIES, BLOBS = task("bright patch").held_y, task("seasonal series"), task("blobs")
POINTS = BLOBS.held_y
FITTED = POINTS.mean(0) + torch.randn(1000, 2, generator=generator()) @ torch.linalg.cholesky(POINTS.T.cov()).T
SOME_WRONG = torch.where(torch.arange(400) < 60, (LABELS + 1) % 4, LABELS)
RARELY_TWO = LABELS.index_fill(0, (LABELS == 2).nonzero().squeeze()[::2], 0)
LEARNED = {"judge": "learned", "task": "bright patch", "at_least": 0.9}
RECALL = {"judge": "recall", "task": "bright patch", "at_least": 0.6}
FORECAST = {"judge": "forecast", "task": "seasonal series", "than": "last value", "at_most": 0.5}
ENERGY = {"judge": "energy", "task": "blobs", "at_most": 3}
FAR = "times that between two halves of them; at most 3 is allowed"


@pytest.mark.parametrize(
    ("options", "got", "why"),
    [
        (LEARNED, LABELS, ""),
        (LEARNED, SOME_WRONG, "85.0% of the held-out predictions are right; 90% are needed"),
        (LEARNED, task("bright patch", BATCH.secret + 1).held_y, "of the held-out predictions are right"),
        (LEARNED, LABELS[:7], "one class number for each"),
        (LEARNED, LABELS.double(), "one class number for each"),
        (RECALL, LABELS, ""),
        (RECALL, RARELY_TWO, "% of the inputs of class 2 are predicted correctly; every class needs 60%"),
        (RECALL | {"at_least": 0.45}, RARELY_TWO, ""),
        (RECALL, LABELS[:7], "one class number for each"),
        (FORECAST, SERIES.held_y, ""),
        (FORECAST, SERIES.held_y.double() + 0.01, ""),
        (FORECAST, SERIES.held_x[:, -1], "is 1.00 times that of the last value; at most 0.5 is allowed"),
        (FORECAST, torch.full((400,), math.nan), "nan"),
        (FORECAST, torch.full((400,), math.inf), "inf"),
        (FORECAST, SERIES.held_y[:, None], "expected predictions of shape (400,)"),
        (FORECAST, SERIES.held_y.long(), "expected predictions of shape (400,)"),
        (ENERGY, POINTS, ""),
        (ENERGY, POINTS.double(), ""),
        (ENERGY, BLOBS.train_y, ""),
        *[(ENERGY, bad, FAR) for bad in (FITTED, POINTS + 0.5, POINTS * 1.3, POINTS[:1].expand(1000, 2))],
        *[(ENERGY, torch.full((1000, 2), nothing), "is nan times that") for nothing in (math.nan, math.inf)],
        *[(ENERGY, other, "expected samples of shape (1000, 2)") for other in (POINTS[:7], POINTS.long(), [1.0])],
    ],
)
def test_trained_model_is_scored_on_the_secret_data(options, got, why):
    expected = {"bright patch": LABELS, "seasonal series": SERIES.held_y, "blobs": POINTS}[options["task"]]
    said = sentence(expected, got, **options)
    assert why in said
    assert bool(said) == bool(why)


def test_trained_model_is_not_judged_without_a_batch():
    with pytest.raises(JudgeError):
        judges.holds(observed(LABELS, **LEARNED), observed(LABELS))


# -- claims --------------------------------------------------------------------------------------------------------

REFERENCE = claim(observed(ones(2), label="first"), observed(3, label="second"))


def test_passed_claim_earns_its_points():
    found = verdict(REFERENCE, claim(observed(ones(2), label="first"), observed(3, label="second"), seconds=0.5))
    assert (found.state, found.earned, found.points, found.cause, found.seconds) == (State.PASSED, 2, 2, "", 0.5)
    assert (found.exercise, found.claim) == ("own_layer", "values")


def test_one_failed_observation_costs_the_claim():
    found = verdict(REFERENCE, claim(observed(ones(2), label="first"), observed(4, label="second")))
    assert (found.state, found.earned) == (State.WRONG, 0)
    assert (found.cause, found.detail) == ("second: got 4, off by about 1", "expected 3, got 4")
    values = [one.values for one in REFERENCE.observed]
    swapped = claim(*(replace(one, values=v) for one, v in zip(REFERENCE.observed, reversed(values), strict=True)))
    assert verdict(REFERENCE, swapped).state is State.WRONG


@pytest.mark.parametrize(
    ("got", "state", "cause"),
    [
        (None, State.NO_EVIDENCE, "nothing was observed"),
        (claim(), State.NO_EVIDENCE, "the observation 'first' is missing"),
        (claim(observed(ones(2), label="first")), State.NO_EVIDENCE, "the observation 'second' is missing"),
        (claim(*REFERENCE.observed[::-1]), State.NO_EVIDENCE, "'first' is missing or out of order"),
        (claim(*REFERENCE.observed, observed(1, label="third")), State.NO_EVIDENCE, "one observation too many"),
        (claim(*REFERENCE.observed, finished=False), State.NO_EVIDENCE, "did not finish"),
        (claim(*REFERENCE.observed, malformed="cut off"), State.NO_EVIDENCE, "could not be read"),
        (claim(*REFERENCE.observed, finished=False, stop=State.TIMED_OUT), State.TIMED_OUT, "ended during"),
        (claim(raised="ValueError: no", raised_type="ValueError"), State.RAISED, "ValueError: no"),
        (claim(raised="NotImplementedError: ", raised_type="NotImplementedError"), State.NOT_IMPLEMENTED, ""),
        (claim(raised="MemoryError: ", raised_type="MemoryError"), State.OUT_OF_MEMORY, ""),
        (
            claim(raised="RuntimeError: DefaultCPUAllocator: can't allocate memory", raised_type="RuntimeError"),
            State.OUT_OF_MEMORY,
            "",
        ),
        (
            claim(observed(object(), label="first"), observed(3, label="second")),
            State.NO_EVIDENCE,
            "first: a value of type builtins.object cannot be compared",
        ),
        (
            claim(observed({"a": [nn.ReLU()]}, label="first"), observed(3, label="second")),
            State.NO_EVIDENCE,
            "ReLU cannot be compared",
        ),
    ],
)
def test_claim_without_evidence_earns_nothing(got, state, cause):
    found = verdict(REFERENCE, got)
    assert (found.state, found.earned) == (state, 0)
    assert cause in found.cause


@pytest.mark.parametrize(
    "broken",
    [
        claim(),
        claim(*REFERENCE.observed, raised="ValueError: no"),
        claim(*REFERENCE.observed, finished=False),
        claim(observed(1, judge="no_such_judge")),
        claim(observed(object())),
    ],
)
def test_reference_without_evidence_raises_judge_error(broken):
    with pytest.raises(JudgeError):
        verdict(broken, claim(observed(1)))


def test_sentences_stay_short_for_hostile_input():
    found = verdict(claim(observed({"a": 1})), claim(observed({"a": 1, "x" * 100_000: 1})))
    assert found.state is State.WRONG
    assert len(found.cause) <= 300


LEAVES = st.one_of(
    PLAIN,
    st.sampled_from(
        [
            ones(2, 3),
            ones(2, 3).double(),
            ones(2, 3).bool(),
            ones(0),
            tensor(math.nan),
            torch.full((2, 3), math.inf),
            np.array(["a", "b"]),
            np.array([1 + 2j]),
            np.datetime64("2020-01-01"),
            np.float16(3),
            torch.float32,
            object(),
        ]
    ),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
)
EXPECTED = [
    observed(ones(2, 3)),
    observed(ones(2, 3), judge="equal"),
    observed(normal(*SAMPLE), **NORMAL),
    observed(X, judge="dropout", x=X, p=P),
    observed(normal(*SAMPLE), judge="truncated", mean=0.0, std=1.0, low=-9.0, high=9.0),
    observed(torch.rand(*SAMPLE), judge="uniform", low=0.0, high=1.0),
    observed(X, judge="alpha_dropout", x=X, p=P),
    observed(0.5, judge="at_least"),
    observed(0.5, judge="at_most"),
    observed(0.5),
    observed(5),
    observed([1.0], judge="alive"),
    observed({"a": (1, 2.0), "b": None, "c": "text", "d": torch.float32}),
    *(observed(LABELS, **options) for options in (LEARNED, RECALL)),
    observed(SERIES.held_y, **FORECAST),
    observed(POINTS, **ENERGY),
]
OF_TRAINED = 4  # The last four judge trained models, which costs more.


def test_every_judge_is_documented_and_covered_here():
    assert {expected.judge for expected in EXPECTED} == set(judges.JUDGES), "a judge is missing in EXPECTED above"
    table = judges.__doc__.split("=\n")[2]
    assert re.findall(r"^(\w+)  ", table, re.MULTILINE) == list(judges.JUDGES), "the table on top of judges.py"
    guide = (ROOT / "CONTRIBUTING.md").read_text().partition("\n## Judges\n")[2].partition("\n## ")[0]
    rows = [set(re.findall(r"`(\w+)`", row.split("|")[2])) for row in guide.splitlines() if row.startswith("| ")]
    for name, judge in judges.JUDGES.items():
        assert any({name, *judge.options} <= row for row in rows), f"{name}, in the table of CONTRIBUTING.md, Judges"


@pytest.mark.parametrize(
    ("expected", "options", "said"),
    [
        ("a word", {"judge": "at_least", "limit": 1.0}, "judge a number"),
        (1.0, {"judge": "at_least", "limit": "a word"}, "judge a number"),
        (1.0, UNIFORM, "a distribution judges tensors and arrays of numbers only"),
        (np.array([True, False]), UNIFORM, "a distribution judges tensors and arrays of numbers only"),
        (normal(10, 10), NORMAL, "at least 1000 numbers"),
        (ones(10), {"judge": "dropout", "x": ones(10), "p": 0.5}, "too small to judge"),
        (normal(*SAMPLE), {"judge": "normal", "mean": 0.0}, "std"),
        (ones(2), {"judge": "learned", "task": "no such thing", "at_least": 0.9}, "no such thing"),
        (ones(2), {"rtoll": 3.0}, "there is no option 'rtoll'; there are: atol, rtol"),
        (ones(2), {"judge": "equal", "rtol": 3.0}, "equal, 'output': there is no option 'rtol'; there are: none"),
    ],
)
def test_impossible_demand_of_the_reference_raises_judge_error(expected, options, said):
    with pytest.raises(JudgeError, match=said):
        sentence(expected, expected, **options)


@settings(max_examples=40, deadline=None)
@given(value=VALUES)
def test_judges_return_a_verdict_for_every_value(value):
    """A judge that raises would count as a fault of the grader, and the submission would be retried."""
    got = claim(observed(value))
    for expected in EXPECTED[:-OF_TRAINED]:
        assert verdict(claim(expected), got).state in (State.PASSED, State.WRONG, State.NO_EVIDENCE)


def test_judges_of_learning_reject_values_of_every_kind():
    for value in (None, [1, 2], torch.zeros(400), torch.zeros(400, dtype=torch.bool), {"a": 1}, "x", 3):
        for expected in EXPECTED[-OF_TRAINED:]:
            assert verdict(claim(expected), claim(observed(value))).state is State.WRONG
