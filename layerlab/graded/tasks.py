"""Provide small datasets with a secret, for exercises whose answer is a trained network.

The *law* of each task is public (`laws.py`); a seed selects one of its many instances. In a plain notebook, that seed
is fixed. Under the grader, only the trusted side knows the seed. A test cell requests the training data, and later the
held-out inputs to test the network. Held-out labels never enter a student's process.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
import torch

from layerlab.graded import observation, wire
from layerlab.graded.laws import LAWS

_WORDS, _STATE_AT = 624, 24  # words of a Mersenne Twister, and their offset in torch's state (eight bytes per word)


@dataclass(frozen=True)
class TaskData:
    """A random instance of a task: training inputs and labels, and held-out inputs and labels."""

    train_x: torch.Tensor
    train_y: torch.Tensor
    held_x: torch.Tensor
    held_y: torch.Tensor


class Task:
    """The part of a task that a test cell sees; created by `task`."""

    def __init__(self, name: str) -> None:
        if name not in LAWS:
            raise KeyError(f"there is no task {name!r}; there are: {', '.join(LAWS)}")
        self.name = name

    def train(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the training inputs and labels."""
        return self._part("train_x"), self._part("train_y")

    def held_out(self) -> torch.Tensor:
        """Return the held-out inputs; their labels stay with the grader."""
        return self._part("held_x")

    def _part(self, part: str) -> torch.Tensor:
        answer = observation.ask({"task": self.name, "part": part})
        if answer is None:
            return getattr(make(self.name, observation.DEFAULT_SEED), part).clone()  # `make` caches the original
        return torch.from_numpy(wire.decode(answer).data)


def task(name: str) -> Task:
    """Return the task with this name.

    Raises:
        KeyError: if there is no such task; the message lists all names.
    """
    return Task(name)


@functools.lru_cache(maxsize=8)
def make(name: str, seed: int | bytes) -> TaskData:
    """Draw an instance of a task and sample data from it; the same seed gives the same instance and the same samples.

    The last few results are cached, because each part is requested separately. So copy a tensor before you change it.

    Args:
        seed: an integer seed for torch, of which only 32 bits count, or a secret key. If it is a key, no one can
            compute that key from the random numbers, or compute the held-out data from the training data.
    """
    generator = torch.Generator()
    law = LAWS[name]
    if isinstance(seed, int):
        generator.manual_seed(seed)
    sample = law.instance(_keyed(generator, seed, b"instance"))
    train_x, train_y = sample(law.train)
    _keyed(generator, seed, b"held out")
    held_x, held_y = sample(law.held)
    return TaskData(train_x, train_y, held_x, held_y)


def _keyed(generator: torch.Generator, seed: int | bytes, part: bytes) -> torch.Generator:
    """Set a generator's state from a key, for one part of the data; with an integer seed, leave the state unchanged."""
    if isinstance(seed, bytes):
        words = np.frombuffer(hashlib.shake_256(seed + part).digest(4 * _WORDS), "<u4").astype(np.uint64)
        state = generator.manual_seed(0).get_state()
        state[_STATE_AT : _STATE_AT + 8 * _WORDS] = torch.from_numpy(words.view(np.uint8).copy())
        generator.set_state(state)
    return generator


def secret_seed(secret: int, exercise: str, name: str) -> bytes:
    """Return the key of a task in an exercise, computed from the batch's secret; no student's process ever sees it."""
    return hashlib.sha256(f"{secret}/{exercise}/{name}".encode()).digest()


def part(secret: int, exercise: str, request: dict[str, str]) -> bytes:
    """Return the encoded data that a test cell requests: training inputs, training labels, or held-out inputs.

    Raises:
        PermissionError: if the request is for anything except ``train_x``, ``train_y`` or ``held_x`` of a known task.
    """
    if request.get("part") not in ("train_x", "train_y", "held_x") or request.get("task") not in LAWS:
        raise PermissionError(f"a test cell may not ask for {request.get('part')!r} of {request.get('task')!r}")
    name = request["task"]
    return wire.encode(getattr(make(name, secret_seed(secret, exercise, name)), request["part"]))
