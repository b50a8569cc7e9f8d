"""What of a page gets into the search index: its words. Not the numbers, and not what a cell drew.

The numbers of explorers' tables were a third of the index. Words in HTML of our own are kept apart, where Sphinx would
glue together what stands in neighbouring cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.search.en import SearchEnglish

OUTPUT = "cell_output"  # the class that MyST-NB gives to what stands below a cell
NUMBER = re.compile(r"[\d_]+(e\d+)?")
TAG = re.compile(r"<[^>]+>")


class Words(SearchEnglish):
    """English words, and no numbers: nobody looks for 0.0036."""

    def word_filter(self, word: str) -> bool:
        """Return whether a word is indexed."""
        return super().word_filter(word) and not NUMBER.fullmatch(word)


def setup(app: Sphinx) -> dict[str, bool]:
    """Stand between the builder and its search index."""
    app.add_search_language(Words)
    app.connect("builder-inited", index_words_alone)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def index_words_alone(app: Sphinx) -> None:
    """Have each page indexed by its words; Sphinx asks nobody what it may index."""
    if not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    index_page = app.builder.index_page

    def index_words(pagename: str, doctree: nodes.document, title: str) -> None:
        with words_apart(doctree):
            index_page(pagename, doctree, title)

    app.builder.index_page = index_words


@contextmanager
def words_apart(doctree: nodes.document) -> Iterator[None]:
    """Put a space in the place of each tag, and nothing in that of an output, for as long as the words are read."""
    known = [(node, node.children) for node in doctree.findall(nodes.raw)]
    for node, _ in known:
        node.children = [nodes.Text("" if is_output(node) else TAG.sub(" ", node.astext()))]
    try:
        yield
    finally:
        for node, children in known:
            node.children = children


def is_output(node: nodes.Node | None) -> bool:
    """Return whether a node stands below a cell."""
    while node is not None:
        if isinstance(node, nodes.Element) and OUTPUT in node.get("classes", []):
            return True
        node = node.parent
    return False
