"""Keeps earlier addresses working: `moved` in the front matter of texts and pages lists them.

A section keeps the ids of its earlier headings beside its own, and where a page was, one is written that leads on: a
link from elsewhere, or one that a reader kept, opens where it always did.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from autograder.course import Course, front_matter
from coursebook.markup.mends import redirect

logger = logging.getLogger(__name__)


def sections(root: Path, chapter: str) -> dict[str, str]:
    """Return which earlier id of a chapter's section leads to which of today's."""
    text = Course(root).text(chapter)
    return front_matter(text).get("moved", {}) if text.exists() else {}  # a course may have only the notebook


def pages(root: Path) -> dict[str, str]:
    """Return which page of `book/` stands where another one was, both without their ending."""
    book = root / "book"
    today = [*book.glob("*.md"), *book.glob("parts/*.md")]
    return {
        old: page.relative_to(book).with_suffix("").as_posix()
        for page in sorted(today)
        for old in front_matter(page).get("moved", ())
    }


def keep_addresses(app: Sphinx, doctree: nodes.document) -> None:
    """Add the earlier ids of a page's sections; one that leads nowhere is a warning."""
    page = PurePosixPath(app.env.docname)
    if page.parts[0] != "notebooks":  # explained solutions have the name of their chapter
        return
    known = {section["ids"][0]: section for section in doctree.findall(nodes.section)}
    for old, today in sections(Path(app.srcdir), page.name).items():
        if today not in known:
            logger.warning("%s moved: %s leads to %s, which is no section", page.name, old, today)
        elif old in known:
            logger.warning("%s moved: %s is a section of today's: it cannot lead elsewhere", page.name, old)
        else:
            known[today]["ids"].append(old)


def lead_on(app: Sphinx, exception: Exception | None) -> None:
    """Write a page that leads on where one was, to those that this book holds; it may stand in no other's place."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir) / "book"
    for old, today in pages(Path(app.srcdir)).items():
        if f"book/{old}" in app.env.found_docs:
            logger.warning("%s moved: %s is a page of today's: it cannot lead elsewhere", today, old)
        elif f"book/{today}" in app.env.found_docs:
            (site / f"{old}.html").parent.mkdir(parents=True, exist_ok=True)
            target = os.path.relpath(f"{today}.html", Path(old).parent)
            (site / f"{old}.html").write_text(redirect(Path(target).as_posix()), encoding="utf-8")
