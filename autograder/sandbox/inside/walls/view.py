"""Choose which parts of the host a submission sees. Standard library only.

A path may lead through links, and everything may be below a folder that the walls create themselves (`OWN`). So a view
lists real folders and files, which appear at the paths they have outside, and also the links that lead to them. A
process that keeps using the names it was started with finds all of them again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

OWN = ("/tmp", "/dev", "/dev/shm", "/etc", "/proc")  # the walls create these, whatever the host has there
LIBRARIES = ("/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib")
_LIBRARY_NAMES = ("lib", "lib32", "lib64", "libx32")  # shown in a prefix, and nothing else: it may be a home
SHOWN, COVERED, LINK = "shown", "covered", "link"


@dataclass(frozen=True)
class Place:
    """A path in the new root folder: what the host has there, an empty folder over it, or a link."""

    path: str
    kind: str
    target: str = ""  # where a link leads, as a real path


@dataclass(frozen=True)
class View:
    """The parts of the host that a submission sees, read-only.

    Args:
        places: a folder comes before its contents; paths visible through another place are left out.
        course: the real folders of packages that appear below `packages`.
        work: a submission's working folder, as seen inside.
        packages: the folder where `layerlab` and `inside` are visible.
    """

    places: tuple[Place, ...]
    course: tuple[str, ...]
    work: str
    packages: str

    def below(self, folder: str) -> list[Place]:
        """Return the outermost places in a folder, which bring along everything else there."""
        found: list[Place] = []
        for place in self.places:
            if is_below(place.path, folder) and not any(is_below(place.path, other.path) for other in found):
                found.append(place)
        return found


def view(layerlab: Path) -> View:
    """Return the interpreter, the third-party packages, ``layerlab`` and this package, with the grader covered."""
    names = [name for name in _names() if os.path.exists(name)]
    shown = {os.path.realpath(name) for name in names}
    links = dict(link for name in names for link in links_to(name))
    places = tuple(_needed(shown, {os.path.realpath(path) for path in _hidden()}, links))
    course = (os.path.realpath(layerlab), os.path.realpath(Path(__file__).parents[1]))
    return View(places, course, _free("/submission", places), _free("/course-packages", places))


def is_below(path: str, folder: str) -> bool:
    """Return whether a path is a folder or something in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def links_to(name: str) -> Iterator[tuple[str, str]]:
    """Yield each link that a path leads through: its own real path and the real path of its target."""
    at = "/"
    for part in Path(name).parts[1:]:
        here = os.path.dirname(at) if part == ".." else os.path.join(at, part)
        real = os.path.realpath(here)
        if real == here or here in OWN:  # if the host's /tmp is a link, ours is a folder, and what follows is the link
            at = here
        else:
            yield here, real
            at = real


def _prefixes() -> set[str]:
    return {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}


def _packages() -> list[str]:
    return [path for path in sys.path if path.endswith("-packages")]


def _names() -> list[str]:
    """Return every path that this interpreter uses for what it needs."""
    libraries = [os.path.join(prefix, name) for prefix in _prefixes() for name in _LIBRARY_NAMES]
    standard = [os.path.dirname(os.__file__), os.path.dirname(os.path.dirname(os.__file__))]
    program = [os.path.join(sys.prefix, "pyvenv.cfg"), sys.executable]
    return [*LIBRARIES, *libraries, *standard, *_packages(), *program]


def _hidden() -> list[str]:
    """Return the locations of all copies of the grader: this file's repository and installed packages."""
    installed = [Path(path) for path in _packages()]
    installed += [found for prefix in _prefixes() for found in Path(prefix).glob("lib*/python*/*-packages")]
    hidden = [str(path / "autograder") for path in installed if (path / "autograder").is_dir()]
    repository = Path(__file__).resolve().parents[4]
    return hidden if repository.name.endswith("-packages") else [*hidden, str(repository)]


def _needed(shown: set[str], hidden: set[str], links: dict[str, str]) -> Iterator[Place]:
    """Yield places, outer ones first, without those that make no difference."""
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
    """Return ``name`` for a folder that the walls create, with a number if the name is taken."""
    number, found = 0, name
    while any(is_below(place.path, found) for place in places):
        number += 1
        found = f"{name}-{number}"
    return found
