"""Detect causes that affect all values alike: an input returned unchanged, a factor, a sign, a bias, a new scale.

Both tensors are wide (float64 or complex128) and have the same shape.
"""

from __future__ import annotations

import math

import torch

from layerlab.checks.causes.finding import Finding, finding
from layerlab.checks.causes.tools import (
    Context,
    differing,
    digits,
    distinct,
    enough,
    is_explained,
    mismatch,
    same,
)

_LARGEST = 1000  # the largest integer that is familiar as a factor


def returned_input(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a result that is one of the inputs, unchanged."""
    for x in context.inputs:
        if same(x, yours, context) and is_explained(expected, yours, context, yours):
            return finding("returned_input")
    return None


def not_finite(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect NaN or infinity where a finite number is expected."""
    finite = torch.isfinite(expected)
    nan, inf = torch.isnan(yours) & finite, torch.isinf(yours) & finite
    if nan.any():
        return finding("not_finite", count=int(nan.sum()), total=nan.numel())
    if inf.any():
        return finding("not_finite.infinite")
    return None


def all_zeros(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect an output that contains only zeros."""
    if (yours != 0).any() or expected.numel() < 2 or not (expected != 0).any() or context.discrete:
        return None
    return finding("all_zeros")


def all_the_same(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect that all values are equal although the expected values vary."""
    if yours.numel() < 2 or context.discrete or not torch.isfinite(yours).all():
        return None
    if (yours != yours.flatten()[0]).any() or digits(expected, context) < 1:
        return None
    return finding("all_the_same", value=yours.flatten()[0].item())


def repeated_along(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect values that repeat at every position along a dimension, although the expected values vary along it."""
    for axis in range(expected.ndim):
        if expected.shape[axis] < 2 or expected.numel() == expected.shape[axis]:
            continue
        rest = expected.numel() - expected.numel() // expected.shape[axis]
        if context.discrete and not enough(expected, rest, context):
            continue
        first = [t.narrow(axis, 0, 1).expand(t.shape) for t in (expected, yours)]
        if torch.equal(first[1], yours) and not same(first[0], expected, context):
            return finding("repeated_along" if axis else "repeated_along.batch", axis=axis)
    return None


# -- factors and shifts --------------------------------------------------------------------------------------------


def sign_flipped(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect that every value has the opposite sign."""
    if not same(-expected, yours, context):
        return None
    explained = differing(expected, yours, context)
    needed = 3.5 if expected.numel() == 1 else 7.0
    if not enough(expected, explained, context, needed=needed) and not (context.discrete and explained >= 2):
        return None
    return finding("sign_flipped")


def conjugated(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect the complex conjugate."""
    if not expected.is_complex() or not same(expected.conj().resolve_conj(), yours, context):
        return None
    return finding("conjugated") if is_explained(expected, yours, context) else None


def factor(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect that every value is off by the same factor, and explain familiar factors."""
    if expected.is_complex():
        return None
    finite = torch.isfinite(expected) & torch.isfinite(yours)
    wanted, got = expected[finite], yours[finite]
    if not wanted.numel() or not wanted.any():
        return None
    scale = float((wanted * got).sum() / wanted.square().sum())
    if scale <= 0 or not same(scale * expected, yours, context):
        return None
    readings = factor_readings(scale, context.sizes(), context.what)
    if expected.numel() == 1:
        is_twofold = min(abs(scale - 2), abs(scale - 0.5)) <= 1e-5
        if context.discrete or not (is_twofold or (readings and context.sizes())) or digits(expected, context) < 3.5:
            return None
    # A familiar factor is not a free parameter, so two values in that ratio are already evidence.
    elif not enough(yours, distinct(expected, yours, context), context, free=0 if readings or familiar(scale) else 1):
        return None
    if expected.numel() == 1:
        form = ".single"
    elif not 1e-6 < scale < 1e6:
        form = ".huge"
    else:
        form = ".near_one" if 0.995 <= scale < 1.05 and not familiar(scale) else ""
    return finding(f"factor{form}", factor=scale, readings=readings)


def familiar(factor: float) -> tuple[int, bool, bool] | None:
    """Return (n, is_root, is_inverse) if a factor is n, the root of n, or the inverse of one of these; else None."""
    for is_inverse, large in enumerate((factor, 1 / factor)):
        for is_root, value in enumerate((large, large**2)):
            whole = round(value)
            if 2 <= whole <= _LARGEST and abs(value - whole) <= 1e-5 * whole:
                return whole, bool(is_root), bool(is_inverse)
    return None


def factor_readings(scale: float, sizes: dict[int, Finding], what: str = "") -> tuple[Finding, ...]:
    """Return possible explanations for a factor, given the sizes that may be involved and the name of the check."""

    def is_(target: float) -> bool:
        return abs(scale - target) <= 2e-5 * target

    readings = []
    for n, size in sizes.items():
        forms = {"sum": n, "mean": 1 / n, "root": math.sqrt(n), "root_of": 1 / math.sqrt(n)}
        readings += [finding(f"reading.{form}", n=n, size=size) for form, target in forms.items() if is_(target)][:1]
    # Consider only sizes of inputs: if n were free, factors such as 0.8 or 0.95 could have many other causes.
    bessel = [n for n in sizes if any(map(is_, _bessel(n)))]
    readings += [finding("reading.variance", n=n) for n in bessel[:1]]
    rates = (0.1, 0.2, 0.25, 0.3, 0.4, 0.6, 0.7, 0.75, 0.8, 0.9)
    readings += [finding("reading.rate", rate=p) for p in rates if is_(1 / (1 - p))]
    readings += [finding("reading.kept", rate=p) for p in rates if is_(1 - p) and not bessel]
    if "grad" in what.lower() and scale > 1.5 and abs(scale - round(scale)) < 1e-4:
        readings.append(finding("reading.passes"))
    return tuple(readings[:3])


def _bessel(n: int) -> tuple[float, ...]:
    ratio = n / (n - 1) if n > 1 else 1.0
    return (ratio, 1 / ratio, math.sqrt(ratio), 1 / math.sqrt(ratio)) if n > 1 else ()


def shift(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect that the same number was added to every value."""
    if expected.is_complex() or expected.numel() < 3:
        return None
    differences = (yours - expected)[torch.isfinite(expected)]
    if not differences.numel():
        return None
    added = float(differences.mean())
    if not same(expected + added, yours, context) or not torch.isfinite(torch.tensor(added)):
        return None
    if not enough(yours, distinct(expected, yours, context), context, free=1):
        return None
    return finding("shift.index" if context.discrete and abs(added) == 1 else "shift", added=added)


def shift_per_axis(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect an offset for each position along a dimension, likely caused by a missing or wrong bias."""
    if not torch.isfinite(yours - expected).all():
        return None
    for axis in _axes_by_habit(expected.ndim):
        added = _constant_per_position(yours - expected, axis)
        rest = expected.numel() // expected.shape[axis]
        if added is None or rest < 2 or not same(expected + added, yours, context):
            continue
        if not enough(yours - added, distinct(expected, yours, context), context, free=expected.shape[axis]):
            continue
        flat = added.flatten()
        for x in context.inputs:
            if x.numel() == flat.numel() and x.ndim == 1 and same(-x, flat, context):
                return finding("shift_per_axis.missing", axis=axis)
            if x.numel() == flat.numel() and x.ndim == 1 and same(x, flat, context):
                return finding("shift_per_axis.twice", axis=axis)
        return finding("shift_per_axis", axis=axis)
    return None


def factor_per_axis(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a factor for each position along a dimension, likely caused by a missing or wrong normalization weight."""
    if (expected == 0).any() or not torch.isfinite(yours).all():
        return None
    for axis in _axes_by_habit(expected.ndim):
        others = [i for i in range(expected.ndim) if i != axis and expected.shape[i] > 1]
        if not others or expected.shape[axis] < 2:
            continue
        scale = (yours * expected).sum(others, keepdim=True) / expected.square().sum(others, keepdim=True)
        if (scale == 0).any() or not same(scale * expected, yours, context):
            continue
        if enough(yours / scale, distinct(expected, yours, context), context, free=expected.shape[axis]):
            return finding("factor_per_axis", axis=axis)
    return None


def scaled_and_shifted(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect that your values are a * expected + b, with the same a and b for all values."""
    if expected.numel() < 4 or not torch.isfinite(torch.stack([expected, yours])).all():
        return None
    centre = expected.mean(), yours.mean()
    spread = expected - centre[0]
    if not spread.any():
        return None
    scale = float((spread * (yours - centre[1])).sum() / spread.square().sum())
    moved = float(centre[1] - scale * centre[0])
    if abs(scale) < 1e-3 or not same(scale * expected + moved, yours, context):
        return None
    if not enough(yours, distinct(expected, yours, context), context, free=2):
        return None
    return finding("scaled_and_shifted", factor=scale, added=moved)


def _axes_by_habit(ndim: int) -> list[int]:
    """Return the dimensions, from most to least likely to have a bias: the last, then dimension 1, then the others.

    The list is empty if there are fewer than 2 dimensions.
    """
    if ndim < 2:
        return []
    first = [ndim - 1, 1] if ndim > 2 else [ndim - 1]
    return first + [i for i in range(ndim) if i not in first]


def _constant_per_position(values: torch.Tensor, axis: int) -> torch.Tensor | None:
    """Return the means over all dimensions except ``axis``, with `keepdim`, or None if the means do not vary."""
    others = [i for i in range(values.ndim) if i != axis]
    means = values.mean(others, keepdim=True)
    return means if means.numel() > 1 and (means - means.mean()).abs().max() > 1e-9 else None


def nearly_right(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect values that agree to at least three digits, but not within the tolerance."""
    if expected.numel() < 3 or not torch.isfinite(yours).all():
        return None
    size = expected.abs().max()
    error = (yours - expected).abs().max() / size if size > 0 else torch.tensor(1.0)
    wrong = mismatch(expected, yours, context.rtol, context.atol).float().mean()
    if not 0 < error < 1e-3 or wrong < 0.1 or digits(expected, context) < 4:
        return None
    return finding("nearly_right", digits=int(-math.log10(float(error))))
