"""Compare an answer's values with the reference's; values can be numbers, tensors, or nested tuples, lists, and dicts.

A `Miss` gives the location of a difference, and either the size of the difference or what is wrong with the shape,
dtype, or structure. It never reveals an expected value.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layerlab.graded.tolerances import NUMBER_TOLERANCE, TOLERANCES
from layerlab.graded.wire import Array, DType, have_same_parts, pairs
from layerlab.judging import sizes
from layerlab.judging.claim_model import Told

_LONGEST_SHOWN = 60  # characters of a student's own text in a sentence


@dataclass(frozen=True)
class Miss:
    """The reason why an observation is not accepted."""

    cause: str  # for the student, such as "expected shape (3, 4), got (4, 3)"
    detail: str = ""  # the values, for the instructor
    where: str = ""  # the location inside the observation, such as ", index 1, key 'weight'"
    told: Told = Told.FORM  # which kind of sentence ``cause`` is

    def of(self, label: str) -> str:
        """Return the observation's label and location, then the cause, as in "state (key 'weight'): expected ..."."""
        return f"{label} ({self.where.removeprefix(', ')}): {self.cause}" if self.where else f"{label}: {self.cause}"


class JudgeError(Exception):
    """The reference asks for something that no judge can decide; this is always a mistake in the course."""


def close(expected: tuple, got: tuple, options: dict[str, Any]) -> Miss | None:
    """Return where and by how much values differ, or None; `layerlab/graded/tolerances.py` has the defaults."""
    for path, wanted, found in pairs(expected, got):
        if miss := _miss(wanted, found, options):
            return replace(miss, where=place(expected, path) + miss.where)
    return None


def place(values: tuple, path: tuple[Any, ...]) -> str:
    """Return a path in words, such as ", index 1, key 'weight'"; if there is a single value, its index is omitted."""
    words, inner = "", values
    for step in path:
        if inner is not values or len(values) > 1:
            words += f", {'key' if isinstance(inner, dict) else 'index'} {step!r}"
        inner = inner[step]
    return words


def equal(expected: tuple, got: tuple, options: dict[str, Any]) -> Miss | None:
    """Return where observed values differ from the reference's, or None if they are equal; ``options`` is ignored."""
    return close(expected, got, {"rtol": 0.0, "atol": 0.0})


def _miss(expected: Any, got: Any, options: dict[str, Any]) -> Miss | None:
    """Compare one value of any kind with the reference's; of a dict or a sequence, only its keys or its length."""
    if isinstance(expected, dict | tuple | list):
        return None if have_same_parts(expected, got) else _parts_miss(expected, got, options)
    if isinstance(expected, Array) and (expected.kind == "tensor" or expected.shape):
        return _array_miss(expected, got, options)
    if isinstance(expected, Array):  # a NumPy number
        return _number_miss(expected.data.item(), got, options)
    if type(expected) in (bool, int, float, complex):
        return _number_miss(expected, got, options)
    if type(expected) is not type(got):
        return Miss(f"expected {kind(expected)}, got {kind(got)}")
    if expected != got:
        return Miss(_another(expected, got), f"expected {expected!r}, got {got!r}")
    return None


def _parts_miss(expected: dict | tuple | list, got: Any, options: dict[str, Any]) -> Miss | None:
    if isinstance(expected, tuple | list):
        if not isinstance(got, tuple | list):
            return Miss(f"expected a tuple or list, got {kind(got)}")
        return Miss(f"expected {len(expected)} entries, got {len(got)}")
    if not isinstance(got, dict):
        return Miss(f"expected a dict, got {kind(got)}")
    for key, wanted in expected.items():  # in order: a wrong value is named before a missing key after it
        if key not in got:
            return Miss(f"the key {key!r} is missing")
        if miss := close((wanted,), (got[key],), options):
            return replace(miss, where=f", key {key!r}{miss.where}")
    return Miss(f"the key {next(key for key in got if key not in expected)!r} is not expected")


def _another(expected: Any, got: Any) -> str:
    """Return a sentence for a wrong value of the correct type; an expected value is named only if it is a dtype."""
    if isinstance(expected, DType):
        return f"expected {expected.name}, got {got.name}"
    if not isinstance(expected, str):
        return f"expected a different {kind(expected)[2:]}"
    shown = repr(got if len(got) <= _LONGEST_SHOWN else f"{got[:_LONGEST_SHOWN]}…") if got else "an empty string"
    if _is_exception(expected):
        if _is_exception(got):
            return f"expected a different exception, got {got}"
        return f"expected an exception, got {shown}"
    return f"expected a different string, got {shown}"


