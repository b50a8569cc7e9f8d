"""Describe what all differences in an observation have in common, such as a factor or a sign.

An effect is reported only if it reproduces every value of the answer, and only if there are enough values to rule out
chance. An effect describes the values, not the code. A factor that is not a familiar number is rounded to two digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import torch

from layerlab.checks.causes.likely import context_for, find_cause
from layerlab.checks.causes.tools import Context, as_tensor, enough, number, same, wide
from layerlab.graded.tolerances import Tolerance
from layerlab.graded.wire import Array, have_same_parts, pairs
from layerlab.judging.claim_model import Observed
from layerlab.judging.samples import SIGMA, Distribution, distribution_sigmas
from layerlab.judging.values import close, place

MOST = 2_000  # elements of a tensor that is analyzed; analyzing 20,000 elements in one row takes seconds
PARTS = 32  # parts of an observation that are analyzed, including the dicts and sequences that contain others
_FAMILIAR = 1000  # the largest integer that is named as a factor
_LEAST_FACTOR = 1e-6
_KNOWN = 1e-5  # the largest relative distance of a factor from an integer that is named


def effect(expected: Observed, got: Observed) -> tuple[str, str]:
    """Return where two observations differ, and what all differences have in common ("" if that is unknown)."""
    if make := _DISTRIBUTIONS.get(expected.judge):
        return got.label, _of_sample(make(expected.options), got.values)
    if len(expected.values) != len(got.values):
        return "", ""
    for path, wanted, found in islice(pairs(expected.values, got.values), PARTS):
        if said := _swapped(wanted, found) or _of_pair(wanted, found, expected.options):
            where = place(expected.values, path)
            return f"{got.label} ({where.removeprefix(', ')})" if where else got.label, said
    return "", ""


# -- values ------------------------------------------------------------------------------------------------------


def _swapped(expected: Any, got: Any) -> str:
    """Return a sentence that says which two keys have swapped values, or "" if there are none."""
    if not isinstance(expected, dict) or not have_same_parts(expected, got):
        return ""
    wrong = [key for key in expected if not _alike(expected[key], got[key])]
    if len(wrong) != 2 or not all(_is_telling(got[key]) for key in wrong):
        return ""
    one, other = wrong
    if not (_alike(expected[one], got[other]) and _alike(expected[other], got[one])):
        return ""
    return f"the contents of the keys {one!r} and {other!r} are swapped."


def _is_telling(value: Any) -> bool:
    return not isinstance(value, bool) and (not isinstance(value, Array) or value.data.size > 2)


def _alike(expected: Any, got: Any) -> bool:
    return close((expected,), (got,), {"rtol": 1e-4, "atol": 1e-6}) is None


def _of_pair(expected: Any, got: Any, options: dict[str, Any]) -> str:
    wanted, found = _plain(expected), _plain(got)
    if wanted is None or found is None or max(wanted.numel(), found.numel()) > MOST:
        return ""
    context = context_for(wanted, found, tolerance=Tolerance(options.get("rtol"), options.get("atol")))
    if wanted.shape == found.shape and same(wide(wanted), wide(found), context):
        return ""
    cause = find_cause(wanted, found, context)
    if cause is not None and cause.fact:
        return cause.fact
    if wanted.is_complex() or found.is_complex() or not (wanted.numel() and found.numel()) or context.discrete:
        return ""
    pair = wide(wanted), wide(found)
    makers = _OF_SAME_SHAPE if wanted.shape == found.shape else (_reduced,)
    return next((sentence for make in makers if (sentence := make(*pair, context))), "")


def _plain(value: Any) -> torch.Tensor | None:
    """Return an array or a number as a tensor, or None for anything else."""
    if isinstance(value, Array):
        return as_tensor(value.data) if value.data.dtype.kind in "biufc" else None
    return as_tensor(value) if type(value) in (int, float) else None


def _factor(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str:
    """Detect that all values are wrong by the same factor."""
    if not torch.isfinite(yours).all():
        return ""
    size = float(expected.square().sum())
    scale = float((expected * yours).sum()) / size if size > 0 else 0.0
    if not _LEAST_FACTOR < abs(scale) < 1 / _LEAST_FACTOR or not same(scale * expected, yours, context):
        return ""
    known, about = _familiar(scale), f"{abs(scale):.2g}"
    if not known and about == "1":
        return ""
    different = len(torch.unique(torch.round(yours, decimals=6)))
    if different < 2 or not enough(yours, different, context, free=0 if known else 1):
        return ""
    return f"every value is {known or f'about {about} times'} what it should be."


def _familiar(scale: float) -> str:
    for large, word in ((scale, "times"), (1 / scale, "of")):
        for value, name in ((large, "{}"), (large**2, "√{}")):
            whole = round(value)
            if large > 0 and 2 <= whole <= _FAMILIAR and abs(value - whole) <= _KNOWN * whole:
                said = name.format(whole)
                return f"{said} times" if word == "times" else f"1/{said} of"
    return ""


_REDUCTIONS: dict[str, Any] = {"mean": torch.mean, "sum": torch.sum, "largest": torch.amax, "smallest": torch.amin}


def _reduced(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str:
    """Detect a result that is the mean, sum, minimum, or maximum of the expected values along one dimension."""
    if expected.ndim != yours.ndim + 1:
        return ""
    for axis in range(expected.ndim):
        for name, reduce in _REDUCTIONS.items():
            is_it = expected.shape[axis] > 1 and same(reduce(expected, axis), yours, context)
            if is_it and enough(yours, yours.numel(), context):
                return f"a dimension is missing: your result is the {name} of the expected one along dimension {axis}."
    return ""


def _first_alone(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str:
    """Detect a dimension along which only the first position is correct."""
    for axis in range(expected.ndim):
        if expected.shape[axis] < 3:
            continue
        slices = zip(expected.movedim(axis, 0), yours.movedim(axis, 0), strict=True)
        wrong = [not same(one, other, context) for one, other in slices]
        first = expected.select(axis, 0)
        if not wrong[0] and all(wrong[1:]) and enough(first, first.numel(), context):
            return f"only position 0 of dimension {axis} is right, and every other one is wrong."
    return ""


def _power(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str:
    """Detect values that are powers of the expected values, as when a root is missing or wrong."""
    if not bool((expected > 0).all() and (yours > 0).all()):
        return ""
    logs = expected.log(), yours.log()
    size = float(logs[0].square().sum())
    power = float((logs[0] * logs[1]).sum()) / size if size > 0 else 1.0
    if abs(power - 1) < 0.01 or not same(expected**power, yours, context):
        return ""
    different = len(torch.unique(torch.round(yours, decimals=6)))
    if not enough(yours, different, context, free=1):
        return ""
    return "every value is a power of what it should be: a root or a power is missing or wrong."


def _cut(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str:
    """Detect that the expected values were clamped to a smaller range."""
    if not torch.isfinite(torch.stack([expected, yours])).all():
        return ""
    low, high = float(yours.min()), float(yours.max())
    if low == high or not same(expected.clamp(low, high), yours, context):
        return ""
    below, above = expected < low, expected > high
    sides = [f"below {number(low)}"] * (int(below.sum()) > 1) + [f"above {number(high)}"] * (int(above.sum()) > 1)
    cut = below | above
    if not sides or not enough(expected[cut], int(cut.sum()), context, free=len(sides)):
        return ""
    return f"values {' and '.join(sides)} are cut off."


_OF_SAME_SHAPE = (_factor, _first_alone, _power, _cut)


# -- samples -----------------------------------------------------------------------------------------------------

_DISTRIBUTIONS: dict[str, Callable[[dict[str, Any]], Distribution]] = {
    "uniform": lambda o: Distribution.uniform(o["low"], o["high"]),
    "normal": lambda o: Distribution.normal(o["mean"], o["std"]),
}


def _of_sample(expected: Distribution, got: tuple) -> str:
    for value in got:
        if isinstance(value, Array) and value.data.dtype.kind == "f" and value.data.size >= 1000:
            values = value.data.astype(np.float64).ravel()
            if np.isfinite(values).all() and np.ptp(values) > 0 and (said := _other_sample(expected, values)):
                return said
    return ""


def _other_sample(expected: Distribution, values: np.ndarray) -> str:
    """Return a sentence about another distribution that the values fit; "" if none, or if they fit the expected one."""
    if _fits(expected, values):
        return ""
    mean, std = expected.mean, expected.std
    others: list[tuple[str, Distribution]] = []
    if math.isfinite(expected.high):
        low, high = expected.low, expected.high
        others += [
            ("the values fill only the upper half of the range", Distribution.uniform((low + high) / 2, high)),
            ("the values fill only the lower half of the range", Distribution.uniform(low, (low + high) / 2)),
            (_AS_BOUND, Distribution.uniform(mean - std, mean + std)),
            ("the values are sampled from a normal distribution", Distribution.normal(mean, std)),
            ("the values are from a normal distribution whose std is the bound", Distribution.normal(mean, high)),
        ]
    else:
        reach = math.sqrt(3) * std
        others += [
            (_AS_BOUND, Distribution.uniform(mean - std, mean + std)),
            ("the values are sampled from a uniform distribution", Distribution.uniform(mean - reach, mean + reach)),
            ("the variance is used as the std", Distribution.normal(mean, std**2)),
            ("the std is the square root of the expected one", Distribution.normal(mean, math.sqrt(std))),
        ]
    return next((f"{words}." for words, other in others if _fits(other, values)), "")


_AS_BOUND = "the values are uniform, and their largest magnitude equals the expected standard deviation"


def _fits(distribution: Distribution, values: np.ndarray) -> bool:
    if values.min() < distribution.low - 1e-6 or values.max() > distribution.high + 1e-6:
        return False
    return all(abs(sigma) <= SIGMA for sigma in distribution_sigmas(values, distribution).values())
