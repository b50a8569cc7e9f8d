"""Train the network of `unet-digits`: a small U-Net that turns noise into handwritten digits of a chosen class.

It predicts the velocity of flow matching from an image, a time, and a class; its weights average the last steps.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from layerlab.shipped import data

CLASSES = 10
NO_CLASS = CLASSES  # the row of the embedding for "any digit", which guidance needs
TRAINING = 1297  # images; the other 500 are held out
WIDTHS, FEATURES, ANGLES = (32, 64), 64, 16
STEPS, BATCH = 1500, 128
DROPPED = 0.1  # share of labels replaced by "any digit"
AVERAGE = 0.995  # decay of the average of the weights


class Block(nn.Module):
    """Two convolutions with a shortcut; a vector for each sample is added between them."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(8, inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.shift = nn.Linear(FEATURES, outputs)
        self.norm2, self.conv2 = nn.GroupNorm(8, outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.short = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: torch.Tensor, e: torch.Tensor) -> torch.Tensor:
        h = self.conv1(F.silu(self.norm1(x))) + self.shift(e)[:, :, None, None]
        return self.short(x) + self.conv2(F.silu(self.norm2(h)))


class UNet(nn.Module):
    """Map images (N, 1, H, W), times (N,) from 0 to 1, and classes (N,) to velocities (N, 1, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        fine, coarse = WIDTHS
        self.time = nn.Sequential(nn.Linear(2 * ANGLES, FEATURES), nn.SiLU(), nn.Linear(FEATURES, FEATURES))
        self.label = nn.Embedding(CLASSES + 1, FEATURES)
        self.inlet = nn.Conv2d(1, fine, 3, padding=1)
        self.down = nn.ModuleList([Block(fine, fine), Block(fine, coarse)])
        self.up = nn.ModuleList([Block(coarse + fine, fine)])
        self.norm, self.outlet = nn.GroupNorm(8, fine), nn.Conv2d(fine, 1, 3, padding=1)
        for parameter in self.outlet.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        angles = t[:, None] * 2 ** (torch.arange(ANGLES) / 2)
        e = F.silu(self.time(torch.cat([angles.sin(), angles.cos()], 1)) + self.label(label))
        skip = self.down[0](self.inlet(x), e)
        h = self.down[1](F.avg_pool2d(skip, 2), e)
        h = self.up[0](torch.cat([F.interpolate(h, scale_factor=2), skip], 1), e)
        return self.outlet(F.silu(self.norm(h)))


def images() -> tuple[torch.Tensor, torch.Tensor]:
    """Return all shipped digits, (1797, 1, 8, 8) with values from -1 to 1, and their labels; training images first."""
    digits = data("digits")
    order = torch.randperm(len(digits["labels"]), generator=torch.Generator().manual_seed(0))
    return digits["images"][order, None].float() / 8 - 1, digits["labels"][order]


def train(steps: int = STEPS, seed: int = 0) -> UNet:
    """Train a network on the training images, and return it in evaluation mode, with averaged weights."""
    torch.manual_seed(seed)
    net, (x, y) = UNet(), (part[:TRAINING] for part in images())
    averaged = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(AVERAGE))
    optimizer = torch.optim.AdamW(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.003, total_steps=steps)
    for _ in range(steps):
        rows = torch.randint(TRAINING, (BATCH,))
        noise, t = torch.randn(BATCH, 1, 8, 8), torch.rand(BATCH)
        label = torch.where(torch.rand(BATCH) < DROPPED, NO_CLASS, y[rows])
        mix = t[:, None, None, None]
        optimizer.zero_grad()
        F.mse_loss(net((1 - mix) * noise + mix * x[rows], t, label), x[rows] - noise).backward()
        optimizer.step()
        schedule.step()
        averaged.update_parameters(net)
    net.load_state_dict(averaged.module.state_dict())
    return net.eval()
