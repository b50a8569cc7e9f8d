"""Test what a release removes and keeps, and that nbgrader makes the same one."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

from authoring.notebooks.execute import execute
from authoring.notebooks.notebook_file import dumps
from authoring.notebooks.release import INSTALL_ID, MAY_RAISE, MISTAKE_ID, POINTS_ID, first_cell, release
from autograder import practicing
from autograder.course import Course
from autograder.practicing import Addresses, wheel_name
from tests.root import ROOT, SCALES

_ROLE = re.compile(r"\{[a-zA-Z][\w:-]*\}(`|<code>)")


@pytest.fixture(scope="module")
def reference():
    return execute(SCALES, ROOT)


@pytest.fixture(scope="module")
def student(reference):
    return release(reference)


def cell(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


def test_solution_is_replaced_with_stub(student):
    solution = cell(student, "own_scale")
    assert solution.source == "def own_scale(x, s):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert solution.source == solution.metadata.layerlab.released


def test_debug_exercise_releases_faulty_code(student):
    start = cell(student, "mend_shift")
    assert start.source == "def shifted(x):\n    total = x.sum(dim=-1, keepdim=True)\n    return x + total"
    assert start.source == start.metadata.layerlab.released


def test_run_all_continues_past_unfinished_exercises(student):
    tagged = [MAY_RAISE in cell.metadata.get("tags", []) for cell in student.cells if cell.cell_type == "code"]
    assert tagged == sorted(tagged), "no cell above the first exercise"
    assert MAY_RAISE in cell(student, "own_scale").metadata.tags
    assert MAY_RAISE in cell(student, POINTS_ID).metadata.tags
    assert MAY_RAISE not in cell(student, INSTALL_ID).metadata.get("tags", [])


def test_bullet_claims_are_removed_from_release(reference, student):
    assert cell(reference, "own_scale").metadata.layerlab.bullets
    assert not any("bullets" in c.metadata.get("layerlab", {}) for c in student.cells)


def test_release_drops_hidden_tests_and_keeps_visible_checks(student):
    test = cell(student, "test_own_scale")
    assert test.source.startswith('try:\n    print("your answer:"')
    assert "claim" not in test.source
    assert test.metadata.nbgrader.points == 3
    assert test.metadata.editable is False


def test_outputs_are_cleared_only_in_nbgrader_cells(reference, student):
    for before in (c for c in reference.cells if c.cell_type == "code"):
        after = cell(student, before.id)
        assert after.execution_count is None
        if "nbgrader" in before.metadata:
            assert after.outputs == []
        else:
            assert [o.output_type for o in after.outputs] == [o.output_type for o in before.outputs]
    assert any(c.outputs for c in student.cells if c.cell_type == "code")


def test_widget_state_is_kept(reference):
    with_state = copy.deepcopy(reference)
    with_state.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"abc": {"n": 1}}}}
    assert release(with_state).metadata.widgets == with_state.metadata.widgets


def test_release_does_not_modify_reference(reference):
    before = dumps(reference)
    release(reference)
    assert dumps(reference) == before


def test_release_is_reproducible(reference, student):
    assert dumps(release(reference)) == dumps(student)


def test_release_differing_from_reset_is_rejected(reference):
    changed = copy.deepcopy(reference)
    cell(changed, "own_scale").metadata.layerlab.released = "def own_scale(x, s): ..."
    with pytest.raises(ValueError, match="own_scale"):
        release(changed)


def test_first_cell_does_nothing_when_layerlab_is_installed(student):
    first = next(c for c in student.cells if c.cell_type == "code")
    assert first.id == INSTALL_ID
    before = list(sys.path)
    exec(compile(first.source, "first", "exec"), {})  # layerlab is installed here, so the cell does nothing.
    assert sys.path == before


def where(source, folder, monkeypatch):
    """Run a first cell without `layerlab` installed; return its `sys.path`."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [])
    # `layerlab` counts as found once the path has any entry.
    monkeypatch.setattr("importlib.util.find_spec", lambda name: sys.path)
    exec(compile(source.replace("%pip install", "sys.path.append('pip') #"), "first", "exec"), {})
    return list(sys.path)


