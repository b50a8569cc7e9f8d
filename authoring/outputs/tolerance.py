"""Define in one place how much two outputs of a cell may differ and still agree.

The last bits of a sum depend on the processor that computed it, so a printed digit can differ by one. A change of half
a percent, which a reader could notice, never passes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

RELATIVE = Decimal("0.001")  # relative to a value: the last of four digits
FLOOR = Decimal("0.0001")  # a value near 0 may differ by one unit of its last printed digit, but by no more than this
PIXELS = Decimal("0.1")  # for a coordinate of a drawing
LEVEL = 1  # of 255, for a color
EDGE = 64  # of 255, for a pixel on a line's edge, where such a shift, and rounding to the image's 64 colors, is visible

# A number is not part of a word (`Conv2d`, 2.13.0). It includes the spaces around it, which only align it: a minus sign
# takes the place of a space.
NUMBER = re.compile(
    r"""[^\S\n]*
    (?<![\w.]) (?P<number> [-+−]? (?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+) (?P<fraction>\.\d*)? (?P<power>[eE][-+−]?\d+)? )
    (?!\w|\.\d)
    [^\S\n]*""",
    re.VERBOSE,
)
_AROUND = 30  # characters shown on either side of a difference


@dataclass(frozen=True)
class _Number:
    """A printed number: its value, one unit of its last digit, and whether it was printed as an integer."""

    value: Decimal
    unit: Decimal
    is_whole: bool

    @classmethod
    def of(cls, found: re.Match[str]) -> _Number:
        value = Decimal(found["number"].replace(",", "").replace("−", "-"))
        unit = Decimal(1).scaleb(int(value.as_tuple().exponent))  # nan and infinity are never matched as numbers
        return cls(value, unit, len(found["fraction"] or "") < 2 and not found["power"])


def text_difference(kept: str, new: str) -> str:
    """Return the first place where two texts differ in a word or, beyond the tolerance, in a number; "" if they agree.

    Integers are counts and must be equal. If one text has 1 and the other has 0.9999, the tolerance applies to both.
    """
    return _first_difference(kept, new, _are_close)


def coordinate_difference(kept: str, new: str) -> str:
    """Return the first place where two lists of coordinates, such as `M 40.8 143 L 41 12`, differ by over `PIXELS`."""
    return _first_difference(kept, new, lambda a, b: abs(a.value - b.value) <= PIXELS)


def are_close(kept: np.ndarray, new: np.ndarray, step: float = 0.0) -> bool:
    """Return whether two arrays have the same shape, nan at the same positions, and values that agree.

    ``step`` is the quantization step of the stored values. If it is 0, only the relative difference counts. Otherwise,
    values also agree if they differ by at most two steps, or by at most `FLOOR` times the largest absolute value.
    """
    if kept.shape != new.shape:
        return False
    least = max(2 * step, float(FLOOR) * float(np.nanmax(np.abs(kept), initial=0.0))) if step else 0.0
    return np.allclose(kept, new, float(RELATIVE), least, equal_nan=True)


def _are_close(kept: _Number, new: _Number) -> bool:
    gap = abs(kept.value - new.value)
    if kept.is_whole and new.is_whole:
        return gap == 0
    return gap <= max(RELATIVE * max(abs(kept.value), abs(new.value)), min(kept.unit, new.unit, FLOOR))


def _first_difference(kept: str, new: str, close) -> str:
    if kept == new:
        return ""
    ours, theirs = list(NUMBER.finditer(kept)), list(NUMBER.finditer(new))
    for a, b in zip(ours, theirs, strict=False):
        if not close(_Number.of(a), _Number.of(b)):
            return f"{_around(kept, a.start('number'))} became {_around(new, b.start('number'))}"
    words, others = NUMBER.sub("\0", kept), NUMBER.sub("\0", new)
    if words == others:
        return ""
    at = next((i for i, (a, b) in enumerate(zip(words, others, strict=False)) if a != b), min(len(words), len(others)))
    return f"{_around(words, at)} became {_around(others, at)}"


def _around(text: str, at: int) -> str:
    """Return the text around a position, with "#" for each number that was removed."""
    return repr(text[max(0, at - _AROUND) : at + _AROUND].replace("\0", " # "))
