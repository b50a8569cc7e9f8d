"""For each likely cause, define pairs (expected, yours) that differ for this reason (see `causes_tables.py`).

`tests/layerlab/test_causes.py` requires that `lab.compare` names the cause for these pairs.
"""

import math
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from tests.layerlab.causes_tables import (
    Table,
    changed,
    cube,
    doubles,
    fixed,
    masked,
    matrices,
    matrix,
    register,
    sizes,
    twins,
    wide,
)

NAMED: Table = {}
named = partial(register, NAMED)


# -- kinds ---------------------------------------------------------------------------------------------------------

named("returned_none", return_is_missing=lambda x: (x, None))
named("returned_none", gradient_is_none=lambda w: (w.detach(), w.grad, {"what": "gradient of the weight"}))
named("returned_class", class_for_object=lambda x: (x, nn.ReLU))
named(
    "returned_layer",
    of=lambda draw: (matrix(draw), bool(draw.size(0, 1))),
    layer_for_output=lambda x, inplace: (x, nn.ReLU(inplace)),
)
named("returned_function", method_not_called=lambda x: (x.mean(), x.mean))
named(
    "returned_iterator",
    of=sizes(2),
    generator_for_list=lambda *n: (list((layer := nn.Linear(*n)).parameters()), layer.parameters()),
    map_for_tuple=lambda *n: (n, map(int, "12")),
)
named("tensor_for_tuple", of=matrices(2), state_is_forgotten=lambda output, state: ((output, state), output))
named("tuple_for_tensor", of=matrices(2), state_is_given_too=lambda output, state: (output, (output, state)))
named("tuple_for_tensor", list_not_stacked=lambda x: (x, list(x)), list_not_joined=lambda x: (x, x.chunk(3)))
named("number_for_tensor", item_of_loss=lambda x: (x.square().mean(), x.square().mean().item()))
named("array_for_tensor", array_given=lambda x: (x, x.numpy()), array_wanted=lambda x: (x.numpy(), x))
named("truth_for_number", of=sizes(1), number_for_truth=lambda n: (True, n), truth_given=lambda n: (n, True))
named("sizes_in_other_order", of=sizes(2), in_out_swapped_in_size=lambda a, b: (torch.Size([a, b]), torch.Size([b, a])))
named(
    "size_missing",
    of=sizes(2),
    batch_size_missing=lambda a, b: (torch.Size([a, b]), (b,)),
    size_too_many=lambda a, b: ((a, b), torch.Size([a, 1, b])),
)
named(
    "sizes_not_merged",
    of=sizes(3),
    flatten_left_out=lambda a, b, c: (torch.Size([a, b * c]), torch.Size([a, b, c])),
    flattened_too_far=lambda a, b, c: ((a, b, c), (a * b * c,)),
)
named(
    "key_prefix",
    of=lambda draw: nn.Linear(*draw.sizes(2, 2, 9)),
    wrapped_state=lambda layer: (layer.state_dict(), nn.Sequential(layer).state_dict()),
    wrapper_left_out=lambda layer: (nn.ModuleDict({"model": layer}).state_dict(), layer.state_dict()),
)
named(
    "keys_missing",
    of=sizes(2),
    bias_not_registered=lambda *n: (nn.Linear(*n).state_dict(), nn.Linear(*n, bias=False).state_dict()),
)

# -- kind of a tensor ----------------------------------------------------------------------------------------------

named("changed_input", input_changed=lambda x: (x, -x, {"changed": "the input: at [0] it was 1 and is 2"}))
named("plain_for_parameter", scaled_after_wrapping=lambda x: (nn.Parameter(x * 0.1), nn.Parameter(x) * 0.1))
named(
    "detached",
    of=lambda draw: (matrix(draw)[:, :2], matrix(draw)[0, :2].requires_grad_()),
    weights_are_cut_off=lambda x, w: (x @ w, x @ w.detach()),
)
named("detached", under_no_grad=lambda w: (w.requires_grad_().exp(), torch.no_grad()(torch.exp)(w)))
named("precision_of_another_dtype", of=doubles, through_float32=lambda x: (x.exp(), x.float().exp().double()))
named("precision_of_another_dtype", through_bfloat16=lambda x: (x, x.bfloat16().float()))
named("wrong_dtype", of=doubles, float32_for_float64=lambda x: (x, x.float()))
named("wrong_dtype", float64_for_float32=lambda x: (x, x.double()))
named(
    "wrong_dtype",
    of=lambda draw: draw.integers(0, 9, *draw.sizes(2, 2, 9)),
    integers_for_floats=lambda x: (x.float(), x),
)
named("wrong_dtype", numbers_for_truth=lambda x: (x > 0, (x > 0).float()))
named("lost_decimals", cut_to_integers=lambda x: (10 * x, (10 * x).long()))

