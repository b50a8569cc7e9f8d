"""Sees forbidden calls while an answer runs, whatever they were called through.

`autograder/submissions/rules.py` reads an answer's text; a name that is put together while it runs escapes that. Here a
profile function compares what is called, by identity, with what a rule means. Only calls made *from a student's code*
count: an allowed layer of torch may use a forbidden one inside.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

_ROOTS = {"torch": torch, "nn": nn, "F": F}
_OPERATORS = (torch._ops.OpOverload, torch._ops.OpOverloadPacket)


class _Rule:
    """What one rule forbids: Python code, C functions, tensor methods and operators."""

    def __init__(self, written: str) -> None:
        self.written = written
        first, *rest = written.split(".")
        found: Any = _ROOTS[first]
        for name in rest:
            found = getattr(found, name)
        self.name = rest[-1]
        self.object = found
        made = found.__init__ if isinstance(found, type) else found
        self.code: CodeType | None = getattr(made, "__code__", None)
        self.is_method = not isinstance(found, type) and hasattr(torch.Tensor, self.name)

    def is_call_of(self, frame: FrameType) -> bool:
        """True if ``frame`` is the beginning of a forbidden call in Python."""
        if self.code is not None and frame.f_code is self.code:
            return True
        if frame.f_code.co_name != "__call__":
            return False
        called = frame.f_locals.get("self")
        return isinstance(called, _OPERATORS) and self.name in str(called).replace("::", ".").split(".")

    def is_builtin(self, function: Any) -> bool:
        """True if a function of C's is the forbidden one, or the tensor method of that name."""
        if function is self.object:
            return True
        if getattr(function, "__name__", None) != self.name:
            return False
        owner = getattr(function, "__self__", None)
        return self.is_method and isinstance(owner, torch.Tensor)


@contextmanager
def watching(rules: Sequence[str], report: Callable[[str], None]) -> Iterator[None]:
    """Call ``report`` with each rule that a student's code breaks in this block, once per rule."""
    if not rules:
        yield
        return
    watched = [_Rule(rule) for rule in rules]
    told: set[str] = set()
    # Every call of an exercise passes here: most are told apart by a look into a set.
    codes = {id(rule.code) for rule in watched if rule.code is not None}
    names = {rule.name for rule in watched} | {getattr(rule.object, "__name__", rule.name) for rule in watched}

    def look(frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call":
            if getattr(argument, "__name__", None) not in names:
                return
            caller: FrameType | None = frame
            broken = next((rule for rule in watched if rule.is_builtin(argument)), None)
        elif event == "call":
            if id(frame.f_code) not in codes and frame.f_code.co_name != "__call__":
                return
            caller = frame.f_back
            broken = next((rule for rule in watched if rule.is_call_of(frame)), None)
        else:
            return
        if broken is not None and broken.written not in told and _is_students(caller):
            told.add(broken.written)
            report(broken.written)

    before = sys.getprofile()
    sys.setprofile(look)
    threading.setprofile(look)  # for the threads that the answer starts
    try:
        yield
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def _trusted_folders() -> tuple[str, ...]:
    installed = {str(Path(path).resolve()) for path in (sys.prefix, sys.base_prefix)}
    course = {str(Path(__file__).parent), str(Path(sys.modules["layerlab"].__file__).parent)}
    return tuple(installed | course | {sys.prefix, sys.base_prefix})


def _is_students(frame: FrameType | None) -> bool:
    """True for code of a submission's cells, and for what such code compiled: neither installed nor a test cell."""
    if frame is None:
        return False
    file = frame.f_code.co_filename
    return not file.startswith((*_TRUSTED, "<test_", "<frozen", "<__array_function__"))


_TRUSTED = _trusted_folders()
