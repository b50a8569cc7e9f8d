"""What the chapter on checkpoints says of torch, each sentence with a function that tries it."""

from __future__ import annotations

import copy
import datetime
import io
import pathlib
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.said.tried import said

SCHEDULERS = torch.optim.lr_scheduler


def through_a_file(thing: Any, **options: Any) -> Any:
    """Return what comes back from a file in memory."""
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    return torch.load(file, **options)


def length(thing: Any) -> int:
    """Return the bytes of a file."""
    file = io.BytesIO()
    torch.save(thing, file)
    return file.tell()


def one_parameter(lr: float = 1.0, **options: Any) -> torch.optim.SGD:
    return torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=lr, **options)


@said(
    "checkpoints",
    "`state_dict()` returns a dict from names to tensors: all parameters, and all buffers except those registered with "
    "`persistent=False`.",
)
def what_a_state_holds() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    net.register_buffer("left", torch.zeros(1), persistent=False)
    names = [name for name, _ in [*net.named_parameters(), *net.named_buffers()] if name != "left"]
    assert sorted(net.state_dict()) == sorted(names)


@said("checkpoints", "`dict.copy()` copies the dict, not the tensors in it.")
def a_copy_follows() -> None:
    layer = nn.Linear(2, 1)
    kept = [layer.state_dict(), layer.state_dict().copy(), dict(layer.state_dict()), copy.copy(layer.state_dict())]
    deep = copy.deepcopy(layer.state_dict())
    with torch.no_grad():
        layer.weight.add_(1)
    assert all(torch.equal(state["weight"], layer.weight) for state in kept)
    assert not torch.equal(deep["weight"], layer.weight)


@said("checkpoints", "for $P$ parameters, no values for plain SGD, $P$ values with momentum, and $2P$ for Adam.")
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


@said("checkpoints", "Tensors, numbers, strings, and containers of these load.")
def what_loads() -> None:
    for thing in (
        torch.ones(2),
        1,
        0.5,
        1j,
        "a",
        None,
        b"x",
        [1],
        (1, [2]),
        {"a": {1, 2}},
        nn.Parameter(torch.ones(1)),
    ):
        assert type(through_a_file(thing)) is type(thing)
    assert through_a_file(torch.get_rng_state()).dtype == torch.uint8


@said("checkpoints", "NumPy numbers do not, and `np.mean(losses)` is one")
def what_does_not_load() -> None:
    for thing in (
        np.mean([1.0, 2.0]),
        np.float32(1),
        np.ones(2),
        pathlib.Path("a"),
        datetime.datetime(2026, 1, 1),
        nn.ReLU(),
    ):
        with pytest.raises(Exception, match="Weights only load failed"):
            through_a_file({"loss": thing})


@said("checkpoints", "The wrong shape raises an error even with `strict=False`.")
def shapes_are_strict() -> None:
    for shape in ((1, 3), (2,), (2, 1), ()):
        with pytest.raises(RuntimeError, match="size mismatch"):
            nn.Linear(2, 1).load_state_dict({"weight": torch.zeros(shape)}, strict=False)


@said("checkpoints", "The spelling mistake loads **nothing**, and there is no error")
def strict_false_hides() -> None:
    layer = nn.Linear(2, 1)
    before = copy.deepcopy(layer.state_dict())
    found = layer.load_state_dict({"wieght": torch.zeros(1, 2)}, strict=False)
    assert (found.missing_keys, found.unexpected_keys) == (["weight", "bias"], ["wieght"])
    assert all(torch.equal(layer.state_dict()[name], before[name]) for name in before)


@said("checkpoints", "The parameter is the same object with its own dtype; the values were converted.")
def loading_copies() -> None:
    layer, other = nn.Linear(2, 1), nn.Linear(2, 1).double()
    weight = layer.weight
    layer.load_state_dict(other.state_dict())
    assert layer.weight is weight
    assert weight.dtype == torch.float32
    layer.load_state_dict(other.state_dict(), assign=True)
    assert layer.weight is not weight
    assert layer.weight.dtype == torch.float64


@said(
    "checkpoints",
    "Load this into an optimizer that received the two in the other order, and each gets the other's moments",
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


@said("checkpoints", "Some schedulers set the learning rate of the optimizer when they are created.")
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


@said("checkpoints", "The first file contains all of `table`.")
def views_bring_their_storage() -> None:
    table = torch.zeros(100_000)
    assert length(table[:2]) > 4 * 100_000 > 100 * length(table[:2].clone())
    assert length([table, table]) < 1.1 * length(table) < length([table, table.clone()])


@said("checkpoints", "A plain dict, made by renaming or filtering, has lost the versions.")
def versions_are_lost() -> None:
    state = nn.BatchNorm1d(3).state_dict()
    assert state._metadata[""] == {"version": 2}
    renamed = {f"0.{name}": value for name, value in state.items()}
    filtered = {name: value for name, value in state.items() if name != "num_batches_tracked"}
    assert not any(hasattr(plain, "_metadata") for plain in (renamed, filtered))
    assert hasattr(copy.deepcopy(state), "_metadata")
    assert hasattr(through_a_file(state), "_metadata")
    del state["num_batches_tracked"]
    with pytest.raises(RuntimeError, match="Missing key"):
        nn.BatchNorm1d(3).load_state_dict(state)
    del renamed["0.num_batches_tracked"]
    nn.BatchNorm1d(3).load_state_dict(filtered)
    nn.Sequential(nn.BatchNorm1d(3)).load_state_dict(renamed)


@said("checkpoints", "The two share one momentum buffer, and each step of one changes the other's.")
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


@said(
    "checkpoints",
    "A tensor of shape `(1,)` is loaded into one of shape `()`. Every other difference in shape raises an error.",
)
def the_one_exception() -> None:
    def load(own: torch.Tensor, given: torch.Tensor) -> None:
        module = nn.Module()
        module.scale = nn.Parameter(own)
        module.load_state_dict({"scale": given})

    load(torch.tensor(1.0), torch.tensor([4.0]))
    for own, given in (((1,), ()), ((), (1, 1)), ((), (2,)), ((2, 3), (3, 2)), ((3,), (1, 3)), ((1, 3), (3,))):
        with pytest.raises(RuntimeError, match="size mismatch"):
            load(torch.zeros(own), torch.zeros(given))
