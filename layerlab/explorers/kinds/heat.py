"""Explore matrices: show colored tables side by side, optionally with masked cells and row sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from layerlab.explorers.frames import Ranges, Table, array, matrix
from layerlab.style import FONT, GRID, QUIET, SIGNED

_MAX_WRITTEN = 64


@dataclass
class Heat:
    """Matrices side by side with signs between them: ``W @ x + b = y`` with colors for values.

    Args:
        parts: name -> (rows, columns) matrix; a vector is drawn as one column.
        signs: the signs between the parts, one fewer than there are parts; by default, none.
        rows: labels for the first part's rows.
        columns: labels for the first part's columns.
        limit: the magnitude shown in full color; by default, the largest absolute value over all settings.
        masks: name of a part -> (rows, columns) bool array, True for a masked cell. A masked cell is hatched and has no
            number, and the table says "masked".
        sums: names of parts whose row sums are shown beside them.
        written: whether cells show their values as numbers; False suits images. The table always shows the numbers.
        numbers: named numbers shown beside the figure.
    """

    parts: dict[str, Any]
    signs: Sequence[str] = ()
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()
    limit: float | None = None
    masks: dict[str, Any] = field(default_factory=dict)
    sums: Sequence[str] = ()
    written: bool = True
    numbers: dict[str, float] = field(default_factory=dict)
    kind = "heat"

    def plan(self) -> dict[str, Any]:
        matrices = self._matrices()
        if self.signs and len(self.signs) != len(matrices) - 1:
            raise ValueError(f"{len(matrices)} parts need {len(matrices) - 1} signs between them, not {self.signs!r}")
        for name in [*self.masks, *self.sums]:
            if name not in matrices:
                raise ValueError(f"there is no part {name!r} to mask or to sum; there are {', '.join(matrices)}")
        return {
            "parts": [{"name": name, "shape": list(part.shape)} for name, part in matrices.items()],
            "signs": list(self.signs) or [""] * (len(matrices) - 1),
            "rows": list(self.rows),
            "columns": list(self.columns),
            "limit": self.limit,
            "masked": list(self.masks),
            "sums": list(self.sums),
            "written": self.written,
            "nan": "masked" if self.masks else "nan",
        }

    def series(self) -> dict[str, np.ndarray]:
        sums = {f"sum:{name}": matrix(self.parts[name]).sum(axis=1) for name in self.sums}
        return {name: part.reshape(-1) for name, part in self._matrices().items()} | sums

    def tables(self) -> list[Table]:
        matrices = self._matrices()
        width = max(part.shape[1] for part in matrices.values())
        rows: list[list[str | float]] = []
        for n, (name, part) in enumerate(matrices.items()):
            labels = self.rows if n == 0 and self.rows else [f"row {i}" for i in range(len(part))]
            for i, numbers in enumerate(part):
                cells: list[str | float] = [f"{name}, {labels[i]}", *map(float, numbers)]
                cells += [""] * (width - len(numbers))
                if self.sums:
                    cells.append(float(matrix(self.parts[name])[i].sum()) if name in self.sums else "")
                rows.append(cells)
        named = len(self.columns) == width
        columns = [self.columns[j] if named else f"column {j}" for j in range(width)]
        return [Table(["part", *columns, *(["sum of the row"] if self.sums else [])], rows)]

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        matrices = self._matrices()
        limit = self.limit or max(abs(value) for name in matrices for value in ranges[name]) or 1.0
        widths = [part.shape[1] for part in matrices.values()]
        axes = figure.subplots(1, len(matrices), width_ratios=widths, squeeze=False)[0]
        for i, (axis, (name, part)) in enumerate(zip(axes, matrices.items(), strict=True)):
            axis.imshow(part, cmap=SIGNED, vmin=-limit, vmax=limit)
            axis.set_title(name if i == 0 or not self.signs else f"{self.signs[i - 1]}  {name}")
            axis.grid(False)
            axis.set(xticks=[], yticks=[])
            _write(axis, part, self.written)
            if name in self.sums:
                for row, total in enumerate(matrix(self.parts[name]).sum(axis=1)):
                    axis.text(part.shape[1] - 0.3, row, f"Σ {total:.3g}", va="center", color=QUIET.light)
        if self.rows:
            axes[0].set_yticks(range(len(self.rows)), labels=list(self.rows))
        if self.columns:
            axes[0].set_xticks(range(len(self.columns)), labels=list(self.columns))

    def _matrices(self) -> dict[str, np.ndarray]:
        """Return the parts, with nan in masked cells."""
        found = {name: matrix(values) for name, values in self.parts.items()}
        for name, mask in self.masks.items():
            if name in found:
                found[name] = np.where(array(mask) != 0, np.nan, found[name])
        return found


def _write(axis: Axes, part: np.ndarray, written: bool) -> None:
    """Hatch masked cells; if ``written`` is True and there is room, write the values into the other cells."""
    for (row, column), value in np.ndenumerate(part):
        if np.isnan(value):
            box = Rectangle(
                (column - 0.5, row - 0.5), 1, 1, fill=False, hatch="////", edgecolor=GRID.light, linewidth=0
            )
            axis.add_patch(box)
        elif written and part.size <= _MAX_WRITTEN:
            axis.text(column, row, f"{value:.2g}".replace("-", "−"), ha="center", va="center", fontsize=FONT - 2)
