"""Define pairs (expected, yours) that differ because of order, dimensions, functions, or factors.

See `causes_named.py`.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from causes_named import matrix, named

# -- order ---------------------------------------------------------------------------------------------------------


@named("reversed_order")
def kernel_not_flipped(draw):
    x = matrix(draw)
    return x, x.flip(1)


@named("reversed_order")
def time_backwards(draw):
    x = draw.randn(*draw.sizes(3, 3, 7))
    return x, x.flip(0, 2)


@named("shifted")
def rolled(draw):
    x = draw.randn(draw.size(2, 4), draw.size(6, 9))
    return x, x.roll(2, 1)


@named("shifted")
def target_off_by_one(draw):
    x = draw.randn(draw.size(8, 12), 3)
    return x[1:], x[:-1]


@named("another_order")
def rows_permuted(draw):
    x = draw.randn(draw.size(5, 9), 4)
    order = torch.tensor([1, 0, 3, 2, 4, *range(5, len(x))])
    return x, x[order]


@named("another_order")
def channels_shuffled(draw):
    x = draw.randn(2, 6, draw.size(3, 7))
    return x, x.view(2, 2, 3, -1).transpose(1, 2).reshape(x.shape)


@named("scrambled")
def another_unfold(draw):
    x = draw.randn(5, 7)
    return x, x.flatten()[draw.permutation(35)].reshape(5, 7)


@named("scrambled")
def not_sorted(draw):
    x = draw.randn(draw.size(5, 9))
    return x.sort().values, torch.cat([x.sort().values[2:3], x.sort().values[:2], x.sort().values[3:].flip(0)])


# -- another dimension ---------------------------------------------------------------------------------------------


@named("unit_over_another_axis")
def softmax_over_axis_0(draw):
    x = matrix(draw)
    return x.softmax(1), x.softmax(0)


@named("unit_over_another_axis")
def softmax_over_channels(draw):
    x = draw.randn(*draw.sizes(3, 3, 7))
    return x.softmax(-1), x.softmax(1)


@named("unit_over_another_axis")
def log_softmax_over_axis_0(draw):
    x = matrix(draw)
    return x.log_softmax(1), x.log_softmax(0)


@named("unit_over_another_axis")
def length_over_axis_0(draw):
    x = matrix(draw)
    return F.normalize(x, dim=1), F.normalize(x, dim=0)


@named("standardised_over_another_axis")
def batch_for_layer_norm(draw):
    x = draw.randn(draw.size(10, 14), draw.size(15, 20))
    return F.layer_norm(x, x.shape[1:]), F.batch_norm(x, None, None, training=True)


@named("standardised_over_another_axis")
def group_for_instance_norm(draw):
    x = draw.randn(4, 6, draw.size(15, 20))
    return F.instance_norm(x), F.group_norm(x, 1)


@named("accumulated_over_another_axis")
def running_sum(draw):
    x = matrix(draw)
    return x.cumsum(1), x.cumsum(0)


@named("only_border")
def padded_with_another_value(draw):
    x, kernel = draw.randn(2, 1, *draw.sizes(2, 7, 9)), draw.rand(1, 1, 3, 3, low=0.5)
    return F.conv2d(x, kernel, padding=1), F.conv2d(F.pad(x, (1, 1, 1, 1), value=1.0), kernel)


@named("only_one_slice")
def last_row_unfilled(draw):
    x = draw.randn(*draw.sizes(2, 5, 9))
    yours = x.clone()
    yours[-1] = draw.randn(x.shape[1])
    return x, yours


# -- functions -----------------------------------------------------------------------------------------------------


@named("complement")
def mask_inverted(draw):
    mask = draw.rand(draw.size(3, 5), 6) < 0.3
    return mask, ~mask


@named("complement")
def gate_swapped(draw):
    gate = matrix(draw).sigmoid()
    return gate, 1 - gate


@named("missing_function")
def relu_missing(draw):
    x = matrix(draw)
    return x.relu(), x


@named("missing_function")
def logits_for_probabilities(draw):
    x = matrix(draw)
    return x.sigmoid(), x


@named("missing_function")
def softmax_missing(draw):
    x = matrix(draw)
    return x.softmax(1), x


@named("missing_function")
def log_missing(draw):
    x = matrix(draw)
    return x.log_softmax(1), x.softmax(1)


@named("missing_function")
def root_missing(draw):
    a, b = matrix(draw), None
    b = draw.randn(*a.shape)
    return (a - b).norm(dim=1), (a - b).square().sum(1)


@named("missing_function")
def rounding_missing(draw):
    x = 5 * draw.randn(9, 12)
    return x.round(), x


@named("missing_function")
def rounding_up_missing(draw):
    x = 5 * draw.randn(9, 12)
    return x.ceil(), x


@named("extra_function")
def rounding_too_many(draw):
    x = 5 * draw.randn(9, 12)
    return x, x.round()


@named("extra_function")
def relu_too_many(draw):
    x = matrix(draw)
    return x, x.relu()


@named("extra_function")
def softmax_twice(draw):
    x = matrix(draw)
    return x.softmax(1), x.softmax(1).softmax(1)


@named("extra_function")
def probabilities_for_logits(draw):
    x = matrix(draw)
    return x, x.sigmoid()


@named("extra_function")
def rounded(draw):
    x = 5 * matrix(draw)
    return x, x.round()


@named("negative_side")
def another_slope(draw):
    x = matrix(draw)
    return F.leaky_relu(x, 0.2), F.leaky_relu(x, 0.01)


@named("clipped")
def clamped(draw):
    x = draw.randn(6, draw.size(5, 9)) * 3
    return x, x.clamp(-1, 1)


@named("clipped")
def relu6_without_its_limit(draw):
    x = draw.randn(6, draw.size(5, 9)) * 9
    return F.relu6(x), x.relu()


@named("dropout_in_eval")
def eval_forgotten(draw):
    x, keep = draw.randn(6, draw.size(5, 9)), draw.rand(6, 9) > 0.3
    return x, x * keep[:, : x.shape[1]] / 0.7


@named("dropout_in_eval")
def dropout_left_out(draw):
    x, keep = draw.randn(6, draw.size(5, 9)), draw.rand(6, 9) > 0.4
    return x * keep[:, : x.shape[1]] / 0.6, x


@named("dropout_in_eval")
def masked_places(draw):
    x, keep = draw.randn(6, draw.size(5, 9)), draw.rand(6, 9) > 0.4
    return x, x * keep[:, : x.shape[1]]


# -- normalization by the input ------------------------------------------------------------------------------------


@named("another_normalisation")
def unbiased_layer_norm(draw):
    x = draw.randn(*draw.sizes(2, 4, 9))
    yours = (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True) + 1e-5).sqrt()
    return F.layer_norm(x, x.shape[1:]), yours, {"inputs": (x,)}


@named("another_normalisation")
def eps_outside_the_root(draw):
    x = draw.randn(*draw.sizes(2, 4, 9)) * 0.01
    yours = (x - x.mean(1, keepdim=True)) / (x.std(1, keepdim=True, correction=0) + 1e-5)
    return F.layer_norm(x, x.shape[1:]), yours, {"inputs": (x,)}


@named("another_normalisation")
def mean_not_subtracted(draw):
    x = draw.randn(*draw.sizes(2, 4, 9)) + 1
    return F.layer_norm(x, x.shape[1:]), F.rms_norm(x, x.shape[1:], eps=1e-5), {"inputs": (x,)}


@named("another_normalisation")
def normalised_over_the_batch(draw):
    x = draw.randn(*draw.sizes(2, 4, 9))
    return F.layer_norm(x, x.shape[1:]), F.batch_norm(x, None, None, training=True), {"inputs": (x,)}


@named("another_gelu")
def tanh_for_erf(draw):
    x = matrix(draw)
    return F.gelu(x), F.gelu(x, approximate="tanh"), {"inputs": (x,)}


@named("another_gelu")
def erf_for_tanh(draw):
    x = matrix(draw)
    return F.gelu(x, approximate="tanh"), F.gelu(x), {"inputs": (x,)}


# -- factors and shifts --------------------------------------------------------------------------------------------


@named("sign_flipped")
def minus_missing(draw):
    x = matrix(draw)
    return x, -x


@named("sign_flipped")
def negative_loss(draw):
    loss = draw.randn().abs() + 0.5
    return loss, -loss


@named("conjugated")
def conjugate(draw):
    x = torch.complex(matrix(draw)[:3, :3], draw.randn(3, 3))
    return x, x.conj()


@named("factor")
def twice(draw):
    x = matrix(draw)
    return x, 2 * x


@named("factor")
def half_of_two_numbers(draw):
    x = draw.randn(1, 2)
    return x, x / 2


@named("factor")
def scale_of_attention_missing(draw):
    q = draw.randn(5, draw.size(5, 7))
    scores = q @ q.T
    return scores / math.sqrt(q.shape[1]), scores, {"inputs": (q,)}


@named("factor")
def loss_summed(draw):
    x = matrix(draw)
    return x.cos().mean(), x.cos().sum(), {"inputs": (x,)}


@named("factor")
def unbiased_by_the_way(draw):
    x = draw.randn(draw.size(5, 9), 11)
    return x.var(0, correction=0), x.var(0)


@named("shift")
def constant_added(draw):
    x = matrix(draw)
    return x, x + 0.37


@named("shift")
def indices_from_one(draw):
    x = draw.permutation(draw.size(20, 30))
    return x, x + 1


@named("shift_per_axis")
def bias_missing(draw):
    n, m = draw.sizes(2, 3, 9)
    x, w, b = draw.randn(4, n), draw.randn(m, n), draw.randn(m)
    return F.linear(x, w, b), F.linear(x, w)


@named("shift_per_axis")
def channel_bias_missing(draw):
    x, w, b = draw.randn(2, 3, 8, 8), draw.randn(5, 3, 3, 3), draw.randn(5)
    return F.conv2d(x, w, b), F.conv2d(x, w), {"inputs": (x, w, b)}


@named("factor_per_axis")
def gamma_missing(draw):
    x, gamma = draw.randn(6, draw.size(3, 9)), draw.rand(9, low=0.5, high=2.0)
    return x * gamma[: x.shape[1]], x


@named("factor_per_axis")
def channel_scale_missing(draw):
    x, gamma = draw.randn(3, 5, draw.size(3, 9)), draw.rand(5, 1, low=0.5, high=2.0)
    return x * gamma, x


@named("scaled_and_shifted")
def standardised(draw):
    x = 3 * matrix(draw) + 2
    return x, (x - x.mean()) / x.std()


@named("nearly_right")
def approximate_formula(draw):
    x = matrix(draw)
    return x.sin(), x.sin() + 1e-4 * (7 * x).cos()
