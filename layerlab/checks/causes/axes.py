"""Detect causes that move values, or that apply an operation along the wrong dimension.

Both tensors are wide (float64 or complex128). Their shapes agree unless a docstring says otherwise.
"""

from __future__ import annotations

import itertools
import math

import torch

from layerlab.checks.causes.finding import Finding, finding
from layerlab.checks.causes.tools import Context, differing, digits, enough, is_explained, mismatch, same

_MAX_AXES = 5
_MAX_ROWS = 256


def _orders(ndim: int) -> list[tuple[int, ...]]:
    """Return every permutation of the dimensions except the identity; the swap of the last two comes first."""
    if not 2 <= ndim <= _MAX_AXES:
        return []
    straight = tuple(range(ndim))
    last = (*straight[:-2], ndim - 1, ndim - 2)
    return [last] + [p for p in itertools.permutations(straight) if p not in (straight, last)]


def permuted_axes(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect the expected tensor with its dimensions in a different order. Shapes may differ."""
    if expected.ndim != yours.ndim or not is_explained(expected, yours, context):
        return None
    for order in _orders(expected.ndim):
        moved = expected.permute(order)
        if moved.shape == yours.shape and same(moved, yours, context):
            form = ".matrix" if order == (1, 0) else ".last" if order == _orders(expected.ndim)[0] else ""
            return finding(f"permuted_axes{form}", order=order)
    return None


def view_for_permute(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect `view` or `reshape` used where `permute` was needed. Shapes may differ."""
    if expected.numel() != yours.numel() or not is_explained(expected, yours, context):
        return None
    flat = expected.flatten(), yours.flatten()
    if same(*flat, context):
        return None
    for source, target in ((expected, flat[1]), (yours, flat[0])):
        for order in _orders(source.ndim):
            if same(source.permute(order).flatten(), target, context):
                return finding("view_for_permute")
    return None


def reversed_order(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a reversed order along one or more dimensions."""
    if expected.ndim > _MAX_AXES or not is_explained(expected, yours, context):
        return None
    for count in range(1, expected.ndim + 1):
        for axes in itertools.combinations(range(expected.ndim), count):
            if same(expected.flip(axes), yours, context):
                return finding("reversed_order", axes=axes)
    return None


def shifted(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect values shifted by a few positions along one dimension, with or without wrapping around the end."""
    if not is_explained(expected, yours, context):
        return None
    for axis in range(expected.ndim):
        size = expected.shape[axis]
        for places in itertools.chain.from_iterable((k, -k) for k in range(1, min(size // 2, 8) + 1)):
            if same(expected.roll(places, axis), yours, context):
                return finding("shifted.around", places=places, axis=axis)
        # Values shifted past the end are lost, and at least three quarters of the dimension must be left to compare.
        for places in itertools.chain.from_iterable((k, -k) for k in range(1, min(size // 4, 8) + 1)):
            kept = size - abs(places)
            source = expected.narrow(axis, 0 if places > 0 else -places, kept)
            target = yours.narrow(axis, places if places > 0 else 0, kept)
            explained = differing(source, yours.narrow(axis, 0 if places > 0 else -places, kept), context)
            if same(source, target, context) and enough(source, explained, context, free=1):
                return finding("shifted", places=places, axis=axis)
    return None


def another_order(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect the expected slices along one dimension in a different order."""
    if expected.is_complex() or not is_explained(expected, yours, context):
        return None
    for axis in range(expected.ndim):
        size = expected.shape[axis]
        rows = [t.movedim(axis, 0).reshape(size, -1) for t in (expected, yours)]
        if not 2 <= size <= _MAX_ROWS or rows[0].shape[1] < 2 or not torch.isfinite(torch.cat(rows)).all():
            continue
        order = [torch.argsort(row.sum(1)) for row in rows]
        if not same(rows[0][order[0]], rows[1][order[1]], context):
            continue
        if digits(expected, context) * expected.numel() - math.lgamma(size + 1) / math.log(10) >= 7:
            return finding("another_order", axis=axis)
    return None


def scrambled(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect the same values in a different order that no single known operation explains. Shapes may differ."""
    if expected.numel() != yours.numel() or expected.is_complex() or context.discrete:
        return None
    wanted, got = (t.flatten().sort().values for t in (expected, yours))
    if not torch.isfinite(torch.cat([wanted, got])).all() or not same(wanted, got, context):
        return None
    chance = math.lgamma(expected.numel() + 1) / math.log(10)  # digits of the number of orders; any order would match
    if digits(expected, context) * expected.numel() - chance < 7:
        return None
    return finding("scrambled")


# -- the same operation over another dimension ---------------------------------------------------------------------


def unit_over_another_axis(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect softmax, or normalization to length 1, over the wrong dimension.

    In each tensor, the sums of absolute values or of squares must be 1 along some dimension. The ratio of the two
    tensors must be a product of two factors: one is constant along the first tensor's dimension, and the other is
    constant along the second tensor's.
    """
    if expected.ndim < 2 or not is_explained(expected, yours, context):
        return None
    logs = _log_probabilities(expected) and _log_probabilities(yours)
    pair = (expected.exp(), yours.exp()) if logs else (expected, yours)
    for power, form in ((1.0, "sum"), (2.0, "length")):
        ones = [[i for i in range(t.ndim) if _ones(t.abs().pow(power).sum(i), context)] for t in pair]
        wrong = [i for i in ones[1] if i not in ones[0]]
        right = [i for i in ones[0] if i not in ones[1]]
        if len(wrong) != 1 or len(right) != 1 or min(expected.shape[right[0]], expected.shape[wrong[0]]) < 2:
            continue
        if _separable(pair[0], pair[1], right[0], wrong[0]):
            return finding(f"unit_over_another_axis.{form}", wrong=wrong[0], right=right[0])
    return None


def _log_probabilities(values: torch.Tensor) -> bool:
    return bool((values <= 0).all()) and any(
        torch.allclose(values.logsumexp(i), torch.zeros(()).to(values), atol=1e-4) for i in range(values.ndim)
    )


def _ones(sums: torch.Tensor, context: Context) -> bool:
    allowed = max(1e-5, 10 * context.rtol)
    return bool(((sums - 1).abs() <= allowed).all())


def _separable(expected: torch.Tensor, yours: torch.Tensor, first: int, second: int) -> bool:
    if (expected == 0).any() or (yours == 0).any() or not torch.equal(expected.sign(), yours.sign()):
        return False
    ratio = (yours.abs() / expected.abs()).log()
    crossed = ratio - ratio.mean(first, keepdim=True)
    crossed = crossed - crossed.mean(second, keepdim=True)
    return bool((crossed.abs() <= 1e-3).all() and ratio.abs().max() > 1e-2)


def standardised_over_another_axis(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect mean 0 and variance 1 along the wrong dimensions, as with batch norm instead of layer norm."""
    if expected.ndim < 2:
        return None
    found = [_standard_axes(t) for t in (expected, yours)]
    if not all(found) or found[0] == found[1] or not is_explained(expected, yours, context):
        return None
    return finding("standardised_over_another_axis", right=found[0], wrong=found[1])


def _standard_axes(values: torch.Tensor) -> tuple[int, ...]:
    """Return the smallest set of dimensions over which all means are 0 and all variances are 1, or ().

    The variance may be biased or unbiased.
    """
    for count in range(1, values.ndim + 1):
        for axes in itertools.combinations(range(values.ndim), count):
            n = math.prod(values.shape[i] for i in axes)
            if n < 3:
                continue
            centred = values.mean(axes).abs().max() < 1e-4
            spread = values.square().mean(axes)
            biased, unbiased = (spread - 1).abs().max(), (spread * n / (n - 1) - 1).abs().max()
            if centred and min(biased, unbiased) < 1e-3:
                return axes
    return ()


def accumulated_over_another_axis(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a cumulative sum along the wrong dimension."""
    if expected.is_complex() or not 2 <= expected.ndim <= _MAX_AXES or not is_explained(expected, yours, context):
        return None
    steps = [[_steps(t, axis) for axis in range(t.ndim)] for t in (expected, yours)]
    for right, wrong in itertools.permutations(range(expected.ndim), 2):
        if same(steps[0][right], steps[1][wrong], context):
            return finding("accumulated_over_another_axis", right=right, wrong=wrong)
    return None


def _steps(values: torch.Tensor, axis: int) -> torch.Tensor:
    first = torch.zeros_like(values.narrow(axis, 0, 1))
    return torch.diff(values, dim=axis, prepend=first)


# -- where the difference is ----------------------------------------------------------------------------------------


def only_border(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect differences that occur only at the borders of the last dimensions, likely caused by wrong padding."""
    differs = mismatch(expected, yours, context.rtol, context.atol)
    spatial = [i for i in range(max(0, expected.ndim - 2), expected.ndim) if expected.shape[i] >= 5]
    if expected.ndim < 3 or not spatial or context.discrete:
        return None
    for width in (1, 2):
        inner = differs
        for axis in spatial:
            inner = inner.narrow(axis, width, expected.shape[axis] - 2 * width)
        # Most positions of the border must differ; otherwise, padding is not the cause.
        border = differs.numel() - inner.numel()
        if inner.numel() and not inner.any() and int(differs.sum()) > border / 2:
            return finding("only_border", axes=spatial)
    return None


def only_one_slice(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect differences that occur at only one position along one dimension, where almost every value is wrong."""
    differs = mismatch(expected, yours, context.rtol, context.atol)
    for axis in range(expected.ndim):
        per_position = differs.movedim(axis, 0).reshape(expected.shape[axis], -1)
        wrong = per_position.any(1).nonzero().flatten().tolist()
        if len(wrong) != 1 or expected.shape[axis] < 3 or per_position.shape[1] < 2:
            continue
        if per_position[wrong[0]].float().mean() > 0.9:
            form = ".last" if wrong[0] == expected.shape[axis] - 1 else ""
            return finding(f"only_one_slice{form}", position=wrong[0], axis=axis)
    return None


def only_first_right(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a dimension along which only the first position is right."""
    for axis in range(expected.ndim):
        if expected.shape[axis] < 3:
            continue
        slices = zip(expected.movedim(axis, 0), yours.movedim(axis, 0), strict=True)
        wrong = [not same(*pair, context) for pair in slices]
        first = expected.select(axis, 0)
        if not wrong[0] and all(wrong[1:]) and enough(first, first.numel(), context):
            return finding("only_first_right", axis=axis)
    return None
