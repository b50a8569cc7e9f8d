"""Test what the student copy contains, and where it may be written."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from datetime import datetime
from zoneinfo import ZoneInfo

import nbformat
import pytest

from authoring import author_commands
from authoring.book import leaks, student_copy
from autograder.class_file import class_reader
from autograder.class_file.class_settings import ClassSettings
from autograder.practicing import version, wheel_name
from tests.root import COURSE, ROOT
from tests.typed import authored


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "made"
    student_copy.write(COURSE, folder)
    return folder


def test_copy_contains_notebooks_layerlab_and_what_binder_needs(made):
    assert {path.name for path in made.iterdir()} == {
        "README.md", "LICENSE", "LICENSE-text", ".binder", "notebooks", "layerlab", "pyproject.toml",
    }  # fmt: skip
    notebooks = {path.parent.name: path.read_bytes() for path in made.glob("notebooks/*/*.ipynb")}
    assert notebooks == {chapter: COURSE.release(chapter).read_bytes() for chapter in COURSE.chapters}
    assert [path.name for path in made.glob("notebooks/*.whl")] == [wheel_name()]
    assert (made / ".binder" / "postBuild").stat().st_mode & 0o111


def test_copy_says_when_a_chapter_is_due(tmp_path, monkeypatch):
    due = datetime(2026, 10, 12, 23, 59, tzinfo=ZoneInfo("America/New_York"))
    monkeypatch.setattr(class_reader, "of_course", lambda root: ClassSettings(due={"lazy": due, "linear": None}))
    student_copy.write(COURSE, tmp_path / "copy")
    notebooks = {path.stem: nbformat.read(path, as_version=4) for path in tmp_path.glob("copy/notebooks/*/*.ipynb")}
    assert notebooks["lazy"].cells[1].source == "Due: **Monday, 12 October 2026, 23:59** (America/New_York)."
    assert [name for name, notebook in notebooks.items() if "Due: **" in str(notebook)] == ["lazy"]


def test_copy_can_be_installed_as_layerlab(made, tmp_path):
    project = tomllib.loads((made / "pyproject.toml").read_text())["project"]
    assert (project["name"], project["version"]) == ("layerlab", version())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-index", "--no-deps", "--no-build-isolation", "-w"]
    subprocess.run([*command, str(tmp_path / "built"), str(made)], check=True, capture_output=True)
    with (
        zipfile.ZipFile(tmp_path / "built" / wheel_name()) as built,
        zipfile.ZipFile(made / "notebooks" / wheel_name()) as given,
    ):
        assert [n for n in built.namelist() if "dist-info" not in n] == [
            n for n in given.namelist() if "dist-info" not in n
        ]


def test_readme_names_only_what_is_there(made):
    text = (made / "README.md").read_text()
    named = re.findall(r"\]\((?!https)([^)]+)\)|`([\w./]+/|pyproject\.toml)`", text)
    assert len(named) >= 6
    assert [path for pair in named for path in pair if path and not (made / path).exists()] == []


def test_command_writes_replaces_and_keeps_git(tmp_path):
    (tmp_path / "copy" / ".git").mkdir(parents=True)
    for _ in range(2):
        authored("student-copy", tmp_path / "copy")
        assert (tmp_path / "copy" / ".git").is_dir()
        assert not (tmp_path / "copy" / "gone.md").exists()
        (tmp_path / "copy" / "gone.md").write_text("a file of an earlier copy")


def test_command_refuses_a_folder_with_other_files(tmp_path):
    (tmp_path / "README.md").write_text("# Layer by Layer\n")
    assert "no student copy" in authored("student-copy", tmp_path, status=1)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_command_writes_nothing_when_a_line_leaks(tmp_path, monkeypatch):
    """Add a line of a solution to a file that is written for students."""
    root = tmp_path / "course"
    root.mkdir()
    for path in ROOT.iterdir():
        if path.name not in ("student", "_build"):
            (root / path.name).symlink_to(path)
    (root / "student").mkdir()
    (root / "student" / "README.md").write_text("Use this:\n\n    return x @ self.weight.T + self.bias_of_mine\n")
    monkeypatch.setattr(author_commands, "ROOT", root)
    secret = {"returnx@self.weight.T+self.bias_of_mine": "text.md"}
    monkeypatch.setattr(leaks, "answers", lambda *_: secret)
    said = authored("student-copy", tmp_path / "copy", status=1)
    assert "README.md: returnx@self.weight.T+self.bias_of_mine (text.md)" in said
    assert not (tmp_path / "copy").exists()


def test_changed_layerlab_needs_a_new_version(made, tmp_path):
    changed = shutil.copytree(made, tmp_path / "changed")
    student_copy.put(changed, tmp_path / "copy")
    student_copy.put(changed, tmp_path / "copy")
    with zipfile.ZipFile(changed / "notebooks" / wheel_name(), "a") as archive:
        archive.writestr("layerlab/fixed.py", "")
    with pytest.raises(student_copy.CopyError, match=f"still {version()}: .* Raise the version"):
        student_copy.put(changed, tmp_path / "copy")
