"""Compute an explorer's frames for a grid of settings, and pack them as 16-bit integers.

Each series is stored as multiples of a step, which is 1, 2, or 5 times a power of ten: the smallest step with which the
whole range fits into 16 bits. So every value is restored to within half a step, and 0 and round values are exact. A
series that spans more than three decades can be stored as its logarithm instead; then every value is restored to three
digits. The code 65,535 stands for nan.

A series depends on some of the controls, and it is stored once for each combination of their settings. Values that do
not change when a control moves take no extra space, so stepping through many positions of one computation costs almost
nothing.
"""

from __future__ import annotations

import base64
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerlab.explorers.frames import Frame, Ranges

MAX_BYTES = 80_000  # bytes of packed text in the notebook, for each explorer
DECADES = 1000  # above this ratio of its largest to its smallest value, a series may be stored as its logarithm
NAN = 65_535
Setting = dict[str, Any]


@dataclass(frozen=True)
class Slider:
    """A control for a number, with its positions in the grid and its initial position."""

    values: tuple[float, ...]
    start: float
    kind: str = "slider"  # or "steps"


@dataclass(frozen=True)
class Choice:
    """A control for a choice between names or numbers."""

    values: tuple[str | float, ...]
    start: str | float
    kind = "choice"


Control = Slider | Choice


def slider(low: float, high: float, step: float, start: float | None = None) -> Slider:
    """Return a slider from ``low`` to ``high`` (inclusive) whose positions are ``step`` apart.

    If the positions are integers, the explorer's function receives ints, and the page never asks Python for values
    between positions.

    Args:
        start: the initial position, which must be one of the positions; by default, ``low``.

    Raises:
        ValueError: if the range is empty, or ``start`` is not a position.
    """
    if step <= 0 or high <= low:
        raise ValueError(f"a slider needs low < high and a positive step, not {low}, {high}, {step}")
    count = math.floor((high - low) / step + 1e-9) + 1
    values = tuple(round(low + i * step, 10) for i in range(count))
    start = low if start is None else start
    if not any(math.isclose(start, value, abs_tol=1e-9) for value in values):
        raise ValueError(f"start={start} is no position of this slider: {values[0]}, {values[1]}, ... {values[-1]}")
    return Slider(values, min(values, key=lambda value: abs(value - start)))


def steps(last: int, start: int = 0) -> Slider:
    """Return a step-through control: positions 0, 1, ... ``last``, with buttons for previous, next, and play."""
    if last < 1 or not 0 <= start <= last:
        raise ValueError(f"a step-through needs 0 <= start <= last and at least one step, not {start}, {last}")
    return Slider(tuple(range(last + 1)), start, "steps")


def choice(options: Sequence[str | float], start: str | float | None = None) -> Choice:
    """Return a control for choosing among names or numbers; ``start`` is the initial choice, by default the first."""
    start = options[0] if start is None else start
    if start not in options:
        raise ValueError(f"start={start!r} is not among {list(options)}")
    return Choice(tuple(options), start)


@dataclass(frozen=True)
class Packed:
    """All frames of an explorer.

    Attributes:
        kind: the name of the kind of figure.
        plan: the fixed parts of the figure; the entries "series" and "numbers" say how to read the data.
        data: little-endian uint16 codes in base64. The series are stored one after another. In each series, the frames
            are ordered by the controls that the series depends on; the last control changes fastest.
        first: the frame at the initial setting.
        ranges: the smallest and largest value of each series over all frames.
        frames: a dict from the values of the controls to each computed frame.
    """

    kind: str
    plan: dict[str, Any]
    data: str
    first: Frame
    ranges: Ranges
    frames: dict[tuple[Any, ...], Frame]


def start(controls: dict[str, Control]) -> Setting:
    """Return the initial setting of an explorer."""
    return {name: control.start for name, control in controls.items()}


def settings(controls: dict[str, Control]) -> list[Setting]:
    """Return every setting of the grid; the last control changes fastest."""
    return [
        dict(zip(controls, values, strict=True))
        for values in itertools.product(*(control.values for control in controls.values()))
    ]


