"""Judge trained networks by their predictions for inputs whose labels never reached the student's process."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from layerlab.checks.causes.finding import Finding, finding
from layerlab.graded import tasks
from layerlab.graded.wire import Array
from layerlab.judging.claim_model import Batch
from layerlab.judging.values import JudgeError


def _held_out(got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str) -> tasks.TaskData:
    if batch is None or len(got) != 1:
        raise JudgeError("predictions are one tensor, and their judge needs the batch")
    return tasks.make(options["task"], tasks.secret_seed(batch.secret, exercise, options["task"]))


def _classes(got: Any, labels: np.ndarray) -> Finding | None:
    if isinstance(got, Array) and got.shape == labels.shape and got.data.dtype.kind in "iu":
        return None
    return finding("no_classes", count=labels.size, got=got)


def learned(expected: tuple, got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str) -> Finding | None:
    """Return why too few of a network's class predictions for a task's held-out inputs are right, or None.

    The judges in this module ignore the reference's own values, and raise JudgeError without a batch or a single value.
    """
    labels = _held_out(got, options, batch, exercise).held_y.numpy()
    if (why := _classes(got[0], labels)) is not None:
        return why
    share = float((got[0].data == labels).mean())
    if share < options["at_least"]:
        return finding("learned", share=share, at_least=options["at_least"], task=options["task"])
    return None


def recall(expected: tuple, got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str) -> Finding | None:
    """Return why a network predicts too few held-out inputs of its worst class correctly, or None; see `learned`."""
    labels = _held_out(got, options, batch, exercise).held_y.numpy()
    if (why := _classes(got[0], labels)) is not None:
        return why
    shares = {int(label): float((got[0].data == label)[labels == label].mean()) for label in np.unique(labels)}
    worst = min(shares, key=shares.__getitem__)
    if shares[worst] < options["at_least"]:
        needed = {"at_least": options["at_least"], "task": options["task"]}
        return finding("recall", share=shares[worst], label=worst, **needed)
    return None


def forecast(
    expected: tuple, got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str
) -> Finding | None:
    """Return why a mean error exceeds ``at_most`` times that of the baseline ``than`` (`graded/laws.py`), or None."""
    data = _held_out(got, options, batch, exercise)
    aims, found = data.held_y.double().numpy(), got[0]
    if not isinstance(found, Array) or found.shape != aims.shape or found.data.dtype.kind != "f":
        return finding("no_predictions", shape=tuple(aims.shape), got=found)
    plain = tasks.LAWS[options["task"]].guesses[options["than"]](data.held_x).double().numpy()
    with np.errstate(over="ignore", invalid="ignore"):  # a student's network may predict anything
        ratio = float(np.abs(found.data.astype(np.float64) - aims).mean() / np.abs(plain - aims).mean())
    if not ratio <= options["at_most"]:
        needed = {"than": options["than"], "at_most": options["at_most"], "task": options["task"]}
        return finding("forecast", ratio=ratio, **needed)
    return None


def energy(expected: tuple, got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str) -> Finding | None:
    """Return why a generative model's samples are not close enough to held-out points, or None; see `learned`.

    Their energy distance is compared with that between two halves of the points, averaged over all ways to halve them.
    Only equal distributions have an energy distance of zero. A sample that is not finite always fails.
    """
    points, found = _held_out(got, options, batch, exercise).held_y.double(), got[0]
    if not isinstance(found, Array) or found.shape != tuple(points.shape) or found.data.dtype.kind != "f":
        return finding("no_samples", shape=tuple(points.shape), got=found)
    samples = torch.from_numpy(found.data.astype(np.float64))
    halves = 4 * float(torch.cdist(points, points).mean()) / (len(points) - 1)  # the average in closed form
    ratio = energy_distance(samples, points) / halves
    if not ratio <= options["at_most"]:
        return finding("energy", ratio=ratio, at_most=options["at_most"], task=options["task"])
    return None


def energy_distance(first: torch.Tensor, second: torch.Tensor) -> float:
    """Return 2 E|X - Y| - E|X - X'| - E|Y - Y'| for points X of shape (n, d) and Y of shape (m, d)."""
    between, one, other = (torch.cdist(a, b).mean() for a, b in ((first, second), (first, first), (second, second)))
    return float(2 * between - one - other)
