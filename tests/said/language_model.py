"""Test what the chapter on language models says about torch, Python, and the shipped network."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from tests.said.tried import close, tries

said = tries("language_model")


@said("Each character takes one to four bytes.", "All bytes of the other characters are 128 or larger.")
def characters_take_one_to_four_bytes() -> None:
    others = [chr(i).encode() for i in range(128, 0x110000, 37) if not 0xD800 <= i < 0xE000]
    assert {len(code) for code in others} == {2, 3, 4}
    assert min(map(min, others)) >= 128
    assert all(len(chr(i).encode()) == 1 for i in range(128))


@said("`torch.load` reads pickle files, which can contain code")
def loading_a_pickle_can_run_code() -> None:
    import io

    class Harmful:
        def __reduce__(self):
            return print, ("",)

    file = io.BytesIO()
    torch.save(Harmful(), file)
    file.seek(0)
    assert torch.load(file, weights_only=False) is None


@said(
    "`torch.frombuffer(bytearray(piece), dtype=dtype)` reads bytes as a tensor with one dimension. It refuses an empty"
)
def frombuffer_refuses_an_empty_buffer() -> None:
    assert torch.frombuffer(bytearray(b"\x80\x3f\0\xc0"), dtype=torch.bfloat16).tolist() == [1, -2]
    with pytest.raises(ValueError, match="must not be 0"):
        torch.frombuffer(bytearray(), dtype=torch.uint8)


@said("With `enable_gqa=True`, `F.scaled_dot_product_attention` lets several query heads share a key-value head.")
def consecutive_query_heads_share_a_key_head() -> None:
    q, k, v = torch.randn(1, 6, 4, 8), torch.randn(1, 2, 4, 8), torch.randn(1, 2, 4, 8)
    shared = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)
    repeated = F.scaled_dot_product_attention(q, k.repeat_interleave(3, 1), v.repeat_interleave(3, 1))
    assert close(shared, repeated)


@said("so the order of features within a head doesn't matter, as long as `q` and `k` have the same order")
def scores_do_not_depend_on_the_order_of_features() -> None:
    q, k, order = torch.randn(5, 8), torch.randn(5, 8), torch.randperm(8)
    assert close(q @ k.T, q[:, order] @ k[:, order].T)


@said("So the distribution is exact, however bad the draft is.")
def speculative_distribution_is_exact() -> None:
    for _ in range(20):
        p, q = torch.rand(2, 7, dtype=torch.float64).softmax(1)
        kept, residual = torch.minimum(p, q), (p - q).clamp(min=0)
        assert close(kept + (1 - kept.sum()) * residual / residual.sum(), p)