@pytest.mark.parametrize("place", [".", ".."])
def test_wheel_beside_or_above_notebook_is_found(place, tmp_path, monkeypatch):
    folder = tmp_path / "notebooks" / "linear"
    folder.mkdir(parents=True)
    wheel = (folder / place / wheel_name()).resolve()
    wheel.write_bytes(b"")
    assert where(first_cell("linear", Addresses("https://x.edu")), folder, monkeypatch) == [str(wheel)]


def test_missing_wheel_is_installed_from_configured_address(tmp_path, monkeypatch):
    book, repository = "https://x.edu/layers", "https://x.edu/layers.git"
    assert f'%pip install --quiet "{book}/{wheel_name()}"' in first_cell("", Addresses(book, repository))
    source = first_cell("", Addresses(repository=repository))
    assert f'%pip install --quiet "layerlab @ git+{repository}"' in source
    assert where(source, tmp_path, monkeypatch) == ["pip"]


@pytest.mark.parametrize("address", ["", "https://x.edu/layers"])
def test_missing_layerlab_raises_one_helpful_sentence(address, tmp_path, monkeypatch):
    source = first_cell("linear", Addresses(address)).replace("%pip install", "pass #")
    with pytest.raises(ModuleNotFoundError, match=rf"put {wheel_name()} beside this notebook .*{address}"):
        where(source, tmp_path, monkeypatch)
    assert ("pip" in first_cell("linear", Addresses())) is False


def test_first_cell_is_short():
    code = [line for line in first_cell("linear", Addresses("https://x.edu")).splitlines() if not line.startswith("#")]
    assert len([line for line in code if line]) <= 10


def test_last_cell_shows_points_in_exercise_chapters(reference, student):
    last = student.cells[-1]
    assert (last.id, last.source.split("\n")[-1]) == (POINTS_ID, "lab.points()")
    assert "nbgrader" not in last.metadata
    without = copy.deepcopy(reference)
    without.cells = [cell for cell in without.cells if "nbgrader" not in cell.metadata]
    assert POINTS_ID not in [cell.id for cell in release(without).cells]


def test_release_says_where_to_report_a_mistake(reference, student, monkeypatch):
    assert MISTAKE_ID not in [cell.id for cell in student.cells]  # the course has no public repository
    public = Addresses(repository="https://github.com/someone/layers.git")
    monkeypatch.setattr(practicing, "addresses", lambda root: public)
    *_, asked, points = release(reference).cells
    assert (asked.id, points.id) == (MISTAKE_ID, POINTS_ID)
    assert f"[Report a mistake]({public.report('notebooks/scales/scales')})" in asked.source
    without = copy.deepcopy(reference)
    without.cells = [cell for cell in without.cells if "nbgrader" not in cell.metadata]
    assert release(without).cells[-1].id == MISTAKE_ID


def test_nbgrader_makes_same_release(reference, student, tmp_path):
    """``generate_assignment`` and formgrader use our configuration and the gradebook."""
    course = Course(tmp_path)
    course.reference("scales").parent.mkdir(parents=True)
    course.reference("scales").write_text(dumps(reference))
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "authoring", tmp_path / "authoring", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "_config.yml", tmp_path)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "scales"]
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic by name.
    env = os.environ | {"PATH": tools}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert dumps(nbformat.read(course.release("scales"), as_version=4)) == dumps(student)
    assert (tmp_path / "gradebook.db").exists()


def notebooks():
    return sorted([*ROOT.glob("solutions/*/*.ipynb"), *ROOT.glob("notebooks/*/*.ipynb")])


def test_plain_nbconvert_shows_no_role_or_directive(reference, student):
    named = [("fixture reference", reference), ("fixture release", student)]
    named += [(str(path), nbformat.read(path, as_version=4)) for path in notebooks()]
    written = [(name, _prose(notebook)) for name, notebook in named]
    once = {tuple(cell.source for cell in prose.cells): (name, prose) for name, prose in written}
    exporter = HTMLExporter()
    for name, notebook in once.values():  # A release shares most of its prose with its reference.
        page, _ = exporter.from_notebook_node(notebook)
        body = page[page.index("<body") :]
        assert ":::" not in body, name
        assert not _ROLE.search(body), f"{name}: {_ROLE.search(body)}"


def _prose(notebook):
    """Return the notebook's prose.

    Code is left out because it may contain braces, as in an f-string or an explorer's script.
    """
    prose = copy.deepcopy(notebook)
    prose.metadata.pop("widgets", None)
    prose.cells = [c for c in prose.cells if c.cell_type == "markdown"]
    return prose
