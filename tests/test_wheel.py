"""Our wheel, in an environment with torch, NumPy, Matplotlib and IPython only: a chapter's first cell runs.

The environment is a folder of links to those distributions and to what they require, on a bare interpreter without
site-packages; whatever else is installed here cannot be imported there.
"""

from __future__ import annotations

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

ROOT = Path(__file__).resolve().parents[1]
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
    """Return the installed distributions of these names and of everything they require without extras."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            # torch on Linux asks for the CUDA libraries, which its CPU build goes without
            assert name.startswith(("nvidia", "cuda", "triton")), f"{name} is required and not installed"
            continue
        for text in found[name].requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return found


def top_levels(distribution: metadata.Distribution) -> set[Path]:
    """Return the folders and files that a distribution puts directly into site-packages."""
    root = Path(distribution.locate_file("")).resolve()
    parts = {file.parts[0] for file in distribution.files or () if file.parts[0] != ".." and len(file.parts) > 0}
    return {root / part for part in parts if part != "__pycache__" and not part.endswith(".pth")}


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """A folder that holds links to what is given, and nothing else."""
    folder = tmp_path_factory.mktemp("given")
    for distribution in closure(GIVEN).values():
        for path in top_levels(distribution):
            link = folder / path.name
            if not link.exists():
                link.symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Our wheel, built from a copy so that nothing is written into the repository, and unpacked."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("layerlab", "autograder"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(target)!r})"
    done = subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = target.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(target / "unpacked")
    return target / "unpacked"


def run(wheel: Path, environment: Path, folder: Path, *cells: str) -> subprocess.CompletedProcess[str]:
    path = [str(wheel), str(environment)]
    program = RUN.format(path=path, absent=ABSENT, cells=cells)
    # -I: no PYTHONPATH, no user's folder; -S: no site-packages, so no editable install either
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(folder), "MPLCONFIGDIR": str(folder), "IPYTHONDIR": str(folder), "PATH": ""},
    )


def test_first_cell_and_a_test_cell_run(wheel, environment, tmp_path):
    done = run(wheel, environment, tmp_path, FIRST_CELL, TEST_CELL, WRONG_CELL)
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert said.count("ok\n") == 2, said
    assert said.count("failed\n") == 1, said
    assert "shape of the output: as expected, (4, 2)" in said
    assert "claim: one output per row (1 observed)" in said
    assert "output: expected shape (2, 3) float32, got shape (3, 2) float32" in said
    assert "Traceback" not in said
    assert str(wheel) in said.splitlines()[-1]


def test_an_import_of_something_else_is_noticed(wheel, environment, tmp_path):
    spoilt = tmp_path / "spoilt"
    shutil.copytree(wheel, spoilt)
    module = spoilt / "layerlab" / "checks" / "compare.py"
    module.write_text(module.read_text().replace("from typing import Any", "from typing import Any\nimport ipywidgets"))
    done = run(spoilt, environment, tmp_path, "import layerlab as lab")
    assert "ok\n" not in done.stdout
    assert "No module named 'ipywidgets'" in done.stdout


def test_the_wheel_holds_what_layerlab_needs(wheel):
    def held(folder: Path) -> set[str]:
        found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return {path.as_posix() for path in found if path.suffix in (".py", ".mjs", ".css", ".mplstyle")}

    assert held(wheel / "layerlab") == held(ROOT / "layerlab")
    text = (next(wheel.glob("*.dist-info")) / "METADATA").read_text()
    required = [Requirement(r) for r in re.findall(r"^Requires-Dist: (.*)$", text, re.MULTILINE)]
    always = {r.name: r for r in required if r.marker is None}
    assert set(always) >= {"torch", "numpy", "matplotlib"}
    assert all({s.operator for s in r.specifier} == {">="} for r in always.values()), textwrap.shorten(text, 500)
