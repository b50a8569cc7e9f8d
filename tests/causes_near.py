"""For each likely cause, pairs (expected, yours) that resemble it and are something else: it must be silent.

Causes that explain every element get two families of near misses for free: the pair of `causes_named.py` with one
element of yours spoilt, and the same with unrelated numbers in yours. The rest is written by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import causes_named_values  # noqa: F401  (registers its cases)
import numpy as np
import torch
import torch.nn.functional as F
from causes_named import NAMED, Build, matrix
from torch import nn

from layerlab import Inputs

NEAR: dict[str, list[Build]] = defaultdict(list)

# what these say is about the kind, the dtype, the shape or the place, not about each value
NOT_OF_EVERY_VALUE = {
    "returned_none", "returned_class", "returned_layer", "returned_function", "returned_iterator", "number_for_tensor",
    "array_for_tensor", "truth_for_number", "off_by_one", "fraction_for_whole", "sizes_in_other_order", "size_missing",
    "key_prefix", "keys_missing", "changed_input", "not_finite", "axis_of_one", "sizes_swapped", "only_border",
    "only_one_slice", "tuple_for_tensor",
}  # fmt: skip
# an element of yours that dropout, a limit or a stride hides may have been anything
HIDE_ONE = {"dropout_left_out", "relu6_without_its_limit", "stride_forgotten"}


def near(*names: str) -> Callable[[Build], Build]:
    def register(build: Build) -> Build:
        for name in names:
            NEAR[name].append(build)
        return build

    return register


def spoilt(build: Build) -> Build:
    """The same pair, but one element of yours, in the middle, is something else."""

    def one_element_spoilt(draw: Inputs) -> tuple:
        expected, yours, *rest = build(draw)
        yours = yours.detach().clone()
        middle = tuple(size // 2 for size in yours.shape)
        yours[middle] = ~yours[middle] if yours.dtype == torch.bool else yours[middle] * 1.37 + 5
        return expected, yours, *rest

    one_element_spoilt.__name__ = f"{build.__name__}_but_one"
    return one_element_spoilt


def unrelated(build: Build) -> Build:
    """The same shapes, but yours holds other numbers."""

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


@near("off_by_one")
def off_by_two(draw):
    n = draw.size(3, 50)
    return n, n + 2


@near("off_by_one")
def fractions_apart_by_one(draw):
    return 2.5, 3.5


@near("off_by_one")
def truth_counts_not(draw):
    return True, False


@near("fraction_for_whole")
def another_fraction(draw):
    n = draw.size(3, 50)
    return n, n + 3.25


@near("fraction_for_whole")
def whole_but_float(draw):
    return 4, 5.0


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


# -- nature of a tensor --------------------------------------------------------------------------------------------


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


# -- shapes --------------------------------------------------------------------------------------------------------


@near("permuted_axes")
def symmetric_matrix(draw):
    x = draw.randn(5, 5)
    return x + x.T, 2 * (x + x.T)


@near("permuted_axes", "view_for_permute", "flattened")
def transposed_sizes_only(draw):
    a, b = draw.sizes(2, 3, 9)
    return draw.randn(a, b), draw.randn(b, a)


@near("permuted_axes")
def small_mask_by_chance(draw):
    mask = torch.tensor([[True, False], [True, True]])
    return mask, mask.T


@near("flattened")
def reshaped_after_transpose(draw):
    x = matrix(draw)
    return x, x.T.flatten()


@near("axis_of_one")
def bare_squeeze_of_another_size(draw):
    a, b = draw.sizes(2, 3, 9)
    return draw.randn(a, 2, b), draw.randn(a, b)


@near("axis_of_one")
def an_axis_of_one_and_a_wrong_size(draw):
    return draw.randn(3, 1), draw.randn(4)


@near("view_for_permute")
def only_reshaped(draw):
    x = matrix(draw)
    return x, x.reshape(x.shape[1], x.shape[0]) * 1.5


@near("view_for_permute")
def randomly_permuted(draw):
    x = draw.randn(5, 7)
    return x, x.flatten()[draw.permutation(35)].reshape(5, 7)


@near("joined_over_another_axis")
def parts_in_another_order(draw):
    a, b = draw.randn(3, 4), draw.randn(3, 4)
    return torch.cat([a, b], dim=1), torch.cat([b, a], dim=0)


@near("repeated")
def averaged_away(draw):
    x = matrix(draw)
    return x.mean(0), x


@near("unwanted_broadcast")
def square_of_something_else(draw):
    n = draw.size(3, 9)
    return draw.randn(n), draw.randn(n, n)


@near("unwanted_broadcast")
def one_number(draw):
    x = draw.randn(1)
    return x, x.expand(1, 1)


@near("cropped")
def another_padding_mode(draw):
    x, kernel = draw.randn(2, 1, 7), draw.randn(1, 1, 3)
    return F.conv1d(x, kernel, padding=1), F.conv1d(x, 2 * kernel)


@near("another_stride")
def another_size_by_interpolation(draw):
    x = draw.randn(2, 1, 9)
    return F.interpolate(x, 5, mode="linear"), x


@near("missing_reduction")
def another_function_of_rows(draw):
    x = matrix(draw)
    return x.prod(1), x


@near("missing_reduction")
def axis_of_one_left(draw):
    x = draw.randn(4, 1)
    return x.flatten() * 2, x


@near("another_reduction")
def product_over_an_axis(draw):
    x = matrix(draw)
    return x.mean(1), x.prod(0), {"inputs": (x,)}


@near("another_reduction")
def reduction_of_another_input(draw):
    x, other = matrix(draw), matrix(draw)
    return x.mean(1), x.mean(0), {"inputs": (other,)}


@near("same_total")
def two_distributions(draw):
    return draw.randn(5).softmax(0), draw.randn(7).softmax(0)


@near("same_total")
def padded_with_zeros_between(draw):
    x = draw.randn(5)
    return x, torch.stack([x, torch.zeros(5)], 1).flatten()


@near("sizes_swapped")
def first_two_sizes_swapped(draw):
    return draw.randn(2, 3, 4), draw.randn(3, 2, 4)


@near("sizes_swapped")
def one_size_differs(draw):
    return draw.randn(4, 3), draw.randn(3, 5)


@near("broadcast_in_a_loss")
def loss_over_pairs_with_equal_shapes(draw):
    prediction, target = draw.randn(5), draw.randn(5)
    crossed = (prediction[:, None] - target).square().mean()
    return (prediction - target).square().mean(), crossed, {"inputs": (prediction, target)}


@near("broadcast_in_a_loss")
def another_loss(draw):
    prediction, target = draw.randn(5, 1), draw.randn(5)
    paired = prediction.flatten() - target
    return paired.square().mean(), paired.abs().mean(), {"inputs": (prediction, target)}


# -- order and axes ------------------------------------------------------------------------------------------------


@near("reversed_order", "shifted", "another_order")
def palindrome_doubled(draw):
    x = draw.randn(4)
    x = torch.cat([x, x.flip(0)])
    return x, 2 * x


@near("shifted")
def constant_along_the_axis(draw):
    x = draw.randn(4, 1).expand(4, 9)
    return x, 2 * x


@near("shifted")
def half_of_it_moved(draw):
    x = draw.randn(10)
    return x, torch.cat([x[1:6], x[:1], x[6:].flip(0)])


@near("another_order")
def rows_in_order_but_scaled(draw):
    x = draw.randn(5, 4)
    return x, x.flip(0) * 1.5


@near("scrambled")
def few_whole_numbers(draw):
    x = draw.integers(0, 2, 8)
    return x, x.flip(0)


@near("unit_over_another_axis")
def softmax_of_something_else(draw):
    a, b = draw.sizes(2, 4, 9)
    return draw.randn(a, b).softmax(1), draw.randn(a, b).softmax(0)


@near("unit_over_another_axis")
def both_over_the_same_axis(draw):
    x = matrix(draw)
    return x.softmax(1), (2 * x).softmax(1)


@near("standardised_over_another_axis")
def both_standardised_alike(draw):
    x, other = draw.randn(7, 20), draw.randn(7, 20)
    return F.layer_norm(x, (20,)), F.layer_norm(other, (20,))


@near("accumulated_over_another_axis")
def running_product(draw):
    x = matrix(draw)
    return x.cumsum(1), x.cumprod(0)


@near("only_border", "only_one_slice")
def wrong_here_and_there(draw):
    x = draw.randn(2, 3, 8, 8)
    return x, x + (draw.rand(2, 3, 8, 8) > 0.5)


@near("only_border")
def wrong_in_one_corner(draw):
    x = draw.randn(2, 3, 8, 8)
    yours = x.clone()
    yours[:, :, 0, 0] += 1
    return x, yours


@near("only_one_slice")
def wrong_in_two_rows(draw):
    x = draw.randn(6, 5)
    yours = x.clone()
    yours[[1, 4]] += draw.randn(2, 5)
    return x, yours


# -- functions and factors -----------------------------------------------------------------------------------------


@near("complement")
def mask_turned(draw):
    mask = torch.ones(5, 5, dtype=torch.bool).tril()
    return mask, mask.T


@near("complement")
def two_truths(draw):
    return torch.tensor([True, False]), torch.tensor([False, True])


@near("missing_function", "extra_function")
def nearly_relu(draw):
    x = matrix(draw)
    return F.leaky_relu(x, 0.03), x


@near("missing_function")
def all_positive_and_shifted(draw):
    x = matrix(draw).exp()
    return x.relu() + 0.5, x


@near("extra_function")
def zeros_by_another_rule(draw):
    x = draw.randn(5, 7)
    return x, x * (x > 0.5)


@near("negative_side")
def curve_below_zero(draw):
    x = draw.randn(5, 7)
    return x, F.elu(x)


@near("negative_side")
def positive_side_off_too(draw):
    x = draw.randn(5, 7)
    return x, torch.where(x > 0, 1.1 * x, 0.5 * x)


@near("clipped")
def squashed(draw):
    x = draw.randn(5, 7) * 3
    return x, x.tanh()


@near("clipped")
def one_extreme_value_off(draw):
    x = draw.randn(5, 7)
    yours = x.clone()
    yours.view(-1)[x.argmax()] = x.flatten().sort().values[-2]
    return x, yours


@near("dropout_in_eval")
def zeros_by_relu(draw):
    x = draw.randn(5, 7)
    return x, torch.where(x > 0, x + 0.3, torch.zeros(()))


@near("dropout_in_eval")
def another_mask_at_another_rate(draw):
    x = draw.randn(6, 9)
    return x * (draw.rand(6, 9) > 0.5) / 0.5, x * (draw.rand(6, 9) > 0.3) / 0.7


@near("another_normalisation")
def normalised_by_the_largest(draw):
    x = draw.randn(5, 7)
    return F.layer_norm(x, (7,)), x / x.abs().amax(1, keepdim=True), {"inputs": (x,)}


@near("another_gelu")
def silu_for_gelu(draw):
    x = draw.randn(5, 7)
    return F.gelu(x), F.silu(x), {"inputs": (x,)}


@near("sign_flipped")
def sign_of_half_flipped(draw):
    x = draw.randn(4, 6)
    return x, x * torch.tensor([1.0, -1.0]).repeat(3)


@near("sign_flipped")
def symmetric_by_nature(draw):
    return torch.zeros(4), torch.tensor([0.0, 0.0, 0.0, 1.0])


@near("factor")
def two_factors(draw):
    x = draw.randn(4, 6)
    return x, x * torch.tensor([2.0, 3.0]).repeat(3)


@near("factor", "shift")
def constant_expected(draw):
    return torch.ones(3, 4), torch.full((3, 4), 2.0)


@near("factor")
def one_number_some_times_larger(draw):
    loss = draw.randn().abs() + 0.5
    return loss, loss * 1.7


@near("factor")
def one_whole_number_twice(draw):
    return 4, 8


@near("shift")
def noise_added(draw):
    x = draw.randn(4, 6)
    return x, x + 0.37 + 1e-3 * draw.randn(4, 6)


@near("shift_per_axis", "factor_per_axis")
def one_item_each(draw):
    return draw.randn(1, 6), draw.randn(1, 6)


@near("shift_per_axis")
def bias_and_factor(draw):
    x = draw.randn(5, 6)
    return x + draw.randn(6), 1.2 * x


@near("factor_per_axis")
def scale_per_row_and_column(draw):
    x = draw.randn(5, 6)
    return x, x * draw.rand(6, low=0.5) * draw.rand(5, 1, low=0.5)


@near("scaled_and_shifted")
def three_values(draw):
    return draw.randn(3), draw.randn(3)


@near("scaled_and_shifted")
def bent(draw):
    x = draw.randn(5, 6)
    return x, 2 * x + 1 + 0.1 * x.square()


@near("nearly_right")
def wrong_by_a_percent(draw):
    x = draw.randn(5, 6)
    return x, x + 0.01 * draw.randn(5, 6)


@near("nearly_right")
def nearly_right_but_one(draw):
    x = draw.randn(5, 6)
    yours = x + 1e-4 * draw.randn(5, 6)
    yours[2, 3] += 1
    return x, yours


@near("conjugated")
def conjugate_transposed(draw):
    x = torch.complex(draw.randn(3, 3), draw.randn(3, 3))
    return x, x.T.conj()