# -- meaningless values --------------------------------------------------------------------------------------------

named(
    "not_finite",
    zero_by_zero=lambda x: (x, (x - x) / (x - x)),
    log_of_zero=lambda x: (x.abs(), changed(x.abs(), 1, 0.0).log()),
)
named("all_zeros", never_filled=lambda x: (x, torch.zeros_like(x)))
named("returned_input", nothing_done=lambda x: (x.relu(), x, {"inputs": (x,)}))
named(
    "returned_input",
    of=matrices(2),
    first_input_given_back=lambda x, other: (x.exp().mul(x[0]), x, {"inputs": (other, x)}),
)
named("all_the_same", ones_everywhere=lambda x: (x.softmax(1), torch.ones_like(x)))
named("repeated_along", batch_ignored=lambda x: (x, x[:1].expand_as(x) * 2))
named("repeated_along", one_value_per_row=lambda x: (x, x.mean(1, keepdim=True).expand_as(x)))

# -- shapes --------------------------------------------------------------------------------------------------------

named("permuted_axes", transposed_matrix=lambda x: (x, x.T))
named("permuted_axes", of=lambda draw: draw.randn(n := draw.size(4, 9), n), transposed_square=lambda x: (x, x.T))
named(
    "permuted_axes",
    of=lambda draw: torch.ones(n := draw.size(8, 12), n, dtype=torch.bool).tril(),
    causal_mask_transposed=lambda mask: (mask, mask.T),
)
named("permuted_axes", of=cube, three_axes_permuted=lambda x: (x, x.permute(1, 2, 0)))
named(
    "permuted_axes",
    of=fixed((3, 4), (3, 4)),
    complex_transposed=lambda real, imag: (torch.complex(real, imag), torch.complex(real, imag).T),
)
named(
    "flattened",
    of=cube,
    batch_flattened=lambda x: (x.flatten(1), x.flatten()),
    batch_eaten_by_view=lambda x: (x.flatten(1), x.reshape(1, -1)),
)
named(
    "axis_of_one",
    keepdim_missing=lambda x: (x.logsumexp(1, keepdim=True), x.logsumexp(1)),
    keepdim_too_many=lambda x: (x.logsumexp(0), x.logsumexp(0, keepdim=True)),
)
named(
    "view_for_permute",
    of=lambda draw: draw.randn(*draw.sizes(4, 2, 6)),
    heads_by_view=lambda x: (x.transpose(1, 2), x.reshape(len(x), x.shape[2], x.shape[1], -1)),
)
named(
    "view_for_permute",
    of=lambda draw: draw.randn(*draw.sizes(3, 2, 6), 7),
    view_to_tokens=lambda x: (x.flatten(1, 2), x.permute(0, 3, 1, 2).reshape(len(x), -1, 7)),
)
named("joined_over_another_axis", of=twins, cat_over_axis_0=lambda a, b: (torch.cat([a, b], 1), torch.cat([a, b], 0)))
named(
    "repeated",
    of=lambda draw: (draw.randn(draw.size(3, 9)), draw.size(2, 5)),
    broadcast_row=lambda x, n: (x, x.expand(n, len(x))),
    broadcast_column=lambda x, n: (x[:, None], x[:, None].expand(len(x), n)),
)
named(
    "unwanted_broadcast",
    of=lambda draw: draw.randn(2, draw.size(3, 9)).unbind(),
    column_meets_row=lambda a, b: (a - b, a[:, None] - b),
    column_meets_row_in_column=lambda a, b: ((a * b)[:, None], a[:, None] * b),
)
named(
    "cropped",
    of=lambda draw: (draw.randn(2, 1, *draw.sizes(2, 6, 9)), draw.randn(1, 1, 3, 3)),
    valid_for_same=lambda x, kernel: (F.conv2d(x, kernel, padding=1), F.conv2d(x, kernel)),
)
named("cropped", one_too_many=lambda x: (x[:-1], x))
named(
    "another_stride",
    of=lambda draw: (draw.randn(2, 1, draw.size(11, 15)), draw.randn(1, 1, 3)),
    stride_forgotten=lambda x, kernel: (F.conv1d(x, kernel, stride=2), F.conv1d(x, kernel)),
)
named(
    "another_stride",
    of=lambda draw: draw.randn(2, 3, draw.size(10, 15)),
    pooling_stride=lambda x: (F.max_pool1d(x, 3, stride=1), F.max_pool1d(x, 3)),
)
named("missing_reduction", sum_left_out=lambda x: (x.sum(1), x))
named("missing_reduction", mean_of_a_loss_left_out=lambda x: (x.square().mean(), x.square()))
named(
    "another_reduction",
    mean_over_wrong_axis=lambda x: (x.mean(1), x.mean(0), {"inputs": (x,)}),
    unbiased_variance=lambda x: (x.var(0, correction=0), x.var(0), {"inputs": (x,)}),
    sum_for_mean=lambda x: (x.mean(0), x.sum(0), {"inputs": (x,)}),
)
named("same_total", sum_over_wrong_axis=lambda x: (x.exp().sum(1), x.exp().sum(0)))
named(
    "same_total",
    of=cube,
    mean_over_wrong_axis_without_input=lambda x: (x.exp().mean(1, keepdim=True), x.exp().mean(2, keepdim=True)),
)
named(
    "sizes_swapped",
    of=lambda draw: (matrix(draw), draw),
    weight_in_out=lambda x, draw: (x, draw.randn(*reversed(x.shape))),
)
named(
    "broadcast_in_a_loss",
    of=lambda draw: draw.randn(2, draw.size(4, 9)).unbind(),
    loss_of_pairs=lambda a, b: ((a - b).square().mean(), (a[:, None] - b).square().mean(), {"inputs": (a[:, None], b)}),
)

