"""Warn about figures that some readers could not use; the build turns warnings into errors.

- an image without alternative text, even if it is an ``<img>`` in an output's own HTML;
- two line colors of the palette that color-blind readers can hardly tell apart;
- a stored figure with colors that are not in the palette. Only SVG figures are checked, because smoothing mixes the
  colors of a PNG. `lab.style()` stores each figure in both formats, so checking the SVG is enough. The static images of
  explorers are drawn by the course's own code with the same palette.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from coursebook import notebooks
from coursebook.checks import colors

PICTURES = "pictures"  # the tag of a cell whose images are data

logger = logging.getLogger(__name__)


def check_palette(app: Sphinx) -> None:
    """Warn about colors of the palette that some readers can hardly tell apart."""
    for sentence in colors.too_close(colors.palette()):
        logger.warning("%s", sentence)


def check_alternative_texts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn about every image without alternative text; a file path doesn't count, because myst-nb falls back to it."""
    for image in doctree.findall(nodes.image):
        alt = image.get("alt", "").strip()
        if not alt or alt == image["uri"] or re.fullmatch(r"\S+\.(png|svg|jpe?g|gif)|\S*/\S+/\S*", alt):
            logger.warning("the image %s has no alternative text", image["uri"], location=image)


def check_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn about images without alternative text in raw HTML, and about figure colors outside the palette."""
    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", ""):
            for image in silent_images(raw.astext()):
                logger.warning("an image in HTML has no alternative text: %s", image, location=raw)
    for cell, found in strange_figures(notebooks.of_page(app.srcdir, docname)):
        words = "colors that are not of the palette: take them from layerlab.style"
        logger.warning("the figure of cell %s has %s (%s)", cell, words, ", ".join(found), location=docname)


def silent_images(html: str) -> list[str]:
    """Return the start tags of HTML images without alternative text."""
    found: list[str] = []

    class Images(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            if tag == "img" and not (dict(attributes).get("alt") or "").strip():
                found.append((self.get_starttag_text() or "")[:120])

    Images().feed(html)
    return found


def strange_figures(notebook: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """For each cell with an SVG in colors outside the palette, return the cell's id and those colors.

    In a cell with the tag `PICTURES`, images are data, so their pixels are not checked.
    """
    given = colors.palette()
    found = []
    for cell in notebook["cells"]:
        are_data = PICTURES in cell.get("metadata", {}).get("tags", [])
        for output in cell.get("outputs", []):
            svg = "".join(output.get("data", {}).get("image/svg+xml", ""))
            if svg and (strange := colors.strange_colors(svg, given, not are_data)):
                found.append((cell.get("id", ""), strange))
    return found
