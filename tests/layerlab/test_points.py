"""Test `lab.points()`, which shows the points of the saved notebook but does nothing under a grader."""

import importlib
import subprocess

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

import layerlab as lab
from autograder.texts import text
from layerlab.graded import observation
from tests.conftest import FIXTURES
from tests.recording.test_feedback import Page

module = importlib.import_module("layerlab.points")  # As an attribute of the package, `points` is the function.
WRONG = "def double(x):\n    return 3 * x if x is not None else '<b>'"


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    """Hide which notebook is running, and keep the cache in the test's folder."""
    for name in ("JPY_SESSION_NAME", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("IPython.get_ipython", lambda: None)


@pytest.fixture
def notebook(tmp_path):
    """Return a learner's notebook in a course of one chapter."""
    content = text.read(FIXTURES / "two_exercises.md")
    reference = tmp_path / "course" / "solutions" / "two_exercises" / "two_exercises.ipynb"
    mine = tmp_path / "course" / "mine" / "my try.ipynb"
    for path in (reference, mine):
        path.parent.mkdir(parents=True)
    nbformat.write(content, reference)
    next(cell for cell in content.cells if cell.id == "double").source = WRONG
    content.metadata["layerlab"] = {"chapter": "two_exercises"}
    nbformat.write(content, mine)
    return mine


def test_points_do_nothing_under_a_grader(monkeypatch, notebook):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it ran something"))
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert lab.points(notebook) is None
    monkeypatch.delenv("NBGRADER_EXECUTION")
    monkeypatch.setattr(observation, "is_graded", lambda: True)
    assert lab.points(notebook) is None


def test_unknown_notebook_gives_a_message(tmp_path):
    assert repr(lab.points()) == module.NO_FILE
    assert "There is no file" in repr(lab.points(tmp_path / "none.ipynb"))


def test_notebook_is_found_in_jupyter_and_vs_code(monkeypatch, tmp_path):
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "linear.ipynb"))
    assert module._this_notebook() == tmp_path / "linear.ipynb"
    shell = InteractiveShell()
    shell.user_ns["__vsc_ipynb_file__"] = str(tmp_path / "softmax.ipynb")
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert module._this_notebook() == tmp_path / "softmax.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", "a-console")
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    assert module._this_notebook() is None


@pytest.mark.parametrize("lacking", ["course", "grader"])
def test_missing_grader_gives_one_sentence(monkeypatch, notebook, tmp_path, lacking):
    if lacking == "course":
        alone = notebook.rename(tmp_path / "alone.ipynb")
        monkeypatch.setattr(module, "_course_of", lambda _: None)
        assert repr(lab.points(alone)) == module.NO_GRADER
    else:
        failed = subprocess.CompletedProcess([], 1, "", "/bin/python: No module named autograder")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
        assert repr(lab.points(notebook)) == module.NO_GRADER
        assert "<code>make course</code>" in lab.points(notebook)._repr_html_()


def test_points_match_the_grader(notebook):
    found = lab.points(notebook)
    said = repr(found)
    assert "1 of 4 points so far" in said
    assert "Double: 0 of 3, not right yet" in said
    assert "  Costs 2 points: values." in said
    assert "my try.ipynb as it was saved at " in said
    page = Page(found._repr_html_())
    assert {"table", "caption", "th", "details", "summary"} <= set(page.tags)
    assert not {"script", "style", "b"} & set(page.tags)
    assert page.addresses == []
    for words in ("1 of 4 points so far", "Costs 2 points: values.", "every value is about 1.5 times", "0 of 3"):
        assert words in page.words


def test_fault_is_one_sentence(notebook):
    reference = notebook.parents[1] / "solutions" / "two_exercises" / "two_exercises.ipynb"
    reference.write_text("{")
    said = repr(lab.points(notebook))
    assert said.startswith("Nothing could be graded.")
    assert "\n" not in said
