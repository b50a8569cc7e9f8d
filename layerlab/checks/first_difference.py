"""Find and describe the first difference between two tensors, arrays, numbers, sequences or dicts."""

from __future__ import annotations

import builtins
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from layerlab.checks.causes.tools import as_tensor, mismatch, tensor_of, wide
from layerlab.graded.tolerances import NUMBER_TOLERANCE, TOLERANCES, Tolerance
from layerlab.graded.wire import MAX_DEPTH, pairs
from layerlab.judging.words import number


@dataclass(frozen=True)
class Difference:
    """The first difference between two values.

    Args:
        where: the location of the difference in a nested value, such as "weight" or "item 1"; empty at the top level.
        facts: the expected and the returned value at that location, in words.
        expected: the expected part.
        yours: the student's part.
    """

    where: str
    facts: str
    expected: Any
    yours: Any


def difference(expected: Any, yours: Any, tolerance: Tolerance) -> Difference | None:
    """Return the first difference between ``expected`` and ``yours``, or None if they agree.

    Tuples, lists and ``torch.Size`` are equivalent. If a number is expected, Python numbers, NumPy numbers and
    0-dimensional tensors are also equivalent. Tensors must agree in shape, dtype and every value; if the expected
    tensor has a ``grad_fn``, your tensor must require grad.
    """
    for path, wanted, got in pairs(expected, yours):
        too_deep = len(path) > MAX_DEPTH
        if facts := "nested too deeply to compare" if too_deep else _facts(wanted, got, tolerance):
            return Difference(_place(expected, path), facts, wanted, got)
    return None


def _place(value: Any, path: tuple[Any, ...]) -> str:
    if not path:
        return ""
    first = str(path[0]) if isinstance(value, dict) else f"item {path[0]}"
    return first + "".join(f"[{step!r}]" for step in path[1:])


def _facts(expected: Any, yours: Any, tolerance: Tolerance) -> str:
    """Describe how two values differ; of dicts and sequences, compare only the keys, the length, and sizes."""
    if isinstance(expected, dict):
        return _dict_facts(expected, yours)
    if isinstance(expected, tuple | list):
        return _sequence_facts(expected, yours)
    if isinstance(expected, torch.Tensor) or (isinstance(expected, np.ndarray) and as_tensor(expected) is not None):
        return _tensor_facts(expected, yours, tolerance)
    if type(expected) in (bool, int, float, complex) or isinstance(expected, np.number | np.bool_):
        return _number_facts(expected, yours, tolerance)
    return _other_facts(expected, yours)


