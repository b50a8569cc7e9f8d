"""Define in one place how much two outputs of a cell may differ and still agree.

The last bits of a sum depend on the processor that computed it, so a printed digit can differ by one. A change of half
a percent, which a reader could notice, never passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import zip_longest

import numpy as np

RELATIVE = Decimal("0.001")  # relative to a value: the last of four digits
FLOOR = Decimal("0.0001")  # a value near 0 may differ by one unit of its last printed digit, but by no more than this
PIXELS = Decimal("0.1")  # for a coordinate of a drawing

# A number is not part of a word (`Conv2d`, 2.13.0). The spaces around it only align it: a minus sign takes the place of
# a space.
NUMBER = re.compile(
    r"[^\S\n]*(?<![\w.])([-+−]?(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d*)?(?:[eE][-+−]?\d+)?)(?!\w|\.\d)[^\S\n]*"
)


def text_difference(kept: str, new: str) -> str:
    """Return the first difference of two texts in a word, in an integer, or, beyond the tolerance, in a decimal."""
    return _first_difference(kept, new, _are_close)


def coordinate_difference(kept: str, new: str) -> str:
    """Return the first place where two lists of coordinates, such as `M 40.8 143 L 41 12`, differ by over `PIXELS`."""
    return _first_difference(kept, new, lambda kept, new: abs(_value(kept) - _value(new)) <= PIXELS)


def are_close(kept: np.ndarray, new: np.ndarray, step: float = 0.0) -> bool:
    """Return whether two arrays have the same shape, nan at the same positions, and values that agree.

    If ``step``, by which stored values are rounded, is not 0, two steps, or `FLOOR` of the largest value, also agree.
    """
    least = max(2 * step, float(FLOOR) * float(np.nanmax(np.abs(kept), initial=0.0))) if step else 0.0
    return kept.shape == new.shape and np.allclose(kept, new, float(RELATIVE), least, equal_nan=True)


def _are_close(kept: str, new: str) -> bool:
    a, b = _value(kept), _value(new)
    exponents = [int(value.as_tuple().exponent) for value in (a, b)]  # of the last digit
    if min(exponents) >= 0 and "e" not in (kept + new).lower():
        return a == b
    return abs(a - b) <= max(RELATIVE * max(abs(a), abs(b)), min(Decimal(1).scaleb(min(exponents)), FLOOR))


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", "").replace("−", "-"))


def _first_difference(kept: str, new: str, close: Callable[[str, str], bool]) -> str:
    before = ""
    for n, (a, b) in enumerate(zip_longest(NUMBER.split(kept), NUMBER.split(new), fillvalue="")):  # odd: a number
        if a != b and not (n % 2 and a and b and close(a, b)):
            same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
            at = max(0, same - 30)
            return " became ".join(repr(f"{before[-30:]} {piece[at : at + 60]}".strip()) for piece in (a, b))
        before = a
    return ""
