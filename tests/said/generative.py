"""Test what the chapter on generative models says about torch, and about its formulas."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, tries

said = tries("generative")


@said("Enlarging to the size of the skip connection works for every size.")
def maps_are_enlarged_to_any_size() -> None:
    for height in range(2, 12):
        for width in range(2, 12):
            skip = torch.zeros(1, 1, height, width)
            assert F.interpolate(F.avg_pool2d(skip, 2), size=skip.shape[2:]).shape == skip.shape


@said("Pooling halves a height of 7 to 3, and doubling gives 6, not 7.")
def doubling_does_not_undo_halving() -> None:
    skip = torch.zeros(1, 8, 7, 7)
    h = nn.Upsample(scale_factor=2)(F.avg_pool2d(skip, 2))
    assert h.shape[2:] == (6, 6)
    with pytest.raises(RuntimeError, match="Sizes of tensors must match"):
        torch.cat([h, skip], 1)


@said("The first gradients then reach only the last layer, and training begins gently.")
def a_layer_of_zeros_stops_gradients() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.SiLU(), nn.Linear(4, 2))
    nn.init.zeros_(net[2].weight)
    nn.init.zeros_(net[2].bias)
    (net(torch.randn(5, 3)) - 1).square().mean().backward()
    assert not net[0].weight.grad.any()
    assert net[2].weight.grad.all()


@said("So the way back is a rotation, too: $x = a\\,x_k - b\\,v$ and $\\varepsilon = b\\,x_k + a\\,v$.")
def velocity_and_state_are_rotated() -> None:
    x, e, share = torch.randn(3, 50, dtype=torch.float64)
    a, b = share.sigmoid().sqrt(), (1 - share.sigmoid()).sqrt()
    state, v = a * x + b * e, a * e - b * x
    assert close(a * state - b * v, x)
    assert close(b * state + a * v, e)


@said("With $\\eta = 1$ and $j = k - 1$, it is DDPM.")
def one_step_of_ddim_is_the_posterior() -> None:
    now, after = torch.tensor([0.3, 0.5]).double()
    x, e = torch.randn(2, 50, dtype=torch.float64)
    state, beta = now.sqrt() * x + (1 - now).sqrt() * e, 1 - now / after
    variance = (1 - after) / (1 - now) * beta
    mean = after.sqrt() * beta / (1 - now) * x + (1 - beta).sqrt() * (1 - after) / (1 - now) * state
    assert close(after.sqrt() * x + (1 - after - variance).sqrt() * e, mean)


@said("At the last step back, $k = 1$, the variance is 0, and the mean is the data.")
def the_last_posterior_is_the_data() -> None:
    beta = torch.tensor(0.02, dtype=torch.float64)
    assert close(1.0 * beta / (1 - (1 - beta)), torch.ones((), dtype=torch.float64))
