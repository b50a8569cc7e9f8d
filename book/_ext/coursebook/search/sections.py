"""Extract what the search indexes: sections with their words and short formulas, without outputs and images."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from docutils import nodes

from autograder.plain import formula

OUTPUT = "cell_output"  # the class that MyST-NB gives to a cell's output
TAG = re.compile(r"<[^>]+>")
LONGEST = 24  # characters in the longest formula that is kept
STUB = "# YOUR CODE HERE"  # marks code that the student has yet to write
SKIPPED = (nodes.math_block, nodes.image, nodes.comment, nodes.section, nodes.title, nodes.target)


@dataclass(frozen=True)
class Section:
    """The part of a page between one heading and the next."""

    anchor: str
    title: str
    above: str  # the headings above it, without the page's title
    text: str


def of(doctree: nodes.document) -> list[Section]:
    """Return the sections of a page, one for each heading, in order."""
    return list(_below(doctree, []))


def _below(node: nodes.Element, above: list[str]) -> Iterator[Section]:
    for section in (child for child in node.children if isinstance(child, nodes.section)):
        title = next(section.findall(nodes.title)).astext()
        words = " ".join("".join(part for child in section.children for part in _words(child)).split())
        yield Section(section["ids"][0], title, " ".join(above[1:]), words)
        yield from _below(section, [*above, title])


def _words(node: nodes.Node) -> Iterator[str]:
    """Yield the words of a node, with a space after each block, so that a table's cells don't run together."""
    if isinstance(node, nodes.Text):
        yield str(node)
    elif isinstance(node, nodes.math):
        letters = formula(node.astext())
        yield letters if len(letters) <= LONGEST else "…"
    elif isinstance(node, nodes.raw):
        yield f" {html.unescape(TAG.sub(' ', node.astext()))} " if "html" in node["format"] else ""
    elif isinstance(node, nodes.literal_block) and STUB in node.astext():
        return
    elif isinstance(node, nodes.Element) and not isinstance(node, SKIPPED) and OUTPUT not in node.get("classes", []):
        for child in node.children:
            yield from _words(child)
        if not isinstance(node, nodes.Inline):
            yield " "
