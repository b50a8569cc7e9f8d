"""The law "seasonal series": what can be known of the next value, and what plain guesses reach."""

from __future__ import annotations

import pytest
import torch

from layerlab.graded import tasks
from layerlab.graded.laws import LAWS, SEASON

SEEDS = range(5)
GUESSES = LAWS["seasonal series"].guesses


def data(seed: int) -> tasks.TaskData:
    return tasks.make("seasonal series", seed)


def ratios(forecasts: torch.Tensor, of: tasks.TaskData) -> list[float]:
    """Return the mean absolute error as a share of that of each plain guess."""
    error = (forecasts - of.held_y).abs().mean()
    return [(error / (guess(of.held_x) - of.held_y).abs().mean()).item() for guess in GUESSES.values()]


def regression(columns: slice, of: tasks.TaskData) -> torch.Tensor:
    """Return the forecasts of a linear regression on some of the steps of a window."""
    read = [torch.cat([x[:, columns], torch.ones(len(x), 1)], 1) for x in (of.train_x, of.held_x)]
    return (read[1] @ torch.linalg.lstsq(read[0], of.train_y[:, None]).solution)[:, 0]


def test_shapes_and_the_same_data_from_the_same_seed():
    drawn, again = data(3), tasks.make.__wrapped__("seasonal series", 3)
    assert drawn.train_x.shape == drawn.held_x.shape == (400, 48)
    assert drawn.train_y.shape == drawn.held_y.shape == (400,)
    assert drawn.train_x.dtype == drawn.held_y.dtype == torch.float32
    for part in ("train_x", "train_y", "held_x", "held_y"):
        assert torch.equal(getattr(drawn, part), getattr(again, part))
    assert not torch.equal(drawn.train_x, data(4).train_x)


def test_no_window_holds_the_value_that_another_one_asks_for():
    drawn = data(0)
    seen = {*drawn.held_x.flatten().tolist(), *drawn.train_x.flatten().tolist(), *drawn.train_y.tolist()}
    assert not seen & set(drawn.held_y.tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_without_memory_or_learning_the_bound_of_the_chapter_is_out_of_reach(seed):
    drawn = data(seed)
    assert min(ratios(regression(slice(47, None), drawn), drawn)) > 0.6  # the last value alone
    mixed = drawn.held_x[:, torch.randperm(48, generator=torch.Generator().manual_seed(0))]
    assert min(ratios(mixed.mean(1), drawn)) > 0.6  # the values without their order
    x = drawn.held_x
    assert ratios(x[:, -1] + x[:, -SEASON] - x[:, -SEASON - 1], drawn)[1] > 0.4  # the last value and a season's change


@pytest.mark.parametrize("seed", SEEDS)
def test_a_window_holds_enough_to_be_near(seed):
    drawn = data(seed)
    last, season = ratios(regression(slice(None), drawn), drawn)
    assert last < 0.35
    assert season < 0.45


def test_no_season_is_so_smooth_that_the_bound_is_out_of_reach():
    drawn = [tasks.make.__wrapped__("seasonal series", seed) for seed in range(60)]
    assert max(ratios(regression(slice(None), one), one)[0] for one in drawn) < 0.33
