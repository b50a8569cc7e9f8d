"""Explore maps of the plane: show how a layer moves a grid, arrows, and points."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn

from layerlab.explorers.frames import Ranges, Table, array, colour, rounded
from layerlab.style import DASHES, GRID

_TABLE_DOTS = 4


@dataclass
class Plane:
    """Lines, arrows, and points in the plane, with both axes on the same scale.

    Args:
        lines: name -> (count, points, 2) polylines.
        arrows: name -> (2, 2) array with the start and the end of the arrow.
        dots: name -> (count, 2) points.
        ground: (count, points, 2) polylines that do not move, drawn faintly in the background.
        reach: both axes go from -reach to reach; by default, they fit the values of all settings.
        numbers: named numbers shown beside the figure.
        layer: an nn.Linear with two inputs and two outputs. Its output for ``before`` is drawn, with the columns of its
            weight as arrows. The reader can drag the arrows' ends, and the page then recomputes the figure.
        before: (count, points, 2) polylines, the input of ``layer``.
    """

    lines: dict[str, Any] = field(default_factory=dict)
    arrows: dict[str, Any] = field(default_factory=dict)
    dots: dict[str, Any] = field(default_factory=dict)
    ground: Any = None
    reach: float | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    layer: nn.Linear | None = None
    before: torch.Tensor | None = None
    kind = "plane"

    def __post_init__(self) -> None:
        if self.layer is None:
            return
        if tuple(self.layer.weight.shape) != (2, 2) or self.before is None:
            raise ValueError("the layer is an nn.Linear(2, 2), and `before` holds the lines that go into it")
        weight = array(self.layer.weight)
        begin = np.zeros(2) if self.layer.bias is None else array(self.layer.bias)
        with torch.no_grad():
            self.lines = {"output": self.layer(self.before)}
        self.arrows = {f"column {i}": np.stack([begin, begin + weight[:, i]]) for i in (0, 1)}
        self.numbers = {"determinant": math.prod(np.diag(weight)) - weight[0, 1] * weight[1, 0]} | self.numbers

    def plan(self) -> dict[str, Any]:
        return {
            "lines": [{"name": name, "shape": list(array(v).shape)} for name, v in self.lines.items()],
            "arrows": list(self.arrows),
            "dots": list(self.dots),
            "ground": [] if self.ground is None else [rounded(line) for line in array(self.ground)],
            "reach": self.reach,
            "shown": self._shown(),
        } | ({"edits": True} if self.layer else {})

    def series(self) -> dict[str, np.ndarray]:
        given = self.lines | self.arrows | self.dots
        if len(given) < len(self.lines) + len(self.arrows) + len(self.dots):
            raise ValueError("two things in the plane have the same name")
        for name, values in given.items():
            if array(values).shape[-1] != 2:
                raise ValueError(f"{name}: the last axis holds x and y, so its size is 2, not {array(values).shape}")
        given |= {} if self.before is None else {"before": self.before}
        return {name: array(values).reshape(-1) for name, values in given.items()}

    def tables(self) -> list[Table]:
        series = self.series()
        rows: list[list[str | float]] = [
            [words, float(series[name][i]), float(series[name][i + 1])] for words, name, i in self._shown()
        ]
        return [Table(["point", "x", "y"], rows)]

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        axis = figure.subplots()
        for line in [] if self.ground is None else array(self.ground):
            axis.plot(line[:, 0], line[:, 1], color=GRID.light, linewidth=0.8, linestyle="-")
        i = 0
        for lines in self.lines.values():
            for line in array(lines):
                axis.plot(line[:, 0], line[:, 1], color=colour(i), linewidth=1.1, linestyle=DASHES[i % len(DASHES)])
            i += 1
        for name, arrow in self.arrows.items():
            begin, end = array(arrow)
            style = {"arrowstyle": "-|>", "color": colour(i), "linewidth": 2.2, "shrinkA": 0, "shrinkB": 0}
            axis.annotate("", end, begin, arrowprops=style)
            axis.annotate(name, end, textcoords="offset points", xytext=(5, 5), color=colour(i))
            i += 1
        for points in self.dots.values():
            axis.plot(*array(points).T, "o", color=colour(i), linestyle="none")
            i += 1
        reach = self.reach or 1.05 * max(abs(value) for low_high in ranges.values() for value in low_high)
        axis.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")

    def _shown(self) -> list[tuple[str, str, int]]:
        """Return the table's rows as (row name, series, index of x in the series)."""
        rows: list[tuple[str, str, int]] = []
        for name in self.arrows:
            rows += [(f"{name}, begins", name, 0), (f"{name}, ends", name, 2)]
        for name, points in self.dots.items():
            rows += [(f"{name} {i}", name, 2 * i) for i in range(min(len(array(points)), _TABLE_DOTS))]
        for name, lines in self.lines.items():
            rows += [(f"{name}, first point", name, 0), (f"{name}, last point", name, array(lines).size - 2)]
        return rows
