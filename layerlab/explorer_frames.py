"""What an explorer can show: one small dataclass per kind of picture.

A kind says what is fixed in the picture (`plan`), which numbers move (`series`), and how it looks on paper (`draw`, the
still picture for places without scripts). The moving picture is the function of the same name in ``explorer.mjs``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layerlab.style import DASHES, FONT, GRID, INK, PALETTE, SIGNED

Ranges = dict[str, tuple[float, float]]  # series name -> its smallest and largest value over all frames
Cell = str | list  # a table's cell: words, or [series name, index] for a number that moves

_COLOURS = [shade.light for shade in PALETTE.values()]
_TABLE_ROWS = 9


class Frame(Protocol):
    """One picture of an explorer."""

    kind: str
    numbers: dict[str, float]

    def plan(self) -> dict[str, Any]:
        """Return what does not move, as JSON: the same for every setting."""

    def series(self) -> dict[str, np.ndarray]:
        """Return the numbers that move, by name, each flattened in C order."""

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        """Draw the picture on paper."""


@dataclass
class Curves:
    """Named lines over one x.

    Args:
        x: (points,) values, rising, the same for every setting.
        lines: name -> (points,) values; nan leaves a gap.
        x_label: name of the x axis.
        y_label: name of the y axis.
        y_range: (lowest, highest) value of the y axis; from the values of all settings by default.
        dots: name -> (x, y) of points that do not move.
        numbers: named numbers written beside the picture.
    """

    x: Any
    lines: dict[str, Any]
    x_label: str = "x"
    y_label: str = "y"
    y_range: tuple[float, float] | None = None
    dots: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    kind = "curves"

    def plan(self) -> dict[str, Any]:
        x = _flat(self.x)
        shown = np.unique(np.linspace(0, len(x) - 1, min(_TABLE_ROWS, len(x))).round().astype(int))
        return {
            "x": _rounded(x),
            "lines": list(self.lines),
            "x_label": self.x_label,
            "y_label": self.y_label,
            "y_range": list(self.y_range) if self.y_range else None,
            "dots": [{"name": name, "x": _rounded(x), "y": _rounded(y)} for name, (x, y) in self.dots.items()],
            "table": {
                "columns": [self.x_label, *self.lines],
                "rows": [[f"{x[i]:.4g}", *([name, int(i)] for name in self.lines)] for i in shown],
            },
        }

    def series(self) -> dict[str, np.ndarray]:
        return {name: _flat(values, len(_flat(self.x)), name) for name, values in self.lines.items()}

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        axis = figure.subplots()
        for i, (name, values) in enumerate(self.series().items()):
            axis.plot(_flat(self.x), values, color=_colour(i), linestyle=DASHES[i % len(DASHES)], label=name)
        for name, (x, y) in self.dots.items():
            axis.plot(_flat(x), _flat(y), "o", color=INK.light, fillstyle="none", label=name)
        low, high = self.y_range or _padded([ranges[name] for name in self.lines])
        axis.set(xlabel=self.x_label, ylabel=self.y_label, ylim=(low, high))
        if len(self.lines) + len(self.dots) > 1:
            figure.legend(loc="outside upper left", ncols=3)


@dataclass
class Heat:
    """Matrices side by side with signs between them: ``W @ x + b = y`` with colours for numbers.

    Args:
        parts: name -> (rows, columns) matrix; a vector is drawn as one column.
        signs: what stands between two parts, one fewer than parts; nothing by default.
        rows: labels for the first part's rows.
        columns: labels for the first part's columns.
        limit: the value of full colour; the largest absolute value of all settings by default.
        numbers: named numbers written beside the picture.
    """

    parts: dict[str, Any]
    signs: Sequence[str] = ()
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()
    limit: float | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    kind = "heat"

    def plan(self) -> dict[str, Any]:
        matrices = {name: _matrix(values) for name, values in self.parts.items()}
        if self.signs and len(self.signs) != len(matrices) - 1:
            raise ValueError(f"{len(matrices)} parts need {len(matrices) - 1} signs between them, not {self.signs!r}")
        return {
            "parts": [{"name": name, "shape": list(matrix.shape)} for name, matrix in matrices.items()],
            "signs": list(self.signs) or [""] * (len(matrices) - 1),
            "rows": list(self.rows),
            "columns": list(self.columns),
            "limit": self.limit,
            "table": _matrix_table(matrices),
        }

    def series(self) -> dict[str, np.ndarray]:
        return {name: _matrix(values).reshape(-1) for name, values in self.parts.items()}

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        matrices = {name: _matrix(values) for name, values in self.parts.items()}
        limit = self.limit or max(abs(value) for name in matrices for value in ranges[name]) or 1.0
        widths = [matrix.shape[1] for matrix in matrices.values()]
        axes = figure.subplots(1, len(matrices), width_ratios=widths, squeeze=False)[0]
        for i, (axis, (name, matrix)) in enumerate(zip(axes, matrices.items(), strict=True)):
            axis.imshow(matrix, cmap=SIGNED, vmin=-limit, vmax=limit)
            axis.set_title(name if i == 0 or not self.signs else f"{self.signs[i - 1]}  {name}")
            axis.grid(False)
            axis.set(xticks=[], yticks=[])
            if matrix.size <= 64:
                _write_values(axis, matrix)
        if self.rows:
            axes[0].set_yticks(range(len(self.rows)), labels=list(self.rows))
        if self.columns:
            axes[0].set_xticks(range(len(self.columns)), labels=list(self.columns))


@dataclass
class Plane:
    """Lines, arrows and points in the plane, both axes on one scale: how a map moves a grid.

    Args:
        lines: name -> (count, points, 2) polylines.
        arrows: name -> (2, 2): where it begins, where it ends.
        dots: name -> (count, 2) points.
        ground: (count, points, 2) polylines that do not move, drawn faintly behind the rest.
        reach: both axes go from -reach to reach; from the values of all settings by default.
        numbers: named numbers written beside the picture.
    """

    lines: dict[str, Any] = field(default_factory=dict)
    arrows: dict[str, Any] = field(default_factory=dict)
    dots: dict[str, Any] = field(default_factory=dict)
    ground: Any = None
    reach: float | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    kind = "plane"

    def plan(self) -> dict[str, Any]:
        ground = [] if self.ground is None else [_rounded(line) for line in _numbers(self.ground)]
        rows: list[list[Cell]] = []
        for name in self.arrows:
            rows += [[f"{name}, begins", [name, 0], [name, 1]], [f"{name}, ends", [name, 2], [name, 3]]]
        for name, count in [(name, len(_numbers(points))) for name, points in self.dots.items()]:
            rows += [[f"{name} {i}", [name, 2 * i], [name, 2 * i + 1]] for i in range(min(count, 4))]
        for name, lines in self.lines.items():
            last = _numbers(lines).size - 2
            rows += [
                [f"{name}, first point", [name, 0], [name, 1]],
                [f"{name}, last point", [name, last], [name, last + 1]],
            ]
        return {
            "lines": [{"name": name, "shape": list(_numbers(v).shape)} for name, v in self.lines.items()],
            "arrows": list(self.arrows),
            "dots": list(self.dots),
            "ground": ground,
            "reach": self.reach,
            "table": {"columns": ["point", "x", "y"], "rows": rows},
        }

    def series(self) -> dict[str, np.ndarray]:
        given = self.lines | self.arrows | self.dots
        if len(given) < len(self.lines) + len(self.arrows) + len(self.dots):
            raise ValueError("two things in the plane have the same name")
        for name, values in given.items():
            if _numbers(values).shape[-1] != 2:
                raise ValueError(f"{name}: the last axis holds x and y, so its size is 2, not {_numbers(values).shape}")
        return {name: _numbers(values).reshape(-1) for name, values in given.items()}

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        axis = figure.subplots()
        for line in [] if self.ground is None else _numbers(self.ground):
            axis.plot(line[:, 0], line[:, 1], color=GRID.light, linewidth=0.8, linestyle="-")
        i = 0
        for lines in self.lines.values():
            for line in _numbers(lines):
                axis.plot(line[:, 0], line[:, 1], color=_colour(i), linewidth=1.1, linestyle="-")
            i += 1
        for name, arrow in self.arrows.items():
            begin, end = _numbers(arrow)
            style = {"arrowstyle": "-|>", "color": _colour(i), "linewidth": 2.2, "shrinkA": 0, "shrinkB": 0}
            axis.annotate("", end, begin, arrowprops=style)
            axis.annotate(name, end, textcoords="offset points", xytext=(5, 5), color=_colour(i))
            i += 1
        for points in self.dots.values():
            axis.plot(*_numbers(points).T, "o", color=_colour(i), linestyle="none")
            i += 1
        reach = self.reach or 1.05 * max(abs(value) for low_high in ranges.values() for value in low_high)
        axis.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")


def _matrix_table(matrices: dict[str, np.ndarray]) -> dict[str, Any]:
    width = max(matrix.shape[1] for matrix in matrices.values())
    rows: list[list[Cell]] = []
    for name, matrix in matrices.items():
        for i in range(matrix.shape[0]):
            numbers: list[Cell] = [[name, i * matrix.shape[1] + j] for j in range(matrix.shape[1])]
            rows.append([f"{name}, row {i}", *numbers, *[""] * (width - matrix.shape[1])])
    return {"columns": ["part", *(f"column {j}" for j in range(width))], "rows": rows}


def _write_values(axis: Axes, matrix: np.ndarray) -> None:
    for (row, column), value in np.ndenumerate(matrix):
        axis.text(column, row, f"{value:.2g}".replace("-", "−"), ha="center", va="center", fontsize=FONT - 2)


def _numbers(values: Any) -> np.ndarray:
    if isinstance(values, torch.Tensor):
        values = values.detach().to("cpu", torch.float64)
    return np.asarray(values, dtype=np.float64)


def _flat(values: Any, length: int | None = None, name: str = "x") -> np.ndarray:
    flat = _numbers(values)
    if flat.ndim != 1 or (length is not None and len(flat) != length):
        raise ValueError(f"{name}: shape {flat.shape}, expected ({'points' if length is None else length},)")
    return flat


def _matrix(values: Any) -> np.ndarray:
    matrix = _numbers(values)
    if matrix.ndim == 1:
        return matrix[:, None]
    if matrix.ndim != 2:
        raise ValueError(f"a matrix has two axes, this has shape {matrix.shape}")
    return matrix


def _rounded(values: Any) -> list:
    """Plain numbers of six digits: enough for a picture, short in the page."""
    round_one: Callable[[float], float] = lambda value: float(f"{value:.6g}")  # noqa: E731
    array = _numbers(values)
    return [round_one(v) for v in array] if array.ndim == 1 else [_rounded(part) for part in array]


def _padded(ranges: list[tuple[float, float]]) -> tuple[float, float]:
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    pad = 0.05 * (high - low) or 1.0
    return low - pad, high + pad


def _colour(i: int) -> str:
    return _COLOURS[i % len(_COLOURS)]
