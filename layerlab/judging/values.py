"""Compare two values of any kind: numbers, tensors, arrays, and other objects, also in tuples, lists, and dicts.

One comparer serves ``lab.compare``, whose values are alive, and the judges, whose values were decoded. The first
difference is a `Finding`; `notebook_words.py` and `feedback_words.py` put it into words.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from layerlab.checks.causes.finding import Finding, finding
from layerlab.checks.causes.tools import differing_elements, is_sizes, tensor_of, usual, wide_array
from layerlab.graded.tolerances import NUMBER_TOLERANCE, TOLERANCES, Tolerance
from layerlab.graded.wire import MAX_DEPTH, WIDENED, Array, DType, pairs


class JudgeError(Exception):
    """The reference asks for something that no judge can decide; this is always a mistake in the course."""


def difference(expected: Any, got: Any, tolerance: Tolerance) -> Finding | None:
    """Return the first difference between two values, or None if they agree.

    Tuples, lists and ``torch.Size`` are equivalent. If a number is expected, Python numbers, NumPy numbers and
    0-dimensional tensors are also equivalent, but bools are not numbers. Tensors must agree in shape, dtype and every
    value. Of two tensors that are alive, the layout must agree, too; if the expected one is a Parameter or has a
    ``grad_fn``, the other one must be a Parameter or require grad.
    """
    for path, wanted, value in pairs(expected, got):
        why = finding("too_deep") if len(path) > MAX_DEPTH else _difference(wanted, value, tolerance)
        if why is not None:
            return replace(why, path=path, expected=wanted, got=value)
    return None


def close(expected: tuple, got: tuple, options: dict[str, Any]) -> Finding | None:
    """Return the first difference between an observation's values; the options ``rtol`` and ``atol`` have defaults."""
    tolerance = Tolerance(options.get("rtol"), options.get("atol"))
    for index, pair in enumerate(zip(expected, got, strict=True)):
        if (why := difference(*pair, tolerance)) is not None:
            return replace(why, path=(index, *why.path))
    return None


def equal(expected: tuple, got: tuple, options: dict[str, Any]) -> Finding | None:
    """Return where values are not equal to the reference's, or None; ``options`` is ignored."""
    return close(expected, got, {"rtol": 0.0, "atol": 0.0})


def plain(value: Any) -> Any:
    """Return a live tensor, array or dtype as if it had been decoded, and any other value as it is."""
    if isinstance(value, torch.Tensor):
        sparse = "" if value.layout is torch.strided else " sparse"
        tensor = tensor_of(value)
        data = tensor.to(WIDENED.get(tensor.dtype, tensor.dtype)).numpy()
        return Array("tensor", f"{str(value.dtype).removeprefix('torch.')}{sparse}", data)
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufc":
        return Array("array", str(value.dtype), np.asarray(value))
    return DType(str(value).removeprefix("torch.")) if isinstance(value, torch.dtype) else value


