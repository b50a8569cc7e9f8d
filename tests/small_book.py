"""Make small courses with the real configuration and pages, and build one with the addresses that a test needs."""

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
PAGES = (
    "notebooks/scales/scales",
    "notebooks/plain/plain",
    "book/practice",
    "book/teach",
    "book/capacity",
    "book/points",
)


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
    made.metadata.layerlab.torch = "2.13.0"
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


def built(folder: Path, *, book: str = "", url: str = "", hub: str = "") -> Path:
    """Return the site of a small book with two chapters, the second without exercises.

    ``book``, ``url``, and ``hub`` are the addresses of the book, the repository, and a JupyterHub.
    """
    made = course(folder, *PAGES)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["html"]["baseurl"], config["repository"]["url"] = book, url
    config["sphinx"]["config"]["jupyterhub_url"] = hub
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    notebooks = {"scales": release(scales()), "plain": prose("# Plain\n\nNothing to solve.")}
    for chapter, about in ABOUT.items():
        put(made.text(chapter), f"---\ncourse:\n  about: {about}\n---\n")
        put(made.release(chapter), notebooks[chapter])
    assert build_book.build(made)
    return made.site
