"""The law of small pictures: what it gives, and that nothing plain knows its classes."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from layerlab.graded import tasks
from layerlab.graded.laws import small_pictures

NAME = "small pictures"


def learned(features: torch.Tensor, classes: torch.Tensor, steps: int = 60) -> nn.Linear:
    """Return multinomial regression on some features, trained."""
    torch.manual_seed(0)
    model = nn.Linear(features.shape[1], 5)
    optimiser = torch.optim.LBFGS(model.parameters(), max_iter=steps, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(model(features), classes) + 1e-3 * model.weight.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    return model


def share(features: torch.Tensor, data: tasks.TaskData, fresh: torch.Tensor) -> float:
    return float((learned(features, data.train_y)(fresh).argmax(1) == data.held_y).float().mean())


def scaled(pictures: torch.Tensor) -> torch.Tensor:
    return (pictures.float() - 128) / 64


def energies(pictures: torch.Tensor) -> torch.Tensor:
    """Return how much pictures differ from themselves one and two pixels to the right, below, and on both diagonals."""
    x = scaled(pictures)
    found = []
    for rows, columns in ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0)):
        product = x * x.roll((rows, columns), (2, 3))
        found.append(product.mean((1, 2, 3)))
    return 10 * torch.stack(found, 1)


@pytest.mark.parametrize("seed", range(3))
def test_pictures_are_bytes_and_classes_are_five(seed):
    data = tasks.make(NAME, seed)
    for x, y in ((data.train_x, data.train_y), (data.held_x, data.held_y)):
        assert x.shape == (600, 3, 16, 16)
        assert x.dtype == torch.uint8
        assert y.dtype == torch.int64
        assert y.bincount(minlength=5).min() > 80
        assert len(y.unique()) == 5


def test_one_seed_gives_one_data_set_and_another_seed_another():
    first, again, other = (small_pictures(torch.Generator().manual_seed(seed))(20) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])


def test_which_texture_is_which_class_is_drawn():
    orders = set()
    for seed in range(12):
        data = tasks.make(NAME, seed)
        orders.add(tuple(energies(data.train_x)[data.train_y == k].mean(0).argmin().item() for k in range(5)))
    assert len(orders) > 3


@pytest.mark.parametrize("seed", range(3))
def test_pixels_alone_stay_near_chance(seed):
    data = tasks.make(NAME, seed)
    assert share(scaled(data.train_x).flatten(1), data, scaled(data.held_x).flatten(1)) < 0.38


@pytest.mark.parametrize("seed", range(3))
def test_single_pixels_stay_near_chance(seed):
    """What a net of one-pixel kernels can know: means of functions of one pixel."""
    data = tasks.make(NAME, seed)

    def moments(pictures):
        x = scaled(pictures)
        return torch.cat([x.pow(power).mean((2, 3)) for power in (1, 2, 3, 4)], 1)

    assert share(moments(data.train_x), data, moments(data.held_x)) < 0.38


@pytest.mark.parametrize("seed", range(3))
def test_neighbours_tell_the_classes_apart(seed):
    data = tasks.make(NAME, seed)
    plain = share(scaled(data.train_x).flatten(1), data, scaled(data.held_x).flatten(1))
    x, fresh = (torch.stack([*differences(pictures)], 1) for pictures in (data.train_x, data.held_x))
    assert share(x, data, fresh) > plain + 0.25


def differences(pictures: torch.Tensor):
    """Yield by how much pictures change from pixel to pixel, along rows and columns, one and two pixels apart."""
    x = scaled(pictures)
    power = (x - x.mean((2, 3), keepdim=True)).square().mean((1, 2, 3))
    for step in (1, 2):
        yield 5 * (x[:, :, step:] - x[:, :, :-step]).square().mean((1, 2, 3)) / power
        yield 5 * (x[..., step:] - x[..., :-step]).square().mean((1, 2, 3)) / power
    yield 5 * (x[:, :, 1:, 1:] - x[:, :, :-1, :-1]).square().mean((1, 2, 3)) / power
