"""What a kind of picture offers to an explorer, and what the kinds share.

A kind says what is fixed in the picture (`plan`), which numbers move (`series`), what they are as tables (`tables`),
and how it looks on paper (`draw`, the still picture for places without scripts). The moving picture and its tables are
drawn by the module of the same name, ``<kind>.mjs``.
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
    """The numbers of a frame for those who read instead of look.

    Args:
        columns: what stands above the columns, the first one above the rows' names.
        rows: a name, then words or numbers; ``nan`` is written as the plan's word for it.
        name: what the table holds, where a frame has several.
    """

    columns: list[str]
    rows: Sequence[Sequence[str | float]]
    name: str = ""


class Frame(Protocol):
    """One picture of an explorer."""

    kind: str
    numbers: dict[str, float]

    def plan(self) -> dict[str, Any]:
        """Return what does not move, as JSON: the same for every setting.

        Under ``log`` it may name series that are kept by their logarithm, so that three digits of small and large ones
        survive; under ``nan`` the word that stands in tables for a missing number.
        """

    def series(self) -> dict[str, np.ndarray]:
        """Return the numbers that move, by name, each flattened in C order; lengths may differ between settings."""

    def tables(self) -> list[Table]:
        """Return the numbers of this frame as tables."""

    def draw(self, figure: Figure, ranges: Ranges) -> None:
        """Draw the picture on paper."""


def array(values: Any) -> np.ndarray:
    """Return a tensor, array or sequence of numbers as float64."""
    if isinstance(values, torch.Tensor):
        values = values.detach().to("cpu", torch.float64)
    return np.asarray(values, dtype=np.float64)


def flat(values: Any, length: int | None = None, name: str = "x") -> np.ndarray:
    """Return ``values`` with one axis.

    Raises:
        ValueError: it has more, or not ``length`` values.
    """
    found = array(values)
    if found.ndim != 1 or (length is not None and len(found) != length):
        raise ValueError(f"{name}: shape {found.shape}, expected ({'points' if length is None else length},)")
    return found


def matrix(values: Any) -> np.ndarray:
    """Return ``values`` with two axes; a vector becomes a column.

    Raises:
        ValueError: it has more.
    """
    found = array(values)
    if found.ndim == 1:
        return found[:, None]
    if found.ndim != 2:
        raise ValueError(f"a matrix has two axes, this has shape {found.shape}")
    return found


def rounded(values: Any, digits: int = 6) -> list:
    """Return plain numbers of so many digits: enough for a picture, short in the page."""
    found = array(values)
    return [float(f"{v:.{digits}g}") for v in found] if found.ndim == 1 else [rounded(part, digits) for part in found]


def padded(ranges: list[tuple[float, float]]) -> tuple[float, float]:
    """Return an axis that holds all ranges and a twentieth more at both ends."""
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    pad = 0.05 * (high - low) or 1.0
    return low - pad, high + pad


def colour(i: int) -> str:
    """Return the ``i``-th colour that is given out, as it is on a light page."""
    return _COLOURS[i % len(_COLOURS)]