def describe(value: Any) -> str:
    """Describe a value in a few words: "shape (4, 2)", "2 items", "None"."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return f"shape {tuple(value.shape)}"
    if isinstance(value, dict):
        return _count(len(value), "entry", "entries")
    if isinstance(value, torch.Size) or (isinstance(value, tuple | list) and all(type(v) is int for v in value)):
        return _short(tuple(value))
    if isinstance(value, tuple | list):
        return _count(len(value), "item", "items")
    return _short(value)


def _count(number_of: int, one: str, many: str) -> str:
    return f"{number_of} {one if number_of == 1 else many}"


def kind(value: Any) -> str:
    """Describe what kind of value this is, with an article: "a tensor of shape (3,) float32", "a Linear layer"."""
    try:
        return _kind(value)
    except Exception:  # some values raise an error even when asked for their shape
        return f"a {type(value).__name__}"


def _kind(value: Any) -> str:
    if isinstance(value, torch.nn.Module):
        return f"a {type(value).__name__} layer"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)} {dtype_name(value)}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape} {value.dtype}"
    if isinstance(value, dict):
        return f"a dict of {len(value)}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float | complex | str | np.generic | torch.dtype | torch.device):
        return _short(value)
    if callable(value) and hasattr(value, "__name__"):
        return f"the function `{value.__name__}`"
    return f"an object of type {type(value).__name__}"


def _with_article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def dtype_name(value: torch.Tensor | np.ndarray) -> str:
    """Return "float32" for ``torch.float32``."""
    return str(value.dtype).removeprefix("torch.")


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception as error:  # a student's object whose __repr__ fails
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return text if len(text) <= 60 else text[:59] + "…"


# -- containers ----------------------------------------------------------------------------------------------------


def _dict_facts(expected: dict, yours: Any) -> str:
    if not isinstance(yours, dict):
        return f"expected a dict with the keys {_keys(expected)}, got {kind(yours)}"
    missing = [key for key in expected if key not in yours]
    extra = [key for key in yours if key not in expected]
    parts = [f"missing {_keys(missing)}"] * bool(missing) + [f"not expected {_keys(extra)}"] * bool(extra)
    return f"the keys differ: {'; '.join(parts)}" if parts else ""


def _keys(keys: Any) -> str:
    listed = [repr(key) for key in keys]
    return ", ".join(listed[:8]) + (f" and {len(listed) - 8} more" if len(listed) > 8 else "") if listed else "none"


def _sequence_facts(expected: tuple | list, yours: Any) -> str:
    if not isinstance(yours, tuple | list):
        wanted = describe(expected) if _is_sizes(expected) else _count(len(expected), "item", "items")
        return f"expected {wanted} in a {type(expected).__name__}, got {kind(yours)}"
    if _is_sizes(expected) and _is_sizes(yours):
        return f"expected {tuple(expected)}, got {tuple(yours)}" if tuple(expected) != tuple(yours) else ""
    if len(expected) != len(yours):
        return f"expected {_count(len(expected), 'item', 'items')}, got {len(yours)}"
    return ""


def _is_sizes(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) > 0 and all(type(item) is int for item in value)


# -- tensors and numbers -------------------------------------------------------------------------------------------


def _tensor_facts(expected: torch.Tensor | np.ndarray, yours: Any, tolerance: Tolerance) -> str:
    """Describe how ``yours`` differs from an expected tensor or array; return "" if it does not."""
    alike = torch.Tensor if isinstance(expected, torch.Tensor) else np.ndarray
    if not isinstance(yours, alike):
        return f"expected {kind(expected)}, got {kind(yours)}"
    if tuple(expected.shape) != tuple(yours.shape):
        return f"expected shape {_form(expected)}, got shape {_form(yours)}"
    if expected.dtype != yours.dtype:
        return (
            f"expected {dtype_name(expected)}, got {dtype_name(yours)}, in the expected shape {tuple(expected.shape)}"
        )
    layouts = getattr(expected, "layout", None), getattr(yours, "layout", None)
    if layouts[0] != layouts[1]:
        return f"expected a tensor of layout {layouts[0]}, got one of {layouts[1]}"
    left, right = tensor_of(expected), tensor_of(yours)
    default = TOLERANCES.get(dtype_name(left), (0.0, 0.0))
    differs = _differs(left, right, *tolerance.over(default))
    if differs.any():
        return _values_facts(left, right, differs)
    if isinstance(expected, torch.Tensor) and isinstance(yours, torch.Tensor):
        return _gradient_facts(expected, yours)
    return ""


def _form(value: torch.Tensor | np.ndarray) -> str:
    return f"{tuple(value.shape)} {dtype_name(value)}"


def _differs(expected: torch.Tensor, yours: torch.Tensor, rtol: float, atol: float) -> torch.Tensor:
    if rtol == 0 and atol == 0 and not (expected.is_floating_point() or expected.is_complex()):
        return torch.from_numpy(np.asarray(expected.numpy() != yours.numpy()))  # exact beyond 2**53 too
    return mismatch(wide(expected), wide(yours), rtol, atol)


def _values_facts(expected: torch.Tensor, yours: torch.Tensor, differs: torch.Tensor) -> str:
    at = tuple(differs.nonzero()[0].tolist())
    wanted, got = _pair(expected[at].item(), yours[at].item())
    error = _largest_error(expected, yours)
    if not at:
        return f"expected {wanted}, got {got} ({dtype_name(expected)}, 0-d as expected){error}"
    count, total = int(differs.sum()), differs.numel()
    share = "all values differ" if count == total else f"{count} of {total} values differ"
    form = f"shape {tuple(expected.shape)} and {dtype_name(expected)} as expected, but "
    return f"{form}{share}; the first at {list(at)}: expected {wanted}, got {got}{error}"


def _largest_error(expected: torch.Tensor, yours: torch.Tensor) -> str:
    if expected.dtype == torch.bool:
        return ""
    errors = (wide(yours) - wide(expected)).abs()
    finite = errors[torch.isfinite(errors)]
    return f"; largest absolute error {number(float(finite.max()))}" if finite.any() else ""


def _pair(expected: Any, yours: Any) -> tuple[str, str]:
    """Return two numbers as text, with enough digits to show that they differ."""
    if any(not isinstance(value, float) for value in (expected, yours)):
        return str(expected), str(yours)
    pair = [(f"{expected:.{digits}g}", f"{yours:.{digits}g}") for digits in (4, 6, 9, 17)]
    return next((texts for texts in pair if texts[0] != texts[1]), pair[-1])


def _gradient_facts(expected: torch.Tensor, yours: torch.Tensor) -> str:
    if isinstance(expected, torch.nn.Parameter) and not isinstance(yours, torch.nn.Parameter):
        values = f"the values are as expected, shape {tuple(expected.shape)}"
        return f"{values}, but yours is a plain tensor, not an nn.Parameter"
    if expected.grad_fn is not None and not yours.requires_grad:
        return f"the values are as expected, shape {tuple(expected.shape)}, but no gradient can flow back through yours"
    return ""


def _number_facts(expected: Any, yours: Any, tolerance: Tolerance) -> str:
    got = yours
    if isinstance(yours, torch.Tensor | np.ndarray | np.generic) and as_tensor(yours) is not None and yours.ndim == 0:
        got = tensor_of(yours).item()
    wanted = expected.item() if isinstance(expected, np.generic) else expected
    if type(got) not in (bool, int, float, complex):
        return f"expected {_short(wanted)}, got {kind(yours)}"
    if isinstance(wanted, bool) != isinstance(got, bool):
        return f"expected {_short(wanted)}, got {_short(got)}"
    if isinstance(wanted, int) or isinstance(got, bool):
        return "" if wanted == got else f"expected {_short(wanted)}, got {_short(got)}"
    if isinstance(got, complex) and not isinstance(wanted, complex):
        return f"expected {_short(wanted)}, got {_short(got)}"
    rtol, atol = tolerance.over(NUMBER_TOLERANCE)
    if isinstance(got, int) and abs(got) > 1e300:
        return f"expected {_short(wanted)}, got {_short(got)}"
    if isinstance(wanted, float) and math.isnan(wanted) and isinstance(got, float) and math.isnan(got):
        return ""
    near = wanted == got or (abs(wanted) != math.inf and abs(got - wanted) <= atol + rtol * abs(wanted))
    if near:
        return ""
    texts = _pair(wanted, float(got) if isinstance(got, int) else got)
    return f"expected {texts[0]}, got {texts[1]}; absolute error {number(abs(got - wanted))}"


def _other_facts(expected: Any, yours: Any) -> str:
    if expected is yours:
        return ""
    if type(expected) is type(yours) and not isinstance(expected, torch.nn.Module) and bool(expected == yours):
        return ""
    wanted, got = _exception(expected), _exception(yours)
    if wanted:
        return f"expected {_with_article(wanted)} to be raised, got {_with_article(got) if got else kind(yours)}"
    return f"expected {kind(expected)}, got {kind(yours)}"


def _exception(value: Any) -> str:
    """Return the name of an exception, given the exception, its class or its name; "" for anything else."""
    if isinstance(value, str):
        value = getattr(builtins, value, None) if value.isidentifier() else None
    if isinstance(value, BaseException):
        value = type(value)
    return value.__name__ if isinstance(value, type) and issubclass(value, BaseException) else ""
