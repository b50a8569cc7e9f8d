"""Define the interface between an explorer and its kinds of figures, and helpers that the kinds share.

A kind defines which parts of the figure are fixed (`plan`), which values change (`series`), how tables show those
values (`tables`), and how to draw a still figure (`draw`, for use without scripts). The JavaScript module of the
same name, ``<kind>.mjs``, draws the moving figure and its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from matplotlib.figure import Figure

from layerlab.style import PALETTE

Ranges = dict[str, tuple[float, float]]  # series name -> its smallest and largest value over all frames

_COLOURS = [shade.light for shade in PALETTE.values()]


@dataclass(frozen=True)
class Table:
    """The values of a frame as a table, for readers who prefer text to the figure.

    Args:
        columns: the column headings; the first one is for the row names.
        rows: for each row, a name and then text or numbers; for ``nan``, the table shows the word from the plan's entry
            ``nan``.
        name: the table's name, if a frame has several tables.
    """

    columns: list[str]
    rows: Sequence[Sequence[str | float]]
    name: str = ""


class Frame(Protocol):
    """One figure of an explorer."""

    kind: str
    numbers: dict[str, float]

    def plan(self) -> dict[str, Any]:
        """Return the fixed parts of the figure as plain JSON types; they are the same for every setting.

        The optional entry ``log`` names series that are stored as logarithms, which keeps three digits of both small
        and large values. The optional entry ``nan`` is the word that tables show for a missing number.
        """

    def series(self) -> dict[str, np.ndarray]:
        """Return the changing values by name, each array flattened in C order; lengths can differ between settings."""

    def tables(self) -> list[Table]:
        """Return the values of this frame as tables."""

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        """Draw the still figure."""


def array(values: Any) -> np.ndarray:
    """Return a tensor, array or sequence of numbers as a float64 array."""
    if isinstance(values, torch.Tensor):
        values = values.detach().to("cpu", torch.float64)
    return np.asarray(values, dtype=np.float64)


def flat(values: Any, length: int | None = None, name: str = "x") -> np.ndarray:
    """Return ``values`` as a 1-dimensional float64 array.

    Raises:
        ValueError: if ``values`` does not have exactly one dimension, or its size is not ``length``.
    """
    found = array(values)
    if found.ndim != 1 or (length is not None and len(found) != length):
        raise ValueError(f"{name}: shape {found.shape}, expected ({'points' if length is None else length},)")
    return found


def matrix(values: Any) -> np.ndarray:
    """Return ``values`` as a 2-dimensional float64 array; a vector becomes a column.

    Raises:
        ValueError: if ``values`` has neither one nor two dimensions.
    """
    found = array(values)
    if found.ndim == 1:
        return found[:, None]
    if found.ndim != 2:
        raise ValueError(f"a matrix has two axes, this has shape {found.shape}")
    return found


def rounded(values: Any, digits: int = 6) -> list:
    """Return nested lists of numbers with ``digits`` significant digits, enough for a figure but short on the page."""
    found = array(values)
    return [float(f"{v:.{digits}g}") for v in found] if found.ndim == 1 else [rounded(part, digits) for part in found]


def padded(ranges: list[tuple[float, float]]) -> tuple[float, float]:
    """Return axis limits that contain all ranges, plus a twentieth of the total range at each end."""
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    pad = 0.05 * (high - low) or 1.0
    return low - pad, high + pad


def colour(i: int) -> str:
    """Return color ``i`` of the palette for a light page; the colors repeat."""
    return _COLOURS[i % len(_COLOURS)]
