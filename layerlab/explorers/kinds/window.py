"""Explore sliding windows: show convolution and pooling in one or two dimensions, one output cell at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import nn
from torch.nn import functional as F

from layerlab.explorers.frames import Ranges, Table, array
from layerlab.style import FONT, GRID, INK, PALETTE, QUIET

_ADAPTIVE = (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)
_LAYERS = (nn.Conv1d, nn.Conv2d, nn.MaxPool1d, nn.MaxPool2d, nn.AvgPool1d, nn.AvgPool2d, *_ADAPTIVE)
_ONE_AXIS = (nn.Conv1d, nn.MaxPool1d, nn.AvgPool1d, nn.AdaptiveMaxPool1d, nn.AdaptiveAvgPool1d)


@dataclass
class Window:
    """A window that slides over a layer's input, with the cells it covers, their output, and the outputs so far.

    All settings are read from the layer, which also computes the output. The figure shows the input with its padding,
    the weights, and the output map up to ``position``. Windows of adaptive pooling differ in size and can overlap.

    Args:
        x: (rows, columns) input of a 2-D layer, or (length,) input of a 1-D layer.
        layer: nn.Conv1d, Conv2d (one channel in, one out), MaxPool1d, MaxPool2d, AvgPool1d, AvgPool2d, or an adaptive
            pooling layer in one or two dimensions.
        position: the index of the output cell being computed, counted row by row; an index that is too large selects
            the last cell.
        numbers: more named numbers shown beside the figure.
        edits: whether the reader can change cells of the input and of the weights; the page then computes the outputs.

    Raises:
        TypeError: if the layer is of any other type.
        ValueError: if the input has the wrong shape, a convolution has more than one input or output channel, or
            ``edits`` is True for a layer that the page cannot compute.
    """

    x: Any
    layer: Any  # one of `_LAYERS`
    position: int = 0
    numbers: dict[str, float] = field(default_factory=dict)
    edits: bool = False
    kind = "window"

    def __post_init__(self) -> None:
        if not isinstance(self.layer, _LAYERS):
            known = ", ".join(kind.__name__ for kind in _LAYERS)
            raise TypeError(f"a window slides for {known}, not for {type(self.layer).__name__}")
        if array(self.x).ndim != self._axes:
            raise ValueError(f"x has shape {array(self.x).shape}; {type(self.layer).__name__} needs {self._axes} axes")
        channels = next(self.layer.parameters()).shape[:2] if self._is_conv else (1, 1)
        if channels != (1, 1):
            raise ValueError(f"the picture has one channel in and one out, not {tuple(channels)}")
        if self.edits and (
            getattr(self.layer, "bias", None) is not None
            or getattr(self.layer, "padding_mode", "zeros") != "zeros"
            or getattr(self.layer, "divisor_override", None)
        ):
            raise ValueError(f"the page cannot compute {self.layer} anew: it knows no bias, padding mode or divisor")
        self.position = min(self.position, self._output.size - 1)
        self.numbers = {"output here": float(self._output.flat[self.position])} | self.numbers

    def plan(self) -> dict[str, Any]:
        return {
            "axes": self._axes,
            "operation": type(self.layer).__name__,
            "nan": "−∞" if isinstance(self.layer, nn.MaxPool1d | nn.MaxPool2d) else "not counted",
        } | ({"edits": True} if self.edits else {})

    def series(self) -> dict[str, np.ndarray]:
        apart, aside = self._pair("dilation")
        (begin_rows, rows), (begin_columns, columns) = self._windows
        single = {
            "reach of rows": self._padded.shape[0] - self._before[0],  # counted from the start of the input
            "reach of columns": self._padded.shape[1] - self._before[1],
            "padded rows": self._framed[0],  # with ceil_mode, a window may reach beyond them
            "padded columns": self._framed[1],
            "reaches beyond": any(a > b for a, b in zip(self._padded.shape, self._framed, strict=True)),
            "first row": self._before[0],  # of the input itself, inside its padding
            "first column": self._before[1],
            "input rows": self._input.shape[0],
            "input columns": self._input.shape[1],
            "dilation of rows": apart,
            "dilation of columns": aside,
            "output rows": self._output.shape[0],
            "output columns": self._output.shape[1],
            "at": self.position,
        }
        return {name: np.array([float(value)]) for name, value in single.items()} | {
            "windows begin at row": begin_rows.astype(float),  # one number for each row of the output
            "windows begin at column": begin_columns.astype(float),
            "rows of windows": rows.astype(float),
            "columns of windows": columns.astype(float),
            "input": self._padded.reshape(-1),
            "weights": self._weights.reshape(-1),
            "output": self._output.reshape(-1),
        }

    def tables(self) -> list[Table]:
        rows, columns = self._taps
        weights = self._weights.reshape(-1)
        taps: list[list[str | float]] = []
        for i, (row, column) in enumerate(zip(rows, columns, strict=True)):
            value = float(self._padded[row, column])
            place = f"row {row - self._before[0]}, column {column - self._before[1]}"
            place = place if self._axes == 2 else f"column {column - self._before[1]}"
            taps.append([place, self._what(row, column), value, float(weights[i]) if weights.size else ""])
        done = np.where(np.arange(self._output.size) <= self.position, self._output.reshape(-1), np.nan)
        output: list[list[str | float]] = [
            [f"row {i}", *("not yet" if np.isnan(v) else float(v) for v in row)]
            for i, row in enumerate(done.reshape(self._output.shape))
        ]
        heads = [f"column {j}" for j in range(self._output.shape[1])]
        return [
            Table(["cell under the window", "kind", "value", "weight"], taps, "The window"),
            Table(["output", *heads], output, "The output so far"),
        ]

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        shapes = [self._padded.shape, self._output.shape]
        if self._axes == 1:
            axes = figure.subplots(2, 1)
        else:
            axes = figure.subplots(1, 2, width_ratios=[shape[1] for shape in shapes])
        self._draw_input(axes[0])
        self._draw_output(axes[1])

    # -- read from the layer -------------------------------------------------------------------------------------------

    @property
    def _axes(self) -> int:
        return 1 if isinstance(self.layer, _ONE_AXIS) else 2

    @property
    def _is_conv(self) -> bool:
        return isinstance(self.layer, nn.Conv1d | nn.Conv2d)

    def _pair(self, name: str) -> tuple[int, int]:
        """Return a setting of the layer as (rows, columns); for a 1-D layer, the input counts as one row."""
        value = getattr(self.layer, name, 1)
        first, last = (value[0], value[-1]) if isinstance(value, tuple | list) else (value, value)
        return (first, last) if self._axes == 2 else ((0 if name == "padding" else 1), first)

    @cached_property
    def _input(self) -> np.ndarray:
        return np.atleast_2d(array(self.x))

    @cached_property
    def _pads(self) -> tuple[int, int, int, int]:
        """The widths of the padding on the left, right, top, and bottom."""
        if self._is_conv:  # computed by torch, which also supports "same"
            given = self.layer._reversed_padding_repeated_twice
            return tuple(given) if self._axes == 2 else (*given, 0, 0)
        rows, columns = self._pair("padding") if not isinstance(self.layer, _ADAPTIVE) else (0, 0)
        return columns, columns, rows, rows

    @property
    def _before(self) -> tuple[int, int]:
        return self._pads[2], self._pads[0]

    @property
    def _framed(self) -> tuple[int, int]:
        """The number of rows and columns of the input with its padding."""
        return self._input.shape[0] + sum(self._pads[2:]), self._input.shape[1] + sum(self._pads[:2])

    @cached_property
    def _padded(self) -> np.ndarray:
        """The padded input; nan for padding that does not count, and for cells that ``ceil_mode`` adds past the end."""
        values = torch.from_numpy(self._input)[None, None]
        is_max = isinstance(self.layer, nn.MaxPool1d | nn.MaxPool2d)
        mode = getattr(self.layer, "padding_mode", "zeros")
        if mode != "zeros":
            pads = self._pads[:2] if self._axes == 1 else self._pads
            padded = F.pad(values[:, :, 0] if self._axes == 1 else values, pads, mode=mode)
            padded = padded[:, :, None] if self._axes == 1 else padded
        else:
            counted = not is_max and getattr(self.layer, "count_include_pad", True)
            padded = F.pad(values, self._pads, value=0.0 if counted else float("nan"))
        found = padded[0, 0].numpy()
        over = [max(0, need - have) for need, have in zip(self._reach, found.shape, strict=True)]
        return np.pad(found, [(0, over[0]), (0, over[1])], constant_values=np.nan)

    @cached_property
    def _windows(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Each window's start in the padded input and its number of cells, first for rows and then for columns.

        Adaptive windows are the intervals between equally spaced cuts of the input. A cell with a cut inside it belongs
        to the windows on both sides of the cut.
        """
        found = []
        for k in (0, 1):
            n, m = self._input.shape[k], self._output.shape[k]
            i = np.arange(m)
            if isinstance(self.layer, _ADAPTIVE):
                begins = i * n // m
                found.append((begins, -(-(i + 1) * n // m) - begins))
            else:
                found.append((i * self._pair("stride")[k], np.full(m, self._pair("kernel_size")[k])))
        return found

    @property
    def _reach(self) -> tuple[int, int]:
        """The number of rows and columns that all windows together span."""
        ends = zip(self._windows, self._pair("dilation"), strict=True)
        rows, columns = (int((begins + dilation * (sizes - 1)).max()) + 1 for (begins, sizes), dilation in ends)
        return rows, columns

    @cached_property
    def _output(self) -> np.ndarray:
        parameter = next(self.layer.parameters(), None)
        x = torch.as_tensor(self.x, dtype=torch.float32 if parameter is None else parameter.dtype)
        with torch.no_grad():
            output = self.layer(x[None, None])
        output = output[0] if isinstance(output, tuple) else output  # with return_indices, it returns two tensors
        return np.atleast_2d(array(output[0, 0]))

    @property
    def _weights(self) -> np.ndarray:
        return array(self.layer.weight[0, 0]) if self._is_conv else np.empty(0)

    @property
    def _taps(self) -> tuple[np.ndarray, np.ndarray]:
        """The rows and columns of the cells under the current window, as indices in the padded input."""
        at, dilation = divmod(self.position, self._output.shape[1]), self._pair("dilation")
        rows, columns = (
            begins[i] + dilation[k] * np.arange(sizes[i])
            for k, (i, (begins, sizes)) in enumerate(zip(at, self._windows, strict=True))
        )
        return np.repeat(rows, len(columns)), np.tile(columns, len(rows))

    def _what(self, row: int, column: int) -> str:
        """Return what kind of cell this is in the padded input: "input", "padding", or "beyond"."""
        (top, left), (rows, columns) = self._before, self._input.shape
        if 0 <= row - top < rows and 0 <= column - left < columns:
            return "input"
        return "padding" if row < self._framed[0] and column < self._framed[1] else "beyond"

    # -- the still figure ----------------------------------------------------------------------------------------------

    def _draw_input(self, axis: Axes) -> None:
        rows, columns = self._taps
        under = set(zip(rows.tolist(), columns.tolist(), strict=True))
        _empty(axis, self._padded.shape, "input with its padding")
        for place, value in np.ndenumerate(self._padded):
            _cell(axis, place, value, GRID.light, dashed=self._what(*place) != "input")
            if place in under:
                _cell(axis, place, np.nan, PALETTE["orange"].light, width=2.2)

    def _draw_output(self, axis: Axes) -> None:
        _empty(axis, self._output.shape, "output so far")
        for i, value in enumerate(self._output.flat):
            place = divmod(i, self._output.shape[1])
            _cell(axis, place, value if i <= self.position else np.nan, GRID.light)
            if i == self.position:
                _cell(axis, place, np.nan, PALETTE["blue"].light, width=2.2)


def _empty(axis: Axes, shape: tuple[int, ...], title: str) -> None:
    axis.set(xlim=(-0.1, shape[1] + 0.1), ylim=(shape[0] + 0.1, -0.1), aspect="equal", title=title)
    axis.axis("off")


def _cell(
    axis: Axes, place: tuple[int, ...], value: float, colour: str, width: float = 0.9, dashed: bool = False
) -> None:
    row, column = place
    line = "--" if dashed else "-"
    box = Rectangle((column, row), 1, 1, fill=False, edgecolor=colour, linewidth=width, linestyle=line)
    axis.add_patch(box)
    if not np.isnan(value):
        shade = QUIET.light if dashed else INK.light
        words = f"{value:.2g}".replace("-", "−")
        axis.text(column + 0.5, row + 0.52, words, ha="center", va="center", fontsize=FONT - 3, color=shade)
