"""Provide tools for `compare` and its causes: plain tensors, tolerances, and evidence against a coincidence."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from layerlab.checks.causes.finding import Finding, finding
from layerlab.graded.tolerances import ROUNDING

MAX_SEARCHED = 200_000  # elements; larger tensors are not searched for causes, because each try takes noticeable time
_LOOSER = 3  # a relation needs one more operation than a value, so its rounding error may be larger
_NEEDED = 7.0  # decimal digits of agreement that prove a relation: about 1 coincidence in 10 million tries


@dataclass(frozen=True)
class Context:
    """The information that a cause can use besides the two values.

    Args:
        what: the name of the check ("gradient of the weight").
        rtol: relative tolerance of the comparison.
        atol: absolute tolerance of the comparison.
        inputs: the inputs of the student's code, copied before the call as plain wide tensors.
        changed: a short description of the input that the student's code changed; empty if no input changed.
        discrete: True for integers and bools, which are compared exactly.
    """

    what: str = "output"
    rtol: float = ROUNDING["float32"][0]
    atol: float = ROUNDING["float32"][1]
    inputs: tuple[torch.Tensor, ...] = ()
    changed: str = ""
    discrete: bool = False

    def sizes(self) -> dict[int, Finding]:
        """Return the inputs' dimension sizes and element counts, each with what it is the size of."""
        named: dict[int, Finding] = {}
        for x in self.inputs:
            for axis, size in enumerate(x.shape):
                named.setdefault(size, finding("size.axis", axis=axis))
        for x in self.inputs:
            named.setdefault(x.numel(), finding("size.all"))
            for left in range(x.ndim):
                rest = math.prod(x.shape[left:])
                named.setdefault(rest, finding("size.rest", axis=left))
                others = x.numel() // x.shape[left] if x.shape[left] else 0
                named.setdefault(others, finding("size.others", axis=left))
        return {size: meaning for size, meaning in named.items() if size >= 2}


def tolerances(dtypes: Iterable[torch.dtype]) -> tuple[float, float]:
    """Return the tolerances (rtol, atol) for rounding errors: the largest ones that any of these dtypes needs."""
    pairs = [ROUNDING.get(str(dtype).removeprefix("torch."), (0.0, 0.0)) for dtype in dtypes]
    return max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)


def as_tensor(value: Any) -> torch.Tensor | None:
    """Return a tensor, Parameter, NumPy array or number as a detached dense CPU tensor; return None for other values.

    The dtype is kept if torch has it.
    """
    if isinstance(value, torch.Tensor):
        plain = value.detach()
        if plain.layout is not torch.strided:
            plain = plain.to_dense()
        if plain.is_quantized:
            plain = plain.dequantize()
        return plain.as_subclass(torch.Tensor).to("cpu").resolve_conj().resolve_neg()
    if isinstance(value, np.ndarray | np.generic) and np.asarray(value).dtype.kind in "biufc":
        array = np.asarray(value)
        wide = {"b": bool, "i": np.int64, "u": np.uint64, "f": np.float64, "c": np.complex128}[array.dtype.kind]
        kept = array.dtype.newbyteorder("=") if array.dtype.itemsize <= np.dtype(wide).itemsize else np.dtype(wide)
        return torch.from_numpy(np.array(array, dtype=kept))
    if type(value) is int and not -(2**63) <= value < 2**63:
        return torch.tensor(float(value) if abs(value) < 1e300 else math.inf, dtype=torch.float64)
    if type(value) in (bool, int, float, complex):
        return torch.tensor(value, dtype={float: torch.float64, complex: torch.complex128}.get(type(value)))
    return None


def tensor_of(value: Any) -> torch.Tensor:
    """Return the tensor that `as_tensor` makes from a value; raise an error instead of returning None.

    Raises:
        TypeError: if the value is not a tensor, array, or number.
    """
    tensor = as_tensor(value)
    if tensor is None:
        raise TypeError(f"{type(value).__name__} is not a tensor, array, or number")
    return tensor


def wide(tensor: torch.Tensor) -> torch.Tensor:
    """Return a plain tensor as float64, or complex128 if it is complex."""
    return tensor.to(torch.complex128 if tensor.is_complex() else torch.float64)


