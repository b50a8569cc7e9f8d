"""Detect forbidden calls while an answer runs, no matter how the code makes them.

`autograder/submissions/rules.py` reads an answer's text and misses a name that is assembled at run time. In this
module, a profile function asks `spellings` about each call. Only calls *from a student's code* count, because an
allowed torch layer may call a forbidden one internally. While the answer's own cell runs, only the answer's own lines
count; the trusted side sends their line numbers. A call to a layer that existed before the cell (for example, in a
demonstration) counts if the student's code makes the call, directly or through torch functions. The call does not count
if another layer makes it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import torch

import layerlab
from layerlab.rules import spellings

Lines = Sequence[Sequence[int]]  # first and last line of each statement
Report = Callable[[str, int], None]  # receives the rule, and the line of the call in the student's cell
_NOTHING = ("", "")
_TOP = ("<module>", "<cell line")  # names of a cell's top level in Python and in IPython
# Calls whose first argument is an instance of a torch class. After `torch.compile`, torch has wrapped two methods of
# `nn.Module` for the whole process (`torch/_dynamo/mutation_guard.py`); the wrappers have names of their own.
_MADE_BY = ("__init__", "__enter__", "__new__", "patched_init")
_COPIED_BY = ("__setstate__", "patched_setstate")
_MOST = 200  # elements of a list, tuple, or dict that are examined
_setprofile, _getprofile = sys.setprofile, sys.getprofile  # saved before a submission can replace them


class _Watch:
    """The rules for a student's code, and a cache of which code and names break them."""

    def __init__(self, rules: Sequence[str], lines: Lines | None, report: Report, there: Iterable[Any] = ()) -> None:
        self.rules = [spellings.rule(rule) for rule in rules]
        self.lines, self.report = lines, report
        self.told: set[str] = set()
        # `look` sees every call of an exercise, and one lookup in these caches settles most calls.
        self._harmless: dict[int, CodeType] = {}
        self._by_name: dict[str, tuple[str, str]] = {}
        self._by_class: dict[int, tuple[type, tuple[str, str]]] = {}  # keeps each class, because Python reuses ids
        self._layers = {id(one): one for one in there if self._of_class(one)[0]}
        self._forwards = {id(type(one).forward.__code__): type(one) for one in self._layers.values()}

    def look(self, frame: FrameType, event: str, argument: Any) -> None:
        """Handle one profile event; never raise an exception, because it would surface in the student's code."""
        try:
            if event == "call":
                if id(frame.f_code) not in self._harmless:
                    self._called(frame)
            elif event == "c_call":
                self._called_in_c(frame, argument)
        except Exception:  # objects may do anything when their name is requested
            return

    def _called(self, frame: FrameType) -> None:
        code = frame.f_code
        is_torchs = code.co_filename.startswith(_TORCH)
        if code.co_name in _MADE_BY:
            found = self._of_class(_first(frame))
        elif self._layers and is_torchs and code.co_name in ("forward", *_COPIED_BY):
            self._layer(frame)
            return
        elif not is_torchs:
            self._harmless[id(code)] = code  # kept, so that no other code object gets its id
            return
        elif code.co_name == "__call__":
            called = _first(frame)
            names = list(spellings.names_of(called)) if isinstance(called, spellings.OPERATORS) else []
            found = next((hit for name in names if (hit := self._of_name(name))[0]), _NOTHING)
        elif code.co_freevars:
            names = [code.co_name, *spellings.names_inside(code, frame.f_locals)]
            found = next((hit for name in names if (hit := self._of_name(name))[0]), _NOTHING)
        else:
            found = self._of_name(code.co_name)
            if not found[0]:
                self._harmless[id(code)] = code
        self._tell(found, frame.f_back)

    def _layer(self, frame: FrameType) -> None:
        """Handle a call to a torch layer's ``forward``, or to ``__setstate__`` when a layer is copied."""
        layer = _first(frame)
        if frame.f_code.co_name in _COPIED_BY:
            original = frame.f_back.f_locals.get("x") if frame.f_back is not None else None  # of copy.deepcopy
            if id(original) in self._layers:
                self._layers[id(layer)] = layer
            return
        kind = self._forwards.get(id(frame.f_code))
        if id(layer) in self._layers or (kind is not None and not isinstance(layer, kind)):
            self._tell(self._of_class(kind or layer), _caller(frame))

    def _called_in_c(self, frame: FrameType, function: Any) -> None:
        found = self._of_name(getattr(function, "__name__", None) or "")
        if found[0] and _is_torchs_own(function):
            self._tell(found, frame)

    def _of_name(self, name: str) -> tuple[str, str]:
        """Return the rule that a call to ``name`` breaks and the name, or two empty strings for an allowed call."""
        if name not in self._by_name:
            rule = next((rule for rule in self.rules if rule.means_name(name)), None)
            self._by_name[name] = (rule.written, name) if rule else _NOTHING
        return self._by_name[name]

    def _of_class(self, instance: Any) -> tuple[str, str]:
        kind = instance if isinstance(instance, type) else type(instance)
        known = self._by_class.get(id(kind))
        if known is None:
            rule = next((rule for rule in self.rules if rule.means_class(kind)), None)
            name = kind.__name__ if spellings.is_torchs(kind.__module__) else ""  # a student's own class
            known = self._by_class[id(kind)] = (kind, (rule.written, name) if rule else _NOTHING)
        return known[1]

    def _tell(self, found: tuple[str, str], caller: FrameType | None) -> None:
        written, name = found
        if (
            written
            and written not in self.told
            and caller is not None
            and _is_students(caller)
            and self._counts(caller)
        ):
            self.told.add(written)
            self.report(spellings.said(written, name), caller.f_lineno)

    def _counts(self, caller: FrameType | None) -> bool:
        """Return whether a call counts: in a test cell, each; in the answer's cell, one from the answer's lines."""
        if self.lines is None:
            return True
        line = 0
        while caller is not None:  # take the outermost, because code in a string has its own line numbers
            if caller.f_code.co_name.startswith(_TOP) and _is_students(caller):
                line = caller.f_lineno
            caller = caller.f_back
        return any(first <= line <= last for first, last in self.lines)


