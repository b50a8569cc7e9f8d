"""Test that the offline zip has deterministic bytes and the contents that its README promises."""

import os
import zipfile
from pathlib import Path

import pytest

from authoring.book import offline, wheel
from autograder.course import Course
from autograder.practicing import NOTEBOOKS, wheel_name


@pytest.fixture
def course(tmp_path):
    """Return a course with two chapters and a site of four files."""
    course = Course(tmp_path / "course")
    for chapter in ("convolution", "linear"):
        course.text(chapter).parent.mkdir(parents=True, exist_ok=True)
        course.text(chapter).write_text("# Text")
        course.release(chapter).parent.mkdir(parents=True)
        course.release(chapter).write_text(f'{{"chapter": "{chapter}"}}')
    for name in ("index.html", "_static/course.css", "notebooks/linear/linear.html", ".buildinfo"):
        (course.site / name).parent.mkdir(parents=True, exist_ok=True)
        (course.site / name).write_text(name)
    return course


def test_zip_contains_pages_and_student_notebooks(course, tmp_path):
    count = offline.write(course, tmp_path / "book.zip")
    with zipfile.ZipFile(tmp_path / "book.zip") as archive:
        names = archive.namelist()
        assert archive.read("layer-by-layer/notebooks/linear/linear.ipynb") == course.release("linear").read_bytes()
        read_me = archive.read("layer-by-layer/README.txt").decode()
    assert names == [
        "layer-by-layer/README.txt",
        "layer-by-layer/book/_static/course.css",
        "layer-by-layer/book/index.html",
        "layer-by-layer/book/notebooks/linear/linear.html",
        "layer-by-layer/notebooks/convolution/convolution.ipynb",
        f"layer-by-layer/notebooks/{wheel_name()}",
        "layer-by-layer/notebooks/linear/linear.ipynb",
    ]
    assert count == len(names)
    for place in ("book/index.html", "notebooks/", f"notebooks/{wheel_name()}"):
        assert place in read_me
        assert any(name.startswith(f"layer-by-layer/{place}") for name in names)


def test_zip_is_deterministic(course, tmp_path):
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    offline.write(course, first)
    for age, path in enumerate(sorted(course.root.rglob("*"), reverse=True)):
        os.utime(path, (1e9 + age, 1e9 + age))
        if path.is_file():
            path.chmod(0o600)
            content = path.read_bytes()  # rewrite to change the order of files on disk
            path.unlink()
            path.write_bytes(content)
    offline.write(course, second)
    assert first.read_bytes() == second.read_bytes()
    (course.site / "index.html").write_text("changed")
    offline.write(course, second)
    assert first.read_bytes() != second.read_bytes()


def test_missing_files_are_named(course, tmp_path):
    course.release("linear").unlink()
    with pytest.raises(FileNotFoundError, match=r"linear\.ipynb"):
        offline.write(course, tmp_path / "book.zip")
    (course.site / "index.html").unlink()
    with pytest.raises(FileNotFoundError, match="make book"):
        offline.write(course, tmp_path / "book.zip")
    assert not Path(tmp_path / "book.zip").exists()


def test_site_gets_layerlab_and_notebooks_once(course):
    assert offline.hand_out(course)
    assert (course.site / wheel_name()).read_bytes() == wheel.built().read_bytes()
    with zipfile.ZipFile(course.site / NOTEBOOKS) as archive:
        names = {name.removeprefix("layer-by-layer/") for name in archive.namelist()}
        read_me = archive.read("layer-by-layer/README.txt").decode()
    notebooks = {f"notebooks/{name}/{name}.ipynb" for name in ("convolution", "linear")}
    assert names == {"README.txt", f"notebooks/{wheel_name()}", *notebooks}
    assert "book/" not in read_me
    assert not offline.hand_out(course)
    course.release("linear").write_text('{"chapter": "linear, changed"}')
    assert offline.hand_out(course)


def test_outdated_wheel_is_removed(course):
    old = course.site / "layerlab-0.0.1-py3-none-any.whl"
    old.write_text("")
    offline.hand_out(course)
    assert [path.name for path in course.site.glob("*.whl")] == [wheel_name()]
