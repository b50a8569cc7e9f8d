"""Test that a chapter's first cells run with the wheel that readers install.

The environment consists of links to torch, NumPy, Matplotlib, IPython, and their requirements. The interpreter runs
without site-packages, so no other package on this machine can be imported.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from authoring.book import wheel as wheels
from authoring.notebooks.release import first_cell
from autograder.practicing import Addresses, wheel_name
from tests.house.test_dependencies import needed
from tests.root import ROOT

GIVEN = ("torch", "numpy", "matplotlib", "ipython")
ABSENT = ("ipywidgets", "anywidget", "nbgrader", "nbformat", "jupytext", "pytest", "hypothesis", "authoring")

FIRST_CELL = """
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import layerlab as lab

lab.style()
torch.manual_seed(0)
"""
TEST_CELL = """
lab.compare(lambda: nn.Linear(3, 2)(torch.ones(4, 3)).shape, torch.Size([4, 2]), "shape of the output")
print(len(lab.data("digits")["labels"]), "digits,", len(lab.weights("cnn-scattered")), "weights")
with lab.claim("one output per row", points=1):
    draw = lab.inputs()
    lab.observe("output", draw.fill(nn.Linear(3, 2))(draw.randn(5, 3)))
"""
WRONG_CELL = "lab.compare(lambda: torch.ones(2, 3).relu_().T, torch.ones(2, 3), inputs=torch.ones(2), picture=True)"

RUN = """
import sys
sys.path[:0] = {path!r}
import importlib.util
for name in {absent!r}:
    assert importlib.util.find_spec(name) is None, name + " is there"
import matplotlib
matplotlib.use("agg")
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in {cells!r}:
    ran = shell.run_cell(cell, store_history=True)
    print("ok" if ran.success else "failed", flush=True)
import layerlab
print(layerlab.__file__)
"""


def closure(names: tuple[str, ...]) -> dict[str, metadata.Distribution]:
    """Return the named installed distributions and all their requirements."""
    return {name: metadata.distribution(name) for name in needed(list(map(Requirement, names)))}


def top_levels(distribution: metadata.Distribution) -> set[Path]:
    """Return the top-level folders and files of a distribution in site-packages."""
    root = Path(distribution.locate_file("")).resolve()
    parts = {file.parts[0] for file in distribution.files or () if file.parts[0] != ".." and len(file.parts) > 0}
    return {root / part for part in parts if part != "__pycache__" and not part.endswith(".pth")}


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """Return a folder that contains only links to the given distributions."""
    folder = tmp_path_factory.mktemp("given")
    for distribution in closure(GIVEN).values():
        for path in top_levels(distribution):
            link = folder / path.name
            if not link.exists():
                link.symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    """Build the wheel in a separate folder and return its path."""
    path = tmp_path_factory.mktemp("packed") / wheel_name()
    wheels.build(path)
    return path


@pytest.fixture(scope="module")
def wheel(packed, tmp_path_factory) -> Path:
    """Unpack the wheel, as an installation would, and return the folder."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    return folder


EXPLORER_CELL = """
def shown(slope):
    return lab.Curves(torch.arange(3.0), {"line": slope * torch.arange(3.0)})
lab.explorer("line", "How steep?", {"slope": lab.slider(1, 2, 1)}, shown, alt="a line")
"""


def test_cells_run_with_the_packed_wheel_beside_the_notebook(packed, environment, tmp_path):
    shutil.copy(packed, tmp_path)
    cells = (first_cell("linear", Addresses()), FIRST_CELL, TEST_CELL, EXPLORER_CELL, WRONG_CELL)
    program = RUN.format(path=[str(environment)], absent=ABSENT, cells=cells)
    # -I ignores PYTHONPATH and the user's site folder; -S leaves out site-packages, and therefore any editable install.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(tmp_path), "MPLCONFIGDIR": str(tmp_path), "IPYTHONDIR": str(tmp_path), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert (said.count("ok\n"), said.count("failed\n")) == (4, 1), said
    assert "shape of the output: as expected, (4, 2)" in said
    assert "claim: one output per row (1 observed)" in said
    assert "1797 digits, 20 weights" in said
    assert "output: expected shape (2, 3) float32, got shape (3, 2) float32" in said
    assert "Traceback" not in said
    assert str(tmp_path / wheel_name()) in said.splitlines()[-1]


def test_wheel_contains_layerlab_and_no_grader(wheel):
    def held(folder: Path) -> set[str]:
        found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return {path.as_posix() for path in found if path.suffix in (".py", ".mjs", ".css", ".mplstyle")}

    assert held(wheel / "layerlab") == held(ROOT / "layerlab")
    assert re.search(r'__version__ = "(.*)"', (wheel / "layerlab" / "__init__.py").read_text())[1] in wheel_name()
    assert {path.name.partition("-")[0] for path in wheel.iterdir()} == {"layerlab"}
    assert not list(wheel.rglob("entry_points.txt"))
    text = (next(wheel.glob("*.dist-info")) / "METADATA").read_text()
    assert "Provides-Extra" not in text
    required = {r.name: r for r in map(Requirement, re.findall(r"^Requires-Dist: (.*)$", text, re.MULTILINE))}
    assert set(required) >= {"torch", "numpy", "matplotlib"}
    assert all({s.operator for s in r.specifier} == {">="} for r in required.values()), textwrap.shorten(text, 500)


def test_same_sources_give_the_same_small_wheel(packed, tmp_path):
    other = tmp_path / "with spaces" / wheel_name()
    other.parent.mkdir()
    before = os.umask(0o077)
    wheels.build(other)
    os.umask(before)
    assert other.read_bytes() == packed.read_bytes()
    with zipfile.ZipFile(packed) as archive:
        sizes = {item.filename: item.compress_size for item in archive.infolist()}
    data, claims = (
        sum(size for name, size in sizes.items() if name.startswith(folder))
        for folder in ("layerlab/data/", "layerlab/scoring/chapters/")
    )
    assert 400_000 < data < 735_000  # the digits, four series, prose, and the weights of three networks
    assert 1_000_000 < claims < 8_000_000
    assert packed.stat().st_size - data - claims < 220_000
    assert list(other.parent.iterdir()) == [other]
