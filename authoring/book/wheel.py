"""Build the wheel of layerlab, without the grader, which notebooks import; the same sources give the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from autograder import keys
from autograder.class_file import class_reader
from autograder.practicing import wheel_name

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("pyproject.toml", "LICENSE", "layerlab/**/*")
CLAIMS = "layerlab/scoring/chapters/*"  # left out if `claims: off` is in the class file
# The project file of layerlab only, because the course's own pyproject.toml also describes the grader.
PROJECT = """\
[build-system]
requires = {requires}
build-backend = "{backend}"

[project]
name = "layerlab"
version = "{version}"
description = "What the notebooks of the course Layer by Layer import"
requires-python = "{python}"
license = "{license}"
dependencies = {dependencies}

[tool.setuptools]
packages.find = {{ include = ["layerlab*"] }}
package-data = {{ layerlab = {data} }}
"""
MOMENT = "946684800"  # 2000-01-01 in seconds since 1970: the timestamp of every file in the wheel
# Files that a copy of the repository for `pip` leaves out: generated files, and what students submit.
NOT_COPIED = (".*", "_build", "build", "dist", "submitted", "autograded", "feedback", "reports", "__pycache__")


class WheelError(RuntimeError):
    """A wheel could not be built; the message says why."""


def built() -> Path:
    """Return the wheel of the current sources, building it if it does not exist yet, or raise WheelError."""
    folder = ROOT / "_build" / "wheel"
    path, record = folder / wheel_name(), folder / "key.txt"
    now = keys.key(files=_sources(), made_by=keys.files(ROOT, ["authoring/book/wheel.py"]))
    if not (path.exists() and record.exists() and record.read_text() == now):
        folder.mkdir(parents=True, exist_ok=True)  # two tests may build it at once, so don't delete the folder
        build(path)
        record.write_text(now)
    return path


def build(path: Path) -> None:
    """Build the wheel into ``path``, completely or not at all."""
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        write_sources(Path(temporary, "source"))
        os.replace(_made(Path(temporary, "source"), Path(temporary)), path)


def of_repository(folder: Path) -> Path:
    """In ``folder``, build the wheel that instructors get from `pip install git+…`, and return its path."""
    copy = folder / "repository"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    return _made(copy, folder)


def write_sources(folder: Path) -> None:
    """Write the files that `pip` needs to build layerlab into a new or empty ``folder``."""
    for name in _sources():
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy)
        copy.chmod(0o644)  # a wheel preserves file modes
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, system = whole["project"], whole["build-system"]
    said = PROJECT.format(
        requires=json.dumps(system["requires"]),
        backend=system["build-backend"],
        version=project["version"],
        python=project["requires-python"],
        license=project["license"],
        dependencies=json.dumps(project["dependencies"], indent=2),
        data=json.dumps(whole["tool"]["setuptools"]["package-data"]["layerlab"]),
    )
    (folder / "pyproject.toml").write_text(said, encoding="utf-8")


def _sources() -> dict[str, str]:
    """Return the hash of each file that the wheel is made from."""
    found = keys.files(ROOT, SOURCES)
    hidden = {} if class_reader.of_course(ROOT).claims else keys.files(ROOT, [CLAIMS])
    return {name: content for name, content in found.items() if name not in hidden}


def _made(source: Path, folder: Path) -> Path:
    """Build a wheel from the project in ``source`` with pip, in a new folder below ``folder``; return its path."""
    made = folder / "made"
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", *offline, "--wheel-dir", str(made), str(source)]
    env = os.environ | {"SOURCE_DATE_EPOCH": MOMENT}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env, umask=0o022)
    if done.returncode:
        raise WheelError(f"a wheel cannot be built: {done.stderr}")
    (wheel,) = made.iterdir()
    return wheel
