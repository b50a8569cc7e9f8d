"""Test fresh clones in unusual places, from setup to a gradebook: `python -m tests.sandbox.clones`.

The program clones the commit that is checked out here. Each place gets its own environment from `make ready`, which
needs the package index and takes minutes; `tests/sandbox/test_view.py` is a quick version of this test.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.root import ROOT

SOMEBODY = 54321  # a user id that no account has
GRADING = (("sample", "linear"), ("grade", "linear"), ("sample", "--check", "linear"))
_FORGOTTEN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "TMPDIR")


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
        """Run a command in the clone as its user; raise CalledProcessError if it fails."""
        inherited = {name: value for name, value in os.environ.items() if name not in _FORGOTTEN}
        who = {} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}
        subprocess.run(
            command, cwd=self.called, umask=self.umask, env=inherited | self.environment, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **who,
        )  # fmt: skip


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


def in_a_closed_home(base: Path) -> Clone:
    (base / "root").mkdir(mode=0o700)
    return cloned(base / "root" / "course")


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
    "root, in a closed home": in_a_closed_home,  # otherwise an ordinary user's
    "through a link": through_a_link,
    "a linked .venv": with_a_linked_environment,
}


def is_right(name: str) -> bool:
    """Clone, prepare, and grade in one place; print the result, and return whether every mark is right."""
    base, begin = Path(tempfile.mkdtemp(prefix="places-")), time.monotonic()
    base.chmod(0o755)
    print(f"{name}: making .venv ready and grading", flush=True)
    try:
        clone = PLACES[name](base)
        clone.run("make", "ready", f"PYTHON={clone.python}")
        for arguments in GRADING:
            clone.run(clone.called / ".venv" / "bin" / "python", "-m", "autograder", *arguments)
        done = "every mark is right" if (clone.course / "gradebook.db").is_file() else "FAILED: there is no gradebook"
    except subprocess.CalledProcessError as error:
        done = f"FAILED: {error}\n{(error.stdout or '')[-3000:]}"
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print(f"{name}: {done}, after {time.monotonic() - begin:.0f} s", flush=True)
    return "FAILED" not in done


if __name__ == "__main__":
    wrong = [name for name in PLACES if not is_right(name)]
    sys.exit(len(wrong))
