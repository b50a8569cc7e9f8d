"""Judge trained networks by their predictions for inputs whose labels never reached the student's process."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from autograder.judging.values import JudgeError, Miss, kind
from autograder.model import Batch, Told
from layerlab.graded import tasks
from layerlab.graded.wire import Array


def _held_out(got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str) -> tasks.TaskData:
    if batch is None or len(got) != 1:
        raise JudgeError("predictions are one tensor, and their judge needs the batch")
    return tasks.make(options["task"], tasks.secret_seed(batch.secret, exercise, options["task"]))


def _classes(got: Any, labels: np.ndarray) -> Miss | None:
    if isinstance(got, Array) and got.shape == labels.shape and got.data.dtype.kind in "iu":
        return None
    return Miss(f"expected one class number for each of {labels.size} inputs, got {kind(got)}")


def learned(expected: tuple, got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str) -> Miss | None:
    """Return why a trained network's class predictions are not good enough, or None if they are good enough.

    The predicted classes are compared with the labels of a task's held-out inputs. The task's data depend on the
    batch's secret. The reference's own predictions play no part.

    Args:
        expected: the reference's values; ignored.
        got: one integer tensor of shape (n,), with the predicted class of each of the n held-out inputs.
        options: ``task``, the name of the task, and ``at_least``, the required share of correct predictions, from 0
            to 1.
        batch: the batch, which provides the secret.
        exercise: the exercise with this task; each exercise has its own instance of the task.

    Raises:
        JudgeError: if there is no batch, or the number of observed values is not one.
    """
    labels = _held_out(got, options, batch, exercise).held_y.numpy()
    if miss := _classes(got[0], labels):
        return miss
    share = float((got[0].data == labels).mean())
    if share < options["at_least"]:
        said = f"{share:.1%} of the held-out predictions are right; {options['at_least']:.0%} are needed"
        return Miss(said, f"task {options['task']}", told=Told.VALUES)
    return None


def recall(expected: tuple, got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str) -> Miss | None:
    """Return why a trained network's recall is too low for at least one class, or None if no recall is too low.

    A class's recall is the share of its held-out inputs that the network predicts correctly. The class with the lowest
    recall decides.

    Arguments and errors are those of `learned`; ``at_least`` is the recall required for each class.
    """
    labels = _held_out(got, options, batch, exercise).held_y.numpy()
    if miss := _classes(got[0], labels):
        return miss
    shares = {int(label): float((got[0].data == label)[labels == label].mean()) for label in np.unique(labels)}
    worst = min(shares, key=shares.__getitem__)
    if shares[worst] < options["at_least"]:
        needed = f"every class needs {options['at_least']:.0%}"
        said = f"{shares[worst]:.1%} of the inputs of class {worst} are predicted correctly; {needed}"
        return Miss(said, f"task {options['task']}", told=Told.VALUES)
    return None


def forecast(expected: tuple, got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str) -> Miss | None:
    """Return why a trained network's predictions are too far off, or None if they are close enough.

    The mean absolute error of the predictions on a task's held-out inputs is compared with that of a simple baseline on
    the same inputs (`layerlab/graded/laws.py`). A prediction that is not finite makes the error infinite or nan, which
    always fails.

    Args:
        expected: the reference's values; ignored.
        got: one floating-point tensor with the shape of the task's held-out targets.
        options: ``task``, the name of the task; ``than``, the name of the baseline; and ``at_most``, the largest
            allowed multiple of the baseline's error.
        batch: the batch, which provides the secret.
        exercise: the exercise with this task; each exercise has its own instance of the task.

    Raises:
        JudgeError: if there is no batch, or the number of observed values is not one.
    """
    data = _held_out(got, options, batch, exercise)
    aims, found = data.held_y.double().numpy(), got[0]
    if not isinstance(found, Array) or found.shape != aims.shape or found.data.dtype.kind != "f":
        return Miss(f"expected predictions of shape {tuple(aims.shape)}, got {kind(found)}")
    plain = tasks.LAWS[options["task"]].guesses[options["than"]](data.held_x).double().numpy()
    with np.errstate(over="ignore", invalid="ignore"):  # a student's network may predict anything
        ratio = float(np.abs(found.data.astype(np.float64) - aims).mean() / np.abs(plain - aims).mean())
    if not ratio <= options["at_most"]:
        than, most = options["than"], options["at_most"]
        said = f"the mean error is {ratio:.2f} times that of the {than}; at most {most:g} is allowed"
        return Miss(said, f"task {options['task']}", told=Told.VALUES)
    return None


def energy(expected: tuple, got: tuple, options: dict[str, Any], batch: Batch | None, exercise: str) -> Miss | None:
    """Return why a generative model's samples are not close enough to held-out points, or None if they are.

    The held-out labels of the task are points. Their energy distance to the samples is compared with the energy
    distance between two halves of these points, averaged over all ways to halve them. Only equal distributions have an
    energy distance of zero. A sample that is not finite makes the distance infinite or nan, which always fails.

    Args:
        expected: the reference's values; ignored.
        got: one floating-point tensor with the shape of the task's held-out points.
        options: ``task``, the name of the task, and ``at_most``, the largest allowed multiple of the halves' distance.
        batch: the batch, which provides the secret.
        exercise: the exercise with this task; each exercise has its own instance of the task.

    Raises:
        JudgeError: if there is no batch, or the number of observed values is not one.
    """
    points, found = _held_out(got, options, batch, exercise).held_y.double(), got[0]
    if not isinstance(found, Array) or found.shape != tuple(points.shape) or found.data.dtype.kind != "f":
        return Miss(f"expected samples of shape {tuple(points.shape)}, got {kind(found)}")
    samples = torch.from_numpy(found.data.astype(np.float64))
    halves = 4 * float(torch.cdist(points, points).mean()) / (len(points) - 1)  # the average in closed form
    ratio = energy_distance(samples, points) / halves
    if not ratio <= options["at_most"]:
        most = options["at_most"]
        said = f"the energy distance to the held-out points is {ratio:.1f} times that between two halves of them"
        return Miss(f"{said}; at most {most:g} is allowed", f"task {options['task']}", told=Told.VALUES)
    return None


def energy_distance(first: torch.Tensor, second: torch.Tensor) -> float:
    """Return 2 E|X - Y| - E|X - X'| - E|Y - Y'| for points X of shape (n, d) and Y of shape (m, d)."""
    between, one, other = (torch.cdist(a, b).mean() for a, b in ((first, second), (first, first), (second, second)))
    return float(2 * between - one - other)
