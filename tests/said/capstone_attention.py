"""Test what the capstone on attention says about torch."""

import torch
import torch.nn.functional as F
from torch import nn

from tests.said.tried import tries

said = tries("capstone_attention")


@said("$A$ has shape $(n, n)$, and each of its rows sums to 1.")
def rows_of_weights_sum_to_one() -> None:
    x, padding = torch.randn(2, 6, 8), torch.arange(6) >= torch.tensor([[6], [2]])
    layer = nn.MultiheadAttention(8, 4, batch_first=True)
    weights = layer(x, x, x, key_padding_mask=padding, average_attn_weights=False)[1]
    assert weights.shape == (2, 4, 6, 6)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4, 6))
    assert weights[1, ..., 2:].eq(0).all()


@said("Here the values in both tables start with a standard deviation of 1.")
def embeddings_start_with_spread_one() -> None:
    torch.manual_seed(0)
    for table in (nn.Embedding(500, 40), nn.Embedding(40, 500)):
        assert abs(table.weight.std().item() - 1) < 0.02


@said("With two index tensors of the same length, torch takes pairs.")
def two_index_tensors_are_pairs() -> None:
    h, rows, place = torch.randn(4, 5, 3), torch.arange(4), torch.tensor([4, 0, 2, 2])
    assert h[rows, place].equal(torch.stack([h[i, j] for i, j in zip(rows, place, strict=True)]))
    assert h[:, place].shape == (4, 4, 3)


@said(
    "If you pass the dimensions in the wrong order without a mask, there is no error, but rows of the batch attend to "
    "each other."
)
def the_batch_is_taken_for_the_row() -> None:
    layer, x = nn.MultiheadAttention(4, 2), torch.randn(3, 5, 4)
    other = x.clone()
    other[1] += 1
    assert not torch.allclose(layer(x, x, x)[0][0], layer(other, other, other)[0][0])


@said("half of the weight near s = 2, almost all of it at 6")
def sharpness_of_one_place() -> None:
    weights = [F.softmax(torch.tensor([float(s), *[0.0] * 7]), 0)[0].item() for s in (2, 6)]
    assert abs(weights[0] - 0.5) < 0.02
    assert weights[1] > 0.98
