"""Record the arguments that claims pass to a function; under `validate`, the reference calls this module.

A record is sent in the same way as a drawn value, so it counts only while a claim is open.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import types
from typing import Any

import numpy as np
import torch

from layerlab.graded import observation, wire

MARK = "passed to"
ENOUGH = 2  # different values per parameter; more are not needed
DEPTH = 5
_PLAIN = (torch.Tensor, np.ndarray, np.generic, bool, int, float, complex, str, type(None), torch.dtype)

_process = os.getpid()
_seen: dict[tuple[str, str], set[str]] = {}


def note(function: str, values: dict[str, Any]) -> None:
    """Send the digest of each new argument value in a call to ``function``."""
    session = observation._session
    if session.claim is None or os.getpid() != _process:
        return
    for parameter, value in values.items():
        seen = _seen.setdefault((function, parameter), set())
        digest = _digest(value, DEPTH) if len(seen) < ENOUGH else ""
        if digest and digest not in seen:
            seen.add(digest)
            session.send("drawn", {}, wire.encode([MARK, function, parameter, digest]))


def _digest(value: Any, depth: int) -> str:
    if isinstance(value, _PLAIN):
        with contextlib.suppress(Exception):  # for example, a sparse tensor
            return hashlib.sha256(wire.encode(value)).hexdigest()
    try:
        return hashlib.sha256(repr(_parts(value, depth)).encode()).hexdigest()
    except Exception:  # a class may do anything here, so its value stays unknown
        return os.urandom(8).hex()


def _parts(value: Any, depth: int) -> Any:
    kind = type(value).__qualname__
    if isinstance(value, torch.nn.Module):
        return [repr(value), value.training, *(_digest(tensor, depth) for tensor in value.state_dict().values())]
    if isinstance(value, torch.Generator):
        return [kind, value.initial_seed()]
    if isinstance(value, bytes):  # wire encodes only their type
        return [kind, value]
    if depth == 0:
        return kind
    if isinstance(value, torch.Tensor):
        return [kind, _digest(value.detach().as_subclass(torch.Tensor).to_dense(), depth - 1)]
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        bound = _digest([value.__defaults__, value.__kwdefaults__, cells], depth - 1)
        return [value.__qualname__, value.__code__.co_code, repr(value.__code__.co_consts), bound]
    if isinstance(value, type | types.BuiltinFunctionType | types.MethodType):
        return value.__qualname__
    if isinstance(value, dict):
        return [kind, *((_digest(key, depth - 1), _digest(item, depth - 1)) for key, item in value.items())]
    if isinstance(value, list | tuple):
        return [kind, *(_digest(item, depth - 1) for item in value)]
    if hasattr(value, "__dict__") and not type(value).__module__.startswith("torch.autograd"):
        return [kind, _digest(dict(vars(value)), depth - 1)]
    return [kind, os.urandom(8)]  # the value is unknown, so every call counts as a new value
