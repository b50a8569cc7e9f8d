"""Call a student's code, and describe in one line what went wrong and where."""

from __future__ import annotations

import contextlib
import linecache
import sysconfig
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from layerlab.checks.causes.errors import error_cause, without_advice
from layerlab.checks.causes.tools import as_tensor, tensor_of
from layerlab.graded.observation import text_of
from layerlab.graded.wire import leaves
from layerlab.judging.notebook_words import WORDS
from layerlab.judging.words import put

UNFINISHED = "not implemented yet"
_LONGEST = 240  # characters of an exception's text that are shown
_HERE = str(Path(__file__).parents[1])
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


@dataclass(frozen=True)
class Outcome:
    """The result of a student's code: a value, or a description of the problem."""

    value: Any = None
    problem: str = ""


def outcome(yours: Any) -> Outcome:
    """Return ``yours`` or, if it is a function, its result; describe an exception in a sentence.

    Layers and classes are not called. Passing one of them is a mistake, which `compare` reports.
    """
    if not is_function(yours):
        return Outcome(yours)
    try:
        return Outcome(yours())
    except (Exception, SystemExit) as error:  # report any exception from a student's code instead of raising it
        return Outcome(problem=_problem(error, getattr(yours, "__code__", None)))


def is_function(value: Any) -> bool:
    """Return whether ``value`` is a function to call, rather than the value to compare."""
    return callable(value) and not isinstance(value, torch.nn.Module | torch.Tensor | type)


def _problem(error: BaseException, check: Any) -> str:
    """Describe an exception and its location; ``check`` is the check's own code, not the student's."""
    if stub_of(error):
        return UNFINISHED
    place = _student_frame(error)
    line = place.line if place else ""
    kind = type(error).__name__
    text = without_advice(" ".join(text_of(error).split()))
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    said = f"{kind}: {text}" if text else kind
    if place and place.code is check:
        said += f", when the check called your code: `{line}`" if line else ", when the check called your code"
    elif place:
        said += f", in line {place.lineno} of {place.name}" + (f": `{line}`" if line else "")
    cause = error_cause(kind, text)
    return f"{said}. Likely cause: {put(WORDS, cause)}" if cause else said


def stub_of(error: BaseException) -> str:
    """Return the name of the function whose stub raised the error, or "" if the error came from elsewhere."""
    place = _student_frame(error) if isinstance(error, NotImplementedError) else None
    if place is None:
        return ""
    return place.name if "raise NotImplementedError" in place.line or "lab.ranks(" in place.line else ""


@dataclass(frozen=True)
class _Place:
    lineno: int
    name: str
    line: str
    code: Any


def _student_frame(error: BaseException) -> _Place | None:
    """Return the innermost location in the error's traceback that is not in a library, or None."""
    found = None
    for frame, lineno in traceback.walk_tb(error.__traceback__):
        if not _is_library(frame.f_code.co_filename):
            found = frame, lineno
    if found is None:
        return None
    frame, lineno = found
    name = frame.f_code.co_name
    line = linecache.getline(frame.f_code.co_filename, lineno, frame.f_globals).strip()
    return _Place(lineno, "your code" if name.startswith("<") else f"`{name}`", line, frame.f_code)


def _is_library(path: str) -> bool:
    return path.startswith(("<frozen", "<string>", _HERE)) or path.startswith(_LIBRARIES)


@dataclass(frozen=True)
class Snapshot:
    """The tensors that a student's code receives, and copies made before the call."""

    given: tuple[tuple[str, Any], ...]
    copies: tuple[torch.Tensor, ...]

    def changed(self) -> str:
        """Return a description of the first tensor that changed, or "" if none did."""
        for (name, value), before in zip(self.given, self.copies, strict=True):
            now = as_tensor(value)
            if now is None or now.shape != before.shape:
                return f"{name}: its shape was {tuple(before.shape)}" if now is not None else name
            differs = (now != before) & ~((now != now) & (before != before))
            if differs.any():
                at = tuple(differs.nonzero()[0].tolist())
                return f"{name}: at {list(at)} it was {before[at].item():.4g} and is {now[at].item():.4g}"
        return ""


def snapshot(inputs: Any) -> Snapshot:
    """Copy every tensor and array in ``inputs``: one tensor or array, or nested tuples, lists and dicts of them."""
    given = tuple(_tensors(inputs))
    return Snapshot(given, tuple(tensor_of(value).clone() for _, value in given))


def _tensors(inputs: Any) -> Iterator[tuple[str, Any]]:
    for path, value in leaves(inputs):
        last = path[-1] if path else None
        name = "the input" if last is None else f"input {last}" if isinstance(last, int) else f"the input {last!r}"
        # A tensor without values (on the meta device, not yet initialized) raises an error; it cannot change.
        with contextlib.suppress(Exception):
            if not isinstance(value, int | float | complex) and as_tensor(value) is not None:
                yield name, value
