"""Test what a release removes and keeps, and that nbgrader makes the same release."""

import copy
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

from authoring.notebooks.execute import execute
from authoring.notebooks.notebook_file import dumps
from authoring.notebooks.release import INSTALL_ID, MAY_RAISE, MISTAKE_ID, POINTS_ID, first_cell, release
from autograder import practicing
from autograder.course import Course
from autograder.practicing import Addresses, version, wheel_name
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


@pytest.mark.parametrize(
    ("identity", "source"),
    [
        ("own_scale", "def own_scale(x, s):\n    # YOUR CODE HERE\n    raise NotImplementedError()"),
        ("mend_shift", "def shifted(x):\n    total = x.sum(dim=-1, keepdim=True)\n    return x + total"),
    ],
)
def test_solution_is_replaced_with_stub_or_faulty_start(student, identity, source):
    assert cell(student, identity).source == cell(student, identity).metadata.layerlab.released == source


def test_run_all_continues_past_unfinished_exercises(student):
    tagged = [MAY_RAISE in cell.metadata.get("tags", []) for cell in student.cells if cell.cell_type == "code"]
    assert tagged == sorted(tagged), "no cell above the first exercise"
    assert MAY_RAISE in cell(student, "own_scale").metadata.tags
    assert MAY_RAISE in cell(student, POINTS_ID).metadata.tags
    first = next(cell for cell in student.cells if cell.cell_type == "code")
    assert (first.id, MAY_RAISE in first.metadata.get("tags", [])) == (INSTALL_ID, False)


def test_release_drops_hidden_tests_and_keeps_visible_checks(reference, student):
    assert cell(reference, "own_scale").metadata.layerlab.bullets
    assert not any("bullets" in c.metadata.get("layerlab", {}) for c in student.cells)
    test = cell(student, "test_own_scale")
    assert test.source.startswith('try:\n    print("your answer:"')
    assert "with lab.claim" not in test.source
    assert re.fullmatch(r'lab\.claims\("own_scale", "[0-9a-f]{6}"\)', test.source.split("\n")[-1])
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


def test_release_keeps_widget_state_and_does_not_modify_reference(reference):
    with_state = copy.deepcopy(reference)
    with_state.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"abc": {"n": 1}}}}
    before = dumps(with_state)
    assert release(with_state).metadata.widgets == with_state.metadata.widgets
    assert dumps(with_state) == before


def test_release_differing_from_reset_is_rejected(reference):
    changed = copy.deepcopy(reference)
    cell(changed, "own_scale").metadata.layerlab.released = "def own_scale(x, s): ..."
    with pytest.raises(ValueError, match="own_scale"):
        release(changed)


def imported(source, folder, installed="", beside="", pip=""):
    """Run a notebook's first cell, import `layerlab` with these versions available, and return the output.

    Args:
        installed: the installed version, or "" for none.
        beside: the version in a wheel one folder up, or "" for none.
        pip: the version that `%pip install` would install, or "" for none.
    """
    (folder / "site").mkdir()
    for number, place in ((installed, folder / "site" / "layerlab"), (pip, folder / "new" / "layerlab")):
        if number:
            place.mkdir(parents=True)
            (place / "__init__.py").write_text(f'__version__ = "{number}"\n')
    if beside:
        with zipfile.ZipFile(folder / f"layerlab-{beside}-py3-none-any.whl", "w") as wheel:
            wheel.writestr("layerlab/__init__.py", f'__version__ = "{beside}"\n')
    (folder / "linear").mkdir()
    source = source.replace("%pip install", f"sys.path.insert(0, {str(folder / 'new')!r}) #")
    code = f"import sys\nsys.path.insert(0, {str(folder / 'site')!r})\n{source}\nimport layerlab\n"
    code += "print(layerlab.__version__, layerlab.__file__)"
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, cwd=folder / "linear", capture_output=True, text=True, check=False)
    return done.stdout or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ({"installed": version()}, "site"),
        ({"installed": "99.0.0", "beside": version()}, "site"),  # a newer one also serves older notebooks
        ({"beside": version()}, "whl"),
        ({"installed": "0.9.0", "beside": version()}, "whl"),
        ({"pip": version()}, "new"),
        ({"installed": "0.9.0", "beside": "0.9.1", "pip": version()}, "new"),
    ],
)
def test_first_cell_finds_the_needed_version(there, found, tmp_path):
    said = imported(first_cell("linear", Addresses("https://x.edu")), tmp_path, **there)
    assert said.startswith("99.0.0 " if "99.0.0" in there.values() else f"{version()} "), said
    assert found in said


@pytest.mark.parametrize(("installed", "found"), [("", "none"), ("0.9.0", "0.9.0")])
@pytest.mark.parametrize("address", ["", "https://x.edu/layers"])
def test_missing_or_older_layerlab_raises_one_helpful_sentence(address, installed, found, tmp_path):
    said = imported(first_cell("linear", Addresses(address)), tmp_path, installed=installed)
    assert re.match(
        rf"ModuleNotFoundError: .* {version()} or newer; found here: {found}\. Put {wheel_name()} beside .*{address}",
        said,
    )
    assert ("pip" in first_cell("linear", Addresses())) is False


def test_layerlab_is_installed_from_configured_address():
    book, repository = "https://x.edu/layers", "https://x.edu/layers.git"
    assert f'%pip install --quiet "{book}/{wheel_name()}"' in first_cell("", Addresses(book, repository))
    source = first_cell("", Addresses(repository=repository))
    assert f'%pip install --quiet "layerlab @ git+{repository}@student"' in source


def test_first_cell_is_short():
    code = [line for line in first_cell("linear", Addresses("https://x.edu")).splitlines() if not line.startswith("#")]
    assert len([line for line in code if line]) <= 20


def test_last_cell_shows_points_in_exercise_chapters(reference, student):
    last = student.cells[-1]
    assert (last.id, last.source.split("\n")[-1]) == (POINTS_ID, f'lab.points("{reference.metadata.layerlab.chapter}")')
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
    """Run ``generate_assignment``, as formgrader does, with our configuration and the gradebook."""
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


def test_plain_nbconvert_shows_no_role_or_directive(reference, student):
    named = [("fixture reference", reference), ("fixture release", student)]
    for folder in ("solutions", "notebooks"):
        named += [(str(path), nbformat.read(path, as_version=4)) for path in ROOT.glob(f"{folder}/*/*.ipynb")]
    # Code may contain braces, and a release shares most of its prose with its reference.
    prose = {tuple(c.source for c in notebook.cells if c.cell_type == "markdown"): name for name, notebook in named}
    exporter = HTMLExporter()
    for sources, name in prose.items():
        cells = [nbformat.v4.new_markdown_cell(source) for source in sources]
        page, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=cells))
        body = page[page.index("<body") :]
        assert ":::" not in body, name
        assert not _ROLE.search(body), f"{name}: {_ROLE.search(body)}"
