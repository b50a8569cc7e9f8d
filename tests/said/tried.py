"""Register the sentences of chapters and the functions that test them, for `tests/course/test_said.py`."""

from collections.abc import Callable

import torch

Try = Callable[[], None]
TRIED: list[tuple[str, str, Try]] = []


def tries(chapter: str) -> Callable[..., Callable[[Try], Try]]:
    """Return a decorator that registers a function with the sentences of a chapter that the function tests."""

    def said(*sentences: str) -> Callable[[Try], Try]:
        def keep(tried: Try) -> Try:
            TRIED.extend((chapter, sentence, tried) for sentence in sentences)
            return tried

        return keep

    return said


def close(a: torch.Tensor, b: torch.Tensor, tolerance: float = 1e-5) -> bool:
    """Return whether two tensors have the same shape and nearly the same values."""
    return a.shape == b.shape and torch.allclose(a, b, rtol=tolerance, atol=tolerance)


def saved(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> tuple[torch.Tensor, list[int]]:
    """Return a function's result, and the addresses of the tensors that it saves for the backward pass."""
    kept: list[int] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: (kept.append(t.data_ptr()), t)[1], lambda t: t):
        y = f(x)
    return y, kept


def slope(f: Callable[[torch.Tensor], torch.Tensor], *places: float) -> list[float]:
    """Return a function's gradient at each of the points."""
    x = torch.tensor(places, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(x).sum(), x)[0].tolist()
