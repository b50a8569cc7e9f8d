"""Explore normalization: show which elements of a batch share their mean with a given element."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import nn

from layerlab.explorers.frames import Ranges, Table, array
from layerlab.style import FONT, GRID, INK, PALETTE, STRONGEST

_LEAST = 1e-9  # a cell whose gradient is below this share of the largest gradient plays no part in the mean


@dataclass
class SharedMean:
    """The cells (elements) of a small batch, with marks on those that a layer normalizes together with a chosen cell.

    The marked cells are the input cells on which the chosen output cell depends, according to the layer's gradients. So
    the figure works for any normalization layer, including your own.

    Args:
        x: (N, C, L) or (N, C, H, W) random values; if the values were equal, gradients would not show the dependence.
        layer: the layer, which is not modified. For nn.BatchNorm in evaluation mode, only the chosen cell is marked.
        cell: the index (n, c, l) or (n, c, h, w) of the chosen cell.
        numbers: more named numbers shown beside the figure.
    """

    x: torch.Tensor
    layer: nn.Module
    cell: tuple[int, ...]
    numbers: dict[str, float] = field(default_factory=dict)
    kind = "shared"

    def __post_init__(self) -> None:
        if self.x.ndim not in (3, 4) or len(self.cell) != self.x.ndim:
            raise ValueError(f"x is (N, C, L) or (N, C, H, W) and cell an index of it, not {self.x.shape}, {self.cell}")
        members = array(self.x).reshape(-1)[self._shared]
        counted = {
            "cells that share one mean": members.size,
            "their mean": members.mean(),
            "their standard deviation": members.std(),
        }
        self.numbers = {key: float(value) for key, value in counted.items()} | self.numbers

    def plan(self) -> dict[str, Any]:
        return {"shape": [*self.x.shape[:2], *self._height_width]}

    def series(self) -> dict[str, np.ndarray]:
        chosen = float(np.ravel_multi_index(self.cell, self.x.shape))
        return {"x": array(self.x).reshape(-1), "shared": self._shared.astype(float), "cell": np.array([chosen])}

    def tables(self) -> list[Table]:
        values, shared = array(self.x).reshape(*self._rows), self._shared.reshape(*self._rows)
        rows = [
            [self._row_name(i), *(f"{v:.4g}{' shares' if s else ''}" for v, s in zip(*pair, strict=True))]
            for i, pair in enumerate(zip(values, shared, strict=True))
        ]
        return [Table(["sample, channel", *(f"place {j}" for j in range(self._rows[1]))], rows)]

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        samples, channels, height, width = self.x.shape[0], self.x.shape[1], *self._height_width
        axes = figure.subplots(1, samples, squeeze=False)[0]
        shared = self._shared.reshape(samples, channels, height, width)
        values = array(self.x).reshape(shared.shape)
        chosen = int(np.ravel_multi_index(self.cell, self.x.shape))
        gap = 0.0 if height == 1 else 0.5
        for n, axis in enumerate(axes):
            axis.set(xlim=(-0.1, width + 0.1), ylim=(channels * (height + gap) + 0.1, -0.1), aspect="equal")
            axis.set_title(f"sample {n}")
            axis.axis("off")
            for (c, h, w), is_shared in np.ndenumerate(shared[n]):
                top = c * (height + gap) + h
                fill = {"facecolor": PALETTE["blue"].light, "alpha": STRONGEST} if is_shared else {"fill": False}
                axis.add_patch(Rectangle((w, top), 1, 1, edgecolor=GRID.light, **fill))
                if np.ravel_multi_index((n, c, h, w), shared.shape) == chosen:
                    axis.add_patch(Rectangle((w, top), 1, 1, fill=False, edgecolor=INK.light, linewidth=2.2, zorder=3))
                if shared.size <= 80:
                    words = f"{values[n, c, h, w]:.1f}".replace("-", "−")
                    axis.text(w + 0.5, top + 0.52, words, ha="center", va="center", fontsize=FONT - 3)

    @property
    def _height_width(self) -> tuple[int, int]:
        return (1, self.x.shape[2]) if self.x.ndim == 3 else (self.x.shape[2], self.x.shape[3])

    @property
    def _rows(self) -> tuple[int, int]:
        """The number of rows and columns of the table; it has a row for each sample, channel, and row of the input."""
        return self.x.numel() // self.x.shape[-1], self.x.shape[-1]

    def _row_name(self, i: int) -> str:
        height = self._height_width[0]
        n, c = divmod(i // height, self.x.shape[1])
        return f"sample {n}, channel {c}" + (f", row {i % height}" if height > 1 else "")

    @cached_property
    def _shared(self) -> np.ndarray:
        """A flat bool array that marks the input cells on which the chosen output cell depends."""
        x = self.x.detach().double().requires_grad_()
        output = copy.deepcopy(self.layer).double()(x)
        gradient = torch.autograd.grad(output[self.cell], x)[0].abs()
        shared = gradient > _LEAST * gradient.max()
        shared[self.cell] = True  # a cell alone in its group is always normalized to 0, so its gradient is 0
        return shared.reshape(-1).numpy()
