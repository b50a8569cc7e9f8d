"""Find a student's own modules in the folder of the notebook, within limits, without importing them.

The notebook's cells search for these modules last (`autograder/sandbox/inside/steps.py`), so the modules never replace
a package. A module with the name of a package is left out. A note reports the omission, because the module would have
replaced the package on the student's machine.
"""

from __future__ import annotations

import contextlib
import keyword
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from itertools import islice
from pathlib import Path

from autograder.submissions.student_files import read_regular

MAX_MODULES = 20
MAX_BYTES = 200_000  # of all modules together
MAX_ENTRIES = 2000  # entries of the folder that are examined
_OURS = frozenset(["layerlab", "autograder", "authoring", "inside", "lab"])


@dataclass(frozen=True)
class Beside:
    """The name and text of each module in the folder of a notebook, and sentences about those that were left out."""

    modules: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def beside_of(notebook: object) -> Beside:
    """Return the modules in a notebook's folder, or no modules if there is no path or no readable folder."""
    modules: list[tuple[str, str]] = []
    notes: list[str] = []
    if isinstance(notebook, Path):
        with contextlib.suppress(OSError, ValueError), _opened(notebook.parent) as folder:
            found, left = _names(folder), MAX_BYTES
            for name in found[:MAX_MODULES]:
                why = _refused(name)
                data = None if why else _content(name, folder, left)
                if data is not None:
                    left -= len(data)
                    modules.append((name, data.decode("utf-8-sig", errors="replace")))
                else:
                    why = (
                        why
                        or f"it is not a regular file, or the modules have more than {MAX_BYTES // 1000} kB together"
                    )
                    notes.append(f"{name}.py beside the notebook was left out: {why}")
            if len(found) > MAX_MODULES:
                notes.append(f"of {len(found)} modules beside the notebook, only the first {MAX_MODULES} were taken")
    return Beside(tuple(modules), tuple(notes))


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    found = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield found
    finally:
        os.close(found)


def _names(folder: int) -> list[str]:
    """Return the names of a folder's Python files that can be imported."""
    with os.scandir(folder) as entries:
        found = [entry.name for entry in islice(entries, MAX_ENTRIES)]
    names = sorted(name.removesuffix(".py") for name in found if name.endswith(".py"))
    return [name for name in names if name.isascii() and name.isidentifier() and not keyword.iskeyword(name)]


def _refused(name: str) -> str:
    """Return why a module must not have this name, or "" if the name is allowed."""
    if name in sys.stdlib_module_names or name in _OURS:
        return "Python or the course has a module of that name"
    found = PathFinder.find_spec(name, [path for path in sys.path if path.endswith("-packages")])
    return "an installed package has that name" if found is not None and found.origin else ""


def _content(name: str, folder: int, most: int) -> bytes | None:
    """Return the bytes of one module, or None if it is too large or not a regular file."""
    try:
        data = read_regular(f"{name}.py", most + 1, folder)
    except OSError:
        return None
    return data if len(data) <= most else None
