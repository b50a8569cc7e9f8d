"""Put a finding into words, with a table that has a sentence for each kind of finding.

A sentence is a format string: "{axis}" stands for the finding's data of this name, and what follows a colon, as in
"{axes:dimensions}", is one of `FORMS`. A float without a form has 4 digits.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from layerlab.checks.causes.alike import familiar
from layerlab.checks.causes.finding import Finding

Table = Mapping[str, str | Callable[[Finding], str]]


def put(table: Table, found: Finding) -> str:
    """Return a finding's sentence: that of its kind or, if the table has none, of its name; "" if it has neither."""
    words = table.get(found.kind, table.get(found.name, ""))
    data = {"expected": found.expected, "got": found.got} | dict(found.data)
    return words(found) if callable(words) else _Sentence(table).vformat(words, (), data)


class _Sentence(string.Formatter):
    def __init__(self, table: Table) -> None:
        self._table = table

    def format_field(self, value: Any, form: str) -> str:
        if form in FORMS:
            return FORMS[form](value)
        if isinstance(value, Finding):
            return put(self._table, value)
        return number(value) if isinstance(value, float | complex) and not form else super().format_field(value, form)


def number(value: float | complex) -> str:
    """Return a number as text, with 4 significant digits unless it is an integer below a million."""
    if isinstance(value, complex):
        return f"{value:.4g}"
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e6 else f"{value:.4g}"


def _dimensions(axes: Iterable[int]) -> str:
    *others, last = map(str, axes)
    return f"dimensions {', '.join(others)} and {last}" if others else f"dimension {last}"


def _factor(scale: float) -> str:
    if form := familiar(scale):
        whole, is_root, is_inverse = form
        return f"{'1/' * is_inverse}{'√' * is_root}{whole} {'of' if is_inverse else 'times'}"
    return f"about {scale:.2g} times"


def _ends(ends: Iterable[tuple[int, int, int]]) -> str:
    """Describe how many positions are missing or extra at the two ends of each dimension."""
    words = []
    for axis, front, back in ends:
        parts = [f"{front} at the start"] * bool(front) + [f"{back} at the end"] * bool(back)
        words.append(f"{' and '.join(parts)} of dimension {axis}")
    return "; ".join(words)


def _bounds(bounds: tuple[float | None, float | None]) -> str:
    named = zip(("below", "above"), bounds, strict=True)
    return " and ".join(f"{word} {number(bound)}" for word, bound in named if bound is not None)


FORMS: dict[str, Callable[[Any], str]] = {
    "bounds": _bounds,  # (low, high), or None for either: "below 0 and above 6"
    "dimensions": _dimensions,  # (0, 2): "dimensions 0 and 2"
    "ends": _ends,  # ((2, 1, 0),): "1 at the start of dimension 2"
    "factor": _factor,  # 0.2: "1/5 of"; 1.37: "about 1.4 times"
    "positions": lambda n: f"{abs(n)} position{'s' * (abs(n) != 1)} {'forward' if n > 0 else 'back'}",
    "product": lambda sizes: " * ".join(map(str, sizes)),
    "signed": lambda added: f"{'+' if added >= 0 else '-'} {number(abs(added))}",
    "size": lambda added: number(abs(added)),
    "way": lambda added: "large" if added > 0 else "small",
}