# -- order ---------------------------------------------------------------------------------------------------------

named("reversed_order", kernel_not_flipped=lambda x: (x, x.flip(1)))
named("reversed_order", of=cube, time_backwards=lambda x: (x, x.flip(0, 2)))
named("shifted", of=lambda draw: draw.randn(draw.size(2, 4), draw.size(6, 9)), rolled=lambda x: (x, x.roll(2, 1)))
named("shifted", of=lambda draw: draw.randn(draw.size(8, 12), 3), target_off_by_one=lambda x: (x[1:], x[:-1]))
named(
    "another_order",
    of=lambda draw: draw.randn(draw.size(5, 9), 4),
    rows_permuted=lambda x: (x, x[[1, 0, 3, 2, *range(4, len(x))]]),
)
named(
    "another_order",
    of=lambda draw: draw.randn(2, 6, draw.size(3, 7)),
    channels_shuffled=lambda x: (x, x.view(2, 2, 3, -1).transpose(1, 2).reshape(x.shape)),
)
named(
    "scrambled",
    of=lambda draw: (draw.randn(5, 7), draw.permutation(35)),
    another_unfold=lambda x, order: (x, x.flatten()[order].reshape(5, 7)),
)
named(
    "scrambled",
    of=lambda draw: draw.randn(draw.size(5, 9)).sort().values,
    not_sorted=lambda x: (x, torch.cat([x[2:3], x[:2], x[3:].flip(0)])),
)

# -- another dimension ---------------------------------------------------------------------------------------------

