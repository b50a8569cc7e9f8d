"""Define pairs (expected, yours) that differ because of shapes or dimensions. See `causes_named.py`."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from causes_named import matrix, named

# -- shapes --------------------------------------------------------------------------------------------------------


@named("permuted_axes")
def transposed_matrix(draw):
    x = matrix(draw)
    return x, x.T


@named("permuted_axes")
def transposed_square(draw):
    n = draw.size(4, 9)
    x = draw.randn(n, n)
    return x, x.T


@named("permuted_axes")
def causal_mask_transposed(draw):
    n = draw.size(8, 12)
    mask = torch.ones(n, n, dtype=torch.bool).tril()
    return mask, mask.T


@named("permuted_axes")
def three_axes_permuted(draw):
    x = draw.randn(*draw.sizes(3, 2, 7))
    return x, x.permute(1, 2, 0)


@named("permuted_axes")
def complex_transposed(draw):
    x = torch.complex(*(draw.randn(3, 4) for _ in range(2)))
    return x, x.T


@named("flattened")
def batch_flattened(draw):
    x = draw.randn(*draw.sizes(3, 2, 7))
    return x.flatten(1), x.flatten()


@named("flattened")
def batch_eaten_by_view(draw):
    x = draw.randn(*draw.sizes(3, 2, 7))
    return x.flatten(1), x.reshape(1, -1)


@named("axis_of_one")
def keepdim_missing(draw):
    x = matrix(draw)
    return x.logsumexp(1, keepdim=True), x.logsumexp(1)


@named("axis_of_one")
def keepdim_too_many(draw):
    x = matrix(draw)
    return x.logsumexp(0), x.logsumexp(0, keepdim=True)


@named("view_for_permute")
def view_to_tokens(draw):
    n, h, w = draw.sizes(3, 2, 6)
    x = draw.randn(n, 7, h, w)
    return x.flatten(2).transpose(1, 2), x.reshape(n, h * w, 7)


@named("view_for_permute")
def heads_by_view(draw):
    n, length, heads, width = draw.sizes(4, 2, 6)
    x = draw.randn(n, length, heads * width)
    return x.view(n, length, heads, width).transpose(1, 2), x.view(n, heads, length, width)


@named("joined_over_another_axis")
def cat_over_axis_0(draw):
    a, b = matrix(draw), None
    b = draw.randn(*a.shape)
    return torch.cat([a, b], dim=1), torch.cat([a, b], dim=0)


@named("repeated")
def broadcast_row(draw):
    x = draw.randn(draw.size(3, 9))
    return x, x.expand(draw.size(2, 5), len(x))


@named("repeated")
def broadcast_column(draw):
    x = draw.randn(draw.size(3, 9), 1)
    return x, x.expand(len(x), draw.size(2, 5))


@named("unwanted_broadcast")
def column_meets_row(draw):
    n = draw.size(3, 9)
    a, b = draw.randn(n), draw.randn(n)
    return a - b, a[:, None] - b


@named("unwanted_broadcast")
def column_meets_row_in_column(draw):
    n = draw.size(3, 9)
    a, b = draw.randn(n, 1), draw.randn(n, 1)
    return a * b, a * b.flatten()


@named("cropped")
def valid_for_same(draw):
    x, kernel = draw.randn(2, 1, *draw.sizes(2, 6, 9)), draw.randn(1, 1, 3, 3)
    return F.conv2d(x, kernel, padding=1), F.conv2d(x, kernel)


@named("cropped")
def one_too_many(draw):
    x = matrix(draw)
    return x[:-1], x


@named("another_stride")
def stride_forgotten(draw):
    x, kernel = draw.randn(2, 1, draw.size(11, 15)), draw.randn(1, 1, 3)
    return F.conv1d(x, kernel, stride=2), F.conv1d(x, kernel)


@named("another_stride")
def pooling_stride(draw):
    x = draw.randn(2, 3, draw.size(10, 15))
    return F.max_pool1d(x, 3, stride=1), F.max_pool1d(x, 3)


@named("missing_reduction")
def sum_left_out(draw):
    x = matrix(draw)
    return x.sum(1), x


@named("missing_reduction")
def mean_of_a_loss_left_out(draw):
    x = matrix(draw)
    return x.square().mean(), x.square()


@named("another_reduction")
def mean_over_wrong_axis(draw):
    x = matrix(draw)
    return x.mean(1), x.mean(0), {"inputs": (x,)}


@named("another_reduction")
def unbiased_variance(draw):
    x = matrix(draw)
    return x.var(0, correction=0), x.var(0), {"inputs": (x,)}


@named("another_reduction")
def sum_for_mean(draw):
    x = matrix(draw)
    return x.mean(0), x.sum(0), {"inputs": (x,)}


@named("same_total")
def sum_over_wrong_axis(draw):
    x = matrix(draw).exp()
    return x.sum(1), x.sum(0)


@named("same_total")
def mean_over_wrong_axis_without_input(draw):
    x = draw.randn(*draw.sizes(3, 2, 7)).exp()
    return x.mean(1, keepdim=True), x.mean(2, keepdim=True)


@named("sizes_swapped")
def weight_in_out(draw):
    a, b = draw.sizes(2, 2, 9)
    return draw.randn(a, b), draw.randn(b, a)


@named("broadcast_in_a_loss")
def loss_of_pairs(draw):
    n = draw.size(4, 9)
    prediction, target = draw.randn(n, 1), draw.randn(n)
    expected = (prediction.flatten() - target).square().mean()
    return expected, (prediction - target).square().mean(), {"inputs": (prediction, target)}
