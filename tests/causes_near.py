"""For each likely cause, define near misses: similar pairs (expected, yours) that have another cause.

`lab.compare` must not name the likely cause for these pairs. For causes that explain every element, two kinds of near
misses are generated from the pairs in `causes_named.py`: one element of ``yours`` is changed, or all values in
``yours`` are replaced with unrelated values. The others are written by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import causes_named_shapes  # noqa: F401  (registers its cases)
import causes_named_values  # noqa: F401
import numpy as np
import torch
from causes_named import NAMED, Build, matrix
from torch import nn

from layerlab import Inputs

NEAR: dict[str, list[Build]] = defaultdict(list)

# these make claims about the kind, the dtype, the shape or the position, not about each value
NOT_OF_EVERY_VALUE = {
    "returned_none", "returned_class", "returned_layer", "returned_function", "returned_iterator", "number_for_tensor",
    "array_for_tensor", "truth_for_number", "sizes_in_other_order", "size_missing",
    "sizes_not_merged",
    "key_prefix", "keys_missing", "changed_input", "not_finite", "sizes_swapped", "only_border",
    "only_one_slice", "tuple_for_tensor",
}  # fmt: skip
# an element of yours that is hidden by dropout, a limit or a stride could have any value
HIDE_ONE = {"dropout_left_out", "relu6_without_its_limit", "stride_forgotten"}


def near(*names: str) -> Callable[[Build], Build]:
    def register(build: Build) -> Build:
        for name in names:
            NEAR[name].append(build)
        return build

    return register


def spoilt(build: Build) -> Build:
    """Return a builder that makes the same pair but changes the middle element of ``yours``."""

    def one_element_spoilt(draw: Inputs) -> tuple:
        expected, yours, *rest = build(draw)
        yours = yours.detach().clone()
        middle = tuple(size // 2 for size in yours.shape)
        yours[middle] = ~yours[middle] if yours.dtype == torch.bool else yours[middle] * 1.37 + 5
        return expected, yours, *rest

    one_element_spoilt.__name__ = f"{build.__name__}_but_one"
    return one_element_spoilt


def unrelated(build: Build) -> Build:
    """Return a builder that makes the same shapes but puts unrelated values into ``yours``."""

    def other_numbers(draw: Inputs) -> tuple:
        expected, yours, *rest = build(draw)
        other = draw.randn(*yours.shape, dtype=torch.float64)
        return expected, (other > 0 if yours.dtype == torch.bool else (3 * other).to(yours.dtype)), *rest

    other_numbers.__name__ = f"{build.__name__}_unrelated"
    return other_numbers


for _name, _builds in NAMED.items():
    if _name not in NOT_OF_EVERY_VALUE:
        for _build in _builds:
            NEAR[_name].append(unrelated(_build))
            if _build.__name__ not in HIDE_ONE:
                NEAR[_name].append(spoilt(_build))


# -- kinds ---------------------------------------------------------------------------------------------------------


@near("returned_none", "returned_class", "returned_layer", "returned_function", "returned_iterator")
def an_ordinary_wrong_answer(draw):
    return matrix(draw), draw.randn(2, 3)


@near("returned_none")
def nothing_is_expected(draw):
    return None, matrix(draw)


@near("returned_class")
def class_is_expected(draw):
    return nn.ReLU, nn.GELU


@near("returned_layer")
def layer_is_expected(draw):
    return nn.ReLU(), nn.GELU()


@near("returned_function", "returned_iterator")
def a_string_came(draw):
    return matrix(draw), "tensor"


@near("tensor_for_tuple")
def tensor_is_none_of_them(draw):
    return (matrix(draw), matrix(draw)), matrix(draw)


@near("tensor_for_tuple")
def sizes_are_expected(draw):
    return torch.Size([2, 3]), torch.tensor([2, 3])


@near("tuple_for_tensor")
def none_of_the_items(draw):
    return matrix(draw), (matrix(draw), matrix(draw))


@near("tuple_for_tensor")
def items_of_other_shapes(draw):
    x = matrix(draw)
    return x, [x[:1], x[1:, :1]]


@near("number_for_tensor", "array_for_tensor")
def a_tensor_came(draw):
    return draw.randn(), draw.randn()


@near("number_for_tensor")
def a_number_is_expected(draw):
    return 0.5, 0.7


@near("array_for_tensor")
def both_are_arrays(draw):
    return np.ones(3), np.zeros(3)


@near("truth_for_number")
def both_truths(draw):
    return True, False


@near("truth_for_number")
def both_numbers(draw):
    return 1, 0


@near("sizes_in_other_order")
def other_sizes(draw):
    a, b = draw.sizes(2, 2, 9)
    return (a, b), (b, a + 20)


@near("sizes_in_other_order")
def sizes_of_other_length(draw):
    return (2, 3), (3, 2, 1)


@near("size_missing")
def two_sizes_missing(draw):
    return (2, 3, 4), (4,)


@near("size_missing")
def one_missing_one_wrong(draw):
    return (2, 3, 4), (2, 5)


@near("sizes_not_merged")
def one_size_less(draw):
    a, b, c = draw.sizes(3, 2, 9)
    return (a, b * c + 1), (a, b, c)


@near("sizes_not_merged")
def axes_that_are_no_neighbours(draw):
    return (3, 2 * 5), (2, 3, 5)


@near("key_prefix")
def one_key_without_prefix(draw):
    x = matrix(draw)
    return {"weight": x, "bias": x}, {"0.weight": x, "bias": x}


@near("key_prefix")
def renamed_key(draw):
    x = matrix(draw)
    return {"weight": x}, {"kernel": x}


@near("keys_missing")
def renamed_and_missing(draw):
    x = matrix(draw)
    return {"weight": x, "bias": x}, {"kernel": x}


@near("keys_missing")
def plain_dict_of_numbers(draw):
    return {"rows": 2, "columns": 3}, {"rows": 2}


# -- kind of a tensor ----------------------------------------------------------------------------------------------


@near("changed_input", "returned_input")
def input_left_alone(draw):
    x = matrix(draw)
    return x, x + 1, {"inputs": (x,)}


@near("changed_input", "precision_of_another_dtype")
def wrong_in_its_own_right(draw):
    x = matrix(draw)
    return x, 2 * x


@near("plain_for_parameter")
def both_parameters(draw):
    return nn.Parameter(matrix(draw)), nn.Parameter(matrix(draw))


@near("detached")
def gradient_flows(draw):
    x = matrix(draw).requires_grad_()
    return x.exp(), x.exp() + 1


@near("detached")
def no_gradient_is_expected(draw):
    x = matrix(draw)
    return x.exp(), x.exp() + 1


@near("precision_of_another_dtype")
def wrong_by_more_than_rounding(draw):
    x = matrix(draw, dtype=torch.float64)
    return x, x.float().double() * 1.01


@near("precision_of_another_dtype")
def wrong_by_less_but_not_rounded(draw):
    x = matrix(draw, dtype=torch.float64)
    return x, x * (1 + 3e-7)


@near("wrong_dtype")
def wrong_dtype_and_values(draw):
    x = matrix(draw, dtype=torch.float64)
    return x, (1.1 * x).float()


@near("wrong_dtype")
def right_dtype(draw):
    x = matrix(draw)
    return x, 1.1 * x


@near("lost_decimals")
def rounded_but_floating(draw):
    x = 10 * matrix(draw)
    return x, x.round()


# -- values --------------------------------------------------------------------------------------------------------


@near("not_finite")
def nan_is_expected_there(draw):
    x = matrix(draw).log()
    return x, x + 1


@near("not_finite")
def finite_where_nan_is_expected(draw):
    x = matrix(draw)
    return x.log(), x


@near("all_zeros")
def zeros_are_expected(draw):
    return torch.zeros(3, 4), torch.ones(3, 4)


@near("all_zeros")
def mostly_zeros(draw):
    x = matrix(draw)
    return x, x * (x == x[0, 0])


@near("all_the_same")
def constant_is_expected(draw):
    return torch.ones(3, 4), torch.full((3, 4), 2.0)


@near("repeated_along")
def a_row_is_to_be_repeated(draw):
    x = draw.randn(1, 5).expand(4, 5)
    return x, 2 * x


@near("repeated_along")
def rows_nearly_alike(draw):
    x = matrix(draw)
    return x, x[:1].expand_as(x) + 1e-3 * x
