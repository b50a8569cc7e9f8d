"""Detect causes of a wrong shape, using the tensors' values. Both tensors are wide, and their shapes differ."""

from __future__ import annotations

import itertools
import math

import torch

from layerlab.checks.causes.finding import Finding, finding
from layerlab.checks.causes.inputs import REDUCTIONS
from layerlab.checks.causes.tools import Context, digits, enough, same

_MAX_OFFSETS = 400
_USUAL = ("sum", "mean", "maximum", "minimum")  # reductions


def _believed(target: torch.Tensor, context: Context) -> bool:
    return enough(target, target.numel(), context)


def axis_of_one(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a missing or extra dimension of size 1 when all values agree."""
    if not same(expected.flatten(), yours.flatten(), context) or not _believed(expected, context):
        return None
    if _may_be_batch_of_one(expected, yours):
        return None
    for longer, shorter, form in ((expected, yours, ""), (yours, expected, ".extra")):
        if longer.ndim != shorter.ndim + 1:
            continue
        for axis in range(longer.ndim):
            if longer.shape[axis] == 1 and longer.squeeze(axis).shape == shorter.shape:
                return finding(f"axis_of_one{form}", axis=axis)
    return None


def _may_be_batch_of_one(expected: torch.Tensor, yours: torch.Tensor) -> bool:
    """Return whether the extra dimension could come from code that combines every batch item with every other item.

    An example is the einsum equation "ni,oij,mj->nmo". In a batch of one item, the values agree anyway, and advice to
    squeeze would hide the mistake until a larger batch is used. So return True if ``yours`` has more dimensions than
    expected and one of the expected sizes is 1.
    """
    return yours.ndim > expected.ndim and 1 in expected.shape


def flattened(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect the expected values in the expected order, but in a different shape."""
    if expected.numel() != yours.numel() or not same(expected.flatten(), yours.flatten(), context):
        return None
    if not _believed(expected, context) or _may_be_batch_of_one(expected, yours):
        return None
    if expected.ndim >= 2 and yours.ndim < expected.ndim and expected.shape[0] > 1:
        if yours.ndim == 1 or yours.shape[0] != expected.shape[0]:
            return finding("flattened.batch")
        return finding("flattened.some", shape=tuple(expected.shape))
    return finding("flattened", shape=tuple(expected.shape))


def missing_reduction(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect that a sum, mean, maximum or minimum over some of your dimensions is missing."""
    if yours.is_complex() or yours.numel() <= expected.numel():
        return None
    for count in range(1, min(yours.ndim, 4) + 1):
        for axes in itertools.combinations(range(yours.ndim), count):
            for name in _USUAL:
                reduced = REDUCTIONS[name](yours, axes)
                agrees = same(expected, reduced.squeeze(axes), context) or same(expected, reduced, context)
                if agrees and _reduction_believed(expected, yours, axes, context):
                    return finding("missing_reduction", name=name, axes=axes)
    return None


def extra_reduction(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a sum, mean, maximum or minimum of the expected values along one dimension."""
    if expected.is_complex() or context.discrete or expected.ndim != yours.ndim + 1:
        return None
    for axis, name in itertools.product(range(expected.ndim), _USUAL):
        reduced = REDUCTIONS[name](expected, (axis,)).squeeze(axis)
        if expected.shape[axis] > 1 and same(reduced, yours, context) and enough(yours, yours.numel(), context):
            return finding("extra_reduction", name=name, axis=axis)
    return None


def _reduction_believed(expected: torch.Tensor, yours: torch.Tensor, axes: tuple[int, ...], context: Context) -> bool:
    # Over a dimension of size 1, every reduction is the identity. For a single number (a loss), 3 digits are enough.
    if all(yours.shape[axis] == 1 for axis in axes):
        return False
    return _believed(expected, context) or (expected.numel() == 1 and digits(expected, context) >= 3)


def unwanted_broadcast(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a square matrix with the expected values on its diagonal: the result of broadcasting (n, 1) with (n,)."""
    n = expected.numel()
    if n < 2 or yours.ndim < 2 or yours.shape[-1] != n or yours.shape[-2] != n or yours.numel() != n * n:
        return None
    is_it = max(expected.shape) == n and same(expected.flatten(), yours.reshape(n, n).diagonal(), context)
    return finding("unwanted_broadcast", n=n) if is_it and _believed(expected, context) else None


def repeated(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect the expected values repeated along a dimension by broadcasting."""
    if yours.numel() <= expected.numel() or yours.ndim < expected.ndim:
        return None
    missing = yours.ndim - expected.ndim
    for places in itertools.combinations(range(yours.ndim), missing):
        target = expected
        for place in places:
            target = target.unsqueeze(place)
        if any(a not in (1, b) for a, b in zip(target.shape, yours.shape, strict=True)):
            continue
        if same(target.expand(yours.shape), yours, context) and _believed(expected, context):
            axes = [i for i in range(yours.ndim) if target.shape[i] != yours.shape[i]]
            return finding("repeated", axes=axes)
    return None


def cropped(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a missing or extra border: one of the two tensors is a part of the other."""
    if expected.ndim != yours.ndim:
        return None
    for whole, part, form in ((expected, yours, ""), (yours, expected, ".extra")):
        axes = [i for i in range(whole.ndim) if whole.shape[i] != part.shape[i]]
        spare = [whole.shape[i] - part.shape[i] for i in axes]
        if not axes or min(spare) < 0 or part.numel() == 0 or math.prod(s + 1 for s in spare) > _MAX_OFFSETS:
            continue
        for starts in itertools.product(*(range(s + 1) for s in spare)):
            cut = whole
            for axis, start in zip(axes, starts, strict=True):
                cut = cut.narrow(axis, start, part.shape[axis])
            if same(cut, part, context) and enough(part, part.numel(), context, free=1):
                ends = [(axis, at, total - at) for axis, at, total in zip(axes, starts, spare, strict=True)]
                return finding(f"cropped{form}", ends=ends)
    return None


def another_stride(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a wrong stride: one tensor contains only every second (third, ...) value of the other."""
    if expected.ndim != yours.ndim:
        return None
    for fine, coarse, form in ((expected, yours, ""), (yours, expected, ".missing")):
        axes = [i for i in range(fine.ndim) if fine.shape[i] != coarse.shape[i]]
        if not axes or any(fine.shape[i] < coarse.shape[i] for i in axes):
            continue
        for stride in range(2, max(fine.shape[i] for i in axes) + 1):
            taken = fine
            for axis in axes:
                taken = taken.index_select(axis, torch.arange(0, fine.shape[axis], stride))
            agrees = taken.shape == coarse.shape and same(taken, coarse, context)
            if agrees and enough(coarse, coarse.numel(), context, free=1):
                return finding(f"another_stride{form}", stride=stride, axes=axes)
    return None


def joined_over_another_axis(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect parts that were concatenated along the wrong dimension."""
    if expected.ndim != yours.ndim or expected.numel() != yours.numel():
        return None
    axes = [i for i in range(expected.ndim) if expected.shape[i] != yours.shape[i]]
    if len(axes) != 2:
        return None
    for right, wrong in itertools.permutations(axes):
        parts = yours.shape[wrong] // expected.shape[wrong] if expected.shape[wrong] else 0
        if parts < 2 or yours.shape[wrong] != parts * expected.shape[wrong]:
            continue
        if expected.shape[right] != parts * yours.shape[right]:
            continue
        moved = torch.cat(yours.chunk(parts, dim=wrong), dim=right)
        if same(expected, moved, context) and _believed(expected, context):
            return finding("joined_over_another_axis", parts=parts, wrong=wrong, right=right)
    return None


def same_total(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect the same total sum or mean in a different shape, likely after a reduction over the wrong dimension."""
    if expected.ndim != yours.ndim or expected.is_complex() or context.discrete:
        return None
    axes = [i for i in range(expected.ndim) if expected.shape[i] != yours.shape[i]]
    if not axes or min(expected.numel(), yours.numel()) < 2 or (expected == 0).any() or (yours == 0).any():
        return None  # values padded with zeros have the same sum, too
    for name, reduce in (("sum", torch.sum), ("mean", torch.mean)):
        left, right = reduce(expected), reduce(yours)
        # Totals that are integers prove nothing, because many unrelated results have such totals (a softmax, a count).
        telling = digits(left, context) >= 3 and abs(float(left) - round(float(left))) > 1e-3
        if telling and same(left, right, context) and digits(expected, context) >= 3 and digits(yours, context) >= 3:
            return finding("same_total", name=name)
    return None


def sizes_swapped(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a shape whose last two sizes are swapped; earlier detectors have checked whether the values agree."""
    if expected.ndim != yours.ndim or expected.ndim < 2:
        return None
    sizes = list(expected.shape)
    sizes[-1], sizes[-2] = sizes[-2], sizes[-1]
    return finding("sizes_swapped") if sizes == list(yours.shape) else None
