"""Test how predictable the law "seasonal series" is, compared with simple guesses."""

import pytest
import torch

from layerlab.graded import tasks
from layerlab.graded.laws import LAWS, SEASON

SEEDS = range(5)
GUESSES = LAWS["seasonal series"].guesses


def data(seed: int) -> tasks.TaskData:
    return tasks.make("seasonal series", seed)


def ratios(forecasts: torch.Tensor, of: tasks.TaskData) -> list[float]:
    """Return the mean absolute error of forecasts as a fraction of each simple guess's error."""
    error = (forecasts - of.held_y).abs().mean()
    return [(error / (guess(of.held_x) - of.held_y).abs().mean()).item() for guess in GUESSES.values()]


def regression(columns: slice, of: tasks.TaskData) -> torch.Tensor:
    """Return linear-regression forecasts from the given time steps of a window."""
    read = [torch.cat([x[:, columns], torch.ones(len(x), 1)], 1) for x in (of.train_x, of.held_x)]
    return (read[1] @ torch.linalg.lstsq(read[0], of.train_y[:, None]).solution)[:, 0]


def test_data_has_expected_shapes_and_is_reproducible():
    drawn, again = data(3), tasks.make.__wrapped__("seasonal series", 3)
    assert drawn.train_x.shape == drawn.held_x.shape == (400, 48)
    assert drawn.train_y.shape == drawn.held_y.shape == (400,)
    assert drawn.train_x.dtype == drawn.held_y.dtype == torch.float32
    for part in ("train_x", "train_y", "held_x", "held_y"):
        assert torch.equal(getattr(drawn, part), getattr(again, part))
    assert not torch.equal(drawn.train_x, data(4).train_x)


def test_no_window_contains_a_held_out_target():
    drawn = data(0)
    seen = {*drawn.held_x.flatten().tolist(), *drawn.train_x.flatten().tolist(), *drawn.train_y.tolist()}
    assert not seen & set(drawn.held_y.tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_memoryless_or_unlearned_forecasts_miss_the_bound(seed):
    drawn = data(seed)
    assert min(ratios(regression(slice(47, None), drawn), drawn)) > 0.6  # only the last value
    mixed = drawn.held_x[:, torch.randperm(48, generator=torch.Generator().manual_seed(0))]
    assert min(ratios(mixed.mean(1), drawn)) > 0.6  # the values in random order
    x = drawn.held_x
    assert ratios(x[:, -1] + x[:, -SEASON] - x[:, -SEASON - 1], drawn)[1] > 0.4  # the last value and a season's change


@pytest.mark.parametrize("seed", SEEDS)
def test_linear_regression_on_window_is_accurate(seed):
    drawn = data(seed)
    last, season = ratios(regression(slice(None), drawn), drawn)
    assert last < 0.35
    assert season < 0.45


def test_bound_is_reachable_for_every_seed():
    drawn = [tasks.make.__wrapped__("seasonal series", seed) for seed in range(60)]
    assert max(ratios(regression(slice(None), one), one)[0] for one in drawn) < 0.33
