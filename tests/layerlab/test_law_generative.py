"""Test the task of points in blobs: noise says nothing about the points, which differ from a normal distribution."""

from __future__ import annotations

import pytest
import torch

from autograder.judging.learning import energy_distance
from layerlab.graded import tasks


@pytest.mark.parametrize("seed", range(2))
def test_noise_is_normal_and_independent_of_the_points(seed):
    data = tasks.make("blobs", seed)
    for noise, points in ((data.train_x, data.train_y), (data.held_x, data.held_y)):
        assert noise.shape == points.shape == (1000, 2)
        assert torch.corrcoef(torch.cat([noise, points], 1).T)[:2, 2:].abs().max() < 0.15
        assert (noise.mean(0).abs() < 0.15).all()
        assert (noise.std(0) - 1).abs().max() < 0.15


@pytest.mark.parametrize("seed", range(4))
def test_fitted_normal_is_far_from_the_points_and_new_points_are_near(seed):
    data = tasks.make("blobs", seed)
    points = data.held_y.double()
    halves = 4 * torch.cdist(points, points).mean() / (len(points) - 1)
    normal = points.mean(0) + data.held_x.double() @ torch.linalg.cholesky(points.T.cov()).T
    assert energy_distance(normal, points) > 6 * halves
    assert energy_distance(data.train_y.double(), points) < 2 * halves


def test_average_over_halves_has_a_closed_form():
    points = torch.randn(60, 2, generator=torch.Generator().manual_seed(0)).double()
    orders = [torch.randperm(60, generator=torch.Generator().manual_seed(seed)) for seed in range(400)]
    mean = sum(energy_distance(points[order[:30]], points[order[30:]]) for order in orders) / len(orders)
    assert mean == pytest.approx(4 * float(torch.cdist(points, points).mean()) / 59, rel=0.1)
