"""Write the student copy, without answers, which students clone, or open in Colab, Binder, or JupyterHub."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import nbformat

from authoring.book import wheel
from authoring.notebooks import notebook_file
from authoring.notebooks.execute import execute
from authoring.notebooks.release import add_due_date, release
from autograder import practicing
from autograder.class_file import class_reader
from autograder.course import TEXT, Course
from autograder.texts import chapter as chapters

WRITTEN = "student"  # the folder of files that people write for this copy
LICENSES = ("LICENSE", "LICENSE-text")


class CopyError(Exception):
    """The copy cannot be written to its folder; the message says why and what to do."""


def write(course: Course, folder: Path, private: Path | None = None) -> int:
    """Write the student copy into a new or empty ``folder`` and return the number of files, or raise CopyError.

    Chapters in ``private``, ``<chapter>/text.md``, are executed, and their released notebooks are included.
    """
    wheel.write_sources(folder)
    shutil.copytree(course.root / WRITTEN, folder, dirs_exist_ok=True)
    for name in LICENSES:
        shutil.copyfile(course.root / name, folder / name)
    due = class_reader.of_course(course.root).due
    for chapter in course.chapters:
        notebook = nbformat.read(course.release(chapter), as_version=4)
        add_due_date(notebook, due.get(chapter))
        notebook_file.write(notebook, folder / "notebooks" / chapter / f"{chapter}.ipynb")
    for text in sorted(private.glob(f"*/{TEXT}")) if private else []:
        chapters.check_name(text, course.root)
        name = text.parent.name
        notebook = release(execute(text, course.root))
        add_due_date(notebook, due.get(name))
        notebook_file.write(notebook, folder / "notebooks" / name / f"{name}.ipynb")
    shutil.copyfile(wheel.built(), folder / "notebooks" / practicing.wheel_name())
    return sum(path.is_file() for path in folder.rglob("*"))


def put(made: Path, folder: Path) -> None:
    """Put into ``folder`` a copy that ``write`` made, replacing an earlier copy there but keeping `.git`.

    Raise CopyError if the folder contains anything except an earlier copy, or if layerlab has changed since the earlier
    copy but still has the same version.
    """
    there = {path.name for path in folder.iterdir()} - {".git"} if folder.exists() else set()
    if there and _title(folder) != _title(made):
        raise CopyError(
            f"{folder} has files that are no student copy: name a new folder, an empty one, or one with an earlier copy"
        )
    earlier = folder / "notebooks" / practicing.wheel_name()
    if earlier.exists() and _modules(earlier) != _modules(made / "notebooks" / earlier.name):
        raise CopyError(
            f"layerlab has changed since the copy in {folder} was made, but it is still {practicing.version()}: those "
            "who have it would keep the old one. Raise the version in pyproject.toml and layerlab/__init__.py, then "
            "run `make notebooks`"
        )
    for path in (folder / name for name in there):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    shutil.copytree(made, folder, dirs_exist_ok=True)


def _title(folder: Path) -> str:
    """Return the first line of a copy's README; "" if there is none."""
    path = folder / "README.md"
    return path.read_text(encoding="utf-8").partition("\n")[0] if path.is_file() else ""


def _modules(path: Path) -> dict[str, bytes]:
    """Return only layerlab's files from a wheel, because the other files also depend on the build tools."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("layerlab/")}