named(
    "unit_over_another_axis",
    softmax_over_axis_0=lambda x: (x.softmax(1), x.softmax(0)),
    log_softmax_over_axis_0=lambda x: (x.log_softmax(1), x.log_softmax(0)),
    length_over_axis_0=lambda x: (F.normalize(x, dim=1), F.normalize(x, dim=0)),
)
named("unit_over_another_axis", of=cube, softmax_over_channels=lambda x: (x.softmax(-1), x.softmax(1)))
named(
    "standardised_over_another_axis",
    of=lambda draw: draw.randn(draw.size(10, 14), draw.size(15, 20)),
    batch_for_layer_norm=lambda x: (F.layer_norm(x, x.shape[1:]), F.batch_norm(x, None, None, training=True)),
)
named(
    "standardised_over_another_axis",
    of=lambda draw: draw.randn(4, 6, draw.size(15, 20)),
    group_for_instance_norm=lambda x: (F.instance_norm(x), F.group_norm(x, 1)),
)
named("accumulated_over_another_axis", running_sum=lambda x: (x.cumsum(1), x.cumsum(0)))
named(
    "only_border",
    of=lambda draw: (draw.randn(2, 1, *draw.sizes(2, 7, 9)), draw.rand(1, 1, 3, 3, low=0.5)),
    padded_with_another_value=lambda x, kernel: (
        F.conv2d(x, kernel, padding=1),
        F.conv2d(F.pad(x, (1, 1, 1, 1), value=1.0), kernel),
    ),
)
named(
    "only_one_slice",
    of=lambda draw: (x := draw.randn(*draw.sizes(2, 5, 9)), draw.randn(x.shape[1])),
    last_row_unfilled=lambda x, row: (x, changed(x, -1, row)),
)

# -- functions -----------------------------------------------------------------------------------------------------

named("complement", of=lambda draw: draw.rand(draw.size(3, 5), 6) < 0.3, mask_inverted=lambda mask: (mask, ~mask))
named("complement", gate_swapped=lambda x: (x.sigmoid(), 1 - x.sigmoid()))
named(
    "missing_function",
    relu_missing=lambda x: (x.relu(), x),
    logits_for_probabilities=lambda x: (x.sigmoid(), x),
    softmax_missing=lambda x: (x.softmax(1), x),
    log_missing=lambda x: (x.log_softmax(1), x.softmax(1)),
)
named("missing_function", of=twins, root_missing=lambda a, b: ((a - b).norm(dim=1), (a - b).square().sum(1)))
named(
    "missing_function",
    of=fixed((9, 12)),
    rounding_missing=lambda x: ((5 * x).round(), 5 * x),
    rounding_up_missing=lambda x: ((5 * x).ceil(), 5 * x),
)
named("extra_function", of=fixed((9, 12)), rounding_too_many=lambda x: (5 * x, (5 * x).round()))
named(
    "extra_function",
    relu_too_many=lambda x: (x, x.relu()),
    softmax_twice=lambda x: (x.softmax(1), x.softmax(1).softmax(1)),
    probabilities_for_logits=lambda x: (x, x.sigmoid()),
    rounded=lambda x: (5 * x, (5 * x).round()),
)
named("negative_side", another_slope=lambda x: (F.leaky_relu(x, 0.2), F.leaky_relu(x, 0.01)))
named("clipped", of=wide, clamped=lambda x: (3 * x, (3 * x).clamp(-1, 1)))
named("clipped", of=wide, relu6_without_its_limit=lambda x: (F.relu6(9 * x), (9 * x).relu()))
named("dropout_in_eval", of=masked(0.3), eval_forgotten=lambda x, keep: (x, x * keep / 0.7))
named(
    "dropout_in_eval",
    of=masked(0.4),
    dropout_left_out=lambda x, keep: (x * keep / 0.6, x),
    masked_places=lambda x, keep: (x, x * keep),
)

# -- normalization by the input ------------------------------------------------------------------------------------


def layer_norm(x: torch.Tensor, yours: torch.Tensor) -> tuple:
    return F.layer_norm(x, x.shape[1:]), yours, {"inputs": (x,)}


def centered(x: torch.Tensor) -> torch.Tensor:
    return x - x.mean(1, keepdim=True)