def _is_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _number_miss(expected: complex, got: Any, options: dict[str, Any]) -> Miss | None:
    """Compare numbers; Python and NumPy numbers and 0-dimensional tensors are equivalent, but bools are not numbers."""
    number = got.data.item() if isinstance(got, Array) and not got.shape and got.data.dtype.kind in "biufc" else got
    if type(number) not in (bool, int, float, complex):
        return Miss(f"expected a number, got {kind(got)}")
    if isinstance(expected, bool) != isinstance(number, bool):
        wanted = "True or False" if isinstance(expected, bool) else "a number"
        return Miss(f"expected {wanted}, got {kind(got)}")
    if isinstance(number, complex) and not isinstance(expected, complex):
        return Miss("expected a real number, got a complex one")
    if isinstance(expected, int):  # includes bool
        if number == expected:
            return None
        return _whole_miss(expected, number)
    try:
        pair = np.asarray(expected), np.asarray(number, dtype=np.asarray(expected).dtype)
    except OverflowError:
        return Miss("got a value larger than any float", told=Told.VALUES)
    differs = _differs(*pair, *_tolerance(NUMBER_TOLERANCE, options))
    if differs.any():
        return Miss(sizes.difference(*pair, differs), f"expected {expected}, got {number}", told=Told.VALUES)
    return None


def _whole_miss(expected: int, got: float) -> Miss:
    detail = f"expected {expected}, got {got}"
    if isinstance(expected, bool):
        return Miss(f"your answer gives {got}, which is wrong", detail, told=Told.VALUES)
    if isinstance(got, float) and not got.is_integer():
        return Miss(f"expected an integer, got {sizes.shown(got)}", detail)
    far = abs(int(got) - expected)
    return Miss(f"got {sizes.shown(got)}, off by about {sizes.about(min(far, 1e300))}", detail, told=Told.VALUES)


def form_miss(expected: Array, got: Any) -> Miss | None:
    """Compare the kind, shape, and dtype of ``got`` with those of the reference's tensor or array."""
    if not isinstance(got, Array) or got.kind != expected.kind:
        return Miss(f"expected {kind(expected)}, got {kind(got)}")
    if got.shape != expected.shape:
        return Miss(f"expected shape {shape(expected)}, got {shape(got)}")
    if got.dtype != expected.dtype or got.data.dtype != expected.data.dtype:
        return Miss(f"expected dtype {expected.dtype}, got {got.dtype}")
    return None


def _array_miss(expected: Array, got: Any, options: dict[str, Any]) -> Miss | None:
    miss = form_miss(expected, got)
    if miss or np.array_equal(expected.data, got.data):  # most right answers are equal down to the last bit
        return miss
    if expected.data.dtype.kind not in "fc":
        differs = np.asarray(expected.data != got.data)
    else:
        default = TOLERANCES.get(expected.dtype.split()[0], TOLERANCES["float32"])
        differs = _differs(expected.data, got.data, *_tolerance(default, options))
    if not differs.any():
        return None
    at = sizes.first(differs)
    values = f"expected {expected.data[at]!s}, got {got.data[at]!s}"
    return Miss(sizes.difference(expected.data, got.data, differs), values, told=Told.VALUES)


def _tolerance(default: tuple[float, float], options: dict[str, Any]) -> tuple[float, float]:
    return float(options.get("rtol", default[0])), float(options.get("atol", default[1]))


def _differs(expected: np.ndarray, got: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """Return where ``got`` is farther from ``expected`` than atol + rtol * max(|expected|, median of |expected|).

    Thanks to the median of the finite nonzero values, an element that cancels to almost 0 has the same tolerance for
    rounding errors as its neighbors. If the maximum were used instead, a single -1e9 from a mask would make every error
    in the tensor acceptable. nan and inf must be at the same positions.
    """
    finite = np.isfinite(expected)
    with np.errstate(all="ignore"):
        expected, got = sizes.wide(expected), sizes.wide(got)
        size = np.where(finite, np.abs(expected), 0.0)
        allowed = atol + rtol * np.maximum(size, sizes.usual(expected))
        near = np.abs(got - expected) <= allowed
        same = (expected == got) | (np.isnan(expected) & np.isnan(got))
    return ~np.where(finite, near, same)


def first_miss(
    judge: str, expected: tuple, got: tuple, miss: Callable[[Array, Array], Miss | None] = lambda wanted, found: None
) -> Miss | None:
    """Return the `Miss` of the first pair of arrays that differ in form, or that ``miss`` rejects; else, JudgeError."""
    for wanted, found in zip(expected, got, strict=True):
        if not isinstance(wanted, Array) or wanted.data.dtype.kind not in "fciu":
            raise JudgeError(f"{judge} judges tensors and arrays of numbers only")
        if why := form_miss(wanted, found) or miss(wanted, found):
            return why
    return None


def numbers(value: Any) -> np.ndarray | None:
    """Return a real number or an array of real numbers as a float64 array; return None for anything else."""
    data = value.data if isinstance(value, Array) else np.asarray(value) if type(value) in (int, float) else None
    return data.astype(np.float64) if data is not None and data.dtype.kind in "iuf" else None


def shape(array: Array) -> str:
    """Return a shape as Python writes it, such as "(3, 4)"."""
    return str(tuple(array.shape))


def kind(value: Any) -> str:
    """Describe a value's type in words, such as "a tensor of shape (3, 4)" or "a bool"."""
    if isinstance(value, Array):
        return f"a {value.kind if value.kind == 'tensor' else 'NumPy array'} of shape {shape(value)}"
    names = {type(None): "None", bool: "a bool", int: "an integer", float: "a number", str: "a string"}
    names |= {dict: "a dict", tuple: "a tuple", list: "a list", DType: "a dtype", complex: "a complex number"}
    return names.get(type(value), f"a {type(value).__name__}")
