"""Test what the capstone on networks from papers says about torch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import tries

said = tries("from_paper")


@said(
    "All windows here have an odd size and a padding of $(k - 1) / 2$, so the formula becomes "
    "$\\lfloor (n - 1) / s \\rfloor + 1$ for each of them.",
)
@tries("capstone_cnn")(
    "With an odd kernel and a padding of half its size, rounded down, the height and width don't change."
)
def odd_windows_follow_one_formula() -> None:
    for n in range(1, 30):
        for stride in (1, 2, 3):
            for k in (1, 3, 7):
                x = torch.zeros(1, 1, n, 1)
                y = F.conv2d(x, torch.zeros(1, 1, k, 1), stride=(stride, 1), padding=(k // 2, 0))
                assert y.shape[2] == (n - 1) // stride + 1
            assert F.max_pool2d(x, (3, 1), (stride, 1), (1, 0)).shape[2] == (n - 1) // stride + 1


@said("Each batch norm has five entries: weight, bias, running mean, running variance, and a counter.")
def batch_norm_has_five_entries() -> None:
    assert list(nn.BatchNorm2d(2).state_dict()) == [
        "weight",
        "bias",
        "running_mean",
        "running_var",
        "num_batches_tracked",
    ]


@said("`nn.Identity()` and an empty `nn.Sequential()` return their input and have no entries in `state_dict()`.")
def nothing_in_between() -> None:
    x = torch.randn(2, 3)
    for layer in (nn.Identity(), nn.Sequential()):
        assert layer(x) is x
        assert not layer.state_dict()


@said("It broadcasts, without a warning. `load_state_dict` compares shapes")
def copies_broadcast_and_loading_does_not() -> None:
    assert (torch.zeros(4).copy_(torch.ones(1)) == 1).all()
    with pytest.raises(RuntimeError, match="size mismatch"):
        nn.Linear(3, 4).load_state_dict({"weight": torch.zeros(4, 3), "bias": torch.ones(1)})


@said("`net.named_parameters(remove_duplicate=False)` lists a shared parameter under both of its names.")
def shared_parameters_have_two_names() -> None:
    net = nn.ModuleDict({"embed": nn.Embedding(5, 3), "head": nn.Linear(3, 5, bias=False)})
    net["head"].weight = net["embed"].weight
    assert [name for name, _ in net.named_parameters(remove_duplicate=False)] == ["embed.weight", "head.weight"]
    assert [name for name, _ in net.named_parameters()] == ["embed.weight"]
