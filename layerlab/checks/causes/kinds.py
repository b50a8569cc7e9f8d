"""Detect causes from the kind of value returned: None, a layer, a tuple, a number, a wrong dtype, no gradient."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from layerlab.checks.causes.finding import Finding, finding
from layerlab.checks.causes.tools import (
    Context,
    as_tensor,
    differing,
    enough,
    is_sizes,
    same,
    tensor_of,
    tolerances,
    wide,
)

_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def returned_none(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect None where a value is expected."""
    form = ".gradient" if "grad" in context.what.lower() else ""
    return finding(f"returned_none{form}") if yours is None and expected is not None else None


def returned_class(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a class where an object, or its result, is expected."""
    is_wrong = isinstance(yours, type) and not isinstance(expected, type)
    return finding("returned_class", name=yours.__name__) if is_wrong else None


def returned_layer(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a layer where its output is expected."""
    is_wrong = isinstance(yours, torch.nn.Module) and not isinstance(expected, torch.nn.Module)
    return finding("returned_layer") if is_wrong else None


def returned_function(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a function or method where its result is expected."""
    is_wrong = inspect.isroutine(yours) and not inspect.isroutine(expected)
    return finding("returned_function", name=getattr(yours, "__name__", "it")) if is_wrong else None


def returned_iterator(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a generator, map or zip where a list or tuple is expected."""
    is_wrong = isinstance(yours, Iterator) and not isinstance(expected, Iterator)
    return finding("returned_iterator") if is_wrong else None


def tensor_for_tuple(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a single tensor that is one of several expected results."""
    if not isinstance(expected, tuple | list) or isinstance(expected, torch.Size) or not _is_tensor(yours):
        return None
    for index, item in enumerate(expected):
        if _is_tensor(item) and _same_raw(item, yours):
            return finding("tensor_for_tuple", index=index, count=len(expected))
    return None


def tuple_for_tensor(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect several results where a single tensor is expected: one of the results, or all of them joined."""
    if not _is_tensor(expected) or not isinstance(yours, tuple | list) or not yours:
        return None
    for index, item in enumerate(yours):
        if _is_tensor(item) and _same_raw(expected, item):
            return finding("tuple_for_tensor", count=len(yours), index=index)
    tensors = [tensor for item in yours if (tensor := as_tensor(item)) is not None]
    if len(tensors) < len(yours) or any(t.ndim == 0 or t.dtype != tensors[0].dtype for t in tensors):
        return None
    alike = {tuple(t.shape) for t in tensors}
    if len(alike) == 1 and _same_raw(expected, torch.stack(tensors)):
        return finding("tuple_for_tensor.stack", type=type(yours).__name__)
    if len({tuple(t.shape[1:]) for t in tensors}) == 1 and _same_raw(expected, torch.cat(tensors)):
        return finding("tuple_for_tensor.cat", type=type(yours).__name__)
    return None


def number_for_tensor(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a Python number where a tensor is expected, a mistake that loses the gradient."""
    is_wrong = isinstance(expected, torch.Tensor) and type(yours) in (int, float, complex)
    return finding("number_for_tensor") if is_wrong else None


def array_for_tensor(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a NumPy array where a tensor is expected, or the reverse."""
    if isinstance(expected, torch.Tensor) and isinstance(yours, np.ndarray | np.generic):
        return finding("array_for_tensor")
    if isinstance(expected, np.ndarray) and isinstance(yours, torch.Tensor):
        return finding("array_for_tensor.reverse")
    return None


def truth_for_number(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect True or False where a number is expected, or the reverse."""
    if type(expected) is bool and type(yours) in (int, float):
        return finding("truth_for_number.reverse")
    if type(expected) in (int, float) and type(yours) is bool:
        return finding("truth_for_number")
    return None


def sizes_in_other_order(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a shape with the expected sizes in a different order."""
    wanted, got = _sizes(expected), _sizes(yours)
    is_wrong = wanted is not None and got is not None and wanted != got and sorted(wanted) == sorted(got)
    return finding("sizes_in_other_order") if is_wrong else None


def size_missing(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a shape with one dimension too many or too few."""
    wanted, got = _sizes(expected), _sizes(yours)
    if wanted is None or got is None:
        return None
    for longer, shorter, form in ((wanted, got, ""), (got, wanted, ".extra")):
        if len(longer) == len(shorter) + 1:
            gone = [i for i in range(len(longer)) if longer[:i] + longer[i + 1 :] == shorter]
            if gone:
                return finding(f"size_missing{form}", axis=gone[0], size=longer[gone[0]])
    return None


def sizes_not_merged(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a shape in which adjacent dimensions are wrongly kept separate, or wrongly flattened into one."""
    wanted, got = _sizes(expected), _sizes(yours)
    if wanted is None or got is None or len(wanted) == len(got) or 1 in wanted + got:
        return None
    longer, shorter = sorted((wanted, got), key=len, reverse=True)
    count = len(longer) - len(shorter) + 1
    for first in range(len(shorter)):
        merged = math.prod(longer[first : first + count])
        if [*longer[:first], merged, *longer[first + count :]] == shorter:
            sizes, form = longer[first : first + count], "" if shorter == wanted else ".reverse"
            return finding(f"sizes_not_merged{form}", count=count, first=first, sizes=sizes, merged=merged)
    return None


def key_prefix(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect an unexpected or missing prefix on every key of a dict."""
    if not (isinstance(expected, dict) and isinstance(yours, dict) and expected and yours):
        return None
    if not all(isinstance(key, str) for key in [*expected, *yours]):
        return None
    for longer, shorter, form in ((yours, expected, "begins with"), (expected, yours, "lacks")):
        prefix = next(iter(longer)).removesuffix(next(iter(shorter)))
        if prefix and prefix.endswith(".") and [prefix + key for key in shorter] == list(longer):
            return finding(f"key_prefix.{form}", prefix=prefix)
    return None


def keys_missing(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a dict of tensors that lacks some expected keys, because a parameter or buffer is not registered."""
    if not (isinstance(expected, dict) and isinstance(yours, dict) and len(yours) < len(expected)):
        return None
    if not all(key in expected for key in yours) or not any(_is_tensor(value) for value in expected.values()):
        return None
    return finding("keys_missing")


# -- tensors of a different kind -----------------------------------------------------------------------------------


def changed_input(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect that the student's code modified its input in place."""
    return finding("changed_input", change=context.changed) if context.changed else None


def precision_of_another_dtype(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect values that passed through a narrower dtype: the final dtype is right, but the values lost precision."""
    wanted, got = tensor_of(expected), tensor_of(yours)
    if wanted.dtype != got.dtype or wanted.shape != got.shape or wanted.dtype not in _FLOATS:
        return None
    for narrow in (torch.float32, torch.bfloat16, torch.float16):
        if torch.finfo(narrow).eps <= torch.finfo(wanted.dtype).eps or wanted.dtype is torch.bfloat16:
            continue
        # By chance, a value of the wide dtype fits the narrow dtype with a probability of about 2**-(bits dropped).
        through = got.to(narrow).to(got.dtype)
        if torch.equal(through, got) and not torch.equal(wanted.to(narrow).to(wanted.dtype), wanted):
            rtol, atol = tolerances([narrow])
            loose = Context(rtol=max(rtol, context.rtol), atol=atol)
            if same(wide(wanted), wide(got), loose) and enough(wide(wanted), wanted.numel(), loose):
                return finding("precision_of_another_dtype", dtype=str(narrow).removeprefix("torch."))
    return None


def wrong_dtype(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect the expected values in the wrong dtype."""
    wanted, got = tensor_of(expected), tensor_of(yours)
    if wanted.dtype == got.dtype or wanted.shape != got.shape or wanted.is_complex() != got.is_complex():
        return None
    rtol, atol = tolerances([wanted.dtype, got.dtype])
    if not same(wide(wanted), wide(got), Context(rtol=rtol, atol=atol)):
        return None
    forms = {
        ".default": got.dtype is torch.float32 and wanted.dtype is torch.float64,
        ".float64": got.dtype is torch.float64,
        ".whole": not got.is_floating_point() and not got.is_complex(),
    }
    return finding("wrong_dtype" + next((form for form, fits in forms.items() if fits), ""))


def lost_decimals(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect an integer tensor that contains the expected values truncated or rounded."""
    wanted, got = tensor_of(expected), tensor_of(yours)
    if not wanted.is_floating_point() or got.is_floating_point() or got.is_complex() or got.dtype == torch.bool:
        return None
    if wanted.shape != got.shape or len(torch.unique(got)) < 3:
        return None
    for name, cut in (("cut off", torch.trunc), ("rounded down", torch.floor), ("rounded", torch.round)):
        if torch.equal(cut(wide(wanted)), wide(got)):
            return finding("lost_decimals", how=name)
    return None


def plain_for_parameter(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect a plain tensor with the values of an expected Parameter."""
    if not isinstance(expected, torch.nn.Parameter) or isinstance(yours, torch.nn.Parameter):
        return None
    if not _same_raw(expected, yours):
        return None
    return finding("plain_for_parameter")


def detached(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Detect the expected values in a tensor that is detached from the graph."""
    if not (isinstance(expected, torch.Tensor) and isinstance(yours, torch.Tensor)):
        return None
    if expected.grad_fn is None or yours.requires_grad or not _same_raw(expected, yours):
        return None
    return finding("detached")


def _is_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor | np.ndarray)


def _same_raw(expected: Any, yours: Any) -> bool:
    wanted, got = as_tensor(expected), as_tensor(yours)
    if wanted is None or got is None or wanted.shape != got.shape or wanted.dtype != got.dtype:
        return False
    rtol, atol = tolerances([wanted.dtype])
    return differing(wide(wanted), wide(got), Context(rtol=rtol, atol=atol)) == 0


def _sizes(value: Any) -> list[int] | None:
    return list(value) if is_sizes(value) else None
