"""Small datasets with a secret, for exercises whose answer is a trained network.

The *law* of each task is public (`laws.py`); a seed selects one of its many instances. In a plain notebook, that seed
is fixed. Under the grader, it belongs to the trusted side: a test cell requests the training data, gets held-out inputs
only when it asks to test the network, and held-out labels never enter a student's process.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

import numpy as np
import torch

from layerlab.graded import observation, wire
from layerlab.graded.laws import LAWS

_WORDS, _STATE_AT = 624, 24  # words of a Mersenne Twister; where torch keeps them, each in eight bytes


@dataclass(frozen=True)
class TaskData:
    """A random instance of a task: training inputs and labels, and held-out ones."""

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
    """Draw one instance of a task and sample it; the same seed gives the same instance and the same samples.

    The last few are cached, because each part of one is requested separately: copy before changing anything.

    Args:
        seed: an integer for torch, of which 32 bits count; or a key. No one can recover a key from some of its random
            numbers, or the held-out data from the training data.
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
    """Set a generator's state from a key, for one part of the data; with an integer seed, leave it unchanged."""
    if isinstance(seed, bytes):
        words = np.frombuffer(hashlib.shake_256(seed + part).digest(4 * _WORDS), "<u4").astype(np.uint64)
        state = generator.manual_seed(0).get_state()
        state[_STATE_AT : _STATE_AT + 8 * _WORDS] = torch.from_numpy(words.view(np.uint8).copy())
        generator.set_state(state)
    return generator


def secret_seed(secret: int, exercise: str, name: str) -> bytes:
    """Return the key of a task in one run, from the run's secret, which a student's process never sees."""
    return hashlib.sha256(f"{secret}/{exercise}/{name}".encode()).digest()


def part(secret: int, exercise: str, request: dict[str, str]) -> bytes:
    """Return the bytes that answer a test cell's request; labels are given only for training inputs.

    Raises:
        PermissionError: if the request is for anything except ``train_x``, ``train_y`` or ``held_x`` of a known task.
    """
    if request.get("part") not in ("train_x", "train_y", "held_x") or request.get("task") not in LAWS:
        raise PermissionError(f"a test cell may not ask for {request.get('part')!r} of {request.get('task')!r}")
    name = request["task"]
    return wire.encode(getattr(make(name, secret_seed(secret, exercise, name)), request["part"]))
