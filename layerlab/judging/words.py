"""Put a finding into words, with a table that has a sentence for each kind of finding.

A sentence is a format string: "{axis}" stands for the finding's data of this name, and what follows a colon, as in
"{axes:dimensions}", is one of `FORMS`. A float without a form has 4 digits.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch

from layerlab.checks.causes.alike import familiar
from layerlab.checks.causes.finding import Finding
from layerlab.checks.causes.tools import is_sizes
from layerlab.graded.wire import Array, DType
from layerlab.judging.values import exception_name, plain

Table = Mapping[str, str | Callable[[Finding], str]]


def put(table: Table, found: Finding) -> str:
    """Return a finding's sentence: that of its kind or, if the table has none, of its name; "" if it has neither."""
    words = table.get(found.kind, table.get(found.name, ""))
    data = {"expected": found.expected, "got": found.got, "form": found.form} | dict(found.data)
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


def located(label: str, values: Any, path: tuple[Any, ...]) -> str:
    """Return an observation's label and a location in its values, such as "state (index 1, key 'weight')".

    If the observation has a single value, its index is omitted.
    """
    words, inner = [], values
    for step in path:
        if inner is not values or len(values) > 1:
            words.append(f"{'key' if isinstance(inner, dict) else 'index'} {step!r}")
        inner = inner[step] if isinstance(inner, dict | tuple | list) else None
    return f"{label} ({', '.join(words)})" if words else label


def _about(size: float) -> str:
    """Return a size rounded to one digit, such as "0.3", "20", or "4e-07", so that it reveals no expected value."""
    if not math.isfinite(size):
        return "more than a number can hold"
    rounded = float(f"{size:.1g}")
    return f"{rounded:,.0f}" if 1 <= rounded < 1e6 else f"{rounded:g}"


def _shown(value: complex) -> str:
    """Return a value of the answer with four digits, such as "0.3333", "20,100", or "1e+12"."""
    if not isinstance(value, int):
        return f"{value:.4g}"
    if abs(value) < 10**9:
        return f"{value:,}"
    return f"{'-' if value < 0 else ''}1e+{int(math.log10(abs(value)))}"  # as a float, it may overflow


def thing(value: Any) -> str:
    """Describe a value with an article: "a tensor of shape (3,) float32", "a Linear layer"; show a short value."""
    try:
        return _thing(plain(value))
    except Exception:  # some values raise an error even when asked for their shape
        return f"a {type(value).__name__}"


def _thing(value: Any) -> str:
    if isinstance(value, torch.nn.Module):
        return f"a {type(value).__name__} layer"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, Array):
        return f"{_type(value)} {value.dtype}" if value.kind == "tensor" or value.shape else repr(value.data[()])
    if isinstance(value, DType):
        return f"torch.{value.name}"
    if isinstance(value, dict):
        return f"a dict of {len(value)}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None or isinstance(value, bool | int | float | complex | str | np.generic | torch.device):
        return _short(value)
    if callable(value) and hasattr(value, "__name__"):
        return f"the function `{value.__name__}`"
    return f"an object of type {type(value).__name__}"


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:  # a student's object whose __repr__ fails
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return text if len(text) <= 60 else text[:59] + "…"


def describe(value: Any) -> str:
    """Describe a value in a few words: "shape (4, 2)", "2 items", "None"."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return f"shape {tuple(value.shape)}"
    if isinstance(value, dict):
        return f"{len(value)} {'entry' if len(value) == 1 else 'entries'}"
    if isinstance(value, torch.Size) or is_sizes(value) or value == ():
        return _short(tuple(value))
    if isinstance(value, tuple | list):
        return f"{len(value)} item{'s' * (len(value) != 1)}"
    return _short(value)


def spot(words: str, many: str = "") -> Callable[[Finding], str]:
    """Return a function that says where the first value is of those that ``words`` describe, and how many are."""

    def sentence(found: Finding) -> str:
        data = found.data
        place = f"the value at index {data['place']}" if data["place"] else "the value"
        odd = "nan" if data.get("value") != data.get("value") else "infinite"
        count = f" ({data['count']:,} of {data['total']:,} {many})" if many and data["total"] > 1 else ""
        return f"{place} is {words.format(odd=odd, value=data.get('value'))}{count}"

    return sentence


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…") if text else "an empty string"


def _exception(value: Any) -> str:
    name = exception_name(value)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _keys(keys: Any) -> str:
    listed = [repr(key) for key in keys]
    return ", ".join(listed[:8]) + (f" and {len(listed) - 8} more" if len(listed) > 8 else "") if listed else "none"


def _type(value: Any) -> str:
    """Describe a value's type, such as "a tensor of shape (3, 4)" or "a bool", without showing the value."""
    if isinstance(value, Array):
        return f"a {value.kind if value.kind == 'tensor' else 'NumPy array'} of shape {tuple(value.shape)}"
    names = {type(None): "None", bool: "a bool", int: "an integer", float: "a number", str: "a string"}
    names |= {dict: "a dict", tuple: "a tuple", list: "a list", DType: "a dtype", complex: "a complex number"}
    return names.get(type(value), f"a {type(value).__name__}")


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
    "about": _about,  # 23.4: "20"
    "bounds": _bounds,  # (low, high), or None for either: "below 0 and above 6"
    "dimensions": _dimensions,  # (0, 2): "dimensions 0 and 2"
    "exception": _exception,  # "ValueError": "a ValueError"
    "ends": _ends,  # ((2, 1, 0),): "1 at the start of dimension 2"
    "factor": _factor,  # 0.2: "1/5 of"; 1.37: "about 1.4 times"
    "positions": lambda n: f"{abs(n)} position{'s' * (abs(n) != 1)} {'forward' if n > 0 else 'back'}",
    "items": describe,
    "keys": _keys,
    "length": lambda values: str(len(values)),
    "product": lambda sizes: " * ".join(map(str, sizes)),
    "quoted": _quoted,
    "sort": lambda value: "True or False" if isinstance(value, bool) else "a number",
    "signed": lambda added: f"{'+' if added >= 0 else '-'} {number(abs(added))}",
    "shown": _shown,  # 0.33333: "0.3333"
    "size": lambda added: number(abs(added)),
    "sizes": lambda sizes: str(tuple(sizes)),
    "thing": thing,
    "type": _type,  # 3: "an integer"
    "way": lambda added: "large" if added > 0 else "small",
}
