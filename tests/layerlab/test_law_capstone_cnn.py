"""Test that only neighboring pixels reveal the classes in the task with small images."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from layerlab.graded import tasks
from layerlab.graded.laws import small_pictures

NAME = "small pictures"


def learned(features: torch.Tensor, classes: torch.Tensor) -> nn.Linear:
    """Train a multinomial regression on these features, and return it."""
    torch.manual_seed(0)
    model = nn.Linear(features.shape[1], 5)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(model(features), classes) + 1e-3 * model.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return model


def share(features: torch.Tensor, data: tasks.TaskData, fresh: torch.Tensor) -> float:
    return float((learned(features, data.train_y)(fresh).argmax(1) == data.held_y).float().mean())


def scaled(pictures: torch.Tensor) -> torch.Tensor:
    return (pictures.float() - 128) / 64


def energies(pictures: torch.Tensor) -> torch.Tensor:
    """Return how well images correlate with themselves one or two pixels away, or one pixel away diagonally."""
    x = scaled(pictures)
    found = []
    for rows, columns in ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0)):
        product = x * x.roll((rows, columns), (2, 3))
        found.append(product.mean((1, 2, 3)))
    return 10 * torch.stack(found, 1)


@pytest.mark.parametrize("seed", range(3))
def test_images_are_bytes_in_five_classes(seed):
    data = tasks.make(NAME, seed)
    for x, y in ((data.train_x, data.train_y), (data.held_x, data.held_y)):
        assert x.shape == (600, 3, 16, 16)
        assert x.dtype == torch.uint8
        assert y.dtype == torch.int64
        assert y.bincount(minlength=5).min() > 80
        assert len(y.unique()) == 5


def test_dataset_depends_only_on_the_seed():
    first, again, other = (small_pictures(torch.Generator().manual_seed(seed))(20) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])


def test_textures_are_assigned_to_classes_at_random():
    orders = set()
    for seed in range(12):
        data = tasks.make(NAME, seed)
        orders.add(tuple(energies(data.train_x)[data.train_y == k].mean(0).argmin().item() for k in range(5)))
    assert len(orders) > 3


@pytest.mark.parametrize("seed", range(3))
def test_linear_model_on_pixels_stays_near_chance(seed):
    data = tasks.make(NAME, seed)
    assert share(scaled(data.train_x).flatten(1), data, scaled(data.held_x).flatten(1)) < 0.38


@pytest.mark.parametrize("seed", range(3))
def test_single_pixels_stay_near_chance(seed):
    """A network whose kernels all cover one pixel can compute only means of functions of a single pixel."""
    data = tasks.make(NAME, seed)

    def moments(pictures):
        x = scaled(pictures)
        return torch.cat([x.pow(power).mean((2, 3)) for power in (1, 2, 3, 4)], 1)

    assert share(moments(data.train_x), data, moments(data.held_x)) < 0.38


@pytest.mark.parametrize("seed", range(3))
def test_differences_between_neighbors_reveal_the_classes(seed):
    data = tasks.make(NAME, seed)
    plain = share(scaled(data.train_x).flatten(1), data, scaled(data.held_x).flatten(1))
    x, fresh = (torch.stack([*differences(pictures)], 1) for pictures in (data.train_x, data.held_x))
    assert share(x, data, fresh) > plain + 0.25


def differences(pictures: torch.Tensor):
    """Yield how much images change between pixels one or two apart, or one apart diagonally."""
    x = scaled(pictures)
    power = (x - x.mean((2, 3), keepdim=True)).square().mean((1, 2, 3))
    for step in (1, 2):
        yield 5 * (x[:, :, step:] - x[:, :, :-step]).square().mean((1, 2, 3)) / power
        yield 5 * (x[..., step:] - x[..., :-step]).square().mean((1, 2, 3)) / power
    yield 5 * (x[:, :, 1:, 1:] - x[:, :, :-1, :-1]).square().mean((1, 2, 3)) / power
