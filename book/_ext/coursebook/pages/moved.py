"""Lets addresses of sections that had another heading once go on working: `book/parts/moved.yml` lists them.

A section keeps the ids of its earlier headings beside its own, so that a link from elsewhere, or one that a reader
kept, opens where it always did.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

MOVED = Path("parts") / "moved.yml"

logger = logging.getLogger(__name__)


def read(book: Path) -> dict[str, dict[str, str]]:
    """Return for each chapter which id of a section leads to which of today's."""
    return yaml.safe_load((book / MOVED).read_text(encoding="utf-8"))


def keep_addresses(app: Sphinx, doctree: nodes.document) -> None:
    """Add the earlier ids of a page's sections; one that leads nowhere is a warning."""
    book = Path(app.confdir) / "book" if (Path(app.confdir) / "book").is_dir() else Path(app.confdir)
    page = PurePosixPath(app.env.docname)
    if page.parts[0] != "notebooks":  # explained solutions have the name of their chapter
        return
    earlier = read(book).get(page.name, {})
    sections = {section["ids"][0]: section for section in doctree.findall(nodes.section)}
    for old, today in earlier.items():
        if today not in sections:
            logger.warning("%s: %s leads to %s, which is no section", MOVED, old, today)
        elif old in sections:
            logger.warning("%s: %s is a section of today's: it cannot lead elsewhere", MOVED, old)
        else:
            sections[today]["ids"].append(old)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect it to the build, once ids are given."""
    app.connect("doctree-read", keep_addresses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
