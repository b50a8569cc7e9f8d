"""Figures that would leave somebody out are warnings, which the build turns into errors.

- an image that says nothing to somebody who cannot see it, also an ``<img>`` in an output's own HTML;
- two lines of the palette that colour-blind eyes hardly tell apart;
- a stored figure in colours that are not the palette's. SVG figures are read. A PNG is not: smoothing mixes its
  colours. `lab.style()` stores each figure as both, so the PNG beside an SVG is the same figure; explorers' still
  pictures are drawn by the course's own code from the same palette.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from coursebook.checks import colours

PICTURES = "pictures"  # the tag of a cell whose pictures are data

logger = logging.getLogger(__name__)


def check_palette(app: Sphinx) -> None:
    """Warn of colours that are too close for some eyes."""
    for sentence in colours.too_close(colours.palette()):
        logger.warning("%s", sentence)


def check_alternative_texts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of every image that tells nothing to somebody who cannot see it; a path is what myst-nb falls back to."""
    for image in doctree.findall(nodes.image):
        alt = image.get("alt", "").strip()
        if not alt or alt == image["uri"] or re.fullmatch(r"\S+\.(png|svg|jpe?g|gif)|\S*/\S+/\S*", alt):
            logger.warning("the image %s has no alternative text", image["uri"], location=image)


def check_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of silent images in raw HTML, and of strange colours in the figures of a notebook."""
    for raw in doctree.findall(nodes.raw):
        if "html" in raw.get("format", ""):
            for image in silent_images(raw.astext()):
                logger.warning("an image in HTML has no alternative text: %s", image, location=raw)
    notebook = Path(app.srcdir, f"{docname}.ipynb")
    if notebook.exists():
        for cell, found in strange_figures(json.loads(notebook.read_text(encoding="utf-8"))):
            words = "colours that are not of the palette: take them from layerlab.style"
            logger.warning("the figure of cell %s has %s (%s)", cell, words, ", ".join(found), location=docname)


def silent_images(html: str) -> list[str]:
    """Return the start tags of images in HTML without alternative text."""
    found: list[str] = []

    class Images(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            if tag == "img" and not (dict(attributes).get("alt") or "").strip():
                found.append((self.get_starttag_text() or "")[:120])

    Images().feed(html)
    return found


def strange_figures(notebook: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return the id of each cell with an SVG in strange colours, and those colours.

    A cell with the tag `PICTURES` shows pictures that are data: their pixels are let be.
    """
    given = colours.palette()
    found = []
    for cell in notebook["cells"]:
        are_data = PICTURES in cell.get("metadata", {}).get("tags", [])
        for output in cell.get("outputs", []):
            svg = "".join(output.get("data", {}).get("image/svg+xml", ""))
            if svg and (strange := colours.strange_colours(svg, given, not are_data)):
                found.append((cell.get("id", ""), strange))
    return found
