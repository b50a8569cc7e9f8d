"""Test the course with another version of torch: `make test-torch TORCH=2.6.0`, or `oldest`, or `newest`.

This module creates a separate environment in `.cache/torch/`, with the pinned packages but the requested version of
torch, and runs `authoring.upkeep.references` in it. Like `authoring.setup.install`, it uses only the standard library
and needs no `.venv`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from authoring.setup import install as setup
from authoring.setup.stages import Screen

USAGE = "Say which torch to try: make test-torch TORCH=2.6.0, or oldest (what pyproject.toml promises), or newest."


def requirement(root: Path, wanted: str) -> str:
    """Return pip's requirement for a version, for "oldest" (the lower bound in pyproject.toml), or for "newest".

    Raises:
        SetupError: if ``wanted`` is none of these.
    """
    if wanted == "newest":
        return "torch"
    if wanted == "oldest":
        bound = re.search(r'"torch>=([\d.]+)"', (root / "pyproject.toml").read_text(encoding="utf-8"))
        assert bound, "pyproject.toml names no lower bound of torch"
        return f"torch=={bound.group(1)}"
    if not re.match(r"\d[\w.+]*$", wanted):
        raise setup.SetupError(USAGE)
    return f"torch=={wanted}"


def prepare(root: Path, screen: Screen, wanted: str, torch_index: str = "") -> Path:
    """Prepare an environment with the pinned packages and the wanted version of torch; return its Python interpreter.

    An environment from an earlier run is reused; for "newest", pip checks whether there is a newer torch.

    Raises:
        SetupError: if there is a problem that the user can fix.
    """
    asked = requirement(root, wanted)
    setup.check_python(tuple(sys.version_info[:3]))
    setup.check_modules()
    folder = root / ".cache" / "torch" / wanted
    python, stamp = folder / "bin" / "python", folder / "installed.sha256"
    if not (stamp.exists() and stamp.read_text() == setup.fingerprint(root)):
        shutil.rmtree(str(folder), ignore_errors=True)
        screen.line(f"torch {wanted}: making an environment in {folder.relative_to(root)}")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        # Most packages are never imported here, so let Python compile bytecode only for those that are.
        locked = ("install", "--no-compile", "--no-deps", "--require-hashes", "--requirement", setup.LOCK)
        setup.pip(python, root, screen, "the lock", *locked, total=len(setup.read_pins(root)))
        ours = ("install", "--no-deps", "--no-build-isolation", "--editable", ".")
        setup.pip(python, root, screen, "our packages", *ours)
        stamp.write_text(setup.fingerprint(root))
    index = ("--index-url", torch_index) if torch_index else ()
    setup.pip(python, root, screen, asked, "install", "--no-compile", "--upgrade", asked, *index)
    return python


def main(arguments: list[str]) -> int:
    """Create the environment, run the references in it, and return their exit status."""
    screen = Screen()
    try:
        if len(arguments) != 1:
            raise setup.SetupError(USAGE)
        python = prepare(setup.ROOT, screen, arguments[0], os.environ.get("TORCH_INDEX", ""))
    except setup.SetupError as error:
        screen.line(str(error))
        return 2
    command = [str(python), "-m", "authoring.upkeep.references"]
    env = setup.environment(python.parents[1])
    return subprocess.run(command, cwd=str(setup.ROOT), env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
