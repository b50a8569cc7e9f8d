"""Test what the chapter on attention and its capstone say about torch."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention.bias import causal_lower_right, causal_upper_left

from tests.said.tried import close, tries

said, capstone = tries("attention"), tries("capstone_attention")


@said("no matter how many heads there are: heads **divide** the features among themselves")
@capstone("The layer has $4d^2 + 4d$ parameters, whatever $n$ and $h$ are.")
@tries("transformer")(
    "The number of heads doesn't appear in any shape: with 1 head or 8, the layer learns the same number of weights."
)
def more_heads_cost_no_parameters() -> None:
    for d, heads in (*((d, heads) for d in (8, 24) for heads in (1, 2, 4, 8)), (6, 1), (6, 2), (12, 3), (32, 8)):
        assert sum(p.numel() for p in nn.MultiheadAttention(d, heads).parameters()) == 4 * d * d + 4 * d
    one, eight = (nn.TransformerEncoderLayer(16, heads, 24).parameters() for heads in (1, 8))
    assert [p.shape for p in one] == [p.shape for p in eight]


@said("There is no error, yet in the second line only the padding is used.")
def a_mask_the_wrong_way_round_is_no_error() -> None:
    x, padding = torch.randn(2, 5, 8), torch.tensor([[False, False, False, True, True]] * 2)
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    assert layer(x, x, x, key_padding_mask=padding)[1][..., 3:].abs().max() == 0
    assert layer(x, x, x, key_padding_mask=~padding)[1][..., :3].abs().max() == 0
    assert close(
        F.scaled_dot_product_attention(x, x, x, ~padding[:, None]),
        F.scaled_dot_product_attention(x, x[:, :3], x[:, :3]),
    )


@said("Integer masks raise an error in both SDPA and `nn.MultiheadAttention`.")
def masks_of_whole_numbers_are_refused() -> None:
    x, mask = torch.randn(1, 5, 8), torch.ones(5, 5, dtype=torch.int64)
    with pytest.raises(RuntimeError):
        F.scaled_dot_product_attention(x, x, x, mask)
    with pytest.raises(AssertionError):
        nn.MultiheadAttention(8, 2, batch_first=True)(x, x, x, attn_mask=mask)


@said("row `b * num_heads + h` belongs to head `h` of sample `b`")
def rows_of_a_mask_with_three_axes() -> None:
    n, heads, length = 3, 2, 4
    layer, x = nn.MultiheadAttention(8, heads, batch_first=True), torch.randn(n, length, 8)
    mask = torch.zeros(n * heads, length, length, dtype=torch.bool)
    mask[1 * heads + 0, :, 2] = True
    weights = layer(x, x, x, attn_mask=mask, average_attn_weights=False)[1]
    hidden = torch.zeros(n, heads, dtype=torch.bool)
    hidden[1, 0] = True
    assert torch.equal(weights[..., 2].amax(-1) == 0, hidden)


@said("The mask counts queries and keys **from the beginning**.", "The single query sees key 0 and nothing else.")
def is_causal_counts_from_the_first() -> None:
    for length, keys in ((1, 5), (3, 6), (6, 3)):
        q, k, v = torch.randn(2, length, 4), torch.randn(2, keys, 4), torch.randn(2, keys, 3)
        mask = torch.ones(length, keys, dtype=torch.bool).tril()
        assert close(
            F.scaled_dot_product_attention(q, k, v, is_causal=True), F.scaled_dot_product_attention(q, k, v, mask)
        )


@said("SDPA gives zeros.")
def sdpa_gives_zeros_where_all_is_masked() -> None:
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(2, 3, 4, dtype=dtype, requires_grad=True)
        for mask in (torch.zeros(3, 3, dtype=torch.bool), torch.full((3, 3), -math.inf, dtype=dtype)):
            y = F.scaled_dot_product_attention(x, x, x, mask)
            assert (y == 0).all()
            assert torch.autograd.grad(y.sum(), x)[0].isfinite().all()


@said("`-math.inf` works in every floating-point dtype")
def minus_infinity_works_in_every_dtype() -> None:
    mask = torch.tensor([False, True])
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        assert torch.zeros(2, dtype=dtype).masked_fill(mask, -math.inf).softmax(0).tolist() == [1, 0]
    with pytest.raises(RuntimeError):
        torch.zeros(2, dtype=torch.float16).masked_fill(mask, -1e20)


@said("**Attention without positions is permutation equivariant**")
@capstone("If you permute the rows of $X$, the rows of the output are permuted in the same way.")
def attention_is_permutation_equivariant() -> None:
    layer = nn.MultiheadAttention(8, 2, batch_first=True).double()
    for n in (2, 5, 7, 9):
        x, order = torch.randn(3, n, 8, dtype=torch.float64), torch.randperm(n)
        permuted = x[:, order]
        assert close(layer(x, x, x)[0][:, order], layer(permuted, permuted, permuted)[0])


@said("weights are `(N, L, S)` in both cases")
def weights_have_the_batch_first() -> None:
    for first in (True, False):
        layer = nn.MultiheadAttention(8, 2, batch_first=first)
        q, k = torch.randn(3, 4, 8), torch.randn(3, 5, 8)
        if not first:
            q, k = q.transpose(0, 1), k.transpose(0, 1)
        assert layer(q, k, k)[1].shape == (3, 4, 5)


@said("The product of two codes depends only on the **distance** between the positions")
def products_of_codes_depend_on_the_distance() -> None:
    rate = 10000.0 ** (-torch.arange(0, 32, 2, dtype=torch.float64) / 32)
    angle = torch.arange(60)[:, None] * rate
    table = torch.cat([angle.sin(), angle.cos()], 1)
    products = table @ table.T
    for distance in (0, 1, 7, 30):
        along = products.diagonal(distance)
        assert close(along, along[:1].expand_as(along), 1e-9)


@said("If the hint is wrong and you don't ask for the weights, the layer trusts the hint")
def a_wrong_hint_is_believed() -> None:
    layer, x = nn.MultiheadAttention(8, 2, batch_first=True), torch.randn(2, 5, 8)
    causal = torch.ones(5, 5, dtype=torch.bool).triu(1)
    hinted = layer(x, x, x, attn_mask=torch.zeros(5, 5), is_causal=True, need_weights=False)[0]
    assert close(hinted, layer(x, x, x, attn_mask=causal)[0])


@said("drops weights, in training mode only; the layer returns the weights after dropout")
def returned_weights_are_dropped() -> None:
    torch.manual_seed(0)
    layer, x = nn.MultiheadAttention(8, 1, dropout=0.5, batch_first=True), torch.randn(1, 40, 8)
    assert 0.4 < (layer(x, x, x)[1] == 0).float().mean() < 0.6
    assert close(layer.eval()(x, x, x)[1].sum(-1), torch.ones(1, 40))


@said("(`causal_upper_left`) or from the last key (`causal_lower_right`), stored as two lengths")
def causal_masks_are_two_lengths() -> None:
    q, k, v = torch.randn(2, 4), torch.randn(5, 4), torch.randn(5, 3)
    for make, first in ((causal_upper_left, 0), (causal_lower_right, 3)):
        mask = make(2, 5)
        assert (mask.seq_len_q, mask.seq_len_kv) == (2, 5)
        y = F.scaled_dot_product_attention(q[None], k[None], v[None], mask)[0]
        for i in range(2):
            seen = first + i + 1
            assert close(y[i], F.scaled_dot_product_attention(q[i : i + 1], k[:seen], v[:seen])[0])
