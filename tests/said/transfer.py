"""Test what the chapter on transfer says about torch."""

import torch
from torch import nn

from tests.said.tried import tries

said = tries("transfer")


@said("No. load_state_dict converts dtypes.")
def dtypes_are_converted() -> None:
    for dtype in (torch.float64, torch.float16, torch.bfloat16, torch.int64):
        layer = nn.Linear(3, 2)
        layer.load_state_dict({"weight": torch.full((2, 3), 2, dtype=dtype), "bias": torch.zeros(2)})
        assert layer.weight.dtype == torch.float32
        assert (layer.weight == 2).all()


@said(
    "`requires_grad_(False)` freezes the weight and the bias, but running statistics are buffers, and training mode "
    "updates them."
)
@tries("normalization")("`requires_grad_(False)` does not freeze the buffers")
def frozen_norms_keep_counting() -> None:
    norm = nn.BatchNorm1d(2).requires_grad_(False)
    for training, moves in ((False, False), (True, True)):
        norm.train(training)
        before = norm.running_mean.clone()
        norm(torch.randn(8, 2) + 5)
        assert torch.equal(norm.running_mean, before) is not moves


@said(
    "A parameter with a gradient of zeros is still decayed.", "torch skips a parameter only if its `.grad` is `None`."
)
@tries("modules")("An optimizer skips a parameter whose `.grad` is `None`.")
@tries("optimizers")(
    "`step()` skips a parameter whose gradient is `None`",
    "If the gradient is all zeros instead, `step()` still updates the parameter, because momentum and weight decay "
    "still act.",
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
