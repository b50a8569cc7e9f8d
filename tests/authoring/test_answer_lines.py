"""Test that the search finds an answer's lines wherever they are planted in the student copy or in a wheel."""

import json
import shutil
import zipfile

import pytest

from authoring.book import answer_lines
from authoring.book.answer_lines import answers, search
from autograder.course import Course
from autograder.practicing import wheel_name
from autograder.texts.regions import STUB
from tests.root import COURSE

SOLUTION = "return torch.where(marked, x / 2, x)"
HIDDEN = 'lab.observe("output, drawn", halved(x))'
VARIANT = "return x.clone().mul_(0.5 + 0 * marked)"
SENTENCE = "Everything is halved, even what is not marked."
PAIR = f"    {SOLUTION}\n\n    # and never more than half of it"
PLACES = (
    "README.md",
    "notebooks/linear/linear.ipynb",
    f"notebooks/{wheel_name()}",
    ".binder/postBuild",
)


@pytest.fixture
def course(tmp_path):
    """Return a course with one chapter whose answers contain the lines above."""
    course = Course(tmp_path / "course")
    course.text("halved").parent.mkdir(parents=True)
    solution = f"### BEGIN SOLUTION\n    {SOLUTION}\n    # and never more than half of it\n### END SOLUTION\n"
    hidden = f"### BEGIN HIDDEN TESTS\n{HIDDEN}\n### END HIDDEN TESTS\n"
    course.text("halved").write_text(f"A line that readers are shown.\n{solution}{hidden}")
    shown = "+    A line that readers are shown."
    course.answers("halved").write_text(
        f"## own\n### wrong: all\n{SENTENCE}\n```diff\n-    {SOLUTION}\n+    {VARIANT}\n{shown}\n```\n"
    )
    return course


def plant(folder, place, line):
    """Write a notebook, a wheel, or a text file (depending on its suffix) that contains the line."""
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".ipynb":
        path.write_text(json.dumps({"cells": [{"source": ["x = 1\n", *line.splitlines(keepends=True)]}]}))
    elif path.suffix == ".whl":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("layerlab/other.md", f"x = 1\n{line}\n")
    else:
        path.write_text(f"x = 1\n{line}\n")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("line", [SOLUTION, f"        {HIDDEN}", VARIANT, SENTENCE])
def test_planted_line_is_found(course, tmp_path, place, line):
    plant(tmp_path / "copy", place, line)
    (leak,) = search(tmp_path / "copy", answers(course))
    assert leak.where.startswith(place)
    assert leak.secret.startswith("".join(line.split()))
    assert "book/chapters/halved/" in leak.secret


def test_our_own_code_may_share_a_short_line_but_no_two(course, tmp_path):
    plant(tmp_path / "copy", "layerlab/new.py", SOLUTION)
    assert list(search(tmp_path / "copy", answers(course))) == []
    plant(tmp_path / "copy", "layerlab/new.py", PAIR)
    (leak,) = search(tmp_path / "copy", answers(course))
    assert leak.where == "layerlab/new.py"


def test_shown_line_is_no_leak(course, tmp_path):
    plant(tmp_path / "copy", "README.md", "A line that readers are shown.")
    assert list(search(tmp_path / "copy", answers(course))) == []


def test_stub_that_an_answer_leaves_is_no_leak(course, tmp_path):
    with course.answers("halved").open("a") as file:
        file.writelines(f"    {line}\n" for line in STUB)
    plant(tmp_path / "copy", "notebooks/linear/linear.ipynb", "\n".join(STUB))
    assert list(search(tmp_path / "copy", answers(course))) == []


def test_answers_include_every_kind_of_every_chapter():
    found = set(answers(COURSE).lines.values())
    for chapter in COURSE.chapters:
        if COURSE.answers(chapter).exists():
            assert f"book/chapters/{chapter}/text.md" in found
            assert f"book/chapters/{chapter}/answers.md" in found


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return the folder with everything that students receive, and the leaks that the search finds in it."""
    folder = tmp_path_factory.mktemp("published")
    return folder, list(answer_lines.published(COURSE, folder))


def test_student_copy_and_wheels_have_no_answers(published):
    folder, leaks = published
    assert leaks == []
    wheels = {path.name.partition("-")[0] for path in folder.rglob("*.whl")}
    assert wheels == {"layerlab", "layer_by_layer"}  # pip never confuses the two


def test_wheel_for_instructors_has_no_chapter(published):
    (path,) = (published[0] / "wheels").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert tops == {"layerlab", "autograder", f"{path.name.removesuffix('-py3-none-any.whl')}.dist-info"}


def test_reference_in_the_copy_is_found(published, tmp_path):
    """Copy a real reference into the student copy, as a faulty workflow might; the search must find it."""
    shutil.copytree(published[0] / "student copy" / "notebooks" / "linear", tmp_path / "copy" / "linear")
    assert list(search(tmp_path / "copy", answers(COURSE))) == []
    shutil.copy(COURSE.reference("linear"), tmp_path / "copy" / "linear")
    assert len(list(search(tmp_path / "copy", answers(COURSE)))) > 100
