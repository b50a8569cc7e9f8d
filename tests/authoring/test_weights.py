"""Test that the shipped weights fit their network, and that repeated training and writing give the same result."""

from __future__ import annotations

import pytest
import torch

import layerlab as lab
from authoring.weights import book_prose, cnn_scattered, llama_tiny, unet_digits, weight_file
from layerlab import shipped
from tests.root import ROOT


@pytest.fixture
def net():
    net = cnn_scattered.network()
    net.load_state_dict(lab.weights("cnn-scattered"))
    return net.eval()


@pytest.mark.parametrize(
    ("name", "make"), [("cnn-scattered", cnn_scattered.network), ("unet-digits", unet_digits.UNet)]
)
def test_shipped_entries_have_the_names_and_shapes_of_the_network(name, make):
    shapes = {key: value.shape for key, value in make().state_dict().items()}
    assert {key: value.shape for key, value in lab.weights(name).items()} == shapes


def test_shipped_network_reads_scattered_digits(net):
    x, y = cnn_scattered.images(seed=1_000_000)  # not a seed of an epoch
    with torch.no_grad():
        assert (net(x).argmax(1) == y).double().mean() > 0.97


def test_shipped_unet_moves_noise_toward_held_out_digits():
    net = unet_digits.UNet()
    net.load_state_dict(lab.weights("unet-digits"))
    x, y = (part[unet_digits.TRAINING :] for part in unet_digits.images())
    noise, t = torch.randn(x.shape, generator=torch.Generator().manual_seed(0)), torch.linspace(0.1, 0.9, len(x))
    mix = t[:, None, None, None]
    for label, most in ((y, 0.45), (torch.full_like(y, unet_digits.NO_CLASS), 0.5)):
        with torch.no_grad():
            error = net((1 - mix) * noise + mix * x, t, label) - (x - noise)
        assert error.square().mean() < most * (x - noise).var()


@pytest.mark.parametrize(("train", "key"), [(cnn_scattered.train, "0.weight"), (unet_digits.train, "inlet.weight")])
def test_training_depends_only_on_the_seed(train, key):
    first, again, other = (train(1, seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    assert not torch.equal(first[key], other[key])


def test_written_file_is_read_back(tmp_path, monkeypatch):
    state = cnn_scattered.network().state_dict()
    for name in ("first", "second"):
        weight_file.write(state, tmp_path / f"{name}.safetensors")
    assert (tmp_path / "first.safetensors").read_bytes() == (tmp_path / "second.safetensors").read_bytes()
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    read = lab.weights("first")
    assert list(read) == list(state)
    for key, value in state.items():
        assert torch.equal(read[key], value.bfloat16().to(value.dtype) if value.is_floating_point() else value)


@pytest.fixture
def llama():
    net = llama_tiny.Llama()
    net.load_state_dict(lab.weights("llama-tiny"))
    return net


def merges():
    return [tuple(pair) for pair in lab.data("merges")["pairs"].tolist()]


def test_shipped_llama_has_the_names_of_published_checkpoints():
    state = lab.weights("llama-tiny")
    assert list(state) == list(llama_tiny.Llama().state_dict())
    assert sum(value.numel() for value in state.values()) == 162_240
    assert state["model.layers.2.self_attn.k_proj.weight"].shape == (32, 64)
    assert "lm_head.weight" not in state


def test_shipped_llama_predicts_prose_it_has_not_read(llama):
    text = bytes(lab.data("prose")["bytes"].tolist()).decode()[-20000:]
    tokens = torch.tensor(book_prose.encode(text, merges()))
    assert llama_tiny.loss(llama, tokens) < 2.6


def test_llama_sees_no_later_token(llama):
    tokens = torch.arange(40)[None]
    changed = tokens.clone()
    changed[0, 20:] = 7
    assert torch.allclose(llama(tokens)[0, :20], llama(changed)[0, :20], atol=1e-5)


def test_llama_training_depends_only_on_the_seed():
    tokens = torch.randint(512, (300,), generator=torch.Generator().manual_seed(0))
    first, again, other = (llama_tiny.train(tokens, 2, seed).model.embed_tokens.weight for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_prose_is_the_text_of_the_chapters_without_code():
    lines = book_prose.paragraphs((ROOT / "book" / "chapters" / "pooling" / "text.md").read_text(encoding="utf-8"))
    assert len(lines) > 100
    assert not any(word in "\n".join(lines) for word in ("```", "{{", "<details", "def own_", "](", "### "))


def test_held_out_chapters_are_read_apart(tmp_path):
    for name in ("linear", "padding", "pooling"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "text.md").write_text(f"This paragraph has more than forty letters: {name}\n")
    (tmp_path / "empty").mkdir()
    train, held = book_prose.read(tmp_path)
    assert [line.split()[-1] for line in train.splitlines()] == ["linear", "pooling"]
    assert [line.split()[-1] for line in held.splitlines()] == ["padding"]


def test_encoding_prose_is_lossless():
    text = bytes(lab.data("prose")["bytes"].tolist()).decode()[:3000] + "  é€𝄞_aaa\n\n"
    tokens = book_prose.encode(text, merges())
    pieces = [bytes([byte]) for byte in range(256)]
    for left, right in merges():
        pieces.append(pieces[left] + pieces[right])
    assert b"".join(pieces[token] for token in tokens).decode() == text
    assert len(tokens) < 0.6 * len(text.encode())


def test_merges_are_the_most_frequent_pairs():
    assert book_prose.train_merges("low lower wow aaa", 2) == [(111, 119), (108, 256)]
