"""Test what the chapter on checkpoints says about torch, and related sentences in other chapters."""

import copy
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


def through_a_file(thing: Any, **options: Any) -> Any:
    """Save a value to a file in memory, and return the value loaded from the file."""
    file = io.BytesIO()
    torch.save(thing, file)
    file.seek(0)
    return torch.load(file, **options)


def length(thing: Any) -> int:
    """Return the length in bytes of a file with the saved value."""
    file = io.BytesIO()
    torch.save(thing, file)
    return file.tell()


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


@said("`dict.copy()` copies the dict, not the tensors in it.")
@tries("optimizers")("`state_dict()` shares memory with the parameters, so training keeps changing what you saved.")
@tries("capstone_forecast")("`state_dict()` returns tensors that share the parameters' memory.")
@tries("capstone_cnn")(
    '`state_dict()` shares memory with the parameters, so training kept changing the "best" weights.'
)
def only_deep_copies_stop_following() -> None:
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    own = {**dict(net.named_parameters()), **dict(net.named_buffers())}
    kept = [net.state_dict(), net.state_dict().copy(), dict(net.state_dict()), copy.copy(net.state_dict())]
    deep = copy.deepcopy(net.state_dict())
    assert all(value.data_ptr() == own[name].data_ptr() for state in kept for name, value in state.items())
    with torch.no_grad():
        net[0].weight.add_(1)
    assert all(torch.equal(state["0.weight"], net[0].weight) for state in kept)
    assert not torch.equal(deep["0.weight"], net[0].weight)


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


@said("`torch.load` accepts tensors, numbers, strings, and containers of these.")
def what_loads() -> None:
    plain = (1, 0.5, 1j, "a", None, b"x", [1], (1, [2]), {"a": {1, 2}})
    for thing in (torch.ones(2), nn.Parameter(torch.ones(1)), *plain):
        assert type(through_a_file(thing)) is type(thing)
    assert through_a_file(torch.get_rng_state()).dtype == torch.uint8


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
def shapes_are_strict() -> None:
    for shape in ((1, 3), (2,), (2, 1), (1, 2, 1), ()):
        with pytest.raises(RuntimeError, match="size mismatch"):
            nn.Linear(2, 1).load_state_dict({"weight": torch.zeros(shape)}, strict=False)


@said("With the misspelled name, **nothing** is loaded, and there is no error")
def strict_false_hides() -> None:
    layer = nn.Linear(2, 1)
    before = copy.deepcopy(layer.state_dict())
    found = layer.load_state_dict({"wieght": torch.zeros(1, 2)}, strict=False)
    assert (found.missing_keys, found.unexpected_keys) == (["weight", "bias"], ["wieght"])
    assert all(torch.equal(layer.state_dict()[name], before[name]) for name in before)


@said("The parameter is still the same object and keeps its own dtype; the values were converted.")
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


@said("The first file contains all of `table`.")
def views_bring_their_storage() -> None:
    table = torch.zeros(100_000)
    assert length(table[:2]) > 4 * 100_000 > 100 * length(table[:2].clone())
    assert length([table, table]) < 1.1 * length(table) < length([table, table.clone()])


@said("If you make a plain dict by renaming or filtering, the versions are lost.")
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
