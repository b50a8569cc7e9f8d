"""Write the book's metadata for other sites (a preview of each page, sitemap, robots.txt) and links to report mistakes.

Without the book's address in ``_config.yml``, pages have no canonical address, and the site has no sitemap.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any
from xml.sax.saxutils import escape as escape_xml

from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.config import Config

from autograder import practicing
from autograder.course import Course, front_matter

NAMES = 3  # names of torch in a description: search engines show only about 160 characters
PICTURE = "_static/page.png"  # an image of the cover; README shows it, too
PICTURE_SHOWS = "The book's cover: a drawing of a house passes through five layers of a network"


def about(root: Path, page: str) -> str:
    """Return `about` from the front matter of a page's source, with the first few torch names that the page teaches."""
    path = PurePosixPath(page)
    source = Course(root).text(path.name) if path.parts[0] == "notebooks" else root / f"{page}.md"
    said = front_matter(source) if source.exists() else {}
    sentence = str(said.get("about", ""))
    names = [f"nn.{name}" for family in said.get("layers", ()) if family["of"] == "nn" for name in family["names"]]
    more = f" In PyTorch: {', '.join(names[:NAMES])}{', and more' * (len(names) > NAMES)}." if names else ""
    return (f"{sentence}." if sentence and sentence[-1] not in ".?!" else sentence) + more


def with_about(sentence: str, text: str) -> str:
    """Return the Markdown of a page that the build writes, with its description as front matter."""
    return f"---\ncourse:\n  about: {json.dumps(sentence)}\n---\n\n{text}"


def tags(app: Sphinx, page: str, title: str, sentence: str = "") -> str:
    """Return a description and OpenGraph tags (https://ogp.me) as HTML; a page without source needs a sentence."""
    said, base = sentence or about(Path(app.srcdir), page), app.config.html_baseurl
    pairs = {"og:description": said, "og:title": Markup(title).striptags(), "og:site_name": app.config.html_title}
    pairs["og:type"] = "website"
    if base:
        pairs |= {"og:url": f"{base}{page}.html", "og:image": f"{base}{PICTURE}", "og:image:alt": PICTURE_SHOWS}
    made = "".join(f'<meta property="{key}" content="{escape(value)}"/>\n' for key, value in pairs.items())
    return f'<meta name="description" content="{escape(said)}"/>\n{made}'


def use_public_address(app: Sphinx, config: Config) -> None:
    """Unless the book's address is a placeholder, give it to Sphinx; each page's canonical address begins with it."""
    base = practicing.addresses(Path(app.srcdir)).book
    config.html_baseurl = base and f"{base}/"


def describe(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Put a page's card into its head, and put a link for reporting mistakes below its text."""
    if pagename == app.config.root_doc:  # the book's name begins with this page's title, so add only the rest of it
        context["docstitle"] = context["docstitle"].removeprefix(f"{context['title']}, ")
    own = tags(app, pagename, context.get("title", ""), context.get("about", ""))
    context["metatags"] = context.get("metatags", "") + own
    if address := practicing.addresses(Path(app.srcdir)).report(pagename):
        context["theme_extra_footer"] = f'<a href="{escape(address)}">Report a mistake on this page</a>'


def write_lists(app: Sphinx) -> None:
    """Write robots.txt and, if the book has an address, the sitemap (https://www.sitemaps.org) of all pages."""
    base, site, robots = app.config.html_baseurl, Path(app.outdir), "User-agent: *\nAllow: /\n"
    if base:
        pages = (f"<url><loc>{escape_xml(f'{base}{page}.html')}</loc></url>\n" for page in sorted(app.env.found_docs))
        head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        (site / "sitemap.xml").write_text(f"{head}{''.join(pages)}</urlset>\n", encoding="utf-8")
        robots += f"Sitemap: {base}sitemap.xml\n"
    (site / "robots.txt").write_text(robots, encoding="utf-8")
