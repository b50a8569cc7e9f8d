"""Provide claims, which earn points, and observations; a student's process never sees the expected values.

A test cell opens a `claim`, draws its own inputs with `inputs`, and passes the results of the student's code to
`observe`. In a plain notebook, each claim prints a line. Under the grader, each value leaves the process immediately,
and the trusted side compares it with what the reference notebook observed under the same seed.
"""

from __future__ import annotations

import hashlib
import linecache
import os
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from layerlab.graded import wire

MAX_LINES, MAX_LINE = 20, 200  # lines reported for each exception, and characters in each line
DEFAULT_SEED = 20260101  # seed of a plain notebook, so that a student sees the same values each time


class Channel(Protocol):
    """A channel that sends observations to the grader, and requests data from it."""

    def send(self, kind: str, header: dict[str, Any], payload: bytes = b"") -> None: ...

    def ask(self, header: dict[str, Any]) -> bytes: ...


@dataclass
class _Session:
    channel: Channel | None = None
    seed: int = DEFAULT_SEED
    exercise: str = ""
    claim: str | None = None
    draws: int = 0
    observations: int = 0
    record_draws: bool = False
    answers: dict[tuple[Any, ...], bytes] = field(default_factory=dict)  # by request

    def send(self, kind: str, header: dict[str, Any], payload: bytes = b"") -> None:
        if self.channel is not None:
            self.channel.send(kind, {"exercise": self.exercise, "claim": self.claim} | header, payload)


_session = _Session()


def listen(channel: Channel | None, seed: int = DEFAULT_SEED, record_draws: bool = False) -> None:
    """Send all later observations to ``channel``; only the grader calls this function, never a notebook."""
    global _session
    _session = _Session(channel=channel, seed=seed, record_draws=record_draws)


@contextmanager
def listening(channel: Channel, seed: int) -> Iterator[None]:
    """Send the observations in a block, and the inputs they draw, to ``channel``; afterward, go on as before."""
    global _session
    before = _session
    listen(channel, seed, record_draws=True)
    try:
        yield
    finally:
        _session = before


def enter(exercise: str) -> None:
    """Set the exercise of the next test cell; inputs depend on its name, and observations are sent with that name."""
    _session.exercise, _session.claim, _session.draws = exercise, None, 0


def ask(request: dict[str, Any]) -> bytes | None:
    """Ask the trusted side for data; if no grader is running, return None, and the notebook makes the data itself."""
    if _session.channel is None:
        return None
    key = (_session.exercise, *sorted(request.items()))
    if key not in _session.answers:  # equal requests have equal answers, so one round trip is enough
        _session.answers[key] = _session.channel.ask({"exercise": _session.exercise} | request)
    return _session.answers[key]


def is_graded() -> bool:
    """Return whether a grader is running; if so, visible checks record a failure instead of raising an exception."""
    return _session.channel is not None


def record_check(what: str, passed: bool, message: str) -> None:
    """Report the result of a visible check to the grader; feedback shows it, but points do not depend on it."""
    _session.send("check", {"what": what, "passed": bool(passed), "message": str(message)})


@contextmanager
def claim(name: str, points: int = 1) -> Iterator[None]:
    """Open a group of observations that earns ``points`` if all of them are right.

    Under the grader, an exception in the block loses only this claim, and the test cell continues.

    Args:
        name: the claim in words that students read ("bias is optional"); unique within its exercise.
        points: a positive integer.
    """
    _session.claim, _session.draws, _session.observations = name, 0, 0
    _session.send("claim", {"points": points})
    try:
        yield
    except (Exception, SystemExit) as error:
        if _session.channel is None:
            raise
        said = {"error": type(error).__name__, "message": text_of(error)[:500], "lines": lines_of(error)}
        _session.send("raised", said)
    else:
        _session.send("held", {"count": _session.observations})
        if _session.channel is None:
            print(f"claim: {name} ({_session.observations} observed)")
    finally:
        _session.claim = None


def lines_of(error: BaseException) -> list[tuple[int, str]]:
    """Return the number and text of each notebook line in an exception's traceback, outermost first."""
    found = [(error.lineno, (error.text or "").strip())] if isinstance(error, SyntaxError) and error.lineno else []
    for frame, number in traceback.walk_tb(error.__traceback__):
        entry: Sequence[Any] = linecache.cache.get(frame.f_code.co_filename, ())
        is_cell = len(entry) == 4 and entry[1] is None  # IPython stores the text of a cell without a modification time
        lines = entry[2] if is_cell else ()  # a file that has not been read yet has a different kind of entry
        if 0 < number <= len(lines):
            found.append((number, lines[number - 1].strip()))
    return [(number, line[:MAX_LINE]) for number, line in found[-MAX_LINES:]]


