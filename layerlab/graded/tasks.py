"""Small data sets with a secret in them, for exercises whose answer is a trained net.

The *law* of each task is public (`laws.py`); which of its many instances is meant is drawn from a seed. In a
plain notebook that seed is fixed. Under the grader it belongs to the trusted side: training data is asked for,
held-out inputs are handed over only when the net asks to be tested, and held-out labels never enter a student's
process.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

import torch

from layerlab.graded import observation, wire
from layerlab.graded.laws import LAWS


@dataclass(frozen=True)
class TaskData:
    """One drawn instance of a task: inputs and labels to train on, and others held out."""

    train_x: torch.Tensor
    train_y: torch.Tensor
    held_x: torch.Tensor
    held_y: torch.Tensor


class Task:
    """What a test cell sees of a task; made by `task`."""

    def __init__(self, name: str) -> None:
        if name not in LAWS:
            raise KeyError(f"there is no task {name!r}; there are: {', '.join(LAWS)}")
        self.name = name

    def train(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the inputs and labels to train on."""
        return self._part("train_x"), self._part("train_y")

    def held_out(self) -> torch.Tensor:
        """Return inputs that were not trained on; their labels stay with the grader."""
        return self._part("held_x")

    def _part(self, part: str) -> torch.Tensor:
        answer = observation.ask({"task": self.name, "part": part})
        if answer is None:
            return getattr(make(self.name, observation.DEFAULT_SEED), part).clone()  # `make` keeps its own
        return torch.from_numpy(wire.decode(answer).data)


def task(name: str) -> Task:
    """Return the task of that name.

    Raises:
        KeyError: if there is none; the message lists them.
    """
    return Task(name)


@functools.lru_cache(maxsize=8)
def make(name: str, seed: int) -> TaskData:
    """Draw one instance of a task and sample it; the same seed gives the same instance and the same samples.

    The last few are kept, since each part of one is asked for by itself: copy before changing anything.
    """
    generator = torch.Generator().manual_seed(seed)
    law = LAWS[name]
    sample = law.instance(generator)
    train_x, train_y = sample(law.train)
    held_x, held_y = sample(law.held)
    return TaskData(train_x, train_y, held_x, held_y)


def secret_seed(secret: int, exercise: str, name: str) -> int:
    """Return the seed of a task in one batch, from the batch's secret that a student's process never holds."""
    digest = hashlib.sha256(f"{secret}/{exercise}/{name}".encode()).digest()
    return int.from_bytes(digest[:7], "big")


def part(secret: int, exercise: str, request: dict[str, str]) -> bytes:
    """Return the bytes that answer a request of a test cell; labels are given for training inputs alone.

    Raises:
        PermissionError: if the request is for anything but ``train_x``, ``train_y`` or ``held_x``.
    """
    if request.get("part") not in ("train_x", "train_y", "held_x") or request.get("task") not in LAWS:
        raise PermissionError(f"a test cell may not ask for {request.get('part')!r} of {request.get('task')!r}")
    name = request["task"]
    return wire.encode(getattr(make(name, secret_seed(secret, exercise, name)), request["part"]))