def live(value: Any) -> Any:
    """Return a decoded value with its tensors, arrays, and dtypes alive."""
    if isinstance(value, Array) and value.kind == "tensor":
        return torch.from_numpy(value.data).to(getattr(torch, value.dtype.split()[0]))
    if isinstance(value, dict):
        return {key: live(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(live(part) for part in value)
    return value.data if isinstance(value, Array) else getattr(torch, value.name) if isinstance(value, DType) else value


def exception_name(value: Any) -> str:
    """Return the name of an exception, given the exception, its class or its name; "" for anything else."""
    if isinstance(value, str):
        value = getattr(builtins, value, None) if value.isidentifier() else None
    kind = type(value) if isinstance(value, BaseException) else value
    return kind.__name__ if isinstance(kind, type) and issubclass(kind, BaseException) else ""


def _difference(expected: Any, got: Any, tolerance: Tolerance) -> Finding | None:
    """Compare one value of any kind; of dicts and sequences, compare only the keys, the length, and sizes."""
    if isinstance(expected, dict):
        return _of_keys(expected, got)
    if isinstance(expected, tuple | list):
        return _of_items(expected, got)
    wanted, value = plain(expected), plain(got)
    if isinstance(wanted, Array) and (wanted.kind == "tensor" or wanted.shape):
        return _of_layouts(expected, got) or _of_arrays(wanted, value, tolerance) or _of_gradients(expected, got)
    if isinstance(wanted, Array):  # a NumPy number
        return _of_numbers(wanted.data.item(), value, tolerance)
    if type(wanted) in (bool, int, float, complex):
        return _of_numbers(wanted, value, tolerance)
    if expected is got or (type(wanted) is type(value) and bool(wanted == value)):
        return None
    if exception_name(expected):
        return finding("exception.other" if exception_name(got) else "exception")
    forms = {str: "string", DType: "object.dtype"}
    return finding(forms.get(type(wanted), "object") if type(wanted) is type(value) else "type")


def _of_keys(expected: dict, got: Any) -> Finding | None:
    if not isinstance(got, dict):
        return finding("no_dict")
    missing = [key for key in expected if key not in got]
    extra = [key for key in got if key not in expected]
    return finding("keys" if missing else "keys.extra", missing=missing, extra=extra) if missing or extra else None


def _of_items(expected: tuple | list, got: Any) -> Finding | None:
    if not isinstance(got, tuple | list):
        return finding("no_sequence")
    if len(expected) != len(got):
        return finding("length.sizes" if is_sizes(expected) and is_sizes(got) else "length")
    if not (is_sizes(expected) and is_sizes(got)):
        return None
    at = next((i for i, pair in enumerate(zip(expected, got, strict=True)) if pair[0] != pair[1]), None)
    if at is None:
        return None
    return finding("sizes", at=at, number=got[at], error=float(min(abs(got[at] - expected[at]), 10**300)))


# -- tensors and numbers -------------------------------------------------------------------------------------------


def _of_arrays(expected: Array, got: Any, tolerance: Tolerance) -> Finding | None:
    why = form_difference(expected, got)
    if why or np.array_equal(expected.data, got.data):  # most right answers are equal down to the last bit
        return why
    if expected.data.dtype.kind in "fc":
        default = TOLERANCES.get(expected.dtype.split()[0], TOLERANCES["float32"])
        differs = differing_elements(expected.data, got.data, *tolerance.over(default))
    else:
        differs = np.asarray(expected.data != got.data)
    return _of_values(expected.data, got.data, differs) if differs.any() else None


def form_difference(expected: Array, got: Any) -> Finding | None:
    """Compare the kind, shape, and dtype of ``got`` with those of a tensor or array."""
    if not isinstance(got, Array) or got.kind != expected.kind:
        return finding("type", expected=expected, got=got)
    if got.shape != expected.shape:
        return finding("shape", expected=expected, got=got)
    if got.dtype != expected.dtype or got.data.dtype != expected.data.dtype:
        return finding("dtype", expected=expected, got=got)
    return None


def _of_layouts(expected: Any, got: Any) -> Finding | None:
    """Compare the layouts of two tensors that are alive, and that have the same shape and dtype."""
    if not (isinstance(expected, torch.Tensor) and isinstance(got, torch.Tensor)) or expected.layout == got.layout:
        return None
    return finding("layout") if expected.shape == got.shape and expected.dtype == got.dtype else None


def _of_gradients(expected: Any, got: Any) -> Finding | None:
    """Compare two tensors that are alive: must ``got`` be a Parameter, or require grad, and isn't?"""
    if not (isinstance(expected, torch.Tensor) and isinstance(got, torch.Tensor)):
        return None
    if isinstance(expected, torch.nn.Parameter) and not isinstance(got, torch.nn.Parameter):
        return finding("no_parameter")
    return finding("no_gradient") if expected.grad_fn is not None and not got.requires_grad else None


def _of_numbers(expected: complex, got: Any, tolerance: Tolerance) -> Finding | None:
    number = got.data.item() if isinstance(got, Array) and not got.shape and got.data.dtype.kind in "biufc" else got
    data = {"wanted": expected, "number": number}
    if type(number) not in (bool, int, float, complex) or isinstance(expected, bool) != isinstance(number, bool):
        return finding("number", **data)
    if isinstance(number, complex) and not isinstance(expected, complex):
        return finding("number.complex", **data)
    if number == expected:
        return None
    if isinstance(expected, int):  # includes bool
        if isinstance(number, float) and not number.is_integer():
            return finding("number.part", **data)
        form = ".truth" if isinstance(expected, bool) else ""
        return finding(f"whole{form}", **data, error=float(min(abs(int(number) - expected), 10**300)))
    try:
        pair = np.asarray(expected), np.asarray(number, dtype=np.asarray(expected).dtype)
    except OverflowError:
        return finding("beyond_floats", **data)
    differs = differing_elements(*pair, *tolerance.over(NUMBER_TOLERANCE))
    return _of_values(*pair, differs, is_number=True) if differs.any() else None


def _of_values(expected: np.ndarray, got: np.ndarray, differs: np.ndarray, *, is_number: bool = False) -> Finding:
    """Describe how two arrays of the same shape differ; ``differs`` is true at least once."""
    with np.errstate(all="ignore"):
        wanted, value = wide_array(expected), wide_array(got)
        errors = np.abs(value - wanted)
        finite = np.isfinite(wanted), np.isfinite(value)
    forms = {
        "truth": differs & (expected.dtype.kind == "b"),
        "not_finite": differs & finite[0] & ~finite[1],
        "finite": differs & finite[1] & ~finite[0],
        "other": differs & ~finite[1],
        "single" if differs.size == 1 else "many": differs,
    }
    form, where = next((form, where) for form, where in forms.items() if where.any())
    at, measurable = first(differs), errors[differs & np.isfinite(errors)]
    pair = {"wanted": expected[at].item(), "number": got[at].item(), "at": at, "is_number": is_number}
    sizes = {"usual": usual(expected), "error": float(measurable.max()) if measurable.size else None}
    return finding(f"values.{form}", **pair, **sizes, wrong=int(differs.sum()), **_place(got, where))


def _place(values: np.ndarray, where: np.ndarray) -> dict[str, Any]:
    """Return the first true position of ``where``, the value there, and how many positions there are."""
    return {"place": first(where), "value": values[first(where)].item(), "count": int(where.sum()), "total": where.size}


def first(where: np.ndarray) -> tuple[int, ...]:
    """Return the index of the first true element."""
    return tuple(int(i) for i in np.argwhere(where)[0])


def not_finite(values: np.ndarray) -> Finding | None:
    """Return where values are nan or infinite, or None if all are finite."""
    where = ~np.isfinite(values)
    return finding("odd_values", **_place(values, where)) if where.any() else None


def first_miss(
    judge: str,
    expected: tuple,
    got: tuple,
    decide: Callable[[Array, Array], Finding | None] = lambda wanted, value: None,
) -> Finding | None:
    """Return why the first pair of arrays differs in form, or is rejected by ``decide``; else None, or JudgeError."""
    for wanted, value in zip(expected, got, strict=True):
        if not isinstance(wanted, Array) or wanted.data.dtype.kind not in "fciu":
            raise JudgeError(f"{judge} judges tensors and arrays of numbers only")
        if why := form_difference(wanted, value) or decide(wanted, value):
            return why
    return None


def numbers(value: Any) -> np.ndarray | None:
    """Return a real number or an array of real numbers as a float64 array; return None for anything else."""
    data = value.data if isinstance(value, Array) else np.asarray(value) if type(value) in (int, float) else None
    return data.astype(np.float64) if data is not None and data.dtype.kind in "iuf" else None
