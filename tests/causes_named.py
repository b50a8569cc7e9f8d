"""For each likely cause, define pairs (expected, yours) that differ because of this cause.

`tests/layerlab/test_causes.py` requires that `lab.compare` names the cause for these pairs. A builder gets sampled
inputs (`layerlab.Inputs`) and returns (expected, yours) or (expected, yours, keywords of `context_for`). Each builder
is called with several seeds: sizes and values differ each time, and no two dimensions have the same size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from layerlab import Inputs

Build = Callable[[Inputs], tuple]
NAMED: dict[str, list[Build]] = defaultdict(list)


def named(*names: str) -> Callable[[Build], Build]:
    def register(build: Build) -> Build:
        for name in names:
            NAMED[name].append(build)
        return build

    return register


def matrix(draw: Inputs, **options: Any) -> torch.Tensor:
    """Return a random matrix with two different sampled sizes."""
    return draw.randn(*draw.sizes(2, 3, 9), **options)


# -- kinds ---------------------------------------------------------------------------------------------------------


@named("returned_none")
def return_is_missing(draw):
    return matrix(draw), None


@named("returned_none")
def gradient_is_none(draw):
    w = matrix(draw).requires_grad_()
    return w.detach(), w.grad, {"what": "gradient of the weight"}


@named("returned_class")
def class_for_object(draw):
    return matrix(draw), nn.ReLU


@named("returned_layer")
def layer_for_output(draw):
    return matrix(draw), nn.ReLU(inplace=bool(draw.size(0, 1)))


@named("returned_function")
def method_not_called(draw):
    x = matrix(draw)
    return x.mean(), x.mean


@named("returned_iterator")
def generator_for_list(draw):
    layer = nn.Linear(*draw.sizes(2, 2, 5))
    return list(layer.parameters()), layer.parameters()


@named("returned_iterator")
def map_for_tuple(draw):
    return (1, 2), map(int, "12")


@named("tensor_for_tuple")
def state_is_forgotten(draw):
    output, state = matrix(draw), matrix(draw)
    return (output, state), output


@named("tuple_for_tensor")
def state_is_given_too(draw):
    output, state = matrix(draw), matrix(draw)
    return output, (output, state)


@named("tuple_for_tensor")
def list_not_stacked(draw):
    x = matrix(draw)
    return x, list(x)


@named("tuple_for_tensor")
def list_not_joined(draw):
    x = matrix(draw)
    return x, x.chunk(3)


@named("number_for_tensor")
def item_of_loss(draw):
    loss = matrix(draw).square().mean()
    return loss, loss.item()


@named("array_for_tensor")
def array_given(draw):
    x = matrix(draw)
    return x, x.numpy()


@named("array_for_tensor")
def array_wanted(draw):
    x = matrix(draw)
    return x.numpy(), x


@named("truth_for_number")
def number_for_truth(draw):
    return True, draw.size(2, 9)


@named("truth_for_number")
def truth_given(draw):
    return draw.size(2, 9), True


@named("sizes_in_other_order")
def in_out_swapped_in_size(draw):
    a, b = draw.sizes(2, 2, 9)
    return torch.Size([a, b]), torch.Size([b, a])


@named("size_missing")
def batch_size_missing(draw):
    a, b = draw.sizes(2, 2, 9)
    return torch.Size([a, b]), (b,)


@named("size_missing")
def size_too_many(draw):
    a, b = draw.sizes(2, 2, 9)
    return (a, b), torch.Size([a, 1, b])


@named("sizes_not_merged")
def flatten_left_out(draw):
    a, b, c = draw.sizes(3, 2, 9)
    return torch.Size([a, b * c]), torch.Size([a, b, c])


@named("sizes_not_merged")
def flattened_too_far(draw):
    a, b, c = draw.sizes(3, 2, 9)
    return (a, b, c), (a * b * c,)


@named("key_prefix")
def wrapped_state(draw):
    layer = nn.Linear(*draw.sizes(2, 2, 9))
    return layer.state_dict(), nn.Sequential(layer).state_dict()


@named("key_prefix")
def wrapper_left_out(draw):
    layer = nn.Linear(*draw.sizes(2, 2, 9))
    return nn.ModuleDict({"model": layer}).state_dict(), layer.state_dict()


@named("keys_missing")
def bias_not_registered(draw):
    sizes = draw.sizes(2, 2, 9)
    return nn.Linear(*sizes).state_dict(), nn.Linear(*sizes, bias=False).state_dict()


# -- kind of a tensor ----------------------------------------------------------------------------------------------


@named("changed_input")
def input_changed(draw):
    x = matrix(draw)
    return x, -x, {"changed": "the input: at [0] it was 1 and is 2"}


@named("plain_for_parameter")
def scaled_after_wrapping(draw):
    start = matrix(draw)
    return nn.Parameter(start * 0.1), nn.Parameter(start) * 0.1


@named("detached")
def weights_are_cut_off(draw):
    x, w = matrix(draw), matrix(draw)[0, :2].requires_grad_()
    return x[:, :2] @ w, x[:, :2] @ w.detach()


@named("detached")
def under_no_grad(draw):
    w = matrix(draw).requires_grad_()
    with torch.no_grad():
        yours = w.exp()
    return w.exp(), yours


@named("precision_of_another_dtype")
def through_float32(draw):
    x = matrix(draw, dtype=torch.float64)
    return x.exp(), x.float().exp().double()


@named("precision_of_another_dtype")
def through_bfloat16(draw):
    x = matrix(draw)
    return x, x.bfloat16().float()


@named("wrong_dtype")
def float32_for_float64(draw):
    x = matrix(draw, dtype=torch.float64)
    return x, x.float()


@named("wrong_dtype")
def float64_for_float32(draw):
    x = matrix(draw)
    return x, x.double()


@named("wrong_dtype")
def integers_for_floats(draw):
    x = draw.integers(0, 9, *draw.sizes(2, 2, 9))
    return x.float(), x


@named("wrong_dtype")
def numbers_for_truth(draw):
    x = matrix(draw)
    return x > 0, (x > 0).float()


@named("lost_decimals")
def cut_to_integers(draw):
    x = 10 * matrix(draw)
    return x, x.long()


# -- meaningless values --------------------------------------------------------------------------------------------


@named("not_finite")
def zero_by_zero(draw):
    x = matrix(draw)
    return torch.zeros_like(x).nan_to_num() + x, (x - x) / (x - x)


@named("not_finite")
def log_of_zero(draw):
    x = matrix(draw).abs()
    return x, x.clone().index_fill_(0, torch.tensor([1]), 0.0).log()


@named("all_zeros")
def never_filled(draw):
    x = matrix(draw)
    return x, torch.zeros_like(x)


@named("returned_input")
def nothing_done(draw):
    x = matrix(draw)
    return x.relu(), x, {"inputs": (x,)}


@named("returned_input")
def first_input_given_back(draw):
    x, other = matrix(draw), matrix(draw)
    return x.exp().mul(x[0]), x, {"inputs": (other, x)}


@named("all_the_same")
def ones_everywhere(draw):
    x = matrix(draw)
    return x.softmax(1), torch.ones_like(x)


@named("repeated_along")
def batch_ignored(draw):
    x = matrix(draw)
    return x, x[:1].expand_as(x) * 2


@named("repeated_along")
def one_value_per_row(draw):
    x = matrix(draw)
    return x, x.mean(1, keepdim=True).expand_as(x)
