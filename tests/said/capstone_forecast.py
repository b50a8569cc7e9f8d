"""Test what the capstone on forecasting says about torch."""

import itertools
import warnings

import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import close, tries

said = tries("capstone_forecast")


def stack(dropout: float, layers: int = 2) -> nn.LSTM:
    torch.manual_seed(0)
    return nn.LSTM(1, 4, num_layers=layers, dropout=dropout, batch_first=True)


@said("As long as the head outputs 0, the network forecasts the last value.")
def a_head_of_zeros() -> None:
    values, head = torch.randn(3, 7), nn.Linear(4, 1)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    assert torch.equal(values + head(stack(0.1)(values[..., None])[0]).squeeze(-1), values)


@said("A stack of layers with $H_1, \\dots, H_K$ units ($H_0 = 1$) and a head has")
def parameters_of_a_stack() -> None:
    sizes = [1, 5, 3, 6]
    layers = [nn.LSTM(a, b) for a, b in itertools.pairwise(sizes)]
    counted = sum(p.numel() for part in (*layers, nn.Linear(6, 1)) for p in part.parameters())
    assert counted == sum(4 * b * (a + b) + 8 * b for a, b in itertools.pairwise(sizes)) + 6 + 1


@said(
    "Where does `nn.LSTM` apply dropout? Only *between* the layers.",
    "Dropout acts between the layers, with new samples at every step.",
)
@said("In evaluation mode, as always, nothing is dropped.")
@tries("recurrent")(
    "The argument `dropout` acts on the output of each layer **except the last**, and only in training."
)
def dropout_between_layers() -> None:
    x = torch.randn(1, 6, 1)
    for layers in (2, 3):
        deaf = stack(1.0, layers)
        assert torch.equal(deaf(x)[0], deaf(x + 1)[0])
        assert (deaf(x)[0] != 0).all()
        assert not torch.equal(deaf(x)[1][0][0], deaf(x + 1)[1][0][0])  # the first layer still gets the input
        assert not torch.equal(deaf.eval()(x)[0], deaf(x + 1)[0])
    for kind in (nn.RNN, nn.GRU):
        assert torch.equal((deaf := kind(1, 4, num_layers=2, dropout=1.0))(x)[0], deaf(x + 1)[0])


@said("`nn.LSTM` never drops values of the state between time steps.")
def states_are_not_dropped() -> None:
    lstm, below = stack(0.5), nn.LSTM(1, 4, batch_first=True)
    below.load_state_dict({name: p for name, p in lstm.state_dict().items() if name.endswith("l0")})
    x = torch.randn(2, 6, 1)
    for _ in range(5):
        assert close(lstm(x)[1][0][0], below(x)[1][0][0])


@said("`nn.LSTM(1, 32, dropout=0.2)` warns and drops nothing, since a single layer has no layer after it.")
def a_stack_of_one() -> None:
    with warnings.catch_warnings(record=True, action="always") as caught:
        lstm = nn.LSTM(1, 32, dropout=0.2)
    assert len(caught) == 1
    x = torch.randn(5, 2, 1)
    assert torch.equal(lstm(x)[0], lstm(x)[0])


@said("every forecast is compared with every target, so even perfect forecasts get a large error.")
def shapes_that_broadcast() -> None:
    y = torch.randn(9)
    assert (y[:, None] - y).shape == (9, 9)
    assert F.l1_loss(y, y) == 0 < (y[:, None] - y).abs().mean()


@said(
    "If you use this error as a training loss, you get a network that forecasts the median of its targets (with the "
    "squared error, their mean)."
)
def broadcast_targets_lead_to_the_median_or_mean() -> None:
    skewed = torch.tensor([0.0, 1.0, 2.0, 3.0, 90.0])
    same = torch.full((5, 1), skewed.median().item(), requires_grad=True)
    (gradient,) = torch.autograd.grad((same - skewed).abs().mean(), same)
    assert not gradient.any()
    y = torch.arange(6.0)
    free = torch.zeros(6, 1, requires_grad=True)
    (gradient,) = torch.autograd.grad((free - y).square().mean() * 18, free)
    assert close(free.detach() - gradient / 6, torch.full((6, 1), y.mean().item()))


@said("On average, the **pinball loss** is smallest when the prediction is the quantile $q$.")
def the_best_answer_is_a_quantile() -> None:
    y = torch.arange(101.0)
    answers = torch.arange(101.0)
    for q in (0.1, 0.5, 0.85):
        e = y[:, None] - answers
        best = answers[torch.where(e >= 0, q * e, (q - 1) * e).mean(0).argmin()].item()
        assert abs(best - torch.quantile(y, q).item()) <= 1
