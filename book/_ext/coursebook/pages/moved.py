"""Lets addresses that were others once go on working: `book/parts/moved.yml` lists them.

A section keeps the ids of its earlier headings beside its own, and where a page was, one is written that leads on: a
link from elsewhere, or one that a reader kept, opens where it always did.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from coursebook.markup.mends import redirect

MOVED = Path("parts") / "moved.yml"

logger = logging.getLogger(__name__)


def read(book: Path) -> dict[str, dict[str, str]]:
    """Return for each chapter which id of a section leads to which of today's."""
    return _listed(book)["sections"]


def pages(book: Path) -> dict[str, str]:
    """Return which page of `book/` stands where another one was, both without their ending."""
    return _listed(book)["pages"]


def _listed(book: Path) -> dict[str, dict]:
    return yaml.safe_load((book / MOVED).read_text(encoding="utf-8"))


def keep_addresses(app: Sphinx, doctree: nodes.document) -> None:
    """Add the earlier ids of a page's sections; one that leads nowhere is a warning."""
    page = PurePosixPath(app.env.docname)
    if page.parts[0] != "notebooks":  # explained solutions have the name of their chapter
        return
    earlier = read(_book(app)).get(page.name, {})
    sections = {section["ids"][0]: section for section in doctree.findall(nodes.section)}
    for old, today in earlier.items():
        if today not in sections:
            logger.warning("%s: %s leads to %s, which is no section", MOVED, old, today)
        elif old in sections:
            logger.warning("%s: %s is a section of today's: it cannot lead elsewhere", MOVED, old)
        else:
            sections[today]["ids"].append(old)


def lead_on(app: Sphinx, exception: Exception | None) -> None:
    """Write a page that leads on where one was, to those that this book holds; it may stand in no other's place."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir) / "book"
    for old, today in pages(_book(app)).items():
        if f"book/{old}" in app.env.found_docs:
            logger.warning("%s: %s is a page of today's: it cannot lead elsewhere", MOVED, old)
        elif f"book/{today}" in app.env.found_docs:
            (site / f"{old}.html").parent.mkdir(parents=True, exist_ok=True)
            target = os.path.relpath(f"{today}.html", Path(old).parent)
            (site / f"{old}.html").write_text(redirect(Path(target).as_posix()), encoding="utf-8")


def _book(app: Sphinx) -> Path:
    return Path(app.confdir) / "book" if (Path(app.confdir) / "book").is_dir() else Path(app.confdir)