named(
    "another_normalisation",
    of=lambda draw: draw.randn(*draw.sizes(2, 4, 9)),
    unbiased_layer_norm=lambda x: layer_norm(x, centered(x) / (x.var(1, keepdim=True) + 1e-5).sqrt()),
    normalised_over_the_batch=lambda x: layer_norm(x, F.batch_norm(x, None, None, training=True)),
    mean_not_subtracted=lambda x: layer_norm(x + 1, F.rms_norm(x + 1, x.shape[1:], eps=1e-5)),
)
named(
    "another_normalisation",
    of=lambda draw: 0.01 * draw.randn(*draw.sizes(2, 4, 9)),
    eps_outside_the_root=lambda x: layer_norm(x, centered(x) / (x.std(1, keepdim=True, correction=0) + 1e-5)),
)
named(
    "another_gelu",
    tanh_for_erf=lambda x: (F.gelu(x), F.gelu(x, approximate="tanh"), {"inputs": (x,)}),
    erf_for_tanh=lambda x: (F.gelu(x, approximate="tanh"), F.gelu(x), {"inputs": (x,)}),
)

# -- factors and shifts --------------------------------------------------------------------------------------------

named("sign_flipped", minus_missing=lambda x: (x, -x))
named("sign_flipped", of=lambda draw: draw.randn().abs() + 0.5, negative_loss=lambda loss: (loss, -loss))
named(
    "conjugated",
    of=lambda draw: torch.complex(matrix(draw)[:3, :3], draw.randn(3, 3)),
    conjugate=lambda x: (x, x.conj()),
)
named("factor", twice=lambda x: (x, 2 * x))
named("factor", of=fixed((1, 2)), half_of_two_numbers=lambda x: (x, x / 2))
named(
    "factor",
    of=lambda draw: draw.randn(5, draw.size(5, 7)),
    scale_of_attention_missing=lambda q: (q @ q.T / math.sqrt(q.shape[1]), q @ q.T, {"inputs": (q,)}),
)
named("factor", loss_summed=lambda x: (x.cos().mean(), x.cos().sum(), {"inputs": (x,)}))
named(
    "factor",
    of=lambda draw: draw.randn(draw.size(5, 9), 11),
    unbiased_by_the_way=lambda x: (x.var(0, correction=0), x.var(0)),
)
named("shift", constant_added=lambda x: (x, x + 0.37))
named("shift", of=lambda draw: draw.permutation(draw.size(20, 30)), indices_from_one=lambda x: (x, x + 1))
named(
    "shift_per_axis",
    of=lambda draw: (n := draw.sizes(2, 3, 9)) and (draw.randn(4, n[0]), draw.randn(*n[::-1]), draw.randn(n[1])),
    bias_missing=lambda x, w, b: (F.linear(x, w, b), F.linear(x, w)),
)
named(
    "shift_per_axis",
    of=fixed((2, 3, 8, 8), (5, 3, 3, 3), (5,)),
    channel_bias_missing=lambda x, w, b: (F.conv2d(x, w, b), F.conv2d(x, w), {"inputs": (x, w, b)}),
)
named(
    "factor_per_axis",
    of=lambda draw: (draw.randn(6, draw.size(3, 9)), draw.rand(9, low=0.5, high=2.0)),
    gamma_missing=lambda x, gamma: (x * gamma[: x.shape[1]], x),
)
named(
    "factor_per_axis",
    of=lambda draw: (draw.randn(3, 5, draw.size(3, 9)), draw.rand(5, 1, low=0.5, high=2.0)),
    channel_scale_missing=lambda x, gamma: (x * gamma, x),
)
named("scaled_and_shifted", of=lambda draw: 3 * matrix(draw) + 2, standardised=lambda x: (x, (x - x.mean()) / x.std()))
named("nearly_right", approximate_formula=lambda x: (x.sin(), x.sin() + 1e-4 * (7 * x).cos()))
named("extra_reduction", of=cube, maximum_taken=lambda x: (x, x.amax(1)))
named("only_first_right", of=fixed((5, 4), (4, 4)), others_wrong=lambda x, more: (x, changed(x, slice(1, None), more)))
named("another_power", of=doubles, root_replaced=lambda x: (x.abs() + 0.5, (x.abs() + 0.5) ** 1.7))
