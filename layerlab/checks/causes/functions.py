"""Detect causes that change values element-wise: a missing or extra function, a limit, a slope, a mask.

Both tensors are wide (float64 or complex128) and have the same shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
import torch.nn.functional as F

from layerlab.checks.causes.tools import Context, differing, enough, is_explained, number, same

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
_MISSING = {
    "log": "the log is missing: the expected values are the logs of yours.",
    "sigmoid": "yours are logits, but probabilities are expected: the sigmoid is missing.",
    "square root": "the square root is missing: yours are the squares.",
    "absolute value": "the absolute value is missing: only signs differ.",
}
_EXTRA = {
    "log": "one log too many: yours are the logs of the expected values.",
    "sigmoid": "one sigmoid too many: logits are expected, or it was applied twice.",
    "square": "yours are the squares of the expected values: a square root is missing, or a square is extra.",
    "ReLU": "negative values were cut to 0: one ReLU too many.",
    "absolute value": "the signs are lost: one absolute value too many.",
}


def _functions(ndim: int) -> dict[str, _Function]:
    softmaxes = {f"softmax over dimension {i}": lambda t, i=i: _log_softmax(t, i).exp() for i in reversed(range(ndim))}
    logs = {f"log-softmax over dimension {i}": lambda t, i=i: _log_softmax(t, i) for i in reversed(range(ndim))}
    return _FUNCTIONS | softmaxes | logs


def _log_softmax(values: torch.Tensor, axis: int) -> torch.Tensor:
    # torch's own log_softmax starts threads even for a few values, which takes longer than the whole search
    centred = values - values.amax(axis, keepdim=True)
    return centred - centred.exp().sum(axis, keepdim=True).log()


def missing_function(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str | None:
    """Detect that applying a familiar function to your values gives the expected values."""
    for name, function in _functions(expected.ndim).items():
        if not same(expected, function(yours), context) or not is_explained(expected, yours, context):
            continue
        if name not in _ROUNDINGS or _is_not_merely_near(expected, yours, context):
            return _MISSING.get(name, f"the last step is missing: {name}.")
    return None


def extra_function(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str | None:
    """Detect that applying a familiar function to the expected values gives your values."""
    for name, function in _functions(expected.ndim).items():
        if not same(function(expected), yours, context) or not is_explained(expected, yours, context, yours):
            continue
        if _is_whole_by_rounding(yours, expected, context) if name in _ROUNDINGS else not _is_a_switch(yours):
            twice = " (softmax twice)" if name.startswith("softmax") and _sums_to_one(expected) else ""
            return _EXTRA.get(name, f"one step too many: {name}{twice}.")
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


def complement(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str | None:
    """Detect 1 - expected, as with an inverted mask or a gate whose sides are swapped."""
    if expected.is_complex() or not same(1 - expected, yours, context):
        return None
    truths = context.discrete and bool(((expected == 0) | (expected == 1)).all())
    if truths and enough(expected, expected.numel(), context, needed=2):  # 7 bools or more
        return "every value is inverted: True for False, or 0 for 1."
    if context.discrete or not is_explained(expected, yours, context, yours):
        return None
    return "yours is 1 - expected: the two sides of a gate or a probability are swapped."


def clipped(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str | None:
    """Detect values that were clamped to a limit, or that should have been clamped."""
    if not torch.isfinite(torch.stack([expected, yours])).all():
        return None
    for full, cut, word in ((expected, yours, "cut off"), (yours, expected, "not cut off as expected")):
        low, high = float(cut.min()), float(cut.max())
        agreeing = differing(expected, yours, context) < expected.numel()
        if low < high and agreeing and same(full.clamp(low, high), cut, context):
            beyond = (full < low) | (full > high)
            below, above = int((full < low).sum()), int((full > high).sum())
            sides = [f"below {number(low)}"] * (below >= 2) + [f"above {number(high)}"] * (above >= 2)
            # One value at a limit could be any wrong value; two or more equal values show that they were clamped.
            if sides and below != 1 and above != 1 and enough(full[beyond], below + above, context, free=len(sides)):
                return f"values {' and '.join(sides)} are {word}."
    return None


def negative_side(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str | None:
    """Detect a factor on negative values only, likely caused by a wrong slope of a leaky activation."""
    negative = expected < 0
    if negative.all() or not negative.any() or not same(expected[~negative], yours[~negative], context):
        return None
    below, mine = expected[negative], yours[negative]
    slope = float((below * mine).sum() / below.square().sum())
    if abs(slope) < 1e-6 or not same(slope * below, mine, context) or not enough(below, below.numel(), context, free=1):
        return None
    return f"positive values agree, and negative ones are {number(slope)} times what is expected: a different slope."


# -- dropout and masks ---------------------------------------------------------------------------------------------


def dropout_in_eval(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> str | None:
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
            who = ("yours", "the expected values") if active else ("the expected values", "yours")
            return f"{who[0]} is 0 where {who[1]} are not, and the rest agrees: something is masked or left unfilled."
        if scale < 1:
            continue
        rate = f"1/(1 - p) for p = {number(1 - 1 / scale)}"
        if active:
            return (
                f"dropout is active: some values are 0, the others {number(scale)} times as large, {rate}. Call eval()."
            )
        return f"dropout is missing: some expected values are 0, the others larger by {rate}. Call train()?"
    return None
