"""Explore optimization: show several paths on one loss surface, step by step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from contourpy import contour_generator
from matplotlib.figure import Figure

from layerlab.explorers.frames import Ranges, Table, array, colour, rounded
from layerlab.style import DASHES, GRID, INK

_GRID = 49  # points along each axis at which the surface is computed
_FAR = 1.0  # a point is dropped if it is farther outside the figure than this multiple of the axis range
_kept: dict[tuple[bytes, int], list] = {}  # contours are the same for every frame: compute them once per surface


@dataclass
class Paths:
    """Contours of a loss that depends on two parameters, with optimization paths drawn up to ``step``.

    Args:
        loss: a function that maps points of shape (..., 2) to losses of shape (...); the same for every setting.
        paths: name -> (steps + 1, 2) array: the parameters before the first step and after each step. All paths have
            the same length. A point far outside the figure is omitted, and tables show "outside" instead.
        step: the number of steps shown.
        x_range: (left, right) limits of the figure.
        y_range: (lower, upper) limits of the figure.
        minimum: (x, y) of a minimum to mark.
        levels: the number of contour levels; they are closer together where the loss is small.
        labels: names of the two parameters.
        numbers: more named numbers shown beside the figure, after the loss of each path.
    """

    loss: Callable[[torch.Tensor], torch.Tensor]
    paths: dict[str, Any]
    step: int = 0
    x_range: tuple[float, float] = (-2.0, 2.0)
    y_range: tuple[float, float] = (-2.0, 2.0)
    minimum: tuple[float, float] | None = None
    levels: int = 10
    labels: tuple[str, str] = ("first parameter", "second parameter")
    numbers: dict[str, float] = field(default_factory=dict)
    kind = "paths"

    def __post_init__(self) -> None:
        shapes = {name: array(path).shape for name, path in self.paths.items()}
        if len(set(shapes.values())) != 1 or any(len(shape) != 2 or shape[1] != 2 for shape in shapes.values()):
            raise ValueError(f"paths are all of one shape (steps + 1, 2), not {shapes}")
        self.step = min(self.step, next(iter(shapes.values()))[0] - 1)
        self.numbers = {f"loss of {name}": self._loss(path) for name, path in self.paths.items()} | self.numbers

    def plan(self) -> dict[str, Any]:
        return {
            "contours": self._contours(),
            "paths": list(self.paths),
            "x_range": list(self.x_range),
            "y_range": list(self.y_range),
            "minimum": list(self.minimum) if self.minimum else None,
            "labels": list(self.labels),
            "nan": "outside",
        }

    def series(self) -> dict[str, np.ndarray]:
        found = {name: self._near(path).reshape(-1) for name, path in self.paths.items()}
        return found | {"step": np.array([float(self.step)])}

    def tables(self) -> list[Table]:
        rows: list[list[str | float]] = [
            [name, *map(float, self._near(path)[self.step]), self.numbers[f"loss of {name}"]]
            for name, path in self.paths.items()
        ]
        return [Table(["path", *self.labels, "loss"], rows)]

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        axis = figure.subplots()
        for lines in self._contours():
            for line in lines:
                axis.plot(*np.array(line).T, color=GRID.light, linewidth=1.0, linestyle="-")
        for i, (name, path) in enumerate(self.paths.items()):
            points = self._near(path)[: self.step + 1]
            axis.plot(*points.T, color=colour(i), linestyle=DASHES[i % len(DASHES)], label=name)
            axis.plot(*points[-1], "o", color=colour(i), linestyle="none")
        if self.minimum:
            axis.plot(*self.minimum, "+", color=INK.light, markersize=10)
        axis.set(xlim=self.x_range, ylim=self.y_range, xlabel=self.labels[0], ylabel=self.labels[1])
        figure.legend(loc="outside upper left", ncols=3)

    def _near(self, path: Any) -> np.ndarray:
        """Return a path in which points far outside the figure are nan."""
        points = array(path).copy()
        for axis, (low, high) in enumerate((self.x_range, self.y_range)):
            far = _FAR * (high - low)
            with np.errstate(invalid="ignore"):
                out = ~((points[:, axis] > low - far) & (points[:, axis] < high + far))
            points[out] = np.nan
        return points

    def _loss(self, path: Any) -> float:
        """Return the loss at the step shown, or nan if the loss is not finite."""
        with torch.no_grad():
            loss = float(self.loss(torch.as_tensor(path)[self.step]))
        return loss if math.isfinite(loss) else float("nan")

    def _contours(self) -> list[list]:
        """Return, for each level, its contour lines; each line is a list of (x, y) points."""
        x, y = (torch.linspace(low, high, _GRID) for low, high in (self.x_range, self.y_range))
        grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)
        with torch.no_grad():
            surface = array(self.loss(grid))
        key = (np.concatenate([surface.ravel(), array(x), array(y)]).tobytes(), self.levels)
        if key not in _kept:
            low, high = np.nanmin(surface), np.nanmax(surface)
            found = contour_generator(array(x), array(y), surface)
            shares = np.linspace(0, 1, self.levels + 2)[1:-1] ** 2.5
            _kept[key] = [[rounded(line, 3) for line in found.lines(low + s * (high - low))] for s in shares]
        return _kept[key]