def text_of(value: object) -> str:
    """Return the text of an exception or a student's object, even if its ``__str__`` raises an exception."""
    try:
        return str.__str__(str(value))  # for a subclass of `str`, its actual characters
    except Exception as worse:
        return f"its own text cannot be shown ({type(worse).__name__})"


def observe(label: str, *values: Any, judge: str = "close", **options: Any) -> None:
    """Send to the grader the values that the student's code produced.

    Args:
        label: a description of the values ("output for a batch of one").
        values: tensors, arrays, numbers, strings, and tuples, lists and dicts of these.
        judge: the name of the judge with which the trusted side compares the values; see
            ``layerlab/judging/judges.py``.
        options: options of the judge (tolerances, the rate of a dropout layer). Only the judge and options of the
            *reference* are used, so a student's process cannot choose its judge.

    Raises:
        RuntimeError: if called outside a `claim`, or if nbgrader runs the notebook without this course's preprocessor.
    """
    if _session.claim is None:
        raise RuntimeError("lab.observe belongs inside a `with lab.claim(...):` block")
    if _session.channel is None:
        if os.environ.get("NBGRADER_EXECUTION") == "autograde":
            raise RuntimeError(
                "nobody is listening to this observation, so it would score points for any code that runs. Put "
                "autograder.preprocessor.JudgeObservations into c.Autograde.autograde_preprocessors, or run "
                "`python -m autograder grade`."
            )
    else:
        header = {"label": label, "judge": judge, "count": len(values)}
        _session.send("observe", header, wire.encode({"values": values, "options": options}))
    _session.observations += 1


def inputs() -> Inputs:
    """Return a generator of inputs; its seed depends only on the session seed, exercise, claim, and number of calls.

    The generator shares no state with ``torch.manual_seed``, so the inputs are the same no matter how many random
    numbers a student's code uses.
    """
    _session.draws += 1
    key = f"{_session.seed}/{_session.exercise}/{_session.claim}/{_session.draws}"
    return Inputs(int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big"))


class Inputs:
    """A generator of random inputs for a test cell, reproducible from an integer seed."""

    def __init__(self, seed: int) -> None:
        self._generator = torch.Generator().manual_seed(seed)

    def size(self, low: int, high: int) -> int:
        """Return a random integer from ``low`` to ``high`` inclusive."""
        return int(self._drawn(torch.randint(low, high + 1, (), generator=self._generator)))

    def sizes(self, count: int, low: int, high: int) -> list[int]:
        """Return ``count`` different integers from ``low`` to ``high``, so that no two sizes of a shape are equal.

        Raises:
            ValueError: if the range has fewer than ``count`` integers.
        """
        if high - low + 1 < count:
            raise ValueError(f"there are fewer than {count} integers from {low} to {high}")
        chosen = low + torch.randperm(high - low + 1, generator=self._generator)[:count]
        return [int(size) for size in self._drawn(chosen)]

    def uniform(self, low: float, high: float) -> float:
        """Return a random float from ``low`` to ``high``, rounded to 4 decimals so that messages can show it."""
        return round(low + (high - low) * float(torch.rand((), generator=self._generator)), 4)

    def choice(self, options: Sequence[Any]) -> Any:
        """Return a random element of ``options``."""
        return options[self.size(0, len(options) - 1)]

    def randn(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Return a tensor of the given shape, sampled from N(0, 1)."""
        return self._drawn(torch.randn(shape, generator=self._generator, dtype=dtype))

    def rand(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Return a tensor of the given shape, sampled uniformly from [low, high)."""
        values = torch.rand(shape, generator=self._generator, dtype=dtype)
        return self._drawn(low + (high - low) * values)

    def integers(self, low: int, high: int, *shape: int) -> torch.Tensor:
        """Return an int64 tensor of the given shape with random values from ``low`` to ``high`` inclusive."""
        return self._drawn(torch.randint(low, high + 1, shape, generator=self._generator))

    def permutation(self, n: int) -> torch.Tensor:
        """Return the integers 0 to n-1 in random order (int64)."""
        return self._drawn(torch.randperm(n, generator=self._generator))

    def fill(self, module: torch.nn.Module) -> torch.nn.Module:
        """Overwrite every parameter of ``module`` with random values, ordered by parameter name, and return the module.

        The values depend on the names, not on the registration order, so two right answers get the same weights.
        """
        with torch.no_grad():
            for _, parameter in sorted(module.named_parameters()):
                values = torch.randn(parameter.shape, generator=self._generator, dtype=torch.float64)
                parameter.copy_(self._drawn(values))
        return module

    def _drawn(self, values: torch.Tensor) -> torch.Tensor:
        if _session.record_draws:
            _session.send("drawn", {}, wire.encode(values))
        return values
