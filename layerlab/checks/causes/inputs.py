"""Detect causes by trying familiar operations on the inputs.

A cause is reported only if one operation reproduces the expected values, and another operation that differs in one
respect reproduces your values. All tensors are wide (float64 or complex128).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from layerlab.checks.causes.finding import Finding, finding
from layerlab.checks.causes.tools import Context, differing, digits, is_explained, same

_MAX_AXES = 4
_MAX_INPUT = 20_000  # elements of an input on which operations are tried

REDUCTIONS: dict[str, Callable[[torch.Tensor, tuple[int, ...]], torch.Tensor]] = {
    "sum": lambda x, axes: x.sum(axes, keepdim=True),
    "mean": lambda x, axes: x.mean(axes, keepdim=True),
    "maximum": lambda x, axes: x.amax(axes, keepdim=True),
    "minimum": lambda x, axes: x.amin(axes, keepdim=True),
    "biased variance": lambda x, axes: x.var(axes, correction=0, keepdim=True),
    "unbiased variance": lambda x, axes: x.var(axes, correction=1, keepdim=True),
    "biased standard deviation": lambda x, axes: x.std(axes, correction=0, keepdim=True),
    "unbiased standard deviation": lambda x, axes: x.std(axes, correction=1, keepdim=True),
    "mean of squares": lambda x, axes: x.square().mean(axes, keepdim=True),
    "sum of squares": lambda x, axes: x.square().sum(axes, keepdim=True),
    "length (2-norm)": lambda x, axes: x.square().sum(axes, keepdim=True).sqrt(),
}


def _inputs(context: Context) -> Iterator[torch.Tensor]:
    for x in context.inputs:
        if not x.is_complex() and 0 < x.numel() <= _MAX_INPUT and x.ndim <= _MAX_AXES and torch.isfinite(x).all():
            yield x


def _subsets(ndim: int) -> list[tuple[int, ...]]:
    return [axes for count in range(1, ndim + 1) for axes in itertools.combinations(range(ndim), count)]


def _told(target: torch.Tensor, context: Context) -> bool:
    return digits(target, context) * target.numel() >= 3.5


def another_reduction(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect mean/sum and biased/unbiased mix-ups, or reductions over other dimensions. Shapes may differ."""
    if expected.is_complex() or context.discrete:
        return None
    if not (_told(expected, context) and _told(yours, context)):
        return None
    for x in _inputs(context):
        right = list(_matching_reductions(x, expected, context))
        wrong = list(_matching_reductions(x, yours, context))
        for (name, axes), (mine, over) in itertools.product(right, wrong):
            if name == mine and axes != over:
                return finding("another_reduction.axes", name=name, wrong=over, right=axes)
            if name != mine and axes == over:
                return finding("another_reduction", wrong=mine, right=name, axes=axes)
    return None


def _matching_reductions(
    x: torch.Tensor, target: torch.Tensor, context: Context
) -> Iterator[tuple[str, tuple[int, ...]]]:
    for axes in _subsets(x.ndim):
        sizes = math.prod(x.shape[i] for i in axes)
        if sizes < 2 or target.numel() * sizes != x.numel():
            continue
        for name, reduce in REDUCTIONS.items():
            full = reduce(x, axes)
            if target.shape in (full.shape, full.squeeze(axes).shape) and same(
                target, full.reshape(target.shape), context
            ):
                yield name, axes


@dataclass(frozen=True)
class _Norm:
    """A normalization over some dimensions, (x - mean) / sqrt(variance + eps), or a common variation of it."""

    axes: tuple[int, ...]
    centred: bool = True
    unbiased: bool = False
    eps: float = 1e-5
    eps_outside: bool = False

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        mean = x.mean(self.axes, keepdim=True)
        centre = mean if self.centred else torch.zeros_like(mean)
        count = math.prod(x.shape[i] for i in self.axes)
        variance = (x - centre).square().sum(self.axes, keepdim=True) / (count - (1 if self.unbiased else 0))
        scale = variance.sqrt() + self.eps if self.eps_outside else (variance + self.eps).sqrt()
        return (x - centre) / scale


_EPSILONS = (1e-5, 1e-6, 1e-8, 1e-3)


def another_normalisation(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect normalization with the wrong variance, dimensions, or eps, or with the mean wrongly kept or removed."""
    if not is_explained(expected, yours, context):
        return None
    for x in _inputs(context):
        if x.shape != expected.shape:
            continue
        for axes, eps, centred in itertools.product(_subsets(x.ndim), _EPSILONS, (True, False)):
            right = _Norm(axes, centred=centred, eps=eps)
            if math.prod(x.shape[i] for i in axes) < 2 or not same(expected, right(x), context):
                continue
            for form, wrong in _variations(right, x):
                if same(yours, wrong(x), context) and not same(expected, wrong(x), context):
                    return finding(f"another_normalisation.{form}", right=axes, wrong=wrong.axes)
    return None


def _variations(right: _Norm, x: torch.Tensor) -> Iterator[tuple[str, _Norm]]:
    yield "unbiased", replace(right, unbiased=True)
    yield "eps_outside", replace(right, eps_outside=True)
    yield "no_eps", replace(right, eps=0.0)
    yield "mean_kept" if right.centred else "mean_removed", replace(right, centred=not right.centred)
    for axes in _subsets(x.ndim):
        if axes != right.axes and math.prod(x.shape[i] for i in axes) > 1:
            yield "axes", replace(right, axes=axes)


def broadcast_in_a_loss(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a loss that covers all pairs of items because shapes (n, 1) and (n,) were broadcast."""
    if expected.numel() != 1 or yours.numel() != 1 or not _told(expected, context):
        return None
    for a, b in itertools.combinations(list(_inputs(context)), 2):
        if a.numel() != b.numel() or a.ndim == b.ndim or a.numel() < 2 or max(a.shape) != max(b.shape) != a.numel():
            continue
        paired = a.flatten() - b.flatten()
        crossed = a.flatten()[:, None] - b.flatten()[None, :]
        for measure in (torch.square, torch.abs):
            for reduce in (torch.mean, torch.sum):
                right, wrong = reduce(measure(paired)), reduce(measure(crossed))
                if same(expected.flatten()[0], right, context) and same(yours.flatten()[0], wrong, context):
                    return finding("broadcast_in_a_loss", first=tuple(a.shape), second=tuple(b.shape))
    return None


def another_gelu(expected: torch.Tensor, yours: torch.Tensor, context: Context) -> Finding | None:
    """Detect a mix-up of the two definitions of GELU."""
    if differing(expected, yours, context) < 3:
        return None
    for x in _inputs(context):
        exact, approximate = F.gelu(x), F.gelu(x, approximate="tanh")
        if same(expected, exact, context) and same(yours, approximate, context):
            return finding("another_gelu.tanh")
        if same(expected, approximate, context) and same(yours, exact, context):
            return finding("another_gelu.exact")
    return None
