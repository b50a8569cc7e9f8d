"""Is one random observation wrong in the same way as another: what two samples of one mistake have in common.

Two answers with the same mistake draw different numbers, so their bytes never agree. What agrees is why the judge
refuses them, and the distribution of their values.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from layerlab.graded.wire import Array

# Kolmogorov-Smirnov for two samples: D sqrt(nm / (n + m)) stays below this with probability 0.9995.
MOST_APART = 2.0
DIGITS = 3  # of ratios: what is dropped or kept has few values, and rounding must not tell them apart
_NUMBERS = re.compile(r"[\d][\d.,e+%-]*")


def same_reason(one: str, other: str) -> bool:
    """Return whether two sentences say the same but for the numbers in them."""
    return _NUMBERS.sub("#", one) == _NUMBERS.sub("#", other)


def alike(known: tuple, got: tuple, options: dict[str, Any]) -> bool:
    """Return whether two observations may be samples of one distribution.

    Args:
        known: arrays that a known mistake showed.
        got: those of an answer.
        options: of the judge; where ``x`` is among them, values are compared relative to it.
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
    """Return values as float64, divided by ``x`` where there is one and it is not 0."""
    values = values.astype(np.float64)
    if x is None or x.shape != values.shape:
        return values.ravel()
    told = np.abs(x) > 1e-3
    return np.round(values[told] / x[told], DIGITS)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return the two-sample statistic of Kolmogorov and Smirnov; infinite where only one of them has a nan."""
    if not (one.size and other.size) or np.isnan(one).any() or np.isnan(other).any():
        return 0.0 if one.size == other.size and np.isnan(one).all() and np.isnan(other).all() else math.inf
    one, other = np.sort(one), np.sort(other)
    both = np.concatenate([one, other])
    gaps = np.searchsorted(one, both, "right") / one.size - np.searchsorted(other, both, "right") / other.size
    return float(np.abs(gaps).max()) * math.sqrt(one.size * other.size / (one.size + other.size))
