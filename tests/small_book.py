"""Make small courses with the real configuration and pages; build one with everything that tests of pages examine."""

import shutil
from pathlib import Path

import nbformat
import pytest
import yaml

from authoring.book import build_book
from authoring.notebooks.notebook_file import dumps
from authoring.notebooks.release import release
from autograder.course import Course
from autograder.texts import text
from tests.root import COURSE, ROOT, SCALES

ABOUT = {"scales": "Ten numbers, scaled", "plain": "Nothing to solve."}
ADDRESSES = {
    "book": "https://someone.github.io/layers/",
    "repository": "https://github.com/someone/layers.git",
    "hub": "https://hub.school.edu",
}
PAGES = ("book/practice", "book/teach", "book/capacity", "book/points")


def course(folder: Path, *pages: str, left_out: str = "chapters") -> Course:
    """Return a course with everything in `book/` except ``left_out``; ``pages`` follow the cover in ``_toc.yml``."""
    for name in ("requirements.txt", "requirements-torch.txt", "_config.yml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "book", folder / "book", ignore=shutil.ignore_patterns(left_out, "__pycache__"))
    shutil.copytree(ROOT / "benchmarks", folder / "benchmarks")
    toc = "format: jb-book\nroot: book/intro\nchapters:\n" + "".join(f"  - file: {page}\n" for page in pages)
    (folder / "_toc.yml").write_text(toc)
    return Course(folder)


def scales(path: Path = SCALES) -> nbformat.NotebookNode:
    """Return the reference of the chapter `scales`, as if it had been executed: its placeholders are filled."""
    made = text.read(path)
    for cell in made.cells:
        cell.source = text.PLACEHOLDER.sub("12,000", cell.source)
    made.metadata.layerlab |= {"torch": "2.13.0", "python": "3.11.7", "date": "2026-11-30"}
    return made


def prose(words: str) -> nbformat.NotebookNode:
    """Return a notebook with one Markdown cell."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(words, id="words")])


def put(path: Path, content: nbformat.NotebookNode | str) -> None:
    """Write a notebook or a text, and create its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else dumps(content))


def files(site: Path) -> dict[str, bytes]:
    """Return the content of each file of a site, by its path."""
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def set_addresses(made: Course, *, book: str = "", repository: str = "", hub: str = "") -> None:
    """Write the addresses of the book, of the repository, and of a JupyterHub into a course's configuration."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["html"]["baseurl"], config["repository"]["url"] = book, repository
    config["sphinx"]["config"]["jupyterhub_url"] = hub
    (made.root / "_config.yml").write_text(yaml.safe_dump(config))


def built(folder: Path) -> Course:
    """Return a built course with all addresses and the layer index.

    Its chapters are `linear` with its solutions, `scales`, and `plain`, which has no exercises.
    """
    notebooks = map("notebooks/{0}/{0}".format, ("linear", *ABOUT))
    made = course(folder, *notebooks, "book/layer_index", *PAGES, left_out="answers.md")
    set_addresses(made, **ADDRESSES)
    for path in (COURSE.release("linear"), COURSE.reference("linear"), COURSE.text("linear")):
        shutil.copytree(path.parent, made.root / path.parent.relative_to(ROOT), dirs_exist_ok=True)
    releases = {"scales": release(scales()), "plain": prose("# Plain\n\nNothing to solve.")}
    for chapter, about in ABOUT.items():
        put(made.text(chapter), f"---\ncourse:\n  about: {about}\n---\n")
        put(made.release(chapter), releases[chapter])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_book.offline, "hand_out", lambda _: True)  # the other chapters have no notebook to hand out
        assert build_book.build(made)
    return made
