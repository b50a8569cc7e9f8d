"""Define the domains of an exercise's arguments: Hypothesis strategies for sizes, tensors, seeds, and networks.

Hypothesis draws a kind and a seed for a tensor's values instead of each value: few draws, and it shrinks the shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from torch import nn

from layerlab.graded.wire import leaves

Shape = int | SearchStrategy
FLOATS = (torch.float64, torch.float32)
USUAL = "plain zeros ties halves small large"
LAYOUTS = ("contiguous", "transposed", "strided", "offset")
SPECIAL_SHARE = 0.3  # of the elements of a tensor of kind `rows`, `inf`, or `nan`


def size(low: int, high: int) -> SearchStrategy[int]:
    """Draw an int from ``low`` to ``high``; within a case, a `size` object has the same value in every shape."""
    return st.shared(st.integers(low, high))


def among(*values: Any) -> SearchStrategy[Any]:
    """Draw one of ``values``."""
    return st.sampled_from(values)


def flag() -> SearchStrategy[bool]:
    """Draw False or True."""
    return st.booleans()


def number(low: float, high: float, *also: float) -> SearchStrategy[float]:
    """Draw a float from ``low`` to ``high``; favor the endpoints and the values in ``also``."""
    return st.sampled_from((low, high, *also)) | st.floats(low, high)


def integer(low: int, high: int, *also: int) -> SearchStrategy[int]:
    """Draw an int from ``low`` to ``high``; favor the endpoints and the values in ``also``."""
    return st.sampled_from((low, high, *also)) | st.integers(low, high)


def seed() -> SearchStrategy[int]:
    """Draw a seed for a generator, often a large seed whose lower 32 bits equal a small seed."""
    return st.sampled_from((0, 3, 2**32, 3 + 2**32, 2**63 - 1)) | st.integers(0, 100)


def shapes(min_dims: int, max_dims: int, low: int, high: int) -> SearchStrategy[tuple[int, ...]]:
    """Draw a shape with ``min_dims`` to ``max_dims`` dimensions, each of size ``low`` to ``high``."""
    return st.lists(st.integers(low, high), min_size=min_dims, max_size=max_dims).map(tuple)


def lists(domain: SearchStrategy, low: int, high: int) -> SearchStrategy[list]:
    """Draw a list of ``low`` to ``high`` elements, each drawn from ``domain``."""
    return st.lists(domain, min_size=low, max_size=high)


def made(function: Callable[..., Any], *domains: SearchStrategy, **named: SearchStrategy) -> SearchStrategy[Any]:
    """Draw arguments from the domains, and return the result of calling ``function`` with them."""
    return st.builds(function, *domains, **named)


@st.composite
def tensor(
    draw: Callable,
    *shape: Shape,
    values: str = USUAL,
    dtypes: Sequence[torch.dtype] = FLOATS,
    grad: bool = False,
    layouts: bool = True,
) -> torch.Tensor:
    """Draw a floating-point tensor; its shape consists of ints and `size`s, or is one `shapes`.

    ``values`` has keys of `KINDS`, separated by spaces. With ``grad``, the tensor is a leaf that requires grad. With
    ``layouts``, it may be transposed, strided, or at an offset.
    """
    kind = draw(st.sampled_from(values.split()))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**16)))
    made = KINDS[kind](_shape(draw, shape), generator).to(draw(st.sampled_from(tuple(dtypes))))
    stored = _stored(made, draw(st.sampled_from(LAYOUTS if layouts else LAYOUTS[:1])))
    return stored.requires_grad_() if grad else stored


@st.composite
def indices(draw: Callable, low: int, high: int, *shape: Shape) -> torch.Tensor:
    """Draw an int64 tensor of values from ``low`` to ``high`` inclusive, where both endpoints are likely."""
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**16)))
    sizes = _shape(draw, shape)
    values = torch.randint(low, high + 1, sizes, generator=generator)
    ends = torch.where(torch.rand(sizes, generator=generator) < 0.5, low, high)
    return torch.where(torch.rand(sizes, generator=generator) < 0.3, ends, values)


@st.composite
def mask(draw: Callable, *shape: Shape) -> torch.Tensor:
    """Draw a bool tensor: mixed, all True, or all False."""
    share = draw(st.sampled_from((0.5, 0.0, 1.0)))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**16)))
    return torch.rand(_shape(draw, shape), generator=generator) < share


class Scaled(nn.Module):
    """A module with one persistent buffer and one buffer that `state_dict` omits."""

    scale: torch.Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("scale", torch.linspace(0.5, 1.5, width, dtype=torch.float64))
        self.register_buffer("seen", torch.zeros((), dtype=torch.float64), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.scale


@st.composite
def network(draw: Callable, width: Shape) -> nn.Sequential:
    """Draw a nested float64 network whose inputs and outputs have shape (batch, width).

    It has features that answers often overlook: parameters of the same shape, a layer used twice, frozen parameters,
    a module and its children in different modes, and a buffer that `state_dict` omits.
    """
    n = _shape(draw, (width,))[0]
    first = nn.Linear(n, n)
    offered = [nn.Dropout(0.5), nn.BatchNorm1d(n), Scaled(n), first]
    chosen = [part for part in offered if draw(st.booleans())]
    net = nn.Sequential(first, nn.Sequential(nn.Linear(n, n), nn.Tanh(), *chosen), nn.Linear(n, n)).double()
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**16)))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
            parameter.requires_grad_(not draw(st.booleans()))
    for module in net.modules():
        module.training = draw(st.booleans())
    return net


# -- helpers that `run` may call ---------------------------------------------------------------------------------


def grads(y: Any, *inputs: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
    """Return the gradient of a fixed weighted sum of the tensors in ``y`` with respect to each input, or None."""
    generator = torch.Generator().manual_seed(0)
    outputs = [one for _, one in leaves(y) if isinstance(one, torch.Tensor) and one.requires_grad]
    if not outputs:
        return (None,) * len(inputs)
    weighted = [
        (one * torch.randn(one.shape, generator=generator, dtype=torch.float64).to(one.dtype)).sum().double()
        for one in outputs
    ]
    return torch.autograd.grad(torch.stack(weighted).sum(), inputs, allow_unused=True)


def filled(module: nn.Module) -> nn.Module:
    """Set a module's parameters to fixed values, in order of their names, and return the module."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for _, parameter in sorted(module.named_parameters()):
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return module


