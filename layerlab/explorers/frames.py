"""What a kind of figure provides to an explorer, and what the kinds share.

A kind defines what is fixed in the figure (`plan`), which values change (`series`), those values as tables (`tables`),
and how the figure looks as a still (`draw`, for places without scripts). The module of the same name, ``<kind>.mjs``,
draws the moving figure and its tables.
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
    """The values of a frame, for readers who prefer text to the figure.

    Args:
        columns: the column headings; the first one heads the row names.
        rows: a name, then text or numbers; ``nan`` is shown as the word that the plan gives for a missing number.
        name: what the table contains, if a frame has several.
    """

    columns: list[str]
    rows: Sequence[Sequence[str | float]]
    name: str = ""


class Frame(Protocol):
    """One figure of an explorer."""

    kind: str
    numbers: dict[str, float]

    def plan(self) -> dict[str, Any]:
        """Return what is fixed, as JSON: the same for every setting.

        ``log`` may name series that are stored as logarithms, which keeps three digits of both small and large values.
        ``nan`` may be the word that tables show for a missing number.
        """

    def series(self) -> dict[str, np.ndarray]:
        """Return the values that change, by name, each flattened in C order; lengths may differ between settings."""

    def tables(self) -> list[Table]:
        """Return the values of this frame as tables."""

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        """Draw the still figure."""


def array(values: Any) -> np.ndarray:
    """Return a tensor, array or sequence of numbers as float64."""
    if isinstance(values, torch.Tensor):
        values = values.detach().to("cpu", torch.float64)
    return np.asarray(values, dtype=np.float64)


def flat(values: Any, length: int | None = None, name: str = "x") -> np.ndarray:
    """Return ``values`` with one dimension.

    Raises:
        ValueError: if it does not have exactly one dimension with ``length`` values.
    """
    found = array(values)
    if found.ndim != 1 or (length is not None and len(found) != length):
        raise ValueError(f"{name}: shape {found.shape}, expected ({'points' if length is None else length},)")
    return found


def matrix(values: Any) -> np.ndarray:
    """Return ``values`` with two dimensions; a vector becomes a column.

    Raises:
        ValueError: if it has neither one nor two dimensions.
    """
    found = array(values)
    if found.ndim == 1:
        return found[:, None]
    if found.ndim != 2:
        raise ValueError(f"a matrix has two axes, this has shape {found.shape}")
    return found


def rounded(values: Any, digits: int = 6) -> list:
    """Return plain numbers with this many significant digits: enough for a figure, short in the page."""
    found = array(values)
    return [float(f"{v:.{digits}g}") for v in found] if found.ndim == 1 else [rounded(part, digits) for part in found]


def padded(ranges: list[tuple[float, float]]) -> tuple[float, float]:
    """Return axis limits that contain all ranges, plus a twentieth of the total range at both ends."""
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    pad = 0.05 * (high - low) or 1.0
    return low - pad, high + pad


def colour(i: int) -> str:
    """Return the ``i``-th color of the palette, as on a light page; the colors repeat."""
    return _COLOURS[i % len(_COLOURS)]
