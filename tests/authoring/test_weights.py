"""Test that the shipped weights fit the network that trained them, and that training and writing repeat."""

from __future__ import annotations

import pytest
import torch

import layerlab as lab
from authoring.weights import cnn_scattered, weight_file
from layerlab import shipped


@pytest.fixture
def net():
    net = cnn_scattered.network()
    net.load_state_dict(lab.weights("cnn-scattered"))
    return net.eval()


def test_shipped_entries_have_the_names_and_shapes_of_the_network():
    shapes = {key: value.shape for key, value in cnn_scattered.network().state_dict().items()}
    assert {key: value.shape for key, value in lab.weights("cnn-scattered").items()} == shapes


def test_shipped_network_reads_scattered_digits(net):
    x, y = cnn_scattered.images(seed=1_000_000)  # not a seed of an epoch
    with torch.no_grad():
        assert (net(x).argmax(1) == y).double().mean() > 0.97


def test_training_depends_only_on_the_seed():
    first, again, other = (cnn_scattered.train(epochs=1, seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(value, again[key]) for key, value in first.items())
    assert not torch.equal(first["0.weight"], other["0.weight"])


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
