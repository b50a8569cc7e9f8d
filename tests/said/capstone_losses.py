"""Test what the capstone on a loss with several parts says about torch."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from tests.said.tried import close, tries

said = tries("capstone_losses")


class Reads(TorchDispatchMode):
    """A mode that counts how often a number is read back into Python."""

    def __enter__(self) -> Reads:
        self.count = 0
        return super().__enter__()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += "_local_scalar_dense" in str(function)
        return function(*args, **(kwargs or {}))


def trained(optimizer: torch.optim.Optimizer, w: torch.Tensor, penalty: float) -> torch.Tensor:
    """Return a parameter after a few steps on a random loss with an added L2 penalty."""
    torch.manual_seed(3)
    aim = torch.randn_like(w)
    for _ in range(5):
        optimizer.zero_grad()
        ((w - aim).square().sum() + penalty / 2 * w.square().sum()).backward()
        optimizer.step()
    return w.detach()


@said("with $w_c \\propto 1/n_c$, all classes have the same total weight")
def inverse_counts() -> None:
    n = torch.randint(1, 1000, (9,)).double()
    total = n * (1 / n)
    assert close(total, torch.ones_like(total))


@said("With $\\beta = 0$, all items have the same weight")
def effective_numbers() -> None:
    n = torch.randint(1, 1000, (9,)).double()
    beta = 1 - 1e-9
    assert close((1 - 0.0**n) / (1 - 0.0), torch.ones_like(n))
    assert close((1 - beta**n) / (1 - beta), n, 1e-4)


@said("so the factor is the same for all and cancels")
def focal_at_the_start() -> None:
    y = torch.randint(0, 4, (200,))
    shares = []
    for gamma in (0.0, 0.5, 2.0, 5.0):
        z = torch.zeros(200, 4, requires_grad=True)
        ce = F.cross_entropy(z, y, reduction="none")
        size = torch.autograd.grad(((1 - (-ce).exp()) ** gamma * ce).sum(), z)[0].abs().sum(1)
        shares.append(torch.stack([size[y == c].sum() for c in range(4)]) / size.sum())
    assert all(close(share, shares[0]) for share in shares)


@said("So a factor common to all weights cancels")
def a_common_factor() -> None:
    z, y, w = torch.randn(30, 4), torch.randint(0, 4, (30,)), torch.rand(4) + 0.1
    assert close(F.cross_entropy(z, y, 10 * w), F.cross_entropy(z, y, w))
    assert not close(F.cross_entropy(z, y, 10 * w, reduction="sum"), F.cross_entropy(z, y, w, reduction="sum"))


@said("This divides its probabilities by the training shares. The answer is then the class with the largest result.")
def adjusted_afterwards() -> None:
    z, share = torch.randn(200, 5), torch.rand(5).softmax(0)
    assert (z - share.log()).argmax(1).equal((z.softmax(1) / share).argmax(1))


@said("At this minimum, each learned part contributes exactly ½, whatever its unit is.")
def learned_variances() -> None:
    for value in (1e-3, 0.5, 20.0, 1e6):
        s = torch.tensor(math.log(2 * value), dtype=torch.float64, requires_grad=True)
        assert close(torch.autograd.grad(torch.exp(-s) * value + s / 2, s)[0], torch.zeros_like(s))
        assert close(torch.exp(-s) * value, torch.full_like(s, 0.5))


@said("With SGD and Adam, it has the same effect as `weight_decay=λ`")
def weight_decay() -> None:
    def steps(kind: type[torch.optim.Optimizer], decay: float, penalty: float) -> torch.Tensor:
        w = torch.arange(1.0, 7.0, dtype=torch.float64).requires_grad_()
        return trained(kind([w], lr=0.05, weight_decay=decay), w, penalty)

    for kind in (torch.optim.SGD, torch.optim.Adam):
        assert close(steps(kind, 0.3, 0.0), steps(kind, 0.0, 0.3))
    assert not close(steps(torch.optim.AdamW, 0.3, 0.0), steps(torch.optim.AdamW, 0.0, 0.3), 1e-3)


@said("On the CPU, `F.one_hot` reads back two values, the smallest and the largest label")
def one_hot_reads() -> None:
    with Reads() as seen:
        F.one_hot(torch.tensor([0, 2, 1]), 3)
    assert seen.count == 2
    with pytest.raises(RuntimeError):
        F.one_hot(torch.tensor([0, 3]), 3)


@said(
    "behind `.item()`, `float(...)`, and `if tensor:` is called `_local_scalar_dense`.",
    "`.tolist()` copies values without this operation",
)
def what_reads() -> None:
    one = torch.ones(())
    reads = ((lambda: one.item(), 1), (lambda: float(one), 1), (lambda: bool(one), 1), (lambda: one.tolist(), 0))
    for read, count in reads:
        with Reads() as seen:
            read()
        assert seen.count == count


@said("`total = torch.tensor(part_a + part_b)` copies a number out of the graph, with a warning.")
@tries("custom_layers")("`.item()`, `.detach()`, `.data`, and `torch.tensor(p)` all leave the graph.")
def a_tensor_of_a_tensor_has_no_graph() -> None:
    part = torch.ones((), requires_grad=True)
    with pytest.warns(UserWarning, match="copy construct"):
        total = torch.tensor(part + part)
    assert not any(t.requires_grad for t in (total, part.detach(), part.data, torch.tensor(part.item())))


@said("with class weights, torch divides by the sum of the weights in the batch, not by $N$.")
def the_weighted_mean() -> None:
    z, y, w = torch.randn(30, 4), torch.randint(0, 4, (30,)), torch.rand(4) + 0.1
    each = F.cross_entropy(z, y, w, reduction="none")
    assert close(F.cross_entropy(z, y, w), each.sum() / w[y].sum())
    assert not close(F.cross_entropy(z, y, w), each.mean())


@said("refuses the names of its own methods", "`nn.ModuleDict` refuses such names, too.")
@tries("containers")("is a string that is not empty, contains no dot, and is not already an attribute.")
def names_that_are_taken() -> None:
    for name in ("values", "keys", "items", "pop", "update"):
        with pytest.raises(KeyError):
            nn.ParameterDict({name: nn.Parameter(torch.zeros(()))})
    for name in ("values", "keys", "items", "pop", "update", "", "a.b", "type"):
        with pytest.raises(KeyError):
            nn.ModuleDict({name: nn.ReLU()})
    with pytest.raises(TypeError):
        nn.ModuleDict({1: nn.ReLU()})


@said("And with dropout, the two parts would see two different networks.")
def two_calls() -> None:
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout()), torch.randn(50, 3)
    assert not close(net(x), net(x))
    assert net[0].num_batches_tracked == 2
