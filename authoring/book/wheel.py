"""Build the wheel of layerlab that readers install or put beside a notebook: what a notebook imports, no grader.

The course's pyproject.toml and the build backend named there make it, without a network. The same sources give the
same bytes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder import keys
from autograder.practicing import wheel_name

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("pyproject.toml", "LICENSE", "layerlab/**/*")
# The parts of pyproject.toml about the grader and the repository.
NOT_THEIRS = re.compile(r"^readme = .*?\n|^\[project\.(?:optional-dependencies|scripts)\]\n.*?(?=^\[)", re.M | re.S)
MOMENT = "946684800"  # 2000-01-01, seconds since 1970: the timestamp of every file in it


def built() -> Path:
    """Return the wheel of the current sources, building it if there is none yet.

    Raises:
        subprocess.CalledProcessError: the build failed; `stderr` says why.
    """
    folder = ROOT / "_build" / "wheel"
    path, record = folder / wheel_name(), folder / "key.txt"
    now = keys.key(files=keys.files(ROOT, SOURCES))
    if not (path.exists() and record.exists() and record.read_text() == now):
        folder.mkdir(parents=True, exist_ok=True)  # two tests may need it at once; neither deletes the other's
        build(path)
        record.write_text(now)
    return path


def build(path: Path) -> None:
    """Build the wheel into ``path``, completely or not at all."""
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        source, made = Path(temporary, "source"), Path(temporary, "made")
        for name in keys.files(ROOT, SOURCES):
            copy = source / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy)
            copy.chmod(0o644)  # a wheel preserves file modes
        project = (source / "pyproject.toml").read_text(encoding="utf-8")
        (source / "pyproject.toml").write_text(NOT_THEIRS.sub("", project), encoding="utf-8")
        offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", *offline, "--wheel-dir", str(made), str(source)]
        env = os.environ | {"SOURCE_DATE_EPOCH": MOMENT}
        subprocess.run(command, check=True, capture_output=True, text=True, env=env, umask=0o022)
        os.replace(made / path.name, path)
