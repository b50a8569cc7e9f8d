"""Test what the chapter on transfer says about torch."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, tries

said = tries("transfer")


@said(
    "Even with `strict=False`, an entry with a different shape raises an error.",
    "No. Entries with a different shape raise an error, even with strict=False.",
)
def other_shapes_raise_an_error() -> None:
    for shape in ((3, 2), (2, 3, 1), (6,), ()):
        with pytest.raises(RuntimeError, match="size mismatch"):
            nn.Linear(3, 2).load_state_dict({"weight": torch.zeros(shape)}, strict=False)


@said("No. load_state_dict converts dtypes.")
def dtypes_are_converted() -> None:
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.int64):
        layer = nn.Linear(3, 2)
        layer.load_state_dict({"weight": torch.full((2, 3), 2, dtype=dtype), "bias": torch.zeros(2)})
        assert layer.weight.dtype == torch.float32
        assert (layer.weight == 2).all()


@said(
    "`requires_grad_(False)` freezes the weight and the bias, but running statistics are buffers, and training mode "
    "updates them.",
)
def frozen_norms_keep_counting() -> None:
    norm = nn.BatchNorm1d(2).requires_grad_(False)
    for training, moves in ((False, False), (True, True)):
        norm.train(training)
        before = norm.running_mean.clone()
        norm(torch.randn(8, 2) + 5)
        assert torch.equal(norm.running_mean, before) is not moves


@said(
    "A parameter with a gradient of zeros is still decayed.",
    "torch skips a parameter only if its `.grad` is `None`.",
)
def zeros_are_decayed() -> None:
    for make in (torch.optim.AdamW, torch.optim.SGD, torch.optim.Adam, torch.optim.RMSprop):
        for gradient in (None, torch.zeros(2)):
            p = nn.Parameter(torch.ones(2))
            optimizer = make([p], lr=0.1, weight_decay=0.5)
            p.grad = gradient
            p.requires_grad_(False)
            optimizer.step()
            assert bool((p == 1).all()) is (gradient is None)


@said(
    'With `reduction="mean"`, it divides by the number of elements; `"batchmean"` divides by the number of rows.',
)
def two_means_of_the_divergence() -> None:
    log_q, p = torch.randn(3, 5).log_softmax(1), torch.randn(3, 5).softmax(1)
    total = F.kl_div(log_q, p, reduction="sum")
    assert close(F.kl_div(log_q, p, reduction="mean"), total / 15)
    assert close(F.kl_div(log_q, p, reduction="batchmean"), total / 3)


@said("If all of them are equal, their weights can be added first: the weight is the **sum** over the channels.")
def equal_channels_add_up() -> None:
    conv, gray = nn.Conv2d(3, 4, 3), torch.randn(2, 1, 6, 6)
    found = F.conv2d(gray, conv.weight.sum(1, keepdim=True), conv.bias)
    assert close(found, conv(gray.expand(-1, 3, -1, -1)), 1e-4)
