"""Choose which parts of the host a submission sees.

This module uses only the standard library. A path can lead through symbolic links, and any path can be below a folder
that the walls themselves create (`OWN`). So a view lists the real folders and files, which appear at the same paths as
on the host, and the links that lead to them. Therefore, a process can still open the paths with which it was started.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

OWN = ("/tmp", "/dev", "/dev/shm", "/etc", "/proc")  # the walls create these, whatever the host has there
LIBRARIES = ("/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib")
_LIBRARY_NAMES = ("lib", "lib32", "lib64", "libx32")  # only these are shown in a prefix, which may be a home folder
SHOWN, COVERED, LINK = "shown", "covered", "link"


@dataclass(frozen=True)
class Place:
    """A path in the new root folder: the host's own file or folder, an empty folder that covers it, or a link."""

    path: str
    kind: str
    target: str = ""  # the real path that a link leads to


@dataclass(frozen=True)
class View:
    """The parts of the host that a submission sees, read-only; folders come before their contents.

    Args:
        course: the real folders of the packages that appear in ``packages``.
        work: the path of a submission's working folder inside the walls.
        packages: the folder inside the walls that contains `layerlab` and `inside`.
    """

    places: tuple[Place, ...]
    course: tuple[str, ...]
    work: str
    packages: str

    def below(self, folder: str) -> list[Place]:
        """Return the outermost places in a folder; they contain all other places in it."""
        found: list[Place] = []
        for place in self.places:
            if is_below(place.path, folder) and not any(is_below(place.path, other.path) for other in found):
                found.append(place)
        return found


def view(layerlab: Path) -> View:
    """Return a view of the interpreter, third-party packages, ``layerlab``, and this package, without the grader."""
    names = [name for name in _names() if os.path.exists(name)]
    shown = {os.path.realpath(name) for name in names}
    links = dict(link for name in names for link in links_to(name))
    places = tuple(_needed(shown, {os.path.realpath(path) for path in _hidden()}, links))
    course = (os.path.realpath(layerlab), os.path.realpath(Path(__file__).parents[1]))
    return View(places, course, _free("/submission", places), _free("/course-packages", places))


def is_below(path: str, folder: str) -> bool:
    """Return whether ``path`` is ``folder`` itself or something inside it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def links_to(name: str) -> Iterator[tuple[str, str]]:
    """For each link on a path, yield the real path of the link and the real path of its target."""
    at = "/"
    for part in Path(name).parts[1:]:
        here = os.path.dirname(at) if part == ".." else os.path.join(at, part)
        real = os.path.realpath(here)
        if real == here or here in OWN:  # even if the host's /tmp is a link, /tmp is a folder inside the walls
            at = here
        else:
            yield here, real
            at = real


def _prefixes() -> set[str]:
    return {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}


def _packages() -> list[str]:
    return [path for path in sys.path if path.endswith("-packages")]


def _names() -> list[str]:
    """Return every path from which this interpreter loads libraries, modules, and settings."""
    libraries = [os.path.join(prefix, name) for prefix in _prefixes() for name in _LIBRARY_NAMES]
    standard = [os.path.dirname(os.__file__), os.path.dirname(os.path.dirname(os.__file__))]
    program = [os.path.join(sys.prefix, "pyvenv.cfg"), sys.executable]
    return [*LIBRARIES, *libraries, *standard, *_packages(), *program]


def _hidden() -> list[str]:
    """Return the paths of all copies of the grader: this file's repository and installed packages."""
    installed = [Path(path) for path in _packages()]
    installed += [found for prefix in _prefixes() for found in Path(prefix).glob("lib*/python*/*-packages")]
    hidden = [str(path / "autograder") for path in installed if (path / "autograder").is_dir()]
    repository = Path(__file__).resolve().parents[4]
    return hidden if repository.name.endswith("-packages") else [*hidden, str(repository)]


def _needed(shown: set[str], hidden: set[str], links: dict[str, str]) -> Iterator[Place]:
    """Yield places, outer folders first, omitting paths that are already visible through an outer place."""
    placed: list[Place] = []
    for path in sorted({*shown, *hidden, *links}, key=lambda path: path.split("/")):
        around = next((place for place in reversed(placed) if is_below(path, place.path)), None)
        is_seen = around is not None and around.kind == SHOWN
        if path in hidden and is_seen:
            placed.append(Place(path, COVERED))
        elif path in shown and not is_seen:
            placed.append(Place(path, SHOWN))
        elif path in links and not is_seen:
            placed.append(Place(path, LINK, links[path]))
    yield from placed


def _free(name: str, places: Iterable[Place]) -> str:
    """Return a name for a folder that the walls create: ``name`` or, if that is taken, ``name`` with a number."""
    number, found = 0, name
    while any(is_below(place.path, found) for place in places):
        number += 1
        found = f"{name}-{number}"
    return found
