"""Define near misses for causes about shapes and dimensions. See `causes_near.py`."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from causes_named import matrix
from causes_near import near

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


@near("axis_of_one")
def keepdim_and_other_values(draw):
    x = matrix(draw)
    return x.logsumexp(0), x.prod(0, keepdim=True)


@near("axis_of_one", "flattened")
def two_batches_of_one_paired(draw):
    x, y, w = draw.randn(1, 3), draw.randn(1, 4), draw.randn(draw.size(5, 9), 3, 4)
    return torch.einsum("ni,oij,nj->no", x, w, y), torch.einsum("ni,oij,mj->nmo", x, w, y)


@near("axis_of_one", "flattened")
def one_number_in_another_shape(draw):
    return torch.tensor([[299.0]]), torch.tensor([[[299.0]]])


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
