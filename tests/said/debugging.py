"""Test what the chapter on debugging says about torch."""

import math
import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import tries

said = tries("debugging")


@said("In the backward pass, `torch.where` gives each branch the upstream gradient times 0 or 1.")
def where_masks_the_gradient() -> None:
    a, b = (torch.zeros(3, requires_grad=True) for _ in range(2))
    mask = torch.tensor([True, False, True])
    torch.where(mask, a, b).backward(torch.tensor([2.0, 3.0, 5.0]))
    assert a.grad.tolist() == [2.0, 0.0, 5.0]
    assert b.grad.tolist() == [0.0, 3.0, 0.0]


@said(
    "`torch.autograd.detect_anomaly()` checks every gradient that the backward pass computes and raises an error at "
    "the first `nan`.",
    "With `check_nan=False`, it doesn't look for anything and only records where each operation was called.",
)
def anomaly_mode_looks_for_nan() -> None:
    for check in (True, False):
        x = torch.zeros(1, requires_grad=True)
        with warnings.catch_warnings(action="ignore"), torch.autograd.set_detect_anomaly(True, check_nan=check):
            y = (x.sqrt() * x).sum()
            if check:
                with pytest.raises(RuntimeError, match="SqrtBackward0"):
                    y.backward()
            else:
                y.backward()
                assert x.grad.isnan().all()


@said("The return value of a forward hook replaces the module's output, unless that value is `None`.")
@tries("modules")("Only `None` is ignored; anything else replaces the output.")
def hooks_replace_the_output() -> None:
    for answer, found in ((None, 3.0), (torch.ones(1), 1.0), (7, 7)):
        layer = nn.ReLU()
        layer.register_forward_hook(lambda *_, answer=answer: answer)
        assert layer(torch.tensor([3.0])) == found


@said("If `x` doesn't require grad, no gradient is computed for it, and `grad_input` is `(None,)`.")
def no_gradient_for_the_input() -> None:
    layer, seen = nn.Linear(2, 1), []
    layer.register_full_backward_hook(lambda module, inward, outward: seen.append(inward))
    with warnings.catch_warnings(action="ignore"):
        layer(torch.ones(1, 2)).sum().backward()
    assert seen == [(None,)]


@said("since its scores are the output of a softmax and lie between 0 and 1")
def cross_entropy_of_probabilities() -> None:
    scores = torch.tensor([[1.0, 0.0, 0.0]], dtype=torch.float64)
    lowest = F.cross_entropy(scores, torch.tensor([0])).item()
    assert math.isclose(lowest, math.log(math.e + 2) - 1)
