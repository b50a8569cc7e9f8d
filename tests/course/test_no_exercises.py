"""Test that every command accepts a chapter without exercises, and says so if it has nothing to do."""

from pathlib import Path

import nbformat
import pytest

from authoring.book.leaks import secrets
from authoring.notebooks.release import release
from autograder.classroom.grade_class import grade_class
from autograder.course import Course
from autograder.grading.grader import grade_notebook
from autograder.texts import chapter as chapters
from autograder.texts import text
from tests.root import FIXTURES
from tests.typed import typed

READ_ONLY = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---

# To read only

```{code-cell} ipython3
import torch

torch.arange(3).sum()
```
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a course with two chapters, one without exercises, and a student's submissions of both."""
    notebooks = {"two_exercises": text.read(FIXTURES / "two_exercises.md")}
    reading = Course(tmp_path).text("reading")
    reading.parent.mkdir(parents=True)
    reading.write_text(READ_ONLY)
    notebooks["reading"] = text.read(reading)
    for name, notebook in notebooks.items():
        for folder in (tmp_path / "solutions" / name, tmp_path / "submitted" / "ada" / name):
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / f"{name}.ipynb")
    return tmp_path


def test_read_only_chapter_is_released_unchanged(course):
    notebook = text.read(Course(course).text("reading"))
    released = release(notebook)
    assert [cell.source for cell in released.cells if cell.id in {c.id for c in notebook.cells}] == [
        cell.source for cell in notebook.cells
    ]
    assert not any("nbgrader" in cell.metadata for cell in released.cells)
    assert secrets(READ_ONLY) == set()


def test_default_chapters_have_exercises(course):
    assert chapters.names(course) == ["two_exercises"]


def test_validate_reports_no_exercises(course, monkeypatch):
    monkeypatch.chdir(course)
    assert "reading: no exercises: nothing missed" in typed("validate", "reading")


def test_variants_without_exercises_are_a_miss(course, monkeypatch):
    monkeypatch.chdir(course)
    draft = course / "drafts" / "reading" / "text.md"
    draft.parent.mkdir(parents=True)
    draft.write_text(READ_ONLY)
    draft.with_name("answers.md").write_text("## left\n### right: over\n```python\nx = 1\n```\n")
    said = typed("validate", "drafts/reading/text.md", status=1)
    assert "there is no exercise `left` in this chapter" in said


def test_exercise_without_solution_mark_is_an_error(course):
    path = Course(course).text("reading")
    path.write_text(READ_ONLY + "\n### Exercise: sum\n\nWrite a sum.\n")
    with pytest.raises(text.ChapterError, match=r"text\.md:20: no cell below 'Exercise: sum' is marked :solution:"):
        text.read(path)


def test_sample_class_without_exercises_is_rejected(course):
    said = typed("sample", "reading", "--root", course, status=1)
    assert "Error: reading has no exercises, so there is nothing to hand in" in said


def test_read_only_submission_scores_0_of_0(course):
    result = grade_notebook(course / "submitted" / "ada" / "reading" / "reading.ipynb", root=course)
    assert (result.earned, result.points, result.state.value) == (0, 0, "passed")
    outcome = grade_class("reading", course)
    assert [(r.student, r.earned, r.points) for r in outcome.results] == [("ada", 0, 0)]
    assert outcome.reports["html"].read_text().startswith("<!")


def test_grading_own_read_only_notebook_reports_no_exercises(course):
    notebook = course / "submitted" / "ada" / "reading" / "reading.ipynb"
    said = typed("grade", "--mine", notebook, "--root", course, "--unsandboxed")
    assert "reading has no exercises: there is nothing to grade." in said
    assert "solved" not in said
