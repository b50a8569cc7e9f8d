"""Make tables of pairs (expected, yours) for the causes that `lab.compare` names, and sample what the pairs contain.

A pair is a function of what ``of`` samples, a matrix by default, and may end with keywords of `context_for`. Each pair
is made with several seeds: sizes and values differ each time, and no two dimensions have the same size.
"""

from collections.abc import Callable
from typing import Any

import torch

from layerlab import Inputs

Build = Callable[[Inputs], tuple]
Sample = Callable[[Inputs], Any]  # returns what a pair takes: a tuple for several arguments
Table = dict[str, dict[str, Build]]  # cause -> title of a pair -> function that makes the pair


def matrix(draw: Inputs, **options: Any) -> torch.Tensor:
    """Return a random matrix with two different sampled sizes."""
    return draw.randn(*draw.sizes(2, 3, 9), **options)


def register(table: Table, *causes: str, of: Sample = matrix, **pairs: Callable) -> None:
    """Add pairs to a table, below each of the causes."""

    def of_sample(pair: Callable) -> Build:
        def build(draw: Inputs) -> tuple:
            sampled = of(draw)
            return pair(*sampled) if isinstance(sampled, tuple) else pair(sampled)

        return build

    for cause in causes:
        table.setdefault(cause, {}).update({title: of_sample(pair) for title, pair in pairs.items()})


def doubles(draw: Inputs) -> torch.Tensor:
    return matrix(draw, dtype=torch.float64)


def cube(draw: Inputs) -> torch.Tensor:
    return draw.randn(*draw.sizes(3, 2, 7))


def wide(draw: Inputs) -> torch.Tensor:
    return draw.randn(6, draw.size(5, 9))


def twins(draw: Inputs) -> tuple[torch.Tensor, torch.Tensor]:
    """Return two matrices with the same sampled sizes."""
    first = matrix(draw)
    return first, draw.randn(*first.shape)


def matrices(count: int) -> Sample:
    """Return a function that samples this many matrices, each with its own sizes."""
    return lambda draw: tuple(matrix(draw) for _ in range(count))


def sizes(count: int, low: int = 2) -> Sample:
    """Return a function that samples this many different sizes from ``low`` to 9."""
    return lambda draw: tuple(draw.sizes(count, low, 9))


def fixed(*shapes: tuple[int, ...]) -> Sample:
    """Return a function that samples one tensor of each of these shapes."""
    return lambda draw: tuple(draw.randn(*shape) for shape in shapes)


def masked(dropped: float) -> Sample:
    """Return a function that samples a matrix and a mask that drops this share of its elements."""
    return lambda draw: (x := wide(draw), (draw.rand(6, 9) > dropped)[:, : x.shape[1]])


def changed(x: torch.Tensor, index: Any, values: Any) -> torch.Tensor:
    """Return a copy of a tensor with other values at an index."""
    x = x.clone()
    x[index] = values
    return x
