"""Test what the chapter on dropout says about torch."""

import math
import warnings
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, tries

said = tries("dropout")

LAYERS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)


@said(
    "`p=1` is allowed too, and gives zeros, although $1/(1-p)$ is infinite.",
    "In evaluation, torch returns the input itself, even with `inplace=False`.",
)
def a_rate_of_one_gives_zeros() -> None:
    x = torch.randn(2, 3, 4, 2, 2)
    for make in LAYERS:
        given = x[..., 0, 0] if make is nn.Dropout1d else x[..., 0] if make is nn.Dropout2d else x
        assert (make(1.0)(given) == 0).all()
        assert make(0.5).eval()(given) is given


@said("torch drops by multiplying, and $0 \\cdot \\infty$ is `nan`. Dropping a broken value doesn't hide it.")
def a_dropped_infinity_is_nan() -> None:
    for broken in (math.inf, -math.inf, math.nan):
        assert F.dropout(torch.full((5,), broken), 1.0).isnan().all()


@said("So a bare `F.dropout(x)` drops at the concert, and a bare `F.alpha_dropout(x)` never does anything.")
@tries("capstone_cnn")("Its argument `training` is `True` by default, so dropout stays on in evaluation.")
def defaults_of_training() -> None:
    x = torch.ones(1000)
    assert (F.dropout(x) == 0).any()
    assert all(torch.equal(F.alpha_dropout(x), x) for _ in range(20))


@said("none: the `state_dict` is empty, and `p` is not in it")
def nothing_is_kept() -> None:
    assert all(not make().state_dict() for make in LAYERS)


@said("Ordinary dropout keeps the mean of any input but makes its variance larger.")
def mean_and_variance() -> None:
    torch.manual_seed(0)
    for mean, std in ((0, 1), (3, 2), (-5, 0.1)):
        x = mean + std * torch.randn(400_000, dtype=torch.float64)
        for p in (0.1, 0.5, 0.8):
            y = F.dropout(x, p)
            assert abs(y.mean() - x.mean()) < 0.02 * y.std()
            assert y.var() > 1.05 * x.var()


@said("The order of ReLU and dropout does not matter: both orders give the same result.")
def the_order_of_relu_and_dropout() -> None:
    x = torch.randn(20, 30)
    results: list[Callable] = [lambda: F.dropout(x.relu(), 0.3), lambda: F.dropout(x, 0.3).relu()]
    found = []
    for result in results:
        torch.manual_seed(5)
        found.append(result())
    assert close(*found)


@said(
    "**`p` is checked when the layer is created**, and by the functions on each call, even in evaluation.",
    "`nan` passes the first check",
)
def when_p_is_checked() -> None:
    for make in LAYERS:
        for wrong in (-0.1, 1.5):
            with pytest.raises(ValueError, match="between 0 and 1"):
                make(wrong)
        make(math.nan)
    for f in (F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout, F.feature_alpha_dropout):
        with pytest.raises(ValueError, match="between 0 and 1"):
            f(torch.ones(2, 3, 4), 1.5, training=False)


@said("a dropped entry gets a gradient of 0, and a kept one gets $1/(1-p)$ times the upstream gradient")
def the_gradient_has_the_mask() -> None:
    x = torch.randn(50, 60, requires_grad=True)
    y = F.dropout(x, 0.25)
    assert close(torch.autograd.grad(y.sum(), x)[0], (y != 0) / 0.75)


@said("Without the two calls to `transpose`, whole *steps* would be dropped, and there would be no error.")
def steps_are_dropped_when_channels_stand_last() -> None:
    with warnings.catch_warnings(action="error"):
        calls = torch.stack([nn.Dropout1d()(torch.ones(2, 5, 4)) for _ in range(60)])
    assert [axis for axis in (0, 1, 2) if (calls == calls.narrow(axis + 1, 0, 1)).all()] == [2]


@said("On the CPU, a generator uses only the lower 32 bits of its seed: 3 and $3 + 2^{32}$ give the same numbers.")
def lower_bits_of_a_seed() -> None:
    for seed in (0, 3, 12345):
        numbers = [torch.rand(9, generator=torch.Generator().manual_seed(n)) for n in (seed, seed + 2**32, seed + 1)]
        assert torch.equal(numbers[0], numbers[1])
        assert not torch.equal(numbers[0], numbers[2])


@said("In bfloat16, its samples are so coarse that `p = 0.002` drops twice as many entries as it should.")
def coarse_samples_in_bfloat16() -> None:
    dropped = (torch.rand_like(torch.ones(200_000, dtype=torch.bfloat16)) < 0.002).double().mean()
    assert 1.7 < dropped / 0.002 < 2.3


@said("If you set `p` later, it is not checked before the next call.")
def a_rate_set_later_is_checked_by_the_call() -> None:
    for make in LAYERS:
        layer = make(0.5)
        layer.p = 1.5
        for mode in (True, False):
            with pytest.raises(ValueError, match="between 0 and 1"):
                layer.train(mode)(torch.ones(2, 3, 4))
