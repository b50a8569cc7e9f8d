"""Test the tasks with real digits: a linear model fails at all of them, and a dense network at the scattered ones."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from authoring.weights import cnn_scattered
from layerlab import shipped
from layerlab.graded import laws, tasks

SIGNED, SCATTERED, FEW = "signed digits", "scattered digits", "few scattered digits"
SIZES = {SIGNED: ((1297, 1, 8, 8), 500, 10), SCATTERED: ((600, 1, 14, 14), 250, 5), FEW: ((60, 1, 14, 14), 800, 5)}


def share(net: nn.Module, data: tasks.TaskData, steps: int) -> float:
    """Train ``net`` and return the share of held-out labels that it gets right."""
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(steps):
        rows = torch.randint(len(data.train_x), (96,))
        optimizer.zero_grad()
        F.cross_entropy(net(data.train_x[rows]), data.train_y[rows]).backward()
        optimizer.step()
    with torch.no_grad():
        return float((net(data.held_x).argmax(1) == data.held_y).float().mean())


def linear(data: tasks.TaskData) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(data.train_x[0].numel(), int(data.train_y.max()) + 1))


def dense(data: tasks.TaskData) -> nn.Module:
    inputs, classes = data.train_x[0].numel(), int(data.train_y.max()) + 1
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 64), nn.ReLU(), nn.Linear(64, classes))


def convolutional() -> nn.Module:
    first = (nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU())
    return nn.Sequential(*first, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(32, 5))


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("seed", range(2))
def test_data_has_the_stated_shapes(name, seed):
    shape, held, classes = SIZES[name]
    data = tasks.make(name, seed)
    assert (data.train_x.shape, data.train_x.dtype) == (shape, torch.float32)
    assert data.held_x.shape == (held, *shape[1:])
    for labels in (data.train_y, data.held_y):
        assert labels.dtype == torch.int64
        assert len(labels.unique()) == classes


@pytest.mark.parametrize("seed", range(2))
def test_no_image_is_both_in_training_and_held_out(seed):
    data = tasks.make(SIGNED, seed)
    assert torch.cdist(data.train_x.abs().flatten(1), data.held_x.abs().flatten(1)).min() > 0


@pytest.mark.parametrize("name", SIZES)
def test_instance_depends_only_on_the_seed(name):
    first, again, other = (tasks.LAWS[name].instance(torch.Generator().manual_seed(seed))(200) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[1], other[1])


@pytest.mark.parametrize("seed", range(2))
def test_few_digits_are_equally_many_of_each_class(seed):
    data = tasks.make(FEW, seed)
    assert data.train_y.bincount().tolist() == [12] * 5
    assert data.held_y.bincount().tolist() == [160] * 5


def test_class_numbers_of_few_digits_are_random():
    assert not torch.equal(tasks.make(FEW, 0).train_y, tasks.make(FEW, 1).train_y)


def test_chosen_digits_are_numbered_in_order():
    chosen = torch.tensor([7, 2])
    images, labels = laws.scattered(chosen, torch.Generator().manual_seed(0))(100)
    digits = shipped.data("digits")
    plain = digits["images"].float().flatten(1)
    for k, digit in enumerate(chosen):
        some = images[labels == k][:10, 0].abs()
        windows = some.unfold(1, 8, 1).unfold(2, 8, 1).reshape(-1, 64)  # 49 positions of an 8x8 window in each image
        alike = torch.corrcoef(torch.cat([windows, plain]))[: len(windows), len(windows) :]
        best = alike.unflatten(0, (-1, 49)).amax(1).argmax(1)
        assert (digits["labels"][best] == digit).double().mean() > 0.8


def test_more_digits_than_there_are_is_an_error():
    sample = tasks.LAWS[SIGNED].instance(torch.Generator().manual_seed(0))
    sample(1000)
    with pytest.raises(ValueError, match="1000 samples are requested, and 797 are left"):
        sample(1000)


def test_only_a_nonlinear_model_reads_signed_digits():
    data = tasks.make(SIGNED, 0)
    assert share(linear(data), data, 200) < 0.4
    assert share(dense(data), data, 300) > 0.9


def test_only_a_convolutional_model_reads_scattered_digits():
    data = tasks.make(SCATTERED, 0)
    assert share(linear(data), data, 200) < 0.35
    assert share(dense(data), data, 300) < 0.65
    assert share(convolutional(), data, 200) > 0.8


def test_shipped_weights_help_to_read_few_digits():
    data = tasks.make(FEW, 0)
    trained = cnn_scattered.network()
    trained.load_state_dict(shipped.weights("cnn-scattered"))
    head = nn.Sequential(trained[:-1].requires_grad_(False), nn.Linear(48, 5))
    assert share(linear(data), data, 60) < 0.35
    assert share(head.eval(), data, 120) > 0.5
