"""Test what the chapter on optimizers says about torch, and related sentences in other chapters."""

import inspect

import pytest
import torch
from torch import nn

from tests.said.tried import close, tries

said = tries("optimizers")


def parameter(*values: float) -> nn.Parameter:
    """Return a parameter in float64."""
    return nn.Parameter(torch.tensor(values, dtype=torch.float64))


def stepped(optimizer: torch.optim.Optimizer, p: nn.Parameter, *gradients: float) -> torch.Tensor:
    """Take a step for each gradient; return the parameter afterward."""
    for gradient in gradients:
        p.grad = torch.full_like(p, gradient)
        optimizer.step()
    return p.detach().clone()


@said("If the gradient stays constant, the velocity grows to $1 / (1 - \\text{momentum})$ times")
def the_velocity_grows_to_its_limit() -> None:
    for momentum in (0.5, 0.8, 0.9):
        p = parameter(0.0)
        optimizer = torch.optim.SGD([p], 0.1, momentum=momentum)
        stepped(optimizer, p, *[1.0] * 300)
        assert close(optimizer.state[p]["momentum_buffer"], torch.tensor([1 / (1 - momentum)], dtype=torch.float64))


@said("with one exception: at a parameter's first step, the velocity *is* $g$, without dampening.")
def the_first_velocity_is_not_dampened() -> None:
    p = parameter(0.0)
    optimizer = torch.optim.SGD([p], 0.1, momentum=0.9, dampening=0.7)
    stepped(optimizer, p, 2.0)
    assert optimizer.state[p]["momentum_buffer"].item() == 2.0


@said("By default, `weight_decay` is 0.01 in `AdamW`, 0.1 in `Muon`, and 0 in the other optimizers.")
def the_default_decay() -> None:
    made = [make for make in vars(torch.optim).values() if isinstance(make, type)]
    settings = {make.__name__: inspect.signature(make).parameters.get("weight_decay") for make in made}
    found = {name: setting.default for name, setting in settings.items() if setting is not None}
    assert {"SGD", "Adam", "RMSprop", "Adafactor"} < found.keys()
    assert found == dict.fromkeys(found, 0) | {"AdamW": 0.01, "Muon": 0.1}


@said("The mean and the root both grow by a factor of 1,000; only `eps` makes a difference.")
def adam_does_not_see_the_size_of_the_loss() -> None:
    ends = []
    for scale in (1.0, 1000.0):
        p = parameter(1.0)
        ends.append(stepped(torch.optim.Adam([p], 0.1), p, 2.0 * scale, -1.0 * scale, 3.0 * scale))
    assert abs(ends[0] - ends[1]).item() < 1e-7


@said("If a parameter is in two groups, torch raises an error.")
def one_group_for_each_parameter() -> None:
    p = parameter(1.0)
    with pytest.raises(ValueError, match="more than one parameter group"):
        torch.optim.SGD([{"params": [p]}, {"params": [p]}])


@said(
    "one nan makes *all* gradients nan, even that of the healthy bias.",
    "With `error_if_nonfinite=True`, the call raises an error instead.",
)
@tries("utilities")("one nan spreads to all gradients.")
def one_nan_spoils_all() -> None:
    a, b = parameter(1.0, 2.0), parameter(1.0, 2.0)
    a.grad, b.grad = torch.tensor([float("nan"), 1.0]).double(), torch.ones_like(b)
    with pytest.raises(RuntimeError):
        nn.utils.clip_grad_norm_([a, b], 1.0, error_if_nonfinite=True)
    nn.utils.clip_grad_norm_([a, b], 1.0)
    assert a.grad.isnan().all()
    assert b.grad.isnan().all()


@said("Every optimizer in torch accepts one.")
def every_step_takes_a_closure() -> None:
    made = [make for make in vars(torch.optim).values() if isinstance(make, type)]
    assert len(made) > 12
    for make in made:
        assert "closure" in inspect.signature(make.step).parameters, make.__name__


@said("SGD and Adam call the closure once, at the beginning.", "and returns the *first* loss, from before the step.")
def a_closure_is_called_before_the_step() -> None:
    for make in (torch.optim.SGD, torch.optim.Adam, torch.optim.LBFGS):
        p, seen = parameter(3.0), []
        optimizer = make([p], lr=0.1)

        def closure(p=p, seen=seen, optimizer=optimizer) -> torch.Tensor:
            optimizer.zero_grad()
            loss = (p**2).sum()
            loss.backward()
            seen.append(p.item())
            return loss

        assert optimizer.step(closure).item() == 9.0
        assert seen[0] == 3.0
        assert len(seen) == 1 or make is torch.optim.LBFGS


@said("Buffers such as running statistics are copied by default.")
def averages_copy_buffers() -> None:
    swa = torch.optim.swa_utils
    net = nn.BatchNorm1d(2)
    averaged = swa.AveragedModel(net, multi_avg_fn=swa.get_ema_multi_avg_fn(0.9))
    for _ in range(3):
        net(torch.randn(5, 2))
        averaged.update_parameters(net)
        assert torch.equal(averaged.module.running_mean, net.running_mean)
        assert averaged.module.running_mean is not net.running_mean
