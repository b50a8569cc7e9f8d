"""For each likely cause, define near misses: similar pairs (expected, yours) that have another cause.

`lab.compare` must not name the likely cause for these pairs. For causes that explain every element, two kinds of near
misses are generated from the pairs in `causes_named.py`: one element of ``yours`` is changed, or all values in
``yours`` are replaced with unrelated values. The others are written by hand.
"""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from layerlab import Inputs
from tests.layerlab.causes_named import NAMED
from tests.layerlab.causes_tables import Build, Table, changed, doubles, fixed, matrices, matrix, register, sizes, twins

NEAR: Table = {}
near = partial(register, NEAR)

# these make claims about the kind, the dtype, the shape or the position, not about each value
NOT_OF_EVERY_VALUE = {
    "returned_none", "returned_class", "returned_layer", "returned_function", "returned_iterator", "number_for_tensor",
    "array_for_tensor", "truth_for_number", "sizes_in_other_order", "size_missing", "sizes_not_merged",
    "key_prefix", "keys_missing", "changed_input", "not_finite", "sizes_swapped", "only_border", "only_one_slice",
    "only_first_right", "tuple_for_tensor",
}  # fmt: skip
# an element of yours that is hidden by dropout, a limit or a stride could have any value
HIDE_ONE = {"dropout_left_out", "relu6_without_its_limit", "stride_forgotten"}


