"""Keep the earlier addresses of pages and sections working, which `moved` lists in the front matter of each."""

from __future__ import annotations

import posixpath
from html import escape
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from autograder.course import Course, front_matter
from coursebook.pages.catalog import tags

logger = logging.getLogger(__name__)


def sections(root: Path, chapter: str) -> dict[str, str]:
    """Return the current id for each earlier id of a chapter's sections."""
    text = Course(root).text(chapter)
    return front_matter(text).get("moved", {}) if text.exists() else {}  # a course may have only the notebook


def pages(root: Path) -> dict[str, str]:
    """Return the current name for each earlier page name in `book/`; neither name has a file suffix."""
    book = root / "book"
    today = [*book.glob("*.md"), *book.glob("parts/*.md")]
    return {
        old: page.relative_to(book).with_suffix("").as_posix()
        for page in sorted(today)
        for old in front_matter(page).get("moved", ())
    }


def keep_addresses(app: Sphinx, doctree: nodes.document) -> None:
    """Add the earlier ids of a chapter's sections; warn about ids that lead nowhere or belong to a current section."""
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


def lead_on(app: Sphinx) -> None:
    """Write a redirect for each page that moved, and at the site's root; warn if a current page has the old address."""
    redirects = {f"book/{old}": f"book/{today}" for old, today in pages(Path(app.srcdir)).items()}
    for old, today in {**redirects, "index": app.config.root_doc}.items():  # Jupyter Book's redirect is only a tag
        if old in app.env.found_docs:
            logger.warning("%s moved: %s is a page of today's: it cannot lead elsewhere", today, old)
        elif today in app.env.found_docs:
            path = Path(app.outdir, f"{old}.html")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(redirect(app, posixpath.relpath(f"{today}.html", posixpath.dirname(old)), today), "utf-8")


def redirect(app: Sphinx, target: str, page: str) -> str:
    """Return a complete page that redirects immediately and has the metadata of the page that it leads to."""
    title, base = app.env.titles[page].astext(), app.config.html_baseurl
    canonical = base and f'<link rel="canonical" href="{escape(base)}{page}.html"/>\n'
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        f"<title>{escape(app.config.html_title)}</title>\n"
        f'<meta http-equiv="refresh" content="0; url={target}"/>\n<link rel="icon" href="data:,"/>\n'
        f"{tags(app, page, title)}{canonical}</head>\n"
        f'<body><p><a href="{target}">{escape(title)}</a></p></body>\n</html>\n'
    )