def pack(name: str, controls: dict[str, Control], frames: Callable[..., Frame]) -> Packed:
    """Compute a frame for every setting, and pack all frames.

    Raises:
        ValueError: if the frames differ in more than their values, contain infinities, or take more than `MAX_BYTES`.
    """
    grid = settings(controls)
    made = [frames(**setting) for setting in grid]
    plan = made[0].plan()
    for setting, frame in zip(grid, made, strict=True):
        if frame.kind != made[0].kind or frame.plan() != plan:
            raise ValueError(f"{name}: the frame at {setting} differs from the first one in more than its numbers")
    rows = [numbers_of(frame) for frame in made]
    counts = [len(control.values) for control in controls.values()]
    codes, series, ranges, at = [], [], {}, 0
    for key in rows[0]:
        block = _stacked([row[key] for row in rows]).reshape(*counts, -1)
        if np.isinf(block).any():
            raise ValueError(f"{name}: {key} is infinite at some setting; give nan to leave a gap")
        block, over = _without_repeats(block)
        is_log = key in plan.get("log", []) or key.startswith("number:")
        offset, step, is_log = _scale(block, is_log)
        codes.append(_encode(block, offset, step, is_log).reshape(-1))
        ranges[key] = _range(block)
        entry = {"name": key, "at": at, "size": block.shape[-1], "over": over, "offset": offset, "step": step}
        series.append(entry | {"range": ranges[key]} | ({"log": True} if is_log else {}))
        at += block.size
    _check_size(name, series, counts, at)
    data = base64.b64encode(np.concatenate(codes).astype("<u2").tobytes()).decode()
    plan |= {"series": series, "numbers": list(made[0].numbers), "counts": counts}
    by_setting = {tuple(setting.values()): frame for setting, frame in zip(grid, made, strict=True)}
    return Packed(made[0].kind, plan, data, by_setting[tuple(start(controls).values())], ranges, by_setting)


def unpack(plan: dict[str, Any], data: str) -> list[dict[str, np.ndarray]]:
    """Return the values of every frame, decoded in the same way as in ``page/numbers.mjs``."""
    codes = np.frombuffer(base64.b64decode(data), dtype="<u2").astype(np.float64)
    frames = []
    for digits in itertools.product(*map(range, plan["counts"])):
        frame = {}
        for entry in plan["series"]:
            index = 0
            for control in entry["over"]:
                index = index * plan["counts"][control] + digits[control]
            begin = entry["at"] + index * entry["size"]
            part = codes[begin : begin + entry["size"]]
            values = (part + entry["offset"]) * entry["step"]
            values = np.where(part == 0, 0.0, 10.0**values) if entry.get("log") else values
            frame[entry["name"]] = np.where(part == NAN, np.nan, values)
        frames.append(frame)
    return frames


def numbers_of(frame: Frame) -> dict[str, np.ndarray]:
    """Return a frame's changing values by name: its series, then its single numbers (``number:loss``)."""
    single = {f"number:{key}": np.array([float(value)]) for key, value in frame.numbers.items()}
    return frame.series() | single


def _stacked(rows: list[np.ndarray]) -> np.ndarray:
    """Stack rows into an array of shape (frames, longest row); shorter rows are padded with nan."""
    longest = max(len(row) for row in rows)
    return np.stack([np.pad(row, (0, longest - len(row)), constant_values=np.nan) for row in rows])


def _without_repeats(block: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Remove the dimensions of controls that do not change the values; return the values and the remaining controls."""
    over = []
    for control in range(block.ndim - 1):
        first = block.take([0], axis=control)
        if np.array_equal(block, np.broadcast_to(first, block.shape), equal_nan=True):
            block = first
        else:
            over.append(control)
    return block, over


def _check_size(name: str, series: list[dict[str, Any]], counts: list[int], total: int) -> None:
    size = math.ceil(total * 2 / 3) * 4
    if size > MAX_BYTES:
        each = ", ".join(
            f"{entry['name']}: {math.prod(counts[c] for c in entry['over']):,} of {entry['size']}" for entry in series
        )
        raise ValueError(
            f"{name}: {total:,} numbers ({each}) make {size:,} bytes, more than the {MAX_BYTES:,} an explorer may "
            "take. Give the sliders fewer positions or the picture fewer points."
        )


def _range(values: np.ndarray) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _scale(values: np.ndarray, may_be_log: bool) -> tuple[int, float, bool]:
    """Return the offset and step of the codes, and whether the codes encode logarithms."""
    low, high = _range(values)
    if may_be_log and low >= 0 and high > 0:
        low = float(values[values > 0].min())
        if high > DECADES * low:  # reserve one more code: 0 means zero
            step = float(f"{(math.log10(high) - math.log10(low)) / (NAN - 5):.6g}")
            return math.floor(math.log10(low) / step) - 1, step, True
        low = _range(values)[0]
    spread = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-9)
    least = spread / (NAN - 3)  # reserve three codes: rounding at both ends, and nan
    power = 10.0 ** math.floor(math.log10(least))
    step = next(float(f"{factor * power:.6g}") for factor in (1, 2, 5, 10) if factor * power >= least)
    return math.floor(low / step), step, False


def _encode(values: np.ndarray, offset: int, step: float, is_log: bool) -> np.ndarray:
    plain = np.nan_to_num(values)
    if is_log:
        codes = np.where(plain > 0, np.rint(np.log10(np.where(plain > 0, plain, 1.0)) / step) - offset, 0)
    else:
        codes = np.rint(plain / step) - offset
    return np.where(np.isnan(values), NAN, codes).astype(np.uint16)