@contextmanager
def watching(
    rules: Sequence[str],
    report: Report,
    lines: Lines | None = None,
    names: Mapping[str, Any] | None = None,
) -> Iterator[None]:
    """Call ``report`` once for each rule that a student's code breaks in this block, with the line that breaks it.

    Only statements in ``lines`` (first and last) count, or all if None; ``names``, the namespace, has the earlier
    layers.
    """
    if not rules or (lines is not None and not lines):
        yield
        return
    watch = _Watch(rules, lines, report, _modules(names or {}))
    before = _getprofile()
    _setprofile(watch.look)
    threading.setprofile(watch.look)  # for the threads that the answer starts
    try:
        yield
    finally:
        _setprofile(before)
        threading.setprofile(None)


def _modules(names: Mapping[str, Any]) -> Iterator[torch.nn.Module]:
    """Yield the torch layers in a namespace, including layers inside other layers and inside lists or dicts."""
    for value in list(names.values()):
        parts = value.values() if type(value) is dict else value if type(value) in (list, tuple) else [value]
        for part in list(parts)[:_MOST]:
            if isinstance(part, torch.nn.Module):
                yield from (layer for layer in part.modules() if spellings.is_torchs(type(layer).__module__))


def _caller(frame: FrameType) -> FrameType | None:
    """Return the student's frame that called a layer; None if another layer or a test called it."""
    caller = frame.f_back
    while caller is not None and not _is_students(caller):
        code = caller.f_code
        is_layer = code.co_name == "forward" and isinstance(_first(caller), torch.nn.Module)
        if code.co_filename.startswith("<test_") or (is_layer and not isinstance(_first(caller), torch.nn.Sequential)):
            return None
        caller = caller.f_back
    return caller


def _first(frame: FrameType) -> Any:
    """Return the first argument of the running call, such as ``self``."""
    code = frame.f_code
    return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None


def _is_torchs_own(function: Any) -> bool:
    """Return whether a C function belongs to torch; even lists and arrays can have methods of the same name."""
    owner = getattr(function, "__self__", None)
    kind = owner if isinstance(owner, type) else type(owner)
    modules = getattr(function, "__module__", None), getattr(kind, "__module__", None)
    return isinstance(owner, torch.Tensor) or any(map(spellings.is_torchs, modules))


def _trusted_folders() -> tuple[str, ...]:
    installed = {str(Path(path).resolve()) for path in (sys.prefix, sys.base_prefix)}
    course = {str(Path(layerlab.__file__).parent), *getattr(sys.modules.get("inside"), "__path__", ())}
    server = {getattr(sys.modules["__main__"], "__file__", None) or str(Path(__file__).parent)}  # its path outside
    return tuple(installed | course | server | {sys.prefix, sys.base_prefix})


def _is_students(frame: FrameType) -> bool:
    """Return whether a frame runs a submission's code (in a cell or compiled by a cell), not installed or test code."""
    file = frame.f_code.co_filename
    return not file.startswith((*_TRUSTED, "<test_", "<frozen", "<__array_function__"))


_TORCH = str(Path(torch.__file__).parent) + "/"
_TRUSTED = _trusted_folders()
