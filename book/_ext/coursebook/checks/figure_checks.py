"""Warn about images without alternative text, even in an output's own HTML; the build turns warnings into errors."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def check_alternative_texts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn about every image without alternative text; a file path doesn't count, because myst-nb falls back to it."""
    for image in doctree.findall(nodes.image):
        alt = image.get("alt", "").strip()
        if not alt or alt == image["uri"] or re.fullmatch(r"\S+\.(png|svg|jpe?g|gif)|\S*/\S+/\S*", alt):
            logger.warning("the image %s has no alternative text", image["uri"], location=image)
    for raw in doctree.findall(nodes.raw):
        for tag in silent_images(raw.astext()) if "html" in raw.get("format", "") else ():
            logger.warning("an image in HTML has no alternative text: %s", tag, location=raw)


def silent_images(html: str) -> list[str]:
    """Return the start tags of HTML images without alternative text."""
    found: list[str] = []

    class Images(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            if tag == "img" and not (dict(attributes).get("alt") or "").strip():
                found.append((self.get_starttag_text() or "")[:120])

    Images().feed(html)
    return found
