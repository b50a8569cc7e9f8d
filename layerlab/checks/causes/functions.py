"""Detect causes that change values element-wise: a missing or extra function, a limit, a slope, a mask.

Both tensors are wide (float64 or complex128) and have the same shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
import torch.nn.functional as F

from layerlab.checks.causes.finding import Finding, finding
from layerlab.checks.causes.tools import Context, differing, distinct, enough, is_explained, same

# -- element-wise functions ----------------------------------------------------------------------------------------

_Function = Callable[[torch.Tensor], torch.Tensor]
_FUNCTIONS: dict[str, _Function] = {
    "ReLU": F.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "log": torch.log,
    "exp": torch.exp,
    "square root": torch.sqrt,
    "square": torch.square,
    "absolute value": torch.abs,
    "reciprocal": torch.reciprocal,
    "GELU": F.gelu,
    "SiLU": F.silu,
    "softplus": F.softplus,
    "ELU": F.elu,
    "LeakyReLU": F.leaky_relu,
    "rounding": torch.round,
    "rounding down": torch.floor,
    "rounding up": torch.ceil,
    "truncation": torch.trunc,
    "logsigmoid": lambda t: -F.softplus(-t),
}
_ROUNDINGS = {"rounding", "rounding down", "rounding up", "truncation"}
_FEWEST_ROUNDED = 30


def _functions(ndim: int) -> dict[str, _Function]:
    softmaxes = {f"softmax over dimension {i}": lambda t, i=i: _log_softmax(t, i).exp() for i in reversed(range(ndim))}
    logs = {f"log-softmax over dimension {i}": lambda t, i=i: _log_softmax(t, i) for i in reversed(range(ndim))}
    return _FUNCTIONS | softmaxes | logs


def _log_softmax(values: torch.Tensor, axis: int) -> torch.Tensor:
    # torch's own log_softmax starts threads even for a few values, which takes longer than the whole search
    centred = values - values.amax(axis, keepdim=True)
    return centred - centred.exp().sum(axis, keepdim=True).log()


def missing_function(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect that applying a familiar function to your values gives the expected values."""
    for name, function in _functions(expected.ndim).items():
        if not same(expected, function(yours), context) or not is_explained(expected, yours, context):
            continue
        if name not in _ROUNDINGS or _is_not_merely_near(expected, yours, context):
            return finding(f"missing_function.{name}", function=name)
    return None


def extra_function(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect that applying a familiar function to the expected values gives your values."""
    for name, function in _functions(expected.ndim).items():
        if not same(function(expected), yours, context) or not is_explained(expected, yours, context, yours):
            continue
        if _is_whole_by_rounding(yours, expected, context) if name in _ROUNDINGS else not _is_a_switch(yours):
            form = "twice" if name.startswith("softmax") and _sums_to_one(expected) else name
            return finding(f"extra_function.{form}", function=name)
    return None


def _is_a_switch(values: torch.Tensor) -> bool:
    """Return whether there are at most two different values.

    With at most two different values, agreement proves nothing: for example, a saturated tanh looks like a sign
    function.
    """
    return len(torch.unique(values.round(decimals=4))) <= 2


def _is_whole_by_rounding(rounded: torch.Tensor, exact: torch.Tensor, context: Context) -> bool:
    """Return whether ``rounded`` is ``exact`` rounded to integers.

    A rounded value shows only which integer is closest, so values count as discrete here. But the fact that all values
    are integers is also evidence, so less agreement is needed than for other relations.
    """
    return enough(rounded, differing(rounded, exact, context), replace(context, discrete=True), needed=4.0)


def _is_not_merely_near(rounded: torch.Tensor, exact: torch.Tensor, context: Context) -> bool:
    """Return whether ``exact`` needs rounding because its values are not all close to integers already.

    A value that is only slightly wrong would also round to the correct integer. So the fractional parts must be spread
    over the unit interval: each quarter of the interval must contain at least an eighth of them.
    """
    if rounded.numel() < _FEWEST_ROUNDED or not _is_whole_by_rounding(rounded, exact, context):
        return False
    quarters = torch.bincount((exact.flatten().remainder(1) * 4).long().clamp(0, 3), minlength=4)
    return bool((8 * quarters >= exact.numel()).all())


def _sums_to_one(values: torch.Tensor) -> bool:
    return any(bool(((values.sum(i) - 1).abs() < 1e-4).all()) for i in range(values.ndim))


def complement(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect 1 - expected, as with an inverted mask or a gate whose sides are swapped."""
    if expected.is_complex() or not same(1 - expected, yours, context):
        return None
    truths = context.discrete and bool(((expected == 0) | (expected == 1)).all())
    if truths and enough(expected, expected.numel(), context, needed=2):  # 7 bools or more
        return finding("complement.truths")
    if context.discrete or not is_explained(expected, yours, context, yours):
        return None
    return finding("complement")


def clipped(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect values that were clamped to a limit, or that should have been clamped."""
    if not torch.isfinite(torch.stack([expected, yours])).all():
        return None
    for full, cut, form in ((expected, yours, ""), (yours, expected, ".missing")):
        low, high = float(cut.min()), float(cut.max())
        agreeing = differing(expected, yours, context) < expected.numel()
        if low < high and agreeing and same(full.clamp(low, high), cut, context):
            beyond = (full < low) | (full > high)
            below, above = int((full < low).sum()), int((full > high).sum())
            sides = (below >= 2) + (above >= 2)
            # One value at a limit could be any wrong value; two or more equal values show that they were clamped.
            if sides and below != 1 and above != 1 and enough(full[beyond], below + above, context, free=sides):
                return finding(f"clipped{form}", bounds=(low if below else None, high if above else None))
    return None


def negative_side(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a factor on negative values only, likely caused by a wrong slope of a leaky activation."""
    negative = expected < 0
    if negative.all() or not negative.any() or not same(expected[~negative], yours[~negative], context):
        return None
    below, mine = expected[negative], yours[negative]
    slope = float((below * mine).sum() / below.square().sum())
    if abs(slope) < 1e-6 or not same(slope * below, mine, context) or not enough(below, below.numel(), context, free=1):
        return None
    return finding("negative_side", factor=slope)


def another_power(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect values that are powers of the expected values, as when a root is missing or wrong."""
    if not bool((expected > 0).all() and (yours > 0).all()):
        return None
    logs = expected.log(), yours.log()
    size = float(logs[0].square().sum())
    power = float((logs[0] * logs[1]).sum()) / size if size > 0 else 1.0
    if abs(power - 1) < 0.01 or not same(expected**power, yours, context):
        return None
    is_believed = enough(yours, distinct(expected, yours, context), context, free=1)
    return finding("another_power", power=power) if is_believed else None


# -- dropout and masks ---------------------------------------------------------------------------------------------


def dropout_in_eval(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect dropout that is wrongly on or off: some values are 0, and all others are larger by the same factor."""
    for whole, masked, active in ((expected, yours, True), (yours, expected, False)):
        dropped = (masked == 0) & (whole != 0)
        kept = whole[masked != 0]
        if dropped.sum() < 3 or kept.numel() < 3 or (whole == 0).any():
            continue
        left = masked[masked != 0]
        scale = float((kept * left).sum() / kept.square().sum())
        if not same(scale * kept, left, context) or not enough(kept, kept.numel(), context, free=1):
            continue
        if abs(scale - 1) < 1e-4:
            return finding(f"dropout_in_eval.{'zeros' if active else 'no_zeros'}")
        if scale < 1:
            continue
        return finding(f"dropout_in_eval.{'active' if active else 'missing'}", factor=scale, rate=1 - 1 / scale)
    return None
