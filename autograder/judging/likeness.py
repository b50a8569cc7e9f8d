"""Decide whether two random observations are wrong in the same way.

Two answers with the same mistake sample different values, so their bytes never agree. But the judge rejects both
answers for the same reason, and their values have the same distribution.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from layerlab.graded.wire import Array

# Kolmogorov-Smirnov for two samples: D sqrt(nm / (n + m)) stays below this with probability 0.9995.
MOST_APART = 2.0
DIGITS = 3  # of ratios: a dropout mask has few distinct ratios, and rounding errors must not add more
_NUMBERS = re.compile(r"[\d][\d.,e+%-]*")


def same_reason(one: str, other: str) -> bool:
    """Return whether two sentences are the same except for the numbers in them."""
    return _NUMBERS.sub("#", one) == _NUMBERS.sub("#", other)


def alike(known: tuple, got: tuple, options: dict[str, Any]) -> bool:
    """Return whether two observations could be samples from the same distribution.

    Args:
        known: the arrays of a known mistake.
        got: the arrays of an answer.
        options: the judge's options; if they include ``x``, values are compared relative to it.
    """
    if len(known) != len(got):
        return False
    x = options.get("x")
    return all(
        _alike(one, other, x.data if isinstance(x, Array) else None) for one, other in zip(known, got, strict=True)
    )


def _alike(known: Any, got: Any, x: np.ndarray | None) -> bool:
    if (
        not (isinstance(known, Array) and isinstance(got, Array))
        or known.shape != got.shape
        or known.dtype != got.dtype
    ):
        return False
    if known.data.dtype.kind != "f" or not known.data.size:
        return False
    return _apart(_relative(known.data, x), _relative(got.data, x)) <= MOST_APART


def _relative(values: np.ndarray, x: np.ndarray | None) -> np.ndarray:
    """Return values as float64; if ``x`` has the same shape, return their ratios to ``x`` where ``x`` is not near 0."""
    values = values.astype(np.float64)
    if x is None or x.shape != values.shape:
        return values.ravel()
    told = np.abs(x) > 1e-3
    return np.round(values[told] / x[told], DIGITS)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return the two-sample Kolmogorov-Smirnov statistic, scaled by sqrt(nm / (n + m)).

    The result is infinite if a sample is empty or contains nan, but 0 if both samples have the same size and
    contain only nan.
    """
    if not (one.size and other.size) or np.isnan(one).any() or np.isnan(other).any():
        return 0.0 if one.size == other.size and np.isnan(one).all() and np.isnan(other).all() else math.inf
    one, other = np.sort(one), np.sort(other)
    both = np.concatenate([one, other])
    gaps = np.searchsorted(one, both, "right") / one.size - np.searchsorted(other, both, "right") / other.size
    return float(np.abs(gaps).max()) * math.sqrt(one.size * other.size / (one.size + other.size))
