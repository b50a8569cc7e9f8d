"""Test that the causes of a student's exceptions are named, and that no cause is invented."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from layerlab.checks.causes.errors import PATTERNS
from layerlab.judging.notebook_words import WORDS
from tests.layerlab.test_compare import failure


class _Bare(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(2, 2)


class _BareParameter(nn.Module):
    def __init__(self):
        self.weight = nn.Parameter(torch.ones(2))


class _NoForward(nn.Module):
    pass


class _Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, power):
        return x**power

    @staticmethod
    def backward(ctx, grad):
        return grad


class _Two(nn.Module):
    def forward(x):
        return x


def _backward_after_change():
    x = torch.ones(3, requires_grad=True)
    y = x.exp()
    y += 1
    y.sum().backward()


def _over_parameter():
    layer = nn.Linear(2, 2)
    layer.weight = torch.ones(2, 2)


def _gradient_of_detached():
    x, w = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    torch.autograd.grad((x.detach() * w).sum(), x)


def _two_leaves():
    used, unused = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    return used.exp().sum(), (used, unused)


PROVOKED = {
    "super_init_missing": [lambda: _Bare(), lambda: _BareParameter()],
    "matmul_shapes": [lambda: nn.Linear(3, 2)(torch.ones(4, 5))],
    "matmul_dtypes": [
        lambda: nn.Linear(3, 2)(torch.ones(4, 3).double()),
        lambda: torch.ones(2, 2) @ torch.eye(2).double(),
    ],
    "in_place_on_leaf": [
        lambda: nn.Linear(2, 2).weight.fill_(1.0),
        lambda: nn.Linear(2, 2).weight[0].fill_(1.0),
        lambda: torch.ones(2, requires_grad=True).mul_(2),
    ],
    "saved_tensor_changed": [_backward_after_change],
    "tensor_over_parameter": [_over_parameter],
    "graph_is_cut": [lambda: torch.ones(2).sum().backward()],
    "not_in_graph": [_gradient_of_detached, lambda: torch.autograd.grad(*_two_leaves())],
    "numpy_of_graph": [lambda: nn.Linear(2, 2).weight.numpy()],
    "list_is_called": [lambda: nn.ModuleList([nn.ReLU()])(torch.ones(2)), lambda: nn.ModuleDict({})(torch.ones(2))],
    "forward_missing": [lambda: _NoForward()(torch.ones(2))],
    "layer_for_tensor": [lambda: F.linear(nn.ReLU(), torch.ones(2, 2)), lambda: torch.sigmoid(nn.ReLU())],
    "none_for_tensor": [lambda: F.relu(None), lambda: None.shape, lambda: torch.ones(2) + None],
    "tuple_for_tensor": [lambda: F.relu((torch.ones(2),)), lambda: nn.LSTM(2, 3)(torch.ones(4, 2)).shape],
    "number_for_tensor": [lambda: (3).shape, lambda: torch.ones(2).sum().item().backward(), lambda: F.linear(1.0, 2)],
    "array_for_tensor": [lambda: F.relu(np.ones(2))],
    "not_a_module": [lambda: nn.Sequential([nn.ReLU()]), lambda: nn.Sequential(F.relu)],
    "no_parameters": [lambda: torch.optim.SGD([], lr=0.1)],
    "fan_of_vector": [lambda: nn.init.xavier_uniform_(torch.ones(3))],
    "state_keys": [lambda: nn.Linear(2, 2).load_state_dict({"w": torch.ones(2)})],
    "state_shapes": [lambda: nn.Linear(2, 3).load_state_dict(nn.Linear(3, 2).state_dict())],
    "view_of_permuted": [lambda: torch.ones(2, 3).T.view(6)],
    "bad_broadcast": [lambda: torch.ones(3) + torch.ones(4)],
    "reshape_count": [lambda: torch.ones(6).view(4, 2)],
    "self_missing": [lambda: _Two()(torch.ones(2))],
    "argument_missing": [lambda: nn.Linear(2)],
    "float_indices": [lambda: nn.Embedding(3, 2)(torch.ones(2)), lambda: torch.ones(3)[torch.ones(2)]],
    "index_too_large": [lambda: nn.Embedding(3, 2)(torch.tensor([3]))],
    "wrong_gradient_count": [lambda: _Square.apply(torch.ones(2, requires_grad=True), 2).sum().backward()],
    "name_unknown": [lambda: undefined_name],  # noqa: F821
    "attribute_not_set": [lambda: nn.Linear(2, 2).wieght],
}


@pytest.mark.parametrize("name", PATTERNS)
def test_cause_of_an_exception_is_named(name):
    for provoke in PROVOKED[name]:
        assert failure(provoke, 1).endswith(f"Likely cause: {WORDS[f'error.{name}']}"), failure(provoke, 1)


@pytest.mark.parametrize(
    "provoke",
    [
        lambda: 1 / 0,
        lambda: [1][3],
        lambda: {}["weight"],
        lambda: int("three"),
        lambda: torch.ones(2).softmax(3),
        lambda: nn.Conv2d(2, 3, 3)(torch.ones(1, 4, 8, 8)),
        lambda: torch.ones(2).wieght,
        lambda: torch.autograd.grad(torch.ones(2, requires_grad=True).sum(), torch.ones(2)),
    ],
)
def test_no_cause_is_invented_for_other_exceptions(provoke):
    assert "Likely cause" not in failure(provoke, 1)


def test_only_misleading_advice_of_torch_is_omitted():
    said = failure(_gradient_of_detached, 1)
    assert "your code cuts the graph (.detach(), .data, .item()" in said
    assert "allow_unused" not in said

    def own():
        raise ValueError("Set momentum=0.9 if this is the desired behavior.")

    assert "Set momentum=0.9 if this is the desired behavior." in failure(own, 1)
