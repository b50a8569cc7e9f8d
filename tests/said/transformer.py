"""Test what the chapter on transformers says about torch."""

import warnings

import pytest
import torch
from torch import nn

from tests.said.tried import close, tries

said = tries("transformer")

ENCODER_LAYER = {"d_model": 8, "nhead": 2, "dim_feedforward": 12, "dropout": 0.0, "batch_first": True}


def numbers(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@said("The output has as many tokens as the **target**")
def as_many_tokens_as_the_target() -> None:
    decoder = nn.TransformerDecoderLayer(**ENCODER_LAYER)
    for source, target in ((3, 7), (7, 3)):
        assert decoder(torch.randn(2, target, 8), torch.randn(2, source, 8)).shape == (2, target, 8)


@said("The copies have different tensors with **equal values**.")
def copies_start_equal() -> None:
    layer = nn.TransformerEncoderLayer(**ENCODER_LAYER)
    first, second = nn.TransformerEncoder(layer, 2).layers
    for a, b, given in zip(first.parameters(), second.parameters(), layer.parameters(), strict=True):
        assert a is not b
        assert a is not given
        assert torch.equal(a, b)
        assert torch.equal(a, given)


@said("`nn.Transformer` samples all matrices again after stacking; `nn.TransformerEncoder` doesn't.")
def the_whole_draws_anew() -> None:
    whole = nn.Transformer(8, 2, 2, 2, 12, batch_first=True)
    for stack in (whole.encoder, whole.decoder):
        pairs = zip(stack.layers[0].named_parameters(), stack.layers[1].named_parameters(), strict=True)
        assert all(torch.equal(a, b) is (a.dim() == 1) for (_, a), (_, b) in pairs)


@said(
    "`nn.Transformer` always puts a norm at the end, even after post-norm layers, where it is the second norm in a row."
)
@said("`nn.TransformerEncoder` has `norm=None` by default, even with pre-norm layers, and no warning tells you.")
def the_whole_has_last_norms() -> None:
    layer = nn.TransformerEncoderLayer(**ENCODER_LAYER, norm_first=True)
    with warnings.catch_warnings(action="error"):
        assert nn.TransformerEncoder(layer, 2, enable_nested_tensor=False).norm is None
    for norm_first in (False, True):
        whole = nn.Transformer(8, 2, 1, 1, 12, batch_first=True, norm_first=norm_first)
        assert isinstance(whole.encoder.norm, nn.LayerNorm)
        assert isinstance(whole.decoder.norm, nn.LayerNorm)


@said("The mean of its output over the tokens doesn't change at all.")
def the_mean_is_blind_to_order() -> None:
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(**ENCODER_LAYER), 2)
    x = torch.randn(3, 6, 8)
    for _ in range(5):
        order = torch.randperm(6)
        assert close(encoder(x[:, order]), encoder(x)[:, order], 1e-4)
        assert close(encoder(x[:, order]).mean(1), encoder(x).mean(1), 1e-4)


@said("A decoder layer is **not causal by itself**.")
def a_decoder_layer_sees_later_tokens() -> None:
    layer = nn.TransformerDecoderLayer(**ENCODER_LAYER)
    y, memory = torch.randn(1, 4, 8), torch.randn(1, 3, 8)
    other = y.clone()
    other[:, 3] = 9.0
    assert not close(layer(y, memory)[:, :3], layer(other, memory)[:, :3])
    mask = torch.ones(4, 4, dtype=torch.bool).triu(1)
    assert close(layer(y, memory, tgt_mask=mask)[:, :3], layer(other, memory, tgt_mask=mask)[:, :3])


@said("In `nn.TransformerEncoderLayer`, `is_causal` is only a hint about the mask that you pass.")
def is_causal_is_a_hint() -> None:
    layer, x = nn.TransformerEncoderLayer(**ENCODER_LAYER), torch.randn(1, 4, 8)
    with pytest.raises(RuntimeError, match="Need attn_mask if specifying the is_causal hint"):
        layer(x, is_causal=True)


@said("In these classes, `True` hides a token. In `F.scaled_dot_product_attention`, `True` shows it.")
def true_hides_and_true_shows() -> None:
    layer, x = nn.TransformerEncoderLayer(**ENCODER_LAYER), torch.randn(1, 3, 8)
    others = ~torch.eye(3, dtype=torch.bool)
    alone = torch.cat([layer(token) for token in x.split(1, 1)], 1)
    assert close(layer(x, src_mask=others), alone, 1e-4)
    values = nn.functional.scaled_dot_product_attention(x, x, x, attn_mask=~others)
    assert close(values, x, 1e-5)


@said("nothing in a `state_dict` tells you which order it belongs to, and it loads into both.")
@tries("from_paper")("Moving the norm from inside the branch to after the sum changes no name and no shape.")
def both_orders_load() -> None:
    pre, post = (nn.TransformerEncoderLayer(**ENCODER_LAYER, norm_first=order) for order in (True, False))
    pre.load_state_dict(post.state_dict())
    assert numbers(pre) == numbers(post)


@said("torch's documentation (2.13) calls these five a *reference implementation* of the 2017 paper")
def a_reference_implementation() -> None:
    five = (
        nn.TransformerEncoderLayer,
        nn.TransformerEncoder,
        nn.TransformerDecoderLayer,
        nn.TransformerDecoder,
        nn.Transformer,
    )
    for kind in five:
        assert "reference implementation" in " ".join(str(kind.__doc__).split())


@said(
    "attention to nothing gives zeros here.",
    "the fast path in evaluation mode without gradients, and `nn.MultiheadAttention` when it returns its weights.",
)
@tries("attention")("`nn.MultiheadAttention` gives `nan` when it also computes the weights")
def attention_to_nothing() -> None:
    x, padding = torch.randn(2, 3, 8), torch.ones(2, 3, dtype=torch.bool)
    layer = nn.TransformerEncoderLayer(**ENCODER_LAYER)
    for mode in (True, False):
        assert layer.train(mode)(x, src_key_padding_mask=padding).isfinite().all()
    with torch.no_grad():
        assert layer.eval()(x, src_key_padding_mask=padding).isnan().all()
        assert layer.self_attn(x, x, x, key_padding_mask=padding, need_weights=False)[0].isnan().all()
    for need_weights in (True, False):
        read, _ = layer.self_attn(x, x, x, key_padding_mask=padding, need_weights=need_weights)
        assert read.isnan().all().item() is need_weights
