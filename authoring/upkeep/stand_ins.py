"""A copy of the repository with as many chapters as the course is to have: copies stand in for those to come.

`python -m authoring stand-ins FOLDER` makes it, and `make test` there shows what that many chapters cost.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import nbformat
import yaml

from authoring.course import Course, write
from authoring.notebooks import build, lost_claims
from authoring.notebooks.fingerprint import fingerprint
from autograder.chapters.text import read

CHAPTERS = 29  # with exercises, in the plan of the book
TITLE = re.compile(r"^# (.+?)(:.*)?$", re.MULTILINE)


def make(root: Path, folder: Path, count: int = CHAPTERS) -> list[str]:
    """Clone what is committed into ``folder``, and add copies until ``count`` chapters have exercises.

    Returns:
        the names of the copies.

    Raises:
        FileExistsError: there is something in the folder.
        subprocess.CalledProcessError: this is no git checkout.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")
    subprocess.run(["git", "clone", "--quiet", "--local", str(root), str(folder)], check=True)
    course = Course(folder.resolve())
    originals = [name for name in course.chapters if lost_claims.has_mistakes(course, name)]
    copies: list[str] = []
    while len(originals) + len(copies) < count:
        original, turn = originals[len(copies) % len(originals)], len(copies) // len(originals)
        copies.append(_copy(course, original, f"{original}_{'again' * turn or 'copy'}"))
    _list(folder / "_toc.yml", copies)
    _plan(folder / "book" / "parts" / "chapters.yml", copies)
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)  # checks of the repository read what git knows
    return copies


def _copy(course: Course, original: str, name: str) -> str:
    """Add a chapter that differs from another in its name and its title; return its name."""
    text = course.text(original).read_text(encoding="utf-8")
    course.text(name).write_text(_retitled(text, name), encoding="utf-8")
    expected = read(course.text(name))
    notebook = nbformat.read(course.reference(original), as_version=4)
    for cell, wanted in zip(notebook.cells, expected.cells, strict=True):
        cell.id = wanted.id
    notebook.cells[0].source = _retitled(notebook.cells[0].source, name)
    notebook.metadata.layerlab.chapter = name
    notebook.metadata.layerlab.fingerprint = fingerprint(course.text(name), course.root)
    write(notebook, course.reference(name))
    build.write_release(course, name)
    for path in (
        *(course.root / "autograder" / "variants").glob(f"{original}.*"),
        lost_claims.path_of(course, original),
    ):
        shutil.copy(path, path.with_stem(name))
    return name


def _retitled(text: str, name: str) -> str:
    words = name.replace("_", " ")  # a title breaks between words
    return TITLE.sub(lambda title: f"# {title[1]} ({words}){title[2] or ''}", text, count=1)


def _list(path: Path, copies: list[str]) -> None:
    """Put the copies into the table of contents, at the end of the last part of the course."""
    toc = yaml.safe_load(path.read_text(encoding="utf-8"))
    last = [part for part in toc["parts"] if part["chapters"][0]["file"].startswith("book/parts/")][-1]
    last["chapters"] += [{"file": f"notebooks/{name}/{name}"} for name in copies]
    path.write_text(yaml.safe_dump(toc, sort_keys=False), encoding="utf-8")


def _plan(path: Path, copies: list[str]) -> None:
    """Put them at the end of the plan of the course, which ends with that part's chapters."""
    chapters = {name: {"title": name.replace("_", " "), "about": "A copy.", "mark": "b.b"} for name in copies}
    added = textwrap.indent(yaml.safe_dump(chapters, sort_keys=False), "    ")
    path.write_text(f"{path.read_text(encoding='utf-8').rstrip()}\n{added}", encoding="utf-8")
