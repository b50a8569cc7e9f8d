"""Remove from the book what class.yml leaves out of the class: chapters, links to them, and explained solutions."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform

from autograder.class_file import class_reader
from coursebook import notebooks
from coursebook.pages.parts import OPENINGS

PAGES = "pages_left_out"  # a setting with the pages' names; Sphinx reads all pages again when it changes


def leave_out(app: Sphinx, config: Config) -> None:
    """Remove chapters that are not part of the class, and parts without chapters, from the table of contents."""
    root = Path(app.srcdir)
    settings, left_out = class_reader.of_course(root), class_reader.left_out(root)
    config.explained_solutions = config.explained_solutions and settings.solutions
    gone = {f"notebooks/{name}/{name}" for name in left_out}
    site_map = config.external_site_map
    for tree in [tree for document in site_map.values() for tree in document.subtrees]:
        tree.items = [item for item in tree.items if _page(item) not in gone]
    for tree in site_map.root.subtrees if gone else ():
        if tree.items and all(PurePosixPath(item).parent == PurePosixPath(OPENINGS) for item in tree.items):
            gone |= set(map(_page, tree.items))
            tree.items = []
    site_map.root.subtrees = [tree for tree in site_map.root.subtrees if tree.items]
    for name in [name for name in site_map if _page(name) in gone]:
        del site_map[name]
    config[PAGES] = tuple(sorted(gone))
    config.exclude_patterns = [*config.exclude_patterns, *(f"{page}.*" for page in sorted(gone))]


def _page(item: object) -> str:
    return str(item).removesuffix(".ipynb").removesuffix(".md")


class PlainReferences(SphinxPostTransform):
    """Turn into plain text each reference to a page that this class's book leaves out."""

    default_priority = 5  # before MyST looks for the page, and warns

    def run(self, **kwargs: object) -> None:
        """Replace each of these references with its text or, if it has none, with the page's title."""
        gone = set(self.config[PAGES])
        for found in list(self.document.findall(addnodes.pending_xref)) if gone else ():
            page = found["reftarget"].lstrip("/")
            if found.get("refdomain") == "doc" and page in gone:
                words = found.astext() and found.children
                found.replace_self(words or [nodes.Text(self._title(page))])

    def _title(self, page: str) -> str:
        return notebooks.of_page(self.app.srcdir, page).title or PurePosixPath(page).name
