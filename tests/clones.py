"""Test fresh clones in unusual places, from setup to a gradebook: `python -m tests.clones [PLACE ...]`.

The program clones the commit that is checked out here. Each place gets its own environment from `make ready`, which
needs the package index and takes minutes; `tests/sandbox/test_view.py` is a quick version of this test.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.root import ROOT

CHAPTER = "linear"
SOMEBODY = 54321  # a user id that no account has
GRADING = (("sample", CHAPTER), ("grade", CHAPTER), ("sample", "--check", CHAPTER))
_FORGOTTEN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "TMPDIR")

console = Console()


class Failed(Exception):
    """A command at a place failed; the message is the end of its output."""


@dataclass
class Clone:
    """A clone: its folder, the path by which its commands are called, and the user who runs them."""

    course: Path
    called: Path
    user: int | None = None
    umask: int = 0o022
    python: str = f"{sys.base_prefix}/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str | Path) -> None:
        """Run a command in the clone as its user; raise `Failed` if it fails."""
        known = {name: value for name, value in os.environ.items() if name not in _FORGOTTEN}
        who = {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}
        done = subprocess.run(
            command, cwd=self.called, umask=self.umask, env=known | self.environment, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **who,
        )  # fmt: skip
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-3000:]}")


def cloned(course: Path, **how: object) -> Clone:
    """Clone to ``course``; commands are called by that path unless ``called`` gives another path."""
    clone = Clone(course, **({"called": course} | how))
    course.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, course], check=True, umask=clone.umask)
    return clone


def of_somebody(base: Path) -> Clone:
    """Clone into an ordinary user's home, which is closed to others and also contains the interpreter."""
    home = base / "home"
    home.mkdir(mode=0o700)
    if os.geteuid() != 0:
        return cloned(home / "course", umask=0o077)
    shutil.copytree(sys.base_prefix, home / "python", symlinks=True, ignore=shutil.ignore_patterns("site-packages"))
    python = home / "python" / "bin" / Path(Clone.python).name
    environment = {"HOME": str(home), "LD_LIBRARY_PATH": str(home / "python" / "lib")}
    clone = cloned(home / "course", user=SOMEBODY, umask=0o077, python=str(python), environment=environment)
    subprocess.run(["chown", "-R", f"{SOMEBODY}:{SOMEBODY}", home], check=True)
    return clone


def through_a_link(base: Path) -> Clone:
    (base / "short").symlink_to(Path("far", "away"))
    return cloned(base / "far" / "away" / "course", called=base / "short" / "course")


def with_a_linked_environment(base: Path) -> Clone:
    clone = cloned(base / "course")
    clone.run(clone.python, "-m", "venv", base / "envs" / "course")
    (clone.course / ".venv").symlink_to(Path("..", "envs", "course"))
    return clone


PLACES: dict[str, Callable[[Path], Clone]] = {
    "the temporary folder": lambda base: cloned(base / "course"),
    "a space and an umlaut": lambda base: cloned(base / "Übung eins" / "Kurs für alle"),
    "an ordinary user's closed home": of_somebody,
    "root, closed to others": lambda base: cloned(base / "course", umask=0o077),
    "through a link": through_a_link,
    "a linked .venv": with_a_linked_environment,
}
OF_ROOT = ("root, closed to others",)


def make_ready(clone: Clone) -> None:
    clone.run("make", "ready", f"PYTHON={clone.python}")


def grade(clone: Clone) -> None:
    for arguments in GRADING:
        clone.run(clone.called / ".venv" / "bin" / "python", "-m", "autograder", *arguments)
    if not (clone.course / "gradebook.db").is_file():
        raise Failed("there is no gradebook")


def tried(name: str, number: str) -> list[str]:
    """Clone, prepare, and grade in one place; return the place's row of the table."""
    if name in OF_ROOT and os.geteuid() != 0:
        return [name, "", "", "left out: only root can try it"]
    base = Path(tempfile.mkdtemp(prefix="places-"))
    base.chmod(0o755)
    row = [name]
    try:
        clone = PLACES[name](base)
        for words, step in (("making .venv ready", make_ready), (f"grading {CHAPTER}", grade)):
            console.print(f"[{number}] {name}: {words}", highlight=False, markup=False)
            begin = time.monotonic()
            step(clone)
            row.append(f"{time.monotonic() - begin:.0f}")
    except Failed as error:
        console.print(str(error), highlight=False, markup=False)
        return [*row, *[""] * (3 - len(row)), "FAILED"]
    finally:
        shutil.rmtree(base, ignore_errors=True)
    return [*row, "every mark is right"]


def main(names: Sequence[str]) -> int:
    unknown = set(names) - PLACES.keys()
    if unknown:
        console.print(f"no place is called {', '.join(sorted(unknown))}; there are: {', '.join(PLACES)}")
        return 2
    asked = names or list(PLACES)
    table = Table("place", "set-up, s", "grading, s", "result")
    for number, name in enumerate(asked, start=1):
        table.add_row(*tried(name, f"{number}/{len(asked)}"))
    console.print(table)
    return int(any("FAILED" in str(cell) for cell in table.columns[-1].cells))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
