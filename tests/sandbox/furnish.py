"""Set up a course at an unusual place inside a room (`tests.sandbox.room`) and grade its class.

The packages and the interpreter are mounted where the place needs them, which saves copying gigabytes; small files are
copied. Inside the room, this runs as a script: ``python -m tests.sandbox.furnish PLACE FOLDER COURSE ARGUMENTS``. PLACE
is a `Place` as JSON, FOLDER is where files are created, COURSE is the course to copy, and ARGUMENTS are the arguments
for the place's Python, as JSON.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.root import ROOT
from tests.sandbox import room

INSTALLED = Path(sysconfig.get_path("purelib"))


@dataclass(frozen=True)
class Place:
    """The paths of a course and of its Python, and its user; ``{tmp}`` is a folder in the system's temporary folder."""

    course: str = "{tmp}/course"
    python: str = "{tmp}/python"  # the interpreter's prefix
    venv: str = "{tmp}/course/.venv"
    links: dict[str, str] = field(default_factory=dict)
    called: str = ""  # the path by which the course is started, if it differs
    home: str = ""  # the path by which its interpreter is called in the environment, if it differs
    empty: str = ""  # a folder of the host that is empty in the room
    closed: tuple[str, ...] = ()  # folders that only their owner can enter
    owner: int | None = None  # the owner of everything, if not the user who runs it
    user: int | None = None  # the user who runs it, if not the one who made it
    umask: int = 0o022
    environment: dict[str, str] = field(default_factory=dict)

    def at(self, path: str, folder: str) -> Path:
        return Path(path.replace("{tmp}", folder))


def run_at(place: Place, folder: Path, course: Path, *command: str) -> str:
    """Run the place's own Python with these arguments in the place's copy of a course; return its output."""
    arguments = [json.dumps(asdict(place)), str(folder), str(course), json.dumps(command)]
    room.play([sys.executable, "-m", "tests.sandbox.furnish", *arguments], as_root=os.geteuid() == 0)
    return (folder / "said").read_text()


def furnish(place: Place, folder: str, original: str) -> str:
    """Create the place, and return the path of its Python interpreter."""
    if place.empty:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place.empty], check=True)
    course, python, venv = (place.at(path, folder) for path in (place.course, place.python, place.venv))
    shutil.copytree(original, course)
    for package in ("layerlab", "autograder"):
        shutil.copytree(ROOT / package, course / package)
    packages = venv / INSTALLED.relative_to(sys.prefix)
    packages.mkdir(parents=True)
    python.mkdir(parents=True)
    home = place.at(place.home, folder) if place.home else python
    program = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (venv / "bin").mkdir()
    (venv / "bin" / "python").symlink_to(home / "bin" / program)
    (venv / "pyvenv.cfg").write_text(f"home = {home}/bin\ninclude-system-site-packages = false\n", "utf-8")
    for name, target in place.links.items():
        place.at(name, folder).symlink_to(target)
    give(Path(folder), place)
    if place.empty:
        give(Path(place.empty), place)
    subprocess.run(["mount", "--rbind", sys.base_prefix, python], check=True)
    subprocess.run(["mount", "--rbind", INSTALLED, packages], check=True)
    return str(place.at(place.called or place.course, folder) / ".venv" / "bin" / "python")


def give(folder: Path, place: Place) -> None:
    """Give the created files to their owner, with the permissions that the place's umask allows."""
    owner = place.user if place.owner is None else place.owner
    for path in [folder, *folder.rglob("*")]:
        if owner is not None:
            os.chown(path, owner, owner, follow_symlinks=False)
        if not path.is_symlink():
            path.chmod((0o777 if path.is_dir() else 0o666) & ~place.umask)
    for closed in place.closed:
        place.at(closed, str(folder)).chmod(0o700)


def main(given: str, folder: str, original: str, command: str) -> None:
    place = Place(**json.loads(given))
    python = furnish(place, folder, original)
    who = {} if place.user is None else {"user": place.user, "group": place.user, "extra_groups": []}
    environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "PYTHONNOUSERSITE": "1", "LANG": "C.UTF-8"}
    environment |= {name: str(place.at(value, folder)) for name, value in place.environment.items()}
    done = subprocess.run(
        [python, *json.loads(command)], cwd=place.at(place.called or place.course, folder), umask=place.umask,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, check=False, **who,
    )  # fmt: skip
    Path(folder, "said").write_bytes(done.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
