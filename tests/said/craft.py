"""Test what the chapters in the part Craft say about torch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, tries

custom_layers = tries("custom_layers")
lazy = tries("lazy")
initialization = tries("initialization")


@custom_layers("Write `torch.tensor(float(scale_factor))`, and all four are float32.")
def a_parameter_from_a_number() -> None:
    found = [torch.tensor(given).dtype for given in (1.0, 2, True, np.float64(2))]
    assert found == [torch.float32, torch.int64, torch.bool, torch.float64]
    assert all(torch.tensor(float(given)).dtype == torch.float32 for given in (1.0, 2, True, np.float64(2)))


@custom_layers("`torch.full((3,), 1)` is an int64 tensor, and so is `torch.tensor(1)`.")
def full_of_an_int() -> None:
    assert torch.full((3,), 1).dtype == torch.tensor(1).dtype == torch.int64


@custom_layers("one of the variables needed for gradient computation has been modified by an inplace operation")
def in_place_is_noticed() -> None:
    x = torch.ones(2, requires_grad=True)
    y = (2 * x).sigmoid()
    y.mul_(2)
    with pytest.raises(RuntimeError, match="one of the variables needed for gradient computation has been modified"):
        y.sum().backward()


@lazy("In evaluation mode, neither happens")
def evaluation_draws_nothing() -> None:
    net = nn.Sequential(nn.LazyLinear(3), nn.Dropout(), nn.BatchNorm1d(3)).eval()
    net(torch.zeros(2, 4))
    state = torch.get_rng_state()
    net(torch.zeros(2, 4))
    assert torch.equal(state, torch.get_rng_state())
    assert net[2].num_batches_tracked == 0


@lazy("1, so the first input needs a batch dimension; without one, it usually raises an error")
@tries("normalization")("but its lazy twin does: there, `affine` and `track_running_stats` are on.")
def lazy_norm_needs_a_batch() -> None:
    for lazy, ordinary in ((nn.LazyInstanceNorm1d, nn.InstanceNorm1d), (nn.LazyInstanceNorm2d, nn.InstanceNorm2d)):
        shape = (3, 5, 7)[: 2 if lazy is nn.LazyInstanceNorm1d else 3]
        assert ordinary(3)(torch.zeros(shape)).shape == shape
        with pytest.raises(ValueError, match="num_features"):
            lazy()(torch.zeros(shape))
        layer = lazy()
        layer(torch.zeros(2, *shape))
        assert layer.num_features == 3
        assert layer.weight is not None
        assert layer.running_mean is not None


@initialization("None; asking for it raises a ValueError")
@tries("activations")("with its gain of 3/4, the standard deviation falls to")
def gelu_has_no_gain() -> None:
    assert nn.init.calculate_gain("selu") == 0.75
    with pytest.raises(ValueError, match="gelu"):
        nn.init.calculate_gain("gelu")


@initialization("so they are still equal after every step:")
def equal_units_stay_equal() -> None:
    net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
    for p in net.parameters():
        nn.init.constant_(p, 0.1)
    net(torch.randn(5, 3)).square().sum().backward()
    assert close(net[0].weight.grad, net[0].weight.grad[:1].expand(8, 3))


@initialization("every direction keeps its length")
def orthogonal_matrices_keep_lengths() -> None:
    w, x = nn.init.orthogonal_(torch.empty(30, 30)), torch.randn(9, 30)
    assert close((x @ w.T).norm(dim=1), x.norm(dim=1))
    tall = nn.init.orthogonal_(torch.empty(100, 25))
    assert close(tall.T @ tall, torch.eye(25))


@initialization("The last layer's bias, and nothing else")
def a_net_of_zeros_learns_a_bias_only() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    for p in net.parameters():
        nn.init.zeros_(p)
    F.cross_entropy(net(torch.randn(6, 3)), torch.tensor([0, 1, 1, 1, 0, 1])).backward()
    assert [name for name, p in net.named_parameters() if p.grad.any()] == ["2.bias"]


@initialization("even the standard deviation of its weights cancels in the forward pass (up to `eps`)")
def a_norm_cancels_the_scale() -> None:
    x, layer = torch.randn(50, 6, dtype=torch.float64), nn.Linear(6, 5).double()
    nn.init.zeros_(layer.bias)
    for norm in (nn.BatchNorm1d(5).double(), nn.LayerNorm(5).double()):
        before = norm(layer(x))
        with torch.no_grad():
            layer.weight.mul_(10)
        assert close(before, norm(layer(x)), 1e-2)


@initialization("The second argument of `kaiming_normal_` is `a`, the slope of a leaky ReLU, not a gain.")
def the_second_argument_is_a_slope() -> None:
    torch.manual_seed(0)
    w = nn.init.kaiming_normal_(torch.empty(2000, 50), 1.0, nonlinearity="leaky_relu")
    assert abs(w.std().item() - (1 / 50) ** 0.5) < 0.002
