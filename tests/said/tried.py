"""Sentences of chapters, and functions that try them in torch: `@said` keeps both for `tests/course/test_said.py`."""

from __future__ import annotations

from collections.abc import Callable

import torch

TRIED: list[tuple[str, str, Callable[[], None]]] = []


def said(chapter: str, *sentences: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Keep a function that tries sentences of a chapter."""

    def keep(tries: Callable[[], None]) -> Callable[[], None]:
        TRIED.extend((chapter, sentence, tries) for sentence in sentences)
        return tries

    return keep


def close(a: torch.Tensor, b: torch.Tensor, tolerance: float = 1e-5) -> bool:
    """Return whether two tensors have one shape and nearly the same numbers."""
    return a.shape == b.shape and torch.allclose(a, b, rtol=tolerance, atol=tolerance)


def slope(f: Callable[[torch.Tensor], torch.Tensor], *places: float) -> list[float]:
    """Return a function's gradient at some places."""
    x = torch.tensor(places, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(x).sum(), x)[0].tolist()