def spoilt(build: Build) -> Build:
    """Return a function that makes the same pair but changes the middle element of ``yours``."""

    def one_element_spoilt(draw: Inputs) -> tuple:
        expected, yours, *rest = build(draw)
        yours = yours.detach().clone()
        middle = tuple(size // 2 for size in yours.shape)
        yours[middle] = ~yours[middle] if yours.dtype == torch.bool else yours[middle] * 1.37 + 5
        return expected, yours, *rest

    return one_element_spoilt


def unrelated(build: Build) -> Build:
    """Return a function that makes the same shapes but puts unrelated values into ``yours``."""

    def other_numbers(draw: Inputs) -> tuple:
        expected, yours, *rest = build(draw)
        other = draw.randn(*yours.shape, dtype=torch.float64)
        return expected, (other > 0 if yours.dtype == torch.bool else (3 * other).to(yours.dtype)), *rest

    return other_numbers


for _cause in NAMED.keys() - NOT_OF_EVERY_VALUE:
    NEAR[_cause] = {f"{title}_unrelated": unrelated(build) for title, build in NAMED[_cause].items()}
    NEAR[_cause] |= {f"{t}_but_one": spoilt(build) for t, build in NAMED[_cause].items() if t not in HIDE_ONE}

# -- kinds ---------------------------------------------------------------------------------------------------------

near(
    "returned_none", "returned_class", "returned_layer", "returned_function", "returned_iterator",
    of=matrices(2), an_ordinary_wrong_answer=lambda x, y: (x, y),
)  # fmt: skip
near("returned_none", nothing_is_expected=lambda x: (None, x))
near("returned_class", class_is_expected=lambda _: (nn.ReLU, nn.GELU))
near("returned_layer", layer_is_expected=lambda _: (nn.ReLU(), nn.GELU()))
near("returned_function", "returned_iterator", a_string_came=lambda x: (x, "tensor"))
near("tensor_for_tuple", of=matrices(3), tensor_is_none_of_them=lambda x, y, z: ((x, y), z))
near("tensor_for_tuple", sizes_are_expected=lambda _: (torch.Size([2, 3]), torch.tensor([2, 3])))
near("tuple_for_tensor", of=matrices(3), none_of_the_items=lambda x, y, z: (x, (y, z)))
near("tuple_for_tensor", items_of_other_shapes=lambda x: (x, [x[:1], x[1:, :1]]))
near("number_for_tensor", "array_for_tensor", of=fixed((), ()), a_tensor_came=lambda x, y: (x, y))
near("number_for_tensor", a_number_is_expected=lambda _: (0.5, 0.7))
near("array_for_tensor", both_are_arrays=lambda _: (np.ones(3), np.zeros(3)))
near("truth_for_number", both_truths=lambda _: (True, False), both_numbers=lambda _: (1, 0))
near("sizes_in_other_order", of=sizes(2), other_sizes=lambda a, b: ((a, b), (b, a + 20)))
near("sizes_in_other_order", sizes_of_other_length=lambda _: ((2, 3), (3, 2, 1)))
near("size_missing", two_sizes_missing=lambda _: ((2, 3, 4), (4,)), one_missing_one_wrong=lambda _: ((2, 3, 4), (2, 5)))
near("sizes_not_merged", of=sizes(3), one_size_less=lambda a, b, c: ((a, b * c + 1), (a, b, c)))
near("sizes_not_merged", axes_that_are_no_neighbours=lambda _: ((3, 2 * 5), (2, 3, 5)))
near(
    "key_prefix",
    one_key_without_prefix=lambda x: ({"weight": x, "bias": x}, {"0.weight": x, "bias": x}),
    renamed_key=lambda x: ({"weight": x}, {"kernel": x}),
)
near(
    "keys_missing",
    renamed_and_missing=lambda x: ({"weight": x, "bias": x}, {"kernel": x}),
    plain_dict_of_numbers=lambda _: ({"rows": 2, "columns": 3}, {"rows": 2}),
)

# -- kind of a tensor ----------------------------------------------------------------------------------------------

near("changed_input", "returned_input", input_left_alone=lambda x: (x, x + 1, {"inputs": (x,)}))
near("changed_input", "precision_of_another_dtype", wrong_in_its_own_right=lambda x: (x, 2 * x))
near("plain_for_parameter", of=matrices(2), both_parameters=lambda x, y: (nn.Parameter(x), nn.Parameter(y)))
near("detached", gradient_flows=lambda x: (x.requires_grad_().exp(), x.exp() + 1))
near("detached", no_gradient_is_expected=lambda x: (x.exp(), x.exp() + 1))
near(
    "precision_of_another_dtype",
    of=doubles,
    wrong_by_more_than_rounding=lambda x: (x, x.float().double() * 1.01),
    wrong_by_less_but_not_rounded=lambda x: (x, x * (1 + 3e-7)),
)
near("wrong_dtype", of=doubles, wrong_dtype_and_values=lambda x: (x, (1.1 * x).float()))
near("wrong_dtype", right_dtype=lambda x: (x, 1.1 * x))
near("lost_decimals", rounded_but_floating=lambda x: (10 * x, (10 * x).round()))

# -- shapes --------------------------------------------------------------------------------------------------------

near(
    "permuted_axes", "view_for_permute", "flattened",
    of=lambda draw: (x := matrix(draw), draw.randn(*x.T.shape)),
    transposed_sizes_only=lambda x, y: (x, y),
)  # fmt: skip
near(
    "permuted_axes",
    of=lambda _: torch.tensor([[True, False], [True, True]]),
    small_mask_by_chance=lambda mask: (mask, mask.T),
)
near("flattened", reshaped_after_transpose=lambda x: (x, x.T.flatten()))
near(
    "axis_of_one",
    of=lambda draw: (x := matrix(draw), draw.randn(len(x), 2, x.shape[1])),
    bare_squeeze_of_another_size=lambda x, longer: (longer, x),
)
near("axis_of_one", of=fixed((3, 1), (4,)), an_axis_of_one_and_a_wrong_size=lambda x, y: (x, y))
near("axis_of_one", keepdim_and_other_values=lambda x: (x.logsumexp(0), x.prod(0, keepdim=True)))
near(
    "axis_of_one",
    "flattened",
    of=lambda draw: (draw.randn(draw.size(5, 9), 3, 4), draw.randn(1, 3), draw.randn(1, 4)),
    two_batches_of_one_paired=lambda w, x, y: (
        torch.einsum("ni,oij,nj->no", x, w, y),
        torch.einsum("ni,oij,mj->nmo", x, w, y),
    ),
)
near(
    "axis_of_one",
    "flattened",
    one_number_in_another_shape=lambda _: (torch.tensor([[299.0]]), torch.tensor([[[299.0]]])),
)
near(
    "joined_over_another_axis",
    of=fixed((3, 4), (3, 4)),
    parts_in_another_order=lambda a, b: (torch.cat([a, b], dim=1), torch.cat([b, a], dim=0)),
)
near("repeated", averaged_away=lambda x: (x.mean(0), x))
near(
    "unwanted_broadcast",
    of=lambda draw: (n := draw.size(3, 9)) and (draw.randn(n), draw.randn(n, n)),
    square_of_something_else=lambda x, y: (x, y),
)
near("unwanted_broadcast", of=fixed((1,)), one_number=lambda x: (x, x.expand(1, 1)))
near(
    "cropped",
    of=fixed((2, 1, 7), (1, 1, 3)),
    another_padding_mode=lambda x, kernel: (F.conv1d(x, kernel, padding=1), F.conv1d(x, 2 * kernel)),
)
near(
    "another_stride",
    of=fixed((2, 1, 9)),
    another_size_by_interpolation=lambda x: (F.interpolate(x, 5, mode="linear"), x),
)
near("missing_reduction", another_function_of_rows=lambda x: (x.prod(1), x))
near("missing_reduction", of=fixed((4, 1)), axis_of_one_left=lambda x: (x.flatten() * 2, x))
near("another_reduction", product_over_an_axis=lambda x: (x.mean(1), x.prod(0), {"inputs": (x,)}))
near(
    "another_reduction",
    of=matrices(2),
    reduction_of_another_input=lambda x, other: (x.mean(1), x.mean(0), {"inputs": (other,)}),
)
near("same_total", of=fixed((5,), (7,)), two_distributions=lambda x, y: (x.softmax(0), y.softmax(0)))
near(
    "same_total", of=fixed((5,)), padded_with_zeros_between=lambda x: (x, torch.stack([x, torch.zeros(5)], 1).flatten())
)
near("sizes_swapped", of=fixed((2, 3, 4), (3, 2, 4)), first_two_sizes_swapped=lambda x, y: (x, y))
near("sizes_swapped", of=fixed((4, 3), (3, 5)), one_size_differs=lambda x, y: (x, y))
near(
    "broadcast_in_a_loss",
    of=fixed((5,), (5,)),
    loss_over_pairs_with_equal_shapes=lambda a, b: (
        (a - b).square().mean(),
        (a[:, None] - b).square().mean(),
        {"inputs": (a, b)},
    ),
    another_loss=lambda a, b: ((a - b).square().mean(), (a - b).abs().mean(), {"inputs": (a[:, None], b)}),
)

# -- meaningless values --------------------------------------------------------------------------------------------

near(
    "not_finite",
    nan_is_expected_there=lambda x: (x.log(), x.log() + 1),
    finite_where_nan_is_expected=lambda x: (x.log(), x),
)
near("all_the_same", constant_is_expected=lambda _: (torch.ones(3, 4), torch.full((3, 4), 2.0)))
near("repeated_along", of=fixed((1, 5)), a_row_is_to_be_repeated=lambda x: (x.expand(4, 5), 2 * x.expand(4, 5)))

# -- order and dimensions ------------------------------------------------------------------------------------------

near("scrambled", of=lambda draw: draw.integers(0, 2, 8), few_whole_numbers=lambda x: (x, x.flip(0)))
near("unit_over_another_axis", of=twins, softmax_of_something_else=lambda x, y: (x.softmax(1), y.softmax(0)))
near(
    "standardised_over_another_axis",
    of=fixed((7, 20), (7, 20)),
    both_standardised_alike=lambda x, other: (F.layer_norm(x, (20,)), F.layer_norm(other, (20,))),
)
near("accumulated_over_another_axis", running_product=lambda x: (x.cumsum(1), x.cumprod(0)))
near(
    "only_border", "only_one_slice",
    of=lambda draw: (draw.randn(2, 3, 8, 8), draw.rand(2, 3, 8, 8) > 0.5),
    wrong_here_and_there=lambda x, mask: (x, x + mask),
)  # fmt: skip
near(
    "only_border", of=fixed((2, 3, 8, 8)), wrong_in_one_corner=lambda x: (x, changed(x, (..., 0, 0), x[..., 0, 0] + 1))
)
near(
    "only_one_slice",
    of=fixed((6, 5), (2, 5)),
    wrong_in_two_rows=lambda x, more: (x, changed(x, [1, 4], x[[1, 4]] + more)),
)

# -- functions -----------------------------------------------------------------------------------------------------

near("complement", of=lambda _: torch.ones(5, 5, dtype=torch.bool).tril(), mask_turned=lambda mask: (mask, mask.T))
near("complement", two_truths=lambda _: (torch.tensor([True, False]), torch.tensor([False, True])))
near("missing_function", "extra_function", nearly_relu=lambda x: (F.leaky_relu(x, 0.03), x))
near("missing_function", all_positive_and_shifted=lambda x: (x.exp() + 0.5, x.exp()))
near(
    "missing_function",
    of=lambda draw: (([3.0], [2.56]), ([3.0, 0.0], [2.56, -0.1]), ([3.0, 0.0], [2.045, -0.3]))[draw.size(0, 2)],
    one_or_two_near_whole_numbers=lambda wanted, got: (torch.tensor(wanted), torch.tensor(got)),
)
near(
    "missing_function",
    of=fixed((9, 12), (9, 12)),
    whole_numbers_a_little_wrong=lambda x, noise: ((5 * x).round(), (5 * x).round() + 0.05 * noise),
)
near("extra_function", two_whole_numbers=lambda _: (torch.tensor([2.56, -0.1]), torch.tensor([3.0, 0.0])))
near("extra_function", of=fixed((5, 8)), signs_of_large_numbers=lambda x: (50 * x + 3 * x.sign(), x.sign()))
near("extra_function", of=fixed((5, 7)), zeros_by_another_rule=lambda x: (x, x * (x > 0.5)))
near(
    "negative_side",
    of=fixed((5, 7)),
    curve_below_zero=lambda x: (x, F.elu(x)),
    positive_side_off_too=lambda x: (x, torch.where(x > 0, 1.1 * x, 0.5 * x)),
)
near(
    "clipped",
    of=fixed((5, 7)),
    squashed=lambda x: (3 * x, (3 * x).tanh()),
    one_extreme_value_off=lambda x: (x, torch.where(x == x.max(), x.flatten().sort().values[-2], x)),
)
near("dropout_in_eval", of=fixed((5, 7)), zeros_by_relu=lambda x: (x, torch.where(x > 0, x + 0.3, torch.zeros(()))))
near(
    "dropout_in_eval",
    of=lambda draw: (draw.randn(6, 9), draw.rand(6, 9) > 0.5, draw.rand(6, 9) > 0.3),
    another_mask_at_another_rate=lambda x, half, most: (x * half / 0.5, x * most / 0.7),
)
near(
    "another_normalisation",
    of=fixed((5, 7)),
    normalised_by_the_largest=lambda x: (F.layer_norm(x, (7,)), x / x.abs().amax(1, keepdim=True), {"inputs": (x,)}),
)
near("another_gelu", of=fixed((5, 7)), silu_for_gelu=lambda x: (F.gelu(x), F.silu(x), {"inputs": (x,)}))

# -- factors and shifts --------------------------------------------------------------------------------------------

near("factor", "shift", constant_expected=lambda _: (torch.ones(3, 4), torch.full((3, 4), 2.0)))
near("factor", of=lambda draw: draw.randn().abs() + 0.5, one_number_some_times_larger=lambda loss: (loss, loss * 1.7))
near("factor", of=fixed((1, 2)), two_numbers_some_times_larger=lambda x: (x, x * 1.7))
near("factor", one_whole_number_twice=lambda _: (4, 8))
near(
    "nearly_right",
    of=fixed((5, 6), (5, 6)),
    wrong_by_a_percent=lambda x, noise: (x, x + 0.01 * noise),
    nearly_right_but_one=lambda x, noise: (x, changed(x + 1e-4 * noise, (2, 3), x[2, 3] + 1)),
)
near("extra_reduction", of_other_values=lambda x: (x, x.exp().amax(1)), axis_left=lambda x: (x, x.amax(1)[:, None]))
near("only_first_right", first_is_wrong=lambda x: (x, x + 1))
near("only_first_right", of=fixed((5, 4), (3, 4)), second_is_right=lambda x, y: (x, changed(x, slice(2, None), y)))
near("another_power", of=doubles, factor=lambda x: (x.exp(), 3 * x.exp()), negative=lambda x: (x, x**3))
