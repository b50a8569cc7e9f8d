"""Compare the formulas in notes on torch.nn with torch.

The key of a formula is its row in the notes that the course is based on. If a formula in the notes is wrong, this file
contains two versions: the notes' version, which must differ from torch, and the chapter's version.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import nn

X = torch.arange(-80, 81, dtype=torch.float64) / 10
ZERO = torch.zeros(())
Formula = Callable[[torch.Tensor], torch.Tensor]
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # https://arxiv.org/abs/1706.02515


def above(x: torch.Tensor) -> torch.Tensor:
    return torch.maximum(ZERO, x)


def below(x: torch.Tensor) -> torch.Tensor:
    return torch.minimum(ZERO, x)


def inner_tanh(x: torch.Tensor) -> torch.Tensor:
    return 0.5 * x * (1 + torch.tanh((2 / math.pi) ** 0.5 * (x + 0.044715 * x**3)))


RIGHT: dict[str, tuple[Formula, Formula]] = {  # row -> the written formula, what torch computes
    "S2-act-03": (lambda x: torch.where(x > 0, x, torch.exp(x) - 1), F.elu),
    "S2-act-06": (above, F.relu),
    "S2-act-07": (lambda x: above(x) + 0.01 * below(x), nn.LeakyReLU()),
    "S2-act-08": (lambda x: above(x) + 0.25 * below(x), lambda x: F.prelu(x, torch.full((1,), 0.25).double())),
    "S2-act-10": (lambda x: torch.minimum(above(x), torch.tensor(6.0)), nn.ReLU6()),
    "S2-act-12": (lambda x: torch.where(x >= 0, x, (1 / 8 + 1 / 3) / 2 * x), nn.RReLU().eval()),
    "S2-act-14": (lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()), torch.tanh),
    "S2-act-15": (lambda x: torch.where(x < -1, -1.0, torch.where(x > 1, 1.0, x)), nn.Hardtanh()),
    "S2-act-16": (lambda x: x - torch.tanh(x), nn.Tanhshrink()),
    "S2-act-18": (lambda x: 1 / (1 + torch.exp(-x)), torch.sigmoid),
    "S2-act-19": (lambda x: torch.clamp(x / 6 + 1 / 2, 0, 1), nn.Hardsigmoid()),
    "S2-act-20": (lambda x: torch.log(1 / (1 + torch.exp(-x))), nn.LogSigmoid()),
    "S2-act-21": (lambda x: x * torch.sigmoid(x), nn.SiLU()),
    "S2-act-24": (lambda x: SCALE * (above(x) + below(ALPHA * (torch.exp(x) - 1))), nn.SELU()),
    "S2-act-25": (lambda x: above(x) + below(1.7 * (torch.exp(x / 1.7) - 1)), nn.CELU(1.7)),
    "S2-act-26": (inner_tanh, nn.GELU("tanh")),
    "S0-lin-03": (lambda x: rows(x) @ linear().weight.T + linear().bias, lambda x: linear()(rows(x))),
    "S0-lin-05": (
        lambda x: torch.einsum("ni,kij,nj->nk", rows(x), bilinear().weight, rows(x)) + bilinear().bias,
        lambda x: bilinear()(rows(x), rows(x)),
    ),
    "S2-norm-17": (
        lambda x: (rows(x) - mean(rows(x))) / torch.sqrt(mean((rows(x) - mean(rows(x))) ** 2) + 1e-5),
        lambda x: F.layer_norm(rows(x), (7,)),
    ),
}

WRONG: dict[str, Formula] = {  # row -> the notes' version; the chapters teach the version above
    "S2-act-14": lambda x: x.exp() - (-x).exp() / x.exp() + (-x).exp(),  # E-042: without parentheses
    "S2-act-19": lambda x: torch.clamp((x + 1) / 2, 0, 1),  # E-043: wrong slope
    "S2-act-26": lambda x: 0.5 * x * (1 + torch.tanh((2 / math.pi) / 2 * (x + 0.044715 * x**3))),  # E-044: wrong power
}


def rows(x: torch.Tensor) -> torch.Tensor:
    return x.view(-1, 7)


def mean(x: torch.Tensor) -> torch.Tensor:
    """Return 1/H times the sum of the H values in each row."""
    return x.sum(1, keepdim=True) / x.shape[1]


def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(7, 3).double()


def bilinear() -> nn.Bilinear:
    torch.manual_seed(0)
    return nn.Bilinear(7, 7, 3).double()


@pytest.mark.parametrize("row", RIGHT)
def test_formula_matches_torch(row):
    written, torchs = RIGHT[row]
    torch.testing.assert_close(written(X), torchs(X), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("row", WRONG)
def test_wrong_formula_differs_from_torch(row):
    assert not torch.allclose(WRONG[row](X), RIGHT[row][1](X), rtol=1e-3)


def test_cutoffs_count_from_zero():
    """Row S2-sm-03: with a cutoff of 10, the head contains classes 0 to 9 but not class 10."""
    layer = nn.AdaptiveLogSoftmaxWithLoss(32, 1000, [10, 100])
    used = {}
    for label in (9, 10, 99, 100):
        layer.zero_grad()
        layer(torch.randn(1, 32), torch.tensor([label])).loss.backward()
        used[label] = [i for i, tail in enumerate(layer.tail) if tail[1].weight.grad is not None]
    assert used == {9: [], 10: [0], 99: [0], 100: [1]}
