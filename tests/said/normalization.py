"""Test what the chapter on normalization says about torch."""

import inspect
import math
import warnings

import pytest
import torch
from torch import nn

from tests.said.tried import close, tries

said = tries("normalization")


@said("In all of these layers, the output has the same shape as the input.")
def every_layer_keeps_the_shape() -> None:
    x = torch.randn(3, 4, 6, 5)
    layers = [nn.BatchNorm2d(4), nn.InstanceNorm2d(4), nn.GroupNorm(2, 4), nn.LayerNorm([6, 5]), nn.RMSNorm(5)]
    for layer in [*layers, nn.LocalResponseNorm(3), nn.SyncBatchNorm(4)]:
        assert layer(x).shape == x.shape
    assert nn.BatchNorm3d(4)(x[..., None]).shape == (3, 4, 6, 5, 1)


@said(
    "With one group, `nn.GroupNorm` averages over everything except the batch, like `nn.LayerNorm([C, H, W])`. With as "
    "many groups as channels, it averages like `nn.InstanceNorm2d`."
)
def the_limits_of_group_normalization() -> None:
    for n, c, h, w in ((2, 6, 3, 4), (1, 5, 2, 7)):
        x = 3 + torch.randn(n, c, h, w)
        assert close(nn.GroupNorm(1, c)(x), nn.LayerNorm([c, h, w])(x))
        assert close(nn.GroupNorm(c, c)(x), nn.InstanceNorm2d(c)(x))


@said("it averages across the batch **and** all positions")
def batch_and_places() -> None:
    for kind, shape in ((nn.BatchNorm1d, (4, 3, 5)), (nn.BatchNorm2d, (4, 3, 5, 2)), (nn.BatchNorm3d, (4, 3, 5, 2, 3))):
        y = kind(3)(1 + torch.randn(shape))
        assert y.transpose(0, 1).flatten(1).mean(1).abs().max() < 1e-5
        assert y.mean(0).abs().max() > 0.1


@said("After $k$ batches, the initial value still has a weight of $(1 - a)^k$.")
def the_weight_of_the_start() -> None:
    for a in (0.1, 0.3, 1.0):
        layer = nn.BatchNorm1d(1, momentum=a)
        layer.running_mean.fill_(1.0)
        for k in range(1, 6):
            layer(torch.tensor([[-1.0], [1.0]]))
            assert math.isclose(layer.running_mean.item(), (1 - a) ** k, abs_tol=1e-6)


@said("`momentum=None`: then the buffers contain the plain average over all batches so far")
def the_plain_average() -> None:
    layer, batches = nn.BatchNorm1d(2, momentum=None), torch.randn(5, 4, 2)
    for batch in batches:
        layer(batch)
    assert close(layer.running_mean, batches.mean((0, 1)))
    assert close(layer.running_var, batches.var(1).mean(0))


@said("The layer has no running statistics and does the same in training and in evaluation.")
@tries("interpret")("Layer normalization computes the same result in both modes.")
def layer_normalization_has_no_mode() -> None:
    layer, x = nn.LayerNorm(4), torch.randn(3, 4)
    assert not [*layer.buffers()]
    assert torch.equal(layer(x), layer.eval()(x))


@said("the layer rejects it, except in evaluation mode with running statistics.")
def one_position_is_refused_without_running_statistics() -> None:
    kept = nn.InstanceNorm2d(3, track_running_stats=True)
    assert kept.eval()(torch.randn(2, 3, 1, 1)).shape == (2, 3, 1, 1)
    for layer in (nn.InstanceNorm2d(3), nn.InstanceNorm2d(3).eval(), kept.train()):
        with pytest.raises(ValueError, match="more than 1 spatial element"):
            layer(torch.randn(2, 3, 1, 1))


@said("and accepts inputs with two or more dimensions:")
def sync_batch_norm_alone_is_batch_norm() -> None:
    for shape, kind in (((6, 3), nn.BatchNorm1d), ((6, 3, 4), nn.BatchNorm1d), ((6, 3, 4, 2), nn.BatchNorm2d)):
        x = torch.randn(shape)
        assert close(nn.SyncBatchNorm(3)(x), kind(3)(x))
    with pytest.raises(ValueError, match="at least 2D"):
        nn.SyncBatchNorm(3)(torch.randn(3))


@said("never removes channel 0 from this sum")
def the_old_local_response_normalization_keeps_channel_0() -> None:
    x, other = torch.ones(2, 1, 9, 1, 1)
    other[0, 0] = 3.0
    for size in (2, 3, 5):
        old, new = nn.CrossMapLRN2d(size, 1.0, 1.0, 1.0), nn.LocalResponseNorm(size, 1.0, 1.0)
        assert (old(x) - old(other))[0, 8].abs().item() > 1e-2
        assert torch.equal(new(x)[0, 8], new(other)[0, 8])


@said("A layer without parameters doesn't need this number, so torch only warns")
def a_wrong_number_of_channels_only_warns() -> None:
    with warnings.catch_warnings(record=True, action="always") as told:
        assert nn.InstanceNorm2d(7)(torch.randn(2, 3, 4, 4)).shape == (2, 3, 4, 4)
    assert told
    with pytest.raises(ValueError, match="num_features"):
        nn.InstanceNorm2d(7, affine=True)(torch.randn(2, 3, 4, 4))


@said("`nn.RMSNorm` has no bias at all")
def rms_norm_has_no_bias() -> None:
    assert "bias" not in inspect.signature(nn.RMSNorm).parameters
    assert [name for name, _ in nn.RMSNorm(3).named_parameters()] == ["weight"]


@said("`InstanceNorm` also takes an input without a batch dimension.")
def instance_normalization_without_a_batch() -> None:
    for layer, size in (
        (nn.InstanceNorm1d(3), (3, 5)),
        (nn.InstanceNorm2d(3), (3, 5, 4)),
        (nn.InstanceNorm3d(3), (3, 5, 4, 2)),
    ):
        x = torch.randn(size)
        assert close(layer(x), layer(x[None])[0])
