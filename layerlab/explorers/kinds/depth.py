"""Explore depth: show how the distribution of values changes from layer to layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from layerlab.explorers.frames import Ranges, Table, array
from layerlab.style import GRID, INK, PALETTE, QUIET

_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
_HEADS = ("5 %", "25 %", "median", "75 %", "95 %")


@dataclass
class Depth:
    """The distribution of the values after each of many layers: box plots, with standard deviations below them.

    A box spans the middle half of a layer's values, its line is the median, and its whiskers reach from the 5th to the
    95th percentile. The standard deviation has a logarithmic axis, because standard deviations grow or shrink by a
    factor from layer to layer.

    Args:
        layers: the values after each layer, as tensors of any shape.
        reach: the box plots' axis goes from -reach to reach; values beyond that are cut off.
        first: the number of the first layer; 0 if the input is included.
        label: the label of the box plots' axis.
        numbers: named numbers shown beside the figure.
    """

    layers: Sequence[Any]
    reach: float = 3.0
    first: int = 1
    label: str = "activations"
    numbers: dict[str, float] = field(default_factory=dict)
    kind = "depth"

    def plan(self) -> dict[str, Any]:
        return {
            "count": len(self.layers),
            "first": self.first,
            "reach": self.reach,
            "label": self.label,
            "heads": list(_HEADS),
            "log": ["spread"],
            "nan": "not finite",
        }

    def series(self) -> dict[str, np.ndarray]:
        found = [_statistics(values) for values in self.layers]
        # Store quantiles as multiples of the standard deviation, so that 16 bits are enough for any spread.
        shapes = [quantiles / spread if spread else quantiles for spread, quantiles in found]
        return {"spread": np.array([spread for spread, _ in found]), "shape": np.concatenate(shapes)}

    def tables(self) -> list[Table]:
        rows: list[list[str | float]] = []
        for i, values in enumerate(self.layers):
            spread, quantiles = _statistics(values)
            rows.append([f"layer {self.first + i}", spread, *map(float, quantiles)])
        return [Table(["layer", "standard deviation", *_HEADS], rows)]

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        boxes, spreads = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        at = self.first + np.arange(len(self.layers))
        found = [_statistics(values) for values in self.layers]
        blue = PALETTE["blue"].light
        for x, (_, (low, lower, middle, upper, high)) in zip(at, found, strict=True):
            boxes.plot([x, x], [low, high], color=QUIET.light, linewidth=1.0, linestyle="-")
            boxes.plot([x, x], [lower, upper], color=blue, linewidth=5, linestyle="-", solid_capstyle="butt")
            boxes.plot([x - 0.35, x + 0.35], [middle, middle], color=INK.light, linewidth=1.5, linestyle="-")
        boxes.axhline(0, color=GRID.light, linewidth=0.8, linestyle="-")
        boxes.set(ylim=(-self.reach, self.reach), ylabel=self.label)
        spreads.plot(at, [spread or np.nan for spread, _ in found], color=PALETTE["orange"].light, linestyle="-")
        spreads.set(yscale="log", xlabel="layer", ylabel="std")


def _statistics(values: Any) -> tuple[float, np.ndarray]:
    """Return the standard deviation and the quantiles of a layer's values; all are nan if any value is not finite."""
    flat = array(values).reshape(-1)
    if not np.isfinite(flat).all():
        return float("nan"), np.full(len(_SHARES), np.nan)
    return float(flat.std()), np.quantile(flat, _SHARES)
