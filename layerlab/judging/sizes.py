"""Describe how large a difference is, with one digit and no sign, so that no expected value is revealed.

Values of the answer are shown with four digits, because they are the student's own.
"""

from __future__ import annotations

import math

import numpy as np


def about(size: float) -> str:
    """Return a size rounded to one digit, such as "0.3", "20", or "4e-07"."""
    if not math.isfinite(size):
        return "more than a number can hold"
    rounded = float(f"{size:.1g}")
    return f"{rounded:,.0f}" if 1 <= rounded < 1e6 else f"{rounded:g}"


def shown(value: complex) -> str:
    """Return a value of the answer with four digits, such as "0.3333", "20,100", or "1e+12"."""
    if not isinstance(value, int):
        return f"{value:.4g}"
    if abs(value) < 10**9:
        return f"{value:,}"
    return f"{'-' if value < 0 else ''}1e+{int(math.log10(abs(value)))}"  # as a float, it may overflow


def usual(values: np.ndarray) -> float:
    """Return the median magnitude of the finite nonzero values, or 0 if there are none."""
    with np.errstate(invalid="ignore"):
        sizes = np.abs(wide(values))
    usable = sizes[np.isfinite(sizes) & (sizes > 0)]
    return float(np.median(usable)) if usable.size else 0.0


def difference(expected: np.ndarray, got: np.ndarray, differs: np.ndarray) -> str:
    """Describe where, and by how much, two arrays of the same shape differ; ``differs`` is true at least once."""
    if expected.dtype.kind == "b":
        return _of_truth(got, differs)
    with np.errstate(all="ignore"):
        wanted, found = wide(expected), wide(got)
        unfilled = differs & ~np.isfinite(found) & np.isfinite(wanted)
        if unfilled.any():
            return _not_finite(found, unfilled)
        if (missing := differs & np.isfinite(found) & ~np.isfinite(wanted)).any():
            many = _count(missing, "values are wrong in this way")
            return f"{place(missing)} is a finite number, but should not be{many}"
        if (other := differs & ~np.isfinite(found)).any():
            return f"{place(other)} is {_nan_or_infinite(found, other)}, but should be a different value"
        errors = np.abs(found - wanted)[differs]
    if differs.size == 1:
        return f"got {shown(got.item())}, off by about {about(float(errors[0]))}"
    size = usual(expected)
    values = f"expected values of magnitude {about(size)}, " if size else ""
    far = f"{'are off by up to' if errors.size > 1 else 'is off by about'} {about(float(errors.max()))}"
    at = first(differs)
    values += f"got {shown(got[at].item())} at index {at}"
    return f"{values}; {int(differs.sum()):,} of {differs.size:,} values {far}"


def not_finite(values: np.ndarray) -> str:
    """Describe where values are nan or infinite and how many of them there are; return "" if all are finite."""
    found = ~np.isfinite(values)
    return _not_finite(values, found) if found.any() else ""


def _not_finite(values: np.ndarray, where: np.ndarray) -> str:
    many = _count(where, "are nan or infinite and should not be")
    return f"{place(where)} is {_nan_or_infinite(values, where)}{many}"


def _nan_or_infinite(values: np.ndarray, where: np.ndarray) -> str:
    return "nan" if np.isnan(values[first(where)]) else "infinite"


def _of_truth(got: np.ndarray, differs: np.ndarray) -> str:
    wrong = f"{place(differs)} is {bool(got[first(differs)])} in your answer, which is wrong"
    return wrong + _count(differs, "values are wrong")


def place(where: np.ndarray) -> str:
    """Return the location of the first true element in words, such as "the value at index (0, 2)"."""
    return f"the value at index {first(where)}" if where.ndim else "the value"


def first(where: np.ndarray) -> tuple[int, ...]:
    """Return the index of the first true element."""
    return tuple(int(i) for i in np.argwhere(where)[0])


def _count(where: np.ndarray, words: str) -> str:
    return f" ({int(where.sum()):,} of {where.size:,} {words})" if where.size > 1 else ""


def wide(values: np.ndarray) -> np.ndarray:
    """Return values as float64, or as complex128 if they are complex, so that comparisons add no rounding errors."""
    return values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)
