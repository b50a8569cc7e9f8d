"""Detect causes from the kind of value returned: None, a layer, a tuple, a number, a wrong dtype, no gradient."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from layerlab.checks.causes.tools import Context, as_tensor, differing, enough, same, tensor_of, tolerances, wide

_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def returned_none(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect None where a value is expected."""
    if yours is not None or expected is None:
        return None
    if "grad" in context.what.lower():
        return "no gradient arrived: .detach(), .data, .item(), torch.tensor(...) or no_grad cuts the graph."
    return "your function returns None: its `return` is missing, or it returns the result of an in-place method."


def returned_class(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a class where an object, or its result, is expected."""
    if not isinstance(yours, type) or isinstance(expected, type):
        return None
    return f"{yours.__name__} is a class: create an instance with {yours.__name__}(...), and use that."


def returned_layer(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a layer where its output is expected."""
    if not isinstance(yours, torch.nn.Module) or isinstance(expected, torch.nn.Module):
        return None
    return "this is the layer itself, not its output: call it on an input."


def returned_function(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a function or method where its result is expected."""
    if not inspect.isroutine(yours) or inspect.isroutine(expected):
        return None
    name = getattr(yours, "__name__", "it")
    return f"`{name}` was not called: the parentheses after it are missing."


def returned_iterator(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a generator, map or zip where a list or tuple is expected."""
    if not isinstance(yours, Iterator) or isinstance(expected, Iterator):
        return None
    return "this is an iterator, which has no values yet: turn it into a list with list(...)."


def tensor_for_tuple(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a single tensor that is one of several expected results."""
    if not isinstance(expected, tuple | list) or isinstance(expected, torch.Size) or not _is_tensor(yours):
        return None
    for index, item in enumerate(expected):
        if _is_tensor(item) and _same_raw(item, yours):
            return f"yours is item {index} of the {len(expected)} expected items: return all of them."
    return None


def tuple_for_tensor(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect several results where a single tensor is expected: one of the results, or all of them joined."""
    if not _is_tensor(expected) or not isinstance(yours, tuple | list) or not yours:
        return None
    for index, item in enumerate(yours):
        if _is_tensor(item) and _same_raw(expected, item):
            return f"yours contains {len(yours)} results; only item {index} is expected."
    tensors = [tensor for item in yours if (tensor := as_tensor(item)) is not None]
    if len(tensors) < len(yours) or any(t.ndim == 0 or t.dtype != tensors[0].dtype for t in tensors):
        return None
    alike = {tuple(t.shape) for t in tensors}
    if len(alike) == 1 and _same_raw(expected, torch.stack(tensors)):
        return f"yours is a {type(yours).__name__} of the parts: join them with torch.stack."
    if len({tuple(t.shape[1:]) for t in tensors}) == 1 and _same_raw(expected, torch.cat(tensors)):
        return f"yours is a {type(yours).__name__} of the parts: join them with torch.cat."
    return None


def number_for_tensor(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a Python number where a tensor is expected, a mistake that loses the gradient."""
    if not isinstance(expected, torch.Tensor) or type(yours) not in (int, float, complex):
        return None
    return ".item(), float(...) or Python's math turned the tensor into a number, and no gradient flows through it."


def array_for_tensor(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a NumPy array where a tensor is expected, or the reverse."""
    if isinstance(expected, torch.Tensor) and isinstance(yours, np.ndarray | np.generic):
        return "NumPy turned the tensor into an array, and no gradient flows through it: use torch's own functions."
    if isinstance(expected, np.ndarray) and isinstance(yours, torch.Tensor):
        return "a NumPy array is expected: return yours.detach().numpy()."
    return None


def truth_for_number(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect True or False where a number is expected, or the reverse."""
    if type(expected) is bool and type(yours) in (int, float):
        return "True or False is expected, not a number: return the comparison itself."
    if type(expected) in (int, float) and type(yours) is bool:
        return "a number is expected, not True or False: return the number that was compared."
    return None


def sizes_in_other_order(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a shape with the expected sizes in a different order."""
    wanted, got = _sizes(expected), _sizes(yours)
    if wanted is None or got is None or wanted == got or sorted(wanted) != sorted(got):
        return None
    return "the sizes are right but in a different order: are in and out, or two dimensions, swapped?"


def size_missing(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a shape with one dimension too many or too few."""
    wanted, got = _sizes(expected), _sizes(yours)
    if wanted is None or got is None:
        return None
    for longer, shorter, word in ((wanted, got, "missing"), (got, wanted, "extra")):
        if len(longer) == len(shorter) + 1:
            gone = [i for i in range(len(longer)) if longer[:i] + longer[i + 1 :] == shorter]
            if gone:
                return f"one dimension is {word}: dimension {gone[0]}, of size {longer[gone[0]]}."
    return None


def sizes_not_merged(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a shape in which adjacent dimensions are wrongly kept separate, or wrongly flattened into one."""
    wanted, got = _sizes(expected), _sizes(yours)
    if wanted is None or got is None or len(wanted) == len(got) or 1 in wanted + got:
        return None
    longer, shorter = sorted((wanted, got), key=len, reverse=True)
    count = len(longer) - len(shorter) + 1
    for first in range(len(shorter)):
        merged = math.prod(longer[first : first + count])
        if [*longer[:first], merged, *longer[first + count :]] == shorter:
            told = " * ".join(str(size) for size in longer[first : first + count])
            word = "should be flattened into one" if shorter == wanted else "were flattened into one"
            return f"{count} adjacent dimensions {word}, starting at dimension {first}: {told} = {merged}."
    return None


def key_prefix(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect an unexpected or missing prefix on every key of a dict."""
    if not (isinstance(expected, dict) and isinstance(yours, dict) and expected and yours):
        return None
    if not all(isinstance(key, str) for key in [*expected, *yours]):
        return None
    for longer, shorter, word in ((yours, expected, "begins with"), (expected, yours, "lacks")):
        prefix = next(iter(longer)).removesuffix(next(iter(shorter)))
        if prefix and prefix.endswith(".") and [prefix + key for key in shorter] == list(longer):
            return f"every key of yours {word} {prefix!r}: this prefix comes from a wrapper around the layers."
    return None


def keys_missing(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a dict of tensors that lacks some expected keys, because a parameter or buffer is not registered."""
    if not (isinstance(expected, dict) and isinstance(yours, dict) and len(yours) < len(expected)):
        return None
    if not all(key in expected for key in yours) or not any(_is_tensor(value) for value in expected.values()):
        return None
    return "the missing keys are unregistered: parameters need nn.Parameter, buffers register_buffer, lists ModuleList."


# -- tensors of a different kind -----------------------------------------------------------------------------------


def changed_input(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect that the student's code modified its input in place."""
    if not context.changed:
        return None
    told = "create a new tensor instead of using +=, x[...] = or a method that ends in _."
    return f"your code changed its input in place ({context.changed}); {told}"


def precision_of_another_dtype(expected: Any, yours: Any, context: Context) -> str | None:
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
                name = str(narrow).removeprefix("torch.")
                return f"the values passed through {name} and kept only its precision: stay in the dtype of the input."
    return None


def wrong_dtype(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect the expected values in the wrong dtype."""
    wanted, got = tensor_of(expected), tensor_of(yours)
    if wanted.dtype == got.dtype or wanted.shape != got.shape or wanted.is_complex() != got.is_complex():
        return None
    rtol, atol = tolerances([wanted.dtype, got.dtype])
    if not same(wide(wanted), wide(got), Context(rtol=rtol, atol=atol)):
        return None
    if got.dtype is torch.float32 and wanted.dtype is torch.float64:
        return "only the dtype differs: a tensor has torch's default dtype; create new tensors with dtype=x.dtype."
    if got.dtype is torch.float64:
        return "only the dtype differs: float64 comes from NumPy or .double(); convert the data, or use dtype=x.dtype."
    if not got.is_floating_point() and not got.is_complex():
        return "only the dtype differs: integers or booleans instead of floating-point values; convert with .to(...)."
    return "only the dtype differs: convert with .to(...), or create new tensors with dtype=x.dtype."


def lost_decimals(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect an integer tensor that contains the expected values truncated or rounded."""
    wanted, got = tensor_of(expected), tensor_of(yours)
    if not wanted.is_floating_point() or got.is_floating_point() or got.is_complex() or got.dtype == torch.bool:
        return None
    if wanted.shape != got.shape or len(torch.unique(got)) < 3:
        return None
    for name, cut in (("cut off", torch.trunc), ("rounded down", torch.floor), ("rounded", torch.round)):
        if torch.equal(cut(wide(wanted)), wide(got)):
            return f"the decimals were {name}: yours is an integer tensor; make it floating point before dividing."
    return None


def plain_for_parameter(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect a plain tensor with the values of an expected Parameter."""
    if not isinstance(expected, torch.nn.Parameter) or isinstance(yours, torch.nn.Parameter):
        return None
    if not _same_raw(expected, yours):
        return None
    return "an operation after nn.Parameter(...) gives a plain tensor again: compute first, wrap in nn.Parameter last."


def detached(expected: Any, yours: Any, context: Context) -> str | None:
    """Detect the expected values in a tensor that is detached from the graph."""
    if not (isinstance(expected, torch.Tensor) and isinstance(yours, torch.Tensor)):
        return None
    if expected.grad_fn is None or yours.requires_grad or not _same_raw(expected, yours):
        return None
    return "the graph is cut on the way: .detach(), .data, .item(), torch.tensor(...), NumPy or torch.no_grad()."


def _is_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor | np.ndarray)


def _same_raw(expected: Any, yours: Any) -> bool:
    wanted, got = as_tensor(expected), as_tensor(yours)
    if wanted is None or got is None or wanted.shape != got.shape or wanted.dtype != got.dtype:
        return False
    rtol, atol = tolerances([wanted.dtype])
    return differing(wide(wanted), wide(got), Context(rtol=rtol, atol=atol)) == 0


def _sizes(value: Any) -> list[int] | None:
    if not isinstance(value, tuple | list) or not value or not all(type(item) is int for item in value):
        return None
    return list(value)