def state(module: nn.Module) -> dict[str, Any]:
    """Return a module's `state_dict`, modes, `requires_grad` flags, and the buffers that `state_dict` omits."""
    kept = module.state_dict()
    return {
        "state": {name: value.detach().clone() for name, value in kept.items() if isinstance(value, torch.Tensor)},
        "not saved": {name: value.detach().clone() for name, value in module.named_buffers() if name not in kept},
        "modes": modes(module),
        "requires_grad": {name: parameter.requires_grad for name, parameter in module.named_parameters()},
    }


def modes(module: nn.Module) -> dict[str, bool]:
    """Return a dict from each submodule's name to whether the submodule is in training mode."""
    return {name: part.training for name, part in module.named_modules()}


# -- kinds of values ---------------------------------------------------------------------------------------------


def _normal(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def _replaced(shape: tuple[int, ...], generator: torch.Generator, by: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    values = _normal(shape, generator)
    chosen = torch.rand(shape, generator=generator) < SPECIAL_SHARE
    return torch.where(chosen, by(values), values)


def _rows(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    values = _normal(shape, generator)
    kept = torch.rand(shape[:1], generator=generator) > SPECIAL_SHARE
    return values * kept.view(shape[:1] + (1,) * (len(shape) - 1))


def _mixed(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    return _normal(shape, generator) * 10 ** (16 * torch.rand(shape, generator=generator, dtype=torch.float64) - 8)


def _unit(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    values = torch.rand(shape, generator=generator, dtype=torch.float64)
    return torch.where(values < 0.1, 0.0, torch.where(values > 0.9, 1 - 2**-20, values))


def _whole(low: int, high: int, divisor: float = 1) -> Callable[..., torch.Tensor]:
    return lambda shape, generator: torch.randint(low, high + 1, shape, generator=generator) / divisor


def _scaled(factor: float) -> Callable[..., torch.Tensor]:
    return lambda shape, generator: _normal(shape, generator) * factor


KINDS: dict[str, Callable[[tuple[int, ...], torch.Generator], torch.Tensor]] = {
    "plain": _normal,
    "signs": _whole(-1, 1),
    "zeros": lambda shape, generator: torch.zeros(shape),
    "rows": _rows,
    "ties": _whole(-2, 2),
    "halves": _whole(-7, 7, 2),
    "small": _scaled(1e-6),
    "tiny": _scaled(1e-30),
    "large": _scaled(1e3),
    "huge": _scaled(1e30),
    "mixed": _mixed,
    "inf": lambda shape, generator: _replaced(shape, generator, lambda values: values.sign() * torch.inf),
    "nan": lambda shape, generator: _replaced(shape, generator, lambda values: values * torch.nan),
    "positive": lambda shape, generator: _normal(shape, generator).abs() + 1e-3,
    "unit": _unit,
}


def _shape(draw: Callable, shape: Sequence[Shape]) -> tuple[int, ...]:
    drawn = [draw(entry) if isinstance(entry, SearchStrategy) else entry for entry in shape]
    return tuple(drawn[0]) if len(drawn) == 1 and isinstance(drawn[0], tuple) else tuple(drawn)


def _stored(values: torch.Tensor, layout: str) -> torch.Tensor:
    """Return the same values stored in ``layout``, if their shape allows it."""
    if layout == "transposed" and values.dim() > 1:
        back = list(reversed(range(values.dim())))
        return values.permute(back).contiguous().permute(back)
    if layout == "strided" and values.dim():
        wide = values.new_zeros(*values.shape[:-1], 2 * values.shape[-1])
        wide[..., ::2] = values
        return wide[..., ::2]
    if layout == "offset":
        flat = values.new_zeros(values.numel() + 1)
        flat[1:] = values.flatten()
        return flat[1:].view(values.shape)
    return values


NAMES: dict[str, Any] = {
    function.__name__: function
    for function in (
        size, among, flag, number, integer, seed, shapes, lists, made, tensor, indices, mask, network,
        filled, grads, state, modes,
    )
} | {"st": st}  # fmt: skip
