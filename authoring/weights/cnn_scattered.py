"""Train the network of `cnn-scattered`: a small CNN that recognizes scattered digits from 0 to 4."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from layerlab.graded.laws import scattered

CLASSES = 5  # the digits 0 to 4
EPOCHS, BATCH = 60, 64


def network() -> nn.Sequential:
    """Return the network with random weights; it maps 1x14x14 images to scores for five classes."""
    layers: list[nn.Module] = []
    for inputs, outputs in ((1, 16), (16, 32), (32, 48)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if inputs == 1 else []
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(48, CLASSES))


def images(seed: int, count: int = 896) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images of shipped digits from 0 to 4 and their labels; the seed decides everything that is random."""
    return scattered(torch.arange(CLASSES), torch.Generator().manual_seed(seed))(count)


def train(epochs: int = EPOCHS, seed: int = 0) -> nn.Sequential:
    """Train a network, on new positions, signs, and noise in each epoch, and return it in evaluation mode."""
    torch.manual_seed(seed)
    net = network()
    optimizer = torch.optim.AdamW(net.parameters())
    steps = len(images(0)[0].split(BATCH))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, epochs=epochs, steps_per_epoch=steps)
    for epoch in range(epochs):
        for x, y in zip(*(part.split(BATCH) for part in images(epoch)), strict=True):
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
            schedule.step()
    return net.eval()
