"""The grid of an explorer's settings, and its frames as 16-bit numbers.

Every series of numbers gets a step of 1, 2 or 5 times a power of ten, the smallest with which its whole range fits into
65,534 steps, and zero lies on the grid: a value comes back within half a step, and round values come back round.
The code 65,535 stands for nan.
"""

from __future__ import annotations

import base64
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerlab.explorer_frames import Frame, Ranges

MAX_BYTES = 80_000  # per explorer, of packed text in the notebook
NAN = 65_535
Setting = dict[str, Any]


@dataclass(frozen=True)
class Slider:
    """A control with numbers: the grid's positions, and where it stands at first."""

    values: tuple[float, ...]
    start: float
    kind = "slider"


@dataclass(frozen=True)
class Choice:
    """A control with names to choose from."""

    values: tuple[str, ...]
    start: str
    kind = "choice"


Control = Slider | Choice


def slider(low: float, high: float, step: float, start: float | None = None) -> Slider:
    """A slider from ``low`` to ``high`` (both included) whose positions are ``step`` apart.

    With whole numbers the explorer's function receives ints, and Python is never asked for what lies between.

    Args:
        start: the first position; ``low`` by default. Must be one of the positions.
    """
    if step <= 0 or high <= low:
        raise ValueError(f"a slider needs low < high and a positive step, not {low}, {high}, {step}")
    count = math.floor((high - low) / step + 1e-9) + 1
    values = tuple(round(low + i * step, 10) for i in range(count))
    start = low if start is None else start
    if not any(math.isclose(start, value, abs_tol=1e-9) for value in values):
        raise ValueError(f"start={start} is no position of this slider: {values[0]}, {values[1]}, ... {values[-1]}")
    return Slider(values, min(values, key=lambda value: abs(value - start)))


def choice(options: Sequence[str], start: str | None = None) -> Choice:
    """A choice between names; the first one at the start unless ``start`` says otherwise."""
    start = options[0] if start is None else start
    if start not in options:
        raise ValueError(f"start={start!r} is not among {list(options)}")
    return Choice(tuple(options), start)


@dataclass(frozen=True)
class Packed:
    """All frames of an explorer.

    Attributes:
        kind: name of the kind of picture.
        plan: what does not move, and under "series" and "numbers" how to read the frames.
        data: base64 of little-endian uint16, frame after frame, the last control moving fastest.
        first: the frame at the start setting.
        ranges: smallest and largest value of each series over all frames.
    """

    kind: str
    plan: dict[str, Any]
    data: str
    first: Frame
    ranges: Ranges


def start(controls: dict[str, Control]) -> Setting:
    """Return the setting an explorer begins with."""
    return {name: control.start for name, control in controls.items()}


def settings(controls: dict[str, Control]) -> list[Setting]:
    """Return every setting of the grid, the last control moving fastest."""
    return [
        dict(zip(controls, values, strict=True))
        for values in itertools.product(*(control.values for control in controls.values()))
    ]


def pack(name: str, controls: dict[str, Control], frames: Callable[..., Frame]) -> Packed:
    """Compute a frame for every setting and pack them.

    Raises:
        ValueError: if frames differ in more than their numbers, hold infinities, or take more than `MAX_BYTES`.
    """
    grid = settings(controls)
    made = [frames(**setting) for setting in grid]
    plan = made[0].plan()
    for setting, frame in zip(grid, made, strict=True):
        if frame.kind != made[0].kind or frame.plan() != plan:
            raise ValueError(f"{name}: the frame at {setting} differs from the first one in more than its numbers")
    rows = [numbers_of(frame) for frame in made]
    _check_size(name, len(rows), {key: values.size for key, values in rows[0].items()})
    codes, series, ranges = [], [], {}
    for key in rows[0]:
        stacked = np.stack([row[key] for row in rows])
        if np.isinf(stacked).any():
            raise ValueError(f"{name}: {key} is infinite at some setting; give nan to leave a gap")
        offset, step = _scale(stacked)
        codes.append(_encode(stacked, offset, step))
        ranges[key] = _range(stacked)
        series.append({"name": key, "size": stacked.shape[1], "offset": offset, "step": step, "range": ranges[key]})
    data = base64.b64encode(np.concatenate(codes, axis=1).astype("<u2").tobytes()).decode()
    plan |= {"series": series, "numbers": list(made[0].numbers)}
    return Packed(made[0].kind, plan, data, made[grid.index(start(controls))], ranges)


def unpack(plan: dict[str, Any], data: str) -> list[dict[str, np.ndarray]]:
    """Return the numbers of every frame, as ``explorer.mjs`` reads them."""
    width = sum(entry["size"] for entry in plan["series"])
    codes = np.frombuffer(base64.b64decode(data), dtype="<u2").reshape(-1, width)
    ends = np.cumsum([entry["size"] for entry in plan["series"]])
    frames = []
    for row in codes:
        parts = np.split(row.astype(np.float64), ends[:-1])
        frames.append(
            {
                entry["name"]: np.where(part == NAN, np.nan, (part + entry["offset"]) * entry["step"])
                for entry, part in zip(plan["series"], parts, strict=True)
            }
        )
    return frames


def numbers_of(frame: Frame) -> dict[str, np.ndarray]:
    """Return a frame's moving numbers by name, the single ones (``number:loss``) last."""
    single = {f"number:{key}": np.array([float(value)]) for key, value in frame.numbers.items()}
    return frame.series() | single


def _check_size(name: str, frames: int, sizes: dict[str, int]) -> None:
    size = math.ceil(frames * sum(sizes.values()) * 2 / 3) * 4
    if size > MAX_BYTES:
        each = ", ".join(f"{key} {count}" for key, count in sizes.items())
        raise ValueError(
            f"{name}: {frames:,} settings of {sum(sizes.values())} numbers ({each}) make {size:,} bytes, more than "
            f"the {MAX_BYTES:,} an explorer may take. Give the sliders fewer positions or the picture fewer points."
        )


def _range(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _scale(values: np.ndarray) -> tuple[int, float]:
    low, high = _range(values)
    spread = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-9)
    least = spread / (NAN - 3)  # three codes to spare: rounding at both ends, and nan
    power = 10.0 ** math.floor(math.log10(least))
    step = next(float(f"{factor * power:.6g}") for factor in (1, 2, 5, 10) if factor * power >= least)
    return math.floor(low / step), step


def _encode(values: np.ndarray, offset: int, step: float) -> np.ndarray:
    codes = np.rint(np.nan_to_num(values) / step) - offset
    return np.where(np.isnan(values), NAN, codes).astype(np.uint16)
