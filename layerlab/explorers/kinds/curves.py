"""Explore functions: plot lines over a shared x axis, with their gradients beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from layerlab.explorers.code import functions
from layerlab.explorers.frames import Ranges, Table, colour, flat, padded, rounded
from layerlab.style import DASHES, INK

_TABLE_ROWS = 9


@dataclass
class Curves:
    """Named lines over a shared x axis, with their gradients, if given, in a second panel.

    Args:
        x: (points,) values in increasing order, the same for every setting.
        lines: name -> (points,) values; nan leaves a gap.
        x_label: label of the x axis.
        y_label: label of the y axis.
        y_range: (lowest, highest) value of the y axis; by default, it fits the values of all settings.
        gradients: name of a line -> (points,) values, drawn in the second panel in the line's color.
        gradient_label: label of the second panel's y axis.
        gradient_range: like ``y_range``, for the second panel.
        dots: name -> (x, y) of a point that does not move.
        pick: lines that are drawn initially; by default, all lines. The reader can pick up to three lines.
        probe: the initial x of a vertical line that the reader can drag. The page computes the values and gradients
            there, so each line must be named after one of `layerlab.explorers.code.functions`.
        argument: the second argument of functions that take two arguments.
        numbers: named numbers shown beside the figure.
    """

    x: Any
    lines: dict[str, Any]
    x_label: str = "x"
    y_label: str = "y"
    y_range: tuple[float, float] | None = None
    gradients: dict[str, Any] = field(default_factory=dict)
    gradient_label: str = "gradient"
    gradient_range: tuple[float, float] | None = None
    dots: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    pick: Sequence[str] = ()
    probe: float | None = None
    argument: float = 0.0
    numbers: dict[str, float] = field(default_factory=dict)
    kind = "curves"

    def plan(self) -> dict[str, Any]:
        if unknown := set(self.gradients) - set(self.lines):
            raise ValueError(f"a gradient belongs to a line of the same name; there is no line {sorted(unknown)[0]!r}")
        if self.probe is not None and (unknown := set(self.lines) - set(functions())):
            raise ValueError(f"the page cannot compute {sorted(unknown)[0]!r}; it knows {', '.join(functions())}")
        if unknown := set(self.pick) - set(self.lines):
            raise ValueError(f"there is no line {sorted(unknown)[0]!r} to pick")
        chosen = {"pick": list(self.pick)} if self.pick else {}
        dragged = {} if self.probe is None else {"edits": self.probe}
        return (
            chosen
            | dragged
            | {
                "x": rounded(flat(self.x)),
                "lines": list(self.lines),
                "x_label": self.x_label,
                "y_label": self.y_label,
                "y_range": list(self.y_range) if self.y_range else None,
                "gradients": list(self.gradients),
                "gradient_label": self.gradient_label,
                "gradient_range": list(self.gradient_range) if self.gradient_range else None,
                "dots": [{"name": name, "x": rounded(x), "y": rounded(y)} for name, (x, y) in self.dots.items()],
                "shown": self._shown(),
            }
        )

    def series(self) -> dict[str, np.ndarray]:
        given = self.lines | {f"gradient of {name}": values for name, values in self.gradients.items()}
        series = {name: flat(values, len(flat(self.x)), name) for name, values in given.items()}
        return series if self.probe is None else series | {"argument": np.array([self.argument])}

    def tables(self) -> list[Table]:
        x, all_series = flat(self.x), self.series()
        names = [*self._drawn, *(f"gradient of {name}" for name in self._drawn if name in self.gradients)]
        series = {name: all_series[name] for name in names}
        rows: list[list[str | float]] = [
            [f"{x[i]:.4g}", *(float(values[i]) for values in series.values())] for i in self._shown()
        ]
        return [Table([self.x_label, *series], rows)]

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        axes = figure.subplots(1, 2 if self.gradients else 1, squeeze=False)[0]
        self._panel(axes[0], {name: name for name in self._drawn}, self.y_label, self.y_range, ranges)
        for name, (x, y) in self.dots.items():
            axes[0].plot(flat(x), flat(y), "o", color=INK.light, fillstyle="none", label=name)
        if self.gradients:
            names = {name: f"gradient of {name}" for name in self._drawn if name in self.gradients}
            self._panel(axes[1], names, self.gradient_label, self.gradient_range, ranges)
        if len(self._drawn) + len(self.dots) > 1:
            figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=3)

    def _panel(
        self, axis: Axes, names: dict[str, str], label: str, y_range: tuple[float, float] | None, ranges: Ranges
    ) -> None:
        series = self.series()
        for line, name in names.items():
            i = self._drawn.index(line)
            axis.plot(flat(self.x), series[name], color=colour(i), linestyle=DASHES[i % len(DASHES)], label=line)
        ylim = y_range or padded([ranges[name] for name in names.values()])
        axis.set(xlabel=self.x_label, ylabel=label, ylim=ylim)

    @property
    def _drawn(self) -> list[str]:
        return list(self.pick or self.lines)

    def _shown(self) -> list[int]:
        """Return the indices of the points shown in the table: both ends and evenly spaced points between them."""
        count = len(flat(self.x))
        return np.unique(np.linspace(0, count - 1, min(_TABLE_ROWS, count)).round().astype(int)).tolist()
