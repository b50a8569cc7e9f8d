"""Test what the chapter on looking inside a network says about torch."""

import torch
from torch import nn

from tests.said.tried import tries

said = tries("interpret")


@said("`torch.autograd.grad(scores.sum(), pixels)` returns a tuple of gradients and doesn't write to any `.grad`.")
def grad_leaves_dot_grad_alone() -> None:
    layer, x = nn.Linear(3, 2), torch.randn(4, 3, requires_grad=True)
    gradients = torch.autograd.grad(layer(x).sum(), x)
    assert isinstance(gradients, tuple)
    assert [t.grad for t in (x, *layer.parameters())] == [None, None, None]


@said(
    "`output.clone()` has its own memory and stays in the graph; `output.detach().clone()` doesn't stay in the graph."
)
def clones_keep_the_graph() -> None:
    output = torch.ones(2, requires_grad=True) * 2
    assert output.clone().data_ptr() != output.data_ptr()
    assert output.clone().requires_grad
    assert not output.detach().clone().requires_grad


@said("A forward pre-hook that returns a tuple replaces the module's inputs.")
def pre_hooks_replace_inputs() -> None:
    layer = nn.ReLU()
    layer.register_forward_pre_hook(lambda module, args: (args[0] + 2,))
    assert layer(torch.tensor([-1.0])).item() == 1.0


@said(
    "Without biases, the contributions add up to the score, because the network is linear for a fixed pattern of "
    "active units."
)
def contributions_without_biases_add_up() -> None:
    net = nn.Sequential(nn.Linear(4, 9, bias=False), nn.ReLU(), nn.Linear(9, 3, bias=False)).double()
    x = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(net(x)[:, 1].sum(), x)
    torch.testing.assert_close((gradient * x).sum(1), net(x)[:, 1])
