"""Test notebooks as on a reader's machine: offline, in Colab (without layerlab), and with layerlab installed.

Each test starts with a new Python environment that has torch, Matplotlib, the widgets, and Jupyter, but not layerlab.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from authoring.book import offline, wheel
from authoring.notebooks.release import INSTALL_ID, first_cell
from autograder.course import Course
from autograder.practicing import Addresses
from tests.authoring.test_wheel import closure, top_levels
from tests.house.test_printed_commands import COMMANDS
from tests.root import ROOT
from tests.served import served

pytestmark = pytest.mark.long

GIVEN = ("torch", "matplotlib", "ipywidgets", "anywidget", "ipykernel", "jupyterlab", "nbconvert")
WITHOUT_NETWORK = ("unshare", "--user", "--map-root-user", "--net")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """Create a virtual environment with the packages in `GIVEN`, and return its Python interpreter."""
    given = tmp_path / "given"
    given.mkdir()
    for path in {path for distribution in closure(GIVEN).values() for path in top_levels(distribution)}:
        (given / path.name).symlink_to(path)
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "bare")], check=True)
    (packages,) = (tmp_path / "bare").glob("lib/python*/site-packages")
    (packages / "given.pth").write_text(f"{given}\n")
    python = tmp_path / "bare" / "bin" / "python"
    # The version that venv installs is older than torch requires, and would hide the linked version.
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "setuptools"], check=True)
    return python


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    offline.pack(offline.practice(Course(ROOT)), tmp_path / "notebooks.zip")
    with zipfile.ZipFile(tmp_path / "notebooks.zip") as archive:
        archive.extractall(tmp_path)
    return tmp_path / "layer-by-layer"


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command with few environment variables and without a package index for pip."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    env = kept | {"HOME": str(home), "PIP_NO_INDEX": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(list(map(str, command)), cwd=folder, env=env, capture_output=True, text=True, check=False)


def execute(python: Path, notebook: Path, *options: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    # With ipc, the kernel communicates through files, so it needs no network, not even the loopback interface.
    command = ("-m", "nbconvert", "--to", "notebook", "--execute", "--output", "done", "--KernelManager.transport=ipc")
    return run(notebook.parent, *before, python, *command, *options, notebook.name)


def outcome(notebook: Path) -> tuple[list[nbformat.NotebookNode], dict[str, str]]:
    """Return the executed code cells, and a map from the id of each failed cell to the name of its error."""
    cells = [c for c in nbformat.read(notebook.with_name("done.ipynb"), 4).cells if c.cell_type == "code"]
    return cells, {c.id: o.ename for c in cells for o in c.outputs if o.output_type == "error"}


def test_notebook_from_the_zip_runs_without_network(bare: Path, unpacked: Path) -> None:
    notebook = unpacked / "notebooks" / "linear" / "linear.ipynb"
    assert run(unpacked, bare, "-c", "import layerlab").returncode != 0
    done = execute(bare, notebook, "--allow-errors", before=WITHOUT_NETWORK)
    assert done.returncode == 0, done.stderr
    cells, failed = outcome(notebook)
    tests = {c.id for c in cells if c.metadata.get("nbgrader", {}).get("grade")}
    unfinished = {c.id for c in cells if any("not implemented yet" in o.get("text", "") for o in c.outputs)}
    assert failed == {"test_photo_net": "CheckFailed"}, "the faulty start fails its checks, and nothing else fails"
    assert unfinished == tests - failed.keys(), "what is not answered says so"
    kinds = {kind for c in cells for o in c.outputs for kind in o.get("data", {})}
    assert {"image/png", "application/vnd.jupyter.widget-view+json"} <= kinds
    assert run(unpacked, bare, "-c", "import layerlab").returncode != 0, "nothing was installed"


def alone(folder: Path, where: Addresses) -> Path:
    """Copy the notebook `linear` into its own folder, with these addresses in its first cell; return its path."""
    notebook = nbformat.read(ROOT / "notebooks" / "linear" / "linear.ipynb", 4)
    next(cell for cell in notebook.cells if cell.id == INSTALL_ID).source = first_cell("linear", where)
    folder.mkdir()
    nbformat.write(notebook, folder / "linear.ipynb")
    return folder / "linear.ipynb"


def test_notebook_alone_installs_layerlab_from_the_book(bare: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    shutil.copy(wheel.built(), site)
    with served(site) as address:
        notebook = alone(tmp_path / "content", Addresses(address.rstrip("/")))
        done = execute(bare, notebook, "--allow-errors")
    assert done.returncode == 0, done.stderr
    assert set(outcome(notebook)[1].values()) == {"CheckFailed"}
    where = run(tmp_path, bare, "-c", "import layerlab; print(layerlab.__file__)").stdout
    assert str(bare.parents[1]) in where


def test_printed_commands_work_as_written(bare: Path, unpacked: Path) -> None:
    (install,) = [command for command in COMMANDS if command.startswith("python -m pip install ")]
    assert install in (unpacked / "README.txt").read_text()
    done = run(unpacked, bare, *shlex.split(install)[1:])
    assert done.returncode == 0, done.stdout + done.stderr
    resets = [command for command in COMMANDS if command.startswith("python -m layerlab reset")]
    assert resets
    for command in resets:
        done = run(unpacked / "notebooks" / "linear", bare, *shlex.split(command)[1:])
        assert done.returncode == 0, done.stderr
        assert "own_linear" in done.stdout
