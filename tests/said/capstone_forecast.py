"""What the chapter on a forecast says of torch, each sentence with a function that tries it."""

from __future__ import annotations

import itertools
import warnings

import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, said


def stack(dropout: float, layers: int = 2) -> nn.LSTM:
    torch.manual_seed(0)
    return nn.LSTM(1, 4, num_layers=layers, dropout=dropout, batch_first=True)


@said("capstone_forecast", "A network whose head outputs 0 everywhere forecasts the last value")
def a_head_of_zeros() -> None:
    values, head = torch.randn(3, 7), nn.Linear(4, 1)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    assert torch.equal(values + head(stack(0.1)(values[..., None])[0]).squeeze(-1), values)


@said("capstone_forecast", "A stack of layers with $H_1, \\dots, H_K$ units ($H_0 = 1$) and a head has")
def parameters_of_a_stack() -> None:
    sizes = [1, 5, 3, 6]
    layers = [nn.LSTM(a, b) for a, b in itertools.pairwise(sizes)]
    counted = sum(p.numel() for part in (*layers, nn.Linear(6, 1)) for p in part.parameters())
    assert counted == sum(4 * b * (a + b) + 8 * b for a, b in itertools.pairwise(sizes)) + 6 + 1


@said(
    "capstone_forecast",
    "Where does the dropout act? Only *between* the layers.",
    "Dropout acts between the layers, with new samples at every step.",
)
def dropout_between_layers() -> None:
    x = torch.randn(1, 6, 1)
    for layers in (2, 3):
        deaf = stack(1.0, layers)
        assert torch.equal(deaf(x)[0], deaf(x + 1)[0])
        assert (deaf(x)[0] != 0).all()
        assert not torch.equal(deaf(x)[1][0][0], deaf(x + 1)[1][0][0])  # the first layer hears


@said("capstone_forecast", "In evaluation mode, as always, nothing is dropped.")
def nothing_in_evaluation() -> None:
    lstm, x = stack(0.5).eval(), torch.randn(2, 6, 1)
    assert torch.equal(lstm(x)[0], lstm(x)[0])
    plain = stack(0.0)
    assert close(lstm(x)[0], plain(x)[0])


@said("capstone_forecast", "`nn.LSTM` never drops the state on its way through time.")
def states_are_not_dropped() -> None:
    lstm, below = stack(0.5), nn.LSTM(1, 4, batch_first=True)
    below.load_state_dict({name: p for name, p in lstm.state_dict().items() if name.endswith("l0")})
    x = torch.randn(2, 6, 1)
    for _ in range(5):
        assert close(lstm(x)[1][0][0], below(x)[1][0][0])


@said(
    "capstone_forecast", "`nn.LSTM(1, 32, dropout=0.2)` warns and drops nothing, since there is nothing between layers."
)
def a_stack_of_one() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lstm = nn.LSTM(1, 32, dropout=0.2)
    assert len(caught) == 1
    x = torch.randn(5, 2, 1)
    assert torch.equal(lstm(x)[0], lstm(x)[0])


@said("capstone_forecast", "`state_dict()` returns the tensors themselves.")
def a_state_that_follows() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    own = {**dict(net.named_parameters()), **dict(net.named_buffers())}
    for name, value in net.state_dict().items():
        assert value.data_ptr() == own[name].data_ptr()


@said("capstone_forecast", "every forecast is compared with every target, and perfect ones get a large error.")
def shapes_that_broadcast() -> None:
    y = torch.randn(9)
    assert (y[:, None] - y).shape == (9, 9)
    assert F.l1_loss(y, y) == 0 < (y[:, None] - y).abs().mean()


@said("capstone_forecast", "As a training loss, this produces a network that forecasts the mean of its targets.")
def broadcast_targets_lead_to_the_mean() -> None:
    y = torch.arange(6.0)
    free = torch.zeros(6, 1, requires_grad=True)
    (gradient,) = torch.autograd.grad((free - y).square().mean() * 18, free)
    assert close(free.detach() - gradient / 6, torch.full((6, 1), y.mean().item()))


@said("capstone_forecast", "The loss whose best answer is the quantile $q$ is the **pinball loss**.")
def the_best_answer_is_a_quantile() -> None:
    y = torch.arange(101.0)
    answers = torch.arange(101.0)
    for q in (0.1, 0.5, 0.85):
        e = y[:, None] - answers
        best = answers[torch.where(e >= 0, q * e, (q - 1) * e).mean(0).argmin()].item()
        assert abs(best - torch.quantile(y, q).item()) <= 1