def differing_elements(expected: np.ndarray, got: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """Return where ``got`` is farther from ``expected`` than atol + rtol * max(|expected|, median of |expected|).

    Thanks to the median of the finite nonzero values, an element that cancels to almost 0 has the same tolerance for
    rounding errors as its neighbors. If the maximum were used instead, a single -1e9 from a mask would make every error
    in the tensor acceptable. nan and inf must be at the same positions.
    """
    finite = np.isfinite(expected)
    with np.errstate(all="ignore"):
        expected, got = wide_array(expected), wide_array(got)
        size = np.where(finite, np.abs(expected), 0.0)
        allowed = atol + rtol * np.maximum(size, usual(expected))
        near = np.abs(got - expected) <= allowed
        exact = (expected == got) | (np.isnan(expected) & np.isnan(got))
    return ~np.where(finite, near, exact)


def usual(values: np.ndarray) -> float:
    """Return the median magnitude of the finite nonzero values, or 0 if there are none."""
    with np.errstate(invalid="ignore"):
        sizes = np.abs(wide_array(values))
    usable = sizes[np.isfinite(sizes) & (sizes > 0)]
    return float(np.median(usable)) if usable.size else 0.0


def wide_array(values: np.ndarray) -> np.ndarray:
    """Return values as float64, or as complex128 if they are complex, so that comparisons add no rounding errors."""
    return values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)


def mismatch(expected: torch.Tensor, yours: torch.Tensor, rtol: float, atol: float) -> torch.Tensor:
    """Return a bool tensor that marks the elements of ``yours`` that are too far from those of ``expected``."""
    return torch.from_numpy(np.asarray(differing_elements(expected.numpy(), yours.numpy(), rtol, atol)))


def is_sizes(value: Any) -> bool:
    """Return whether a value is a tuple or list of one or more integers, such as a shape."""
    return isinstance(value, tuple | list) and len(value) > 0 and all(type(item) is int for item in value)


def same(expected: torch.Tensor, other: torch.Tensor, context: Context) -> bool:
    """Return whether two wide tensors agree in shape and in every element."""
    if expected.shape != other.shape or expected.is_complex() != other.is_complex():
        return False
    return not mismatch(expected, other, _LOOSER * context.rtol, _LOOSER * context.atol).any()


def differing(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> int:
    """Return how many elements of two tensors differ; if the shapes differ, all elements count as different."""
    if expected.shape != yours.shape:
        return max(expected.numel(), yours.numel())
    return int(mismatch(expected, yours, context.rtol, context.atol).sum())


def distinct(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> int:
    """Return the number of distinct (expected, yours) pairs among the elements that differ."""
    differs = mismatch(expected, yours, context.rtol, context.atol)
    pairs = torch.stack([torch.view_as_real(t) if t.is_complex() else t for t in (expected[differs], yours[differs])])
    pairs = pairs.movedim(0, -1).reshape(int(differs.sum()), -1) if differs.any() else pairs.reshape(0, 2)
    return len(torch.unique(torch.round(pairs, decimals=6), dim=0)) if len(pairs) else 0


def digits(values: torch.Tensor, context: Context) -> float:
    """Return the evidence, in decimal digits, that one agreeing element gives: about 5 for typical float32 values.

    In a constant tensor, the evidence is 0.
    """
    finite = values[torch.isfinite(values)]
    if finite.numel() == 0:
        return 0.0
    _, counts = torch.unique(finite.abs() if finite.is_complex() else finite, return_counts=True)
    if context.discrete or 2 * len(counts) < finite.numel():  # with few distinct values, agreement only shows which one
        shares = counts / counts.sum()
        return float(-(shares * shares.log10()).sum())
    spread = float((finite - finite.mean()).abs().square().mean().sqrt()) if finite.numel() > 1 else float(finite.abs())
    allowed = context.atol + context.rtol * spread
    return max(0.0, math.log10(spread / allowed)) if spread > 0 and allowed > 0 else 15.0 * (spread > 0)


def enough(target: torch.Tensor, elements: int, context: Context, free: int = 0, needed: float = _NEEDED) -> bool:
    """Return whether a relation reproduces enough values to rule out a coincidence.

    Args:
        target: the values that the relation reproduces.
        elements: the number of elements that the relation explains, usually those that differ.
        context: the context, whose tolerances are used.
        free: the number of free parameters in the relation (1 for a factor).
        needed: the required evidence in decimal digits.
    """
    return digits(target, context) * (elements - free) >= needed


def is_explained(
    expected: torch.Tensor, yours: torch.Tensor, context: Context, target: torch.Tensor | None = None
) -> bool:
    """Return whether so many elements differ that a relation between all of them cannot be a coincidence.

    Args:
        target: the values that the relation reproduces; by default, ``expected``.
    """
    return enough(expected if target is None else target, differing(expected, yours, context), context)
