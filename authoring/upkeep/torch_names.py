"""Write torch.nn's public names, with the arguments and methods of each, to `book/torch_names.json`."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune, rnn, stateless

RECORD = "book/torch_names.json"

# Names in torch.nn.functional that are not part of its API: helpers that its own source imports.
_TOOLS_FROM = ("typing", "torch._jit_internal", "torch.overrides", "torch._C")
_TOOLS = ("assert_int_or_pair",)
_EVERYWHERE = ("device", "dtype", "input")  # arguments that say nothing about a layer


def public_names() -> dict[str, list[str]]:
    """Return public names by namespace: classes of nn, functions of nn.functional and nn.init, and all of nn.utils."""
    found = {
        "nn": [name for name in dir(nn) if not name.startswith("_") and inspect.isclass(getattr(nn, name))],
        "nn.functional": [name for name in dir(F) if _is_function(name)],
        "nn.init": list(nn.init.__all__),
        "nn.utils": [name for name in nn.utils.__all__ if not inspect.ismodule(getattr(nn.utils, name))],
        "nn.utils.parametrizations": list(parametrizations.__all__),
        "nn.utils.parametrize": list(parametrize.__all__),
        "nn.utils.prune": _made_in(prune),
        "nn.utils.rnn": list(rnn.__all__),
        "nn.utils.stateless": list(stateless.__all__),
    }
    return {namespace: sorted(names) for namespace, names in found.items()}


def _is_function(name: str) -> bool:
    value = getattr(F, name)
    is_tool = name.startswith("_") or name in _TOOLS or getattr(value, "__module__", None) in _TOOLS_FROM
    return callable(value) and not inspect.isclass(value) and not is_tool


def _made_in(module: ModuleType) -> list[str]:
    """Return the public names that a module without ``__all__`` defines itself."""
    return [n for n in dir(module) if n[0] != "_" and getattr(getattr(module, n), "__module__", "") == module.__name__]


def parts() -> dict[str, str]:
    """Return the arguments and methods of each class, function, and initializer that has any, by name."""
    rooms = {"nn": nn, "nn.functional": F, "nn.init": nn.init}
    names = public_names()
    found = {f"{room}.{name}": _parts(getattr(rooms[room], name)) for room in rooms for name in names[room]}
    return {name: " ".join(said) for name, said in found.items() if said}


def _parts(value: Any) -> list[str]:
    """Return a name's arguments and a class's own methods; only Module gets the methods that all modules share."""
    try:
        # Since Python 3.13, a deprecated name shows the arguments of what it wraps.
        arguments = [] if hasattr(value, "__deprecated__") else list(inspect.signature(value).parameters.values())
    except ValueError:  # a function written in C++
        arguments = []
    named = [one.name for one in arguments if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    if inspect.isclass(value):
        shared = set() if value is nn.Module else {*dir(nn.Module), *dir(torch.Tensor)}
        named += [name for name in dir(value) if callable(getattr(value, name)) and name not in shared]
    return [name for name in dict.fromkeys(named) if not name.startswith("_") and name not in _EVERYWHERE]


def record() -> str:
    """Return the text of the file: torch's version without its suffix, names by namespace, and each name's parts."""
    content = {"torch": torch.__version__.partition("+")[0], "names": public_names(), "parts": parts()}
    return json.dumps(content, indent=1) + "\n"


def main(root: Path) -> None:
    """Write the file below the course at ``root``."""
    (root / RECORD).write_text(record(), encoding="utf-8")
