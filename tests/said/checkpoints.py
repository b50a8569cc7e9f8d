"""Test what the chapter on checkpoints says about torch, and related sentences in other chapters."""

import datetime
import io
import pathlib
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.said.tried import tries

said = tries("checkpoints")

SCHEDULERS = torch.optim.lr_scheduler


def through_a_file(thing: Any) -> Any:
    """Save a value to a file in memory, and return the value loaded from the file."""
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    return torch.load(file)


def one_parameter(**options: Any) -> torch.optim.SGD:
    return torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0, **options)


@said(
    "`state_dict()` returns a dict that maps names to tensors: all parameters, and all buffers except those registered "
    "with `persistent=False`."
)
def what_a_state_holds() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    net.register_buffer("left", torch.zeros(1), persistent=False)
    names = [name for name, _ in [*net.named_parameters(), *net.named_buffers()] if name != "left"]
    assert sorted(net.state_dict()) == sorted(names)


@said("For a network with $P$ parameter values, plain SGD adds none, SGD with momentum adds $P$, and Adam adds $2P$.")
def the_optimiser_s_share() -> None:
    made = {
        0: lambda p: torch.optim.SGD(p, lr=0.1),
        1: lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        2: lambda p: torch.optim.Adam(p),
    }
    for times, make in made.items():
        layer = nn.Linear(7, 5)
        optimizer = make(layer.parameters())
        layer(torch.ones(1, 7)).sum().backward()
        optimizer.step()
        held = [value for state in optimizer.state.values() for value in state.values() if torch.is_tensor(value)]
        assert sum(value.numel() for value in held if value.dim()) == times * 40


@said("It rejects NumPy numbers, and `np.mean(losses)` is a NumPy number.")
def what_does_not_load() -> None:
    numbers = (np.mean([1.0, 2.0]), np.float32(1), np.ones(2))
    for thing in (*numbers, pathlib.Path("a"), datetime.datetime(2026, 1, 1), nn.ReLU()):
        with pytest.raises(Exception, match="Weights only load failed"):
            through_a_file({"loss": thing})


@said("The wrong shape raises an error even with `strict=False`.")
@tries("transfer")(
    "Even with `strict=False`, an entry with a different shape raises an error.",
    "No. Entries with a different shape raise an error, even with strict=False.",
)
@tries("from_paper")("It broadcasts, without a warning. `load_state_dict` compares shapes")
def shapes_are_strict() -> None:
    assert (torch.zeros(4).copy_(torch.ones(1)) == 1).all()
    for shape in ((1, 3), (2,), (2, 1), (1, 2, 1), ()):
        with pytest.raises(RuntimeError, match="size mismatch"):
            nn.Linear(2, 1).load_state_dict({"weight": torch.zeros(shape)}, strict=False)


@said(
    "If you load this state into an optimizer that received the two parameters in the opposite order, each one gets "
    "the other's moments. If the shapes agree, no error is raised."
)
def the_order_of_parameters() -> None:
    one, two = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    first = torch.optim.Adam([one, two])
    one.grad, two.grad = torch.ones(2), 5 * torch.ones(2)
    first.step()
    other = torch.optim.Adam([two, one])
    other.load_state_dict(first.state_dict())
    assert torch.equal(other.state[two]["exp_avg"], first.state[one]["exp_avg"])
    assert torch.equal(other.state[one]["exp_avg"], first.state[two]["exp_avg"])


@said("Some schedulers set the learning rate of the optimizer when they are created.")
@tries("optimizers")("A scheduler sets the first learning rate when it is created, and the next one at each call.")
def schedulers_set_rates() -> None:
    after = {}
    for name, make in {
        "lambda": lambda o: SCHEDULERS.LambdaLR(o, lambda epoch: 0.5**epoch),
        "step": lambda o: SCHEDULERS.StepLR(o, 1, 0.5),
    }.items():
        first = one_parameter()
        schedule = make(first)
        for _ in range(3):
            first.step()
            schedule.step()
        second = one_parameter()
        second.load_state_dict(first.state_dict())
        late = make(second)
        late.load_state_dict(schedule.state_dict())
        after[name] = (first.param_groups[0]["lr"], second.param_groups[0]["lr"])
    assert after == {"lambda": (0.125, 1.0), "step": (0.125, 0.125)}


@said("The two optimizers share one momentum buffer, so each step of one changes the buffer of the other.")
def states_are_shared() -> None:
    first, second = one_parameter(momentum=0.9), one_parameter(momentum=0.9)
    for optimizer in (first, second):
        optimizer.param_groups[0]["params"][0].grad = torch.ones(1)
    first.step()
    second.load_state_dict(first.state_dict())
    kept = [next(iter(optimizer.state.values()))["momentum_buffer"] for optimizer in (first, second)]
    assert kept[0] is kept[1]
    second.step()
    assert kept[0].item() == pytest.approx(1.9)


@said("A tensor of shape `(1,)` is loaded into a tensor of shape `()`. Any other difference in shape raises an error.")
def the_one_exception() -> None:
    def load(own: torch.Tensor, given: torch.Tensor) -> None:
        module = nn.Module()
        module.scale = nn.Parameter(own)
        module.load_state_dict({"scale": given})

    load(torch.tensor(1.0), torch.tensor([4.0]))
    for own, given in (((1,), ()), ((), (1, 1)), ((), (2,)), ((2, 3), (3, 2)), ((3,), (1, 3)), ((1, 3), (3,))):
        with pytest.raises(RuntimeError, match="size mismatch"):
            load(torch.zeros(own), torch.zeros(given))
