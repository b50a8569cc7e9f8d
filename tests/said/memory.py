"""Test what the chapter on bytes and operations says about torch."""

import warnings

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint

from tests.said.tried import tries

said = tries("memory")


@said("within the `with` block, torch calls `pack` with each tensor that it saves")
def pack_sees_what_is_saved() -> None:
    x, seen = torch.ones(3, requires_grad=True), []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: seen.append(t) or t, lambda t: t):
        y = x.exp()
    y.sin()
    assert [t.data_ptr() for t in seen] == [y.data_ptr()]


@said("A **dispatch mode** sees every one of them, in the forward and in the backward pass")
def dispatch_modes_see_backward() -> None:
    names = []

    class Names(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            names.append(str(func))
            return func(*args, **(kwargs or {}))

    x = torch.ones(3, requires_grad=True)
    with Names():
        torch.autograd.grad(x.exp(), x, torch.ones(3))
    assert {"aten.exp.default", "aten.mul.Tensor"} <= {*names}


@said("If no argument requires a gradient, the result has no graph, and the block's parameters learn nothing")
def reentrant_needs_an_input_with_gradient() -> None:
    layer, x = nn.Linear(2, 2), torch.ones(1, 2)
    with warnings.catch_warnings(record=True, action="always") as caught:
        assert not checkpoint(layer, x, use_reentrant=True).requires_grad
        assert caught
    assert checkpoint(layer, x, use_reentrant=False).requires_grad


@said("In training mode, both runs normalize with the same batch statistics.")
def checkpointed_norm_counts_twice() -> None:
    gradients, x = [], torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    for again in (False, True):
        norm, z = nn.BatchNorm1d(3), x.clone().requires_grad_()
        y = checkpoint(norm, z, use_reentrant=False) if again else norm(z)
        y.square().mul(torch.arange(5.0)[:, None]).sum().backward()
        assert norm.num_batches_tracked is not None
        assert norm.num_batches_tracked.item() == 1 + again
        gradients.append(z.grad)
    assert gradients[0].equal(gradients[1])
