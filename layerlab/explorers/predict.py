"""Ask readers for a prediction before they move the controls, and take the answer from the explorer's frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from layerlab.explorers.pack import Control, Packed, Setting, start

_CLOSE = 1e-4  # two choices count as equal if their numbers differ by less than this share of the range of all numbers


@dataclass(frozen=True)
class Prediction:
    """A question about a number in a frame: what its value is, or which setting makes it largest or smallest.

    Args:
        question: the question that the reader answers before anything moves.
        number: the name of the number that answers the question, one of the frame's ``numbers``.
        at: the control values at which the number is read; the other controls keep their initial values.
        choices: option -> the control values that it sets, in addition to ``at``. Without choices, the reader types the
            number.
        right: the rule that decides which choice is right: "largest" or "smallest" for the choice with the largest or
            smallest number, or a value for the choice whose number is nearest to this value. If choices tie, all of
            them are right.
        within: the largest allowed error of a number that the reader types.
    """

    question: str
    number: str
    at: Setting = field(default_factory=dict)
    choices: dict[str, Setting] = field(default_factory=dict)
    right: str | float = "largest"
    within: float = 0.0


predict = Prediction  # the name in notebooks


def answered(name: str, prediction: Prediction, controls: dict[str, Control], packed: Packed) -> dict[str, Any]:
    """Return a prediction in the form that the page reads, with its answer taken from the frames.

    Raises:
        ValueError: if a setting was not computed, a frame lacks the number, all choices tie, or the initial figure
            already shows the answer.
    """
    settings = [start(controls) | prediction.at | part for part in (prediction.choices or {"": {}}).values()]
    numbers = [_number(name, prediction.number, setting, packed) for setting in settings]
    if prediction.choices:
        right = _right(numbers, prediction.right)
        if len(right) == len(numbers):
            raise ValueError(f"{name}: every choice has the same {prediction.number}, {numbers[0]}")
    else:
        right = []
        if settings[0] == start(controls):
            raise ValueError(f"{name}: the picture shows {prediction.number} already; ask for another setting")
    return {
        "question": prediction.question,
        "number": prediction.number,
        "choices": list(prediction.choices),
        "settings": settings,
        "torch": numbers,
        "right": right,
        "aim": prediction.right if isinstance(prediction.right, str) else f"nearest to {prediction.right:g}",
        "within": prediction.within,
    }


def _number(name: str, number: str, setting: Setting, packed: Packed) -> float:
    frame = packed.frames.get(tuple(setting.values()))
    if frame is None:
        raise ValueError(f"{name}: the prediction is read at {setting}, which is no position of the controls")
    if number not in frame.numbers:
        raise ValueError(f"{name}: the frame has no number {number!r}; there are {list(frame.numbers)}")
    return float(frame.numbers[number])


def _right(numbers: list[float], right: str | float) -> list[int]:
    """Return the indices of the choices whose number is the largest, the smallest, or nearest to ``right``."""
    by = {"largest": lambda v: -v, "smallest": lambda v: v}
    key = by[right] if isinstance(right, str) else lambda v: abs(v - right)
    best, equal = min(map(key, numbers)), _CLOSE * (max(numbers) - min(numbers))
    return [i for i, v in enumerate(numbers) if key(v) <= best + equal]
