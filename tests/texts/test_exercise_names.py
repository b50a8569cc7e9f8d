"""Test that `authoring check` and `validate` report exercise names that occur more than once in the course."""

import shutil
from pathlib import Path

import pytest

from authoring.notebooks.build import named_twice
from autograder.commands import validate
from autograder.course import Course
from autograder.texts.chapter import exercise_names
from autograder.validation.outcome import ChapterReport
from tests.root import COURSE, HALVED

pytestmark = pytest.mark.course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a course with an exercise `halved` in each of two chapters."""
    course = Course(tmp_path)
    for chapter, exercises in {"one": ["halved", "own"], "two": ["halved"], "three": ["halves"]}.items():
        text = course.text(chapter)
        text.parent.mkdir(parents=True, exist_ok=True)
        text.write_text("".join(f"```{{code-cell}} ipython3\n:solution: {name}\n```\n" for name in exercises))
    return course


def test_check_names_both_chapters(course: Course) -> None:
    found = {
        finding.chapter: finding.sentence for chapter in course.chapters for finding in named_twice(course, chapter)
    }
    assert set(found) == {"one", "two"}
    assert "exercise of two is called halved" in found["one"]


def test_validate_names_the_other_chapter(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "validate", lambda *_: ChapterReport("halved", []))
    shutil.copytree(HALVED, course.text("halved").parent)
    misses = validate._validated(course.text("halved"), lambda: pytest.fail("nothing is to be run"), 0).misses
    assert [miss.split(" is called")[0] for miss in misses] == ["an exercise of one", "an exercise of two"]
    assert validate._validated(HALVED / "text.md", lambda: pytest.fail("nothing is to be run"), 0).misses == []


def test_names_are_read_from_every_chapter() -> None:
    texts = COURSE.texts
    marked = sum(text.read_text().count("\n:solution:") for text in texts)
    assert sum(len(exercise_names(text)) for text in texts) == marked > 300
