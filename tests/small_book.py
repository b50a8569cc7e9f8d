"""Build a small book with two chapters, the second without exercises, and the addresses that a test needs."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import yaml

from authoring.book import build_book
from authoring.notebooks.notebook_file import dumps
from authoring.notebooks.release import release
from autograder.course import Course
from autograder.texts import text
from tests.root import ROOT, SCALES

ABOUT = {"scales": "Ten numbers, scaled", "plain": "Nothing to solve."}
PAGES = ("notebooks/scales/scales", "notebooks/plain/plain", "book/practice", "book/teach", "book/points")


def built(folder: Path, *, book: str = "", url: str = "", hub: str = "") -> Path:
    """Return the site of a small book.

    Args:
        folder: where to build it.
        book: its address, `html.baseurl`.
        url: the address of the repository.
        hub: that of a JupyterHub.
    """
    course = Course(folder)
    for name in ("requirements.txt", "requirements-torch.txt"):
        shutil.copy(ROOT / name, course.root)
    shutil.copytree(ROOT / "book", course.root / "book", ignore=shutil.ignore_patterns("chapters", "__pycache__"))
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["html"]["baseurl"], config["repository"]["url"] = book, url
    config["sphinx"]["config"]["jupyterhub_url"] = hub
    (course.root / "_config.yml").write_text(yaml.safe_dump(config))
    toc = "format: jb-book\nroot: book/intro\nchapters:\n"
    toc += "".join(f"  - file: {page}\n" for page in PAGES)
    (course.root / "_toc.yml").write_text(toc)
    made = release(text.read(SCALES))
    for cell in made.cells:
        cell.source = text.PLACEHOLDER.sub("12", cell.source)
    for chapter, about in ABOUT.items():
        course.text(chapter).parent.mkdir(parents=True)
        course.text(chapter).write_text(f"---\ncourse:\n  about: {about}\n---\n")
        course.release(chapter).parent.mkdir(parents=True)
        course.release(chapter).write_text(dumps(made))
        made.cells = [nbformat.v4.new_markdown_cell("# Plain\n\nNothing to solve.", id="plain")]
    assert build_book.build(course)
    return course.site
