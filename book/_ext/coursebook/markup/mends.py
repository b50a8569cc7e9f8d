"""Mends the markup that other packages write: nothing that no page needs, names that agree, landmarks.

The theme's frame of a page is parsed and written again with its body left out: a body may hold 400 kB, the names in its
figures (`viewBox`) would lose their capitals, and what is wrong in it can be mended before it is markup.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.jinja2glue import BuiltinTemplateLoader

BODY = '<template id="body"></template>'  # stands in the frame where the body will be

# 540 kB of icons as a script: the theme's style sheet draws the same ones from a font.
# Sphinx's search is not in this book: `coursebook/search/` is.
SEARCH = ", ".join(f'script[src*="{name}.js"]' for name in ("searchtools", "language_data", "searchindex"))
UNWANTED = f'script[src*="fontawesome"], link[href*="fontawesome.js"], {SEARCH}'
# Written after the pages are: the checksum in their address would be that of the build before, if there was one.
WRITTEN_LAST = 'link[href*="_static/math.css?"], link[href*="_static/mystnb."]'


class MendedTemplates(BuiltinTemplateLoader):
    """The theme's templates, each page mended as it is written: a build that writes one page mends one."""

    def render(self, template: str, context: dict[str, Any]) -> str:  # type: ignore[override]  # as its own class does
        """Return the page."""
        frame = super().render(template, context | {"body": BODY})
        if "<html" not in frame[:300]:
            return frame.replace(BODY, context.get("body", ""), 1)
        return mended(frame).replace(BODY, context.get("body", ""), 1)


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the nodes of others as a page needs them."""
    app.setup_extension("myst_nb")  # whose node this is
    app.add_node(nodes.entry, override=True, html=(visit_entry, depart_entry))
    app.add_node(HideCodeCellNode, override=True, html=(visit_fold, depart_HideCellInput))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def use_mended_templates(app: Sphinx, config: Config) -> None:
    """Put the mended templates in the theme's place."""
    config.template_bridge = f"{__name__}.MendedTemplates"


def mended(frame: str) -> str:
    """Return a page's frame without what the theme puts on every one and none here needs, and with names that agree."""
    soup = BeautifulSoup(frame, "html.parser")
    for unneeded in soup.select(UNWANTED):
        unneeded.decompose()
    for sheet in soup.select(WRITTEN_LAST):
        sheet["href"] = str(sheet["href"]).partition("?")[0]
    for button in soup.select('button.search-button__button[aria-label="Search"]'):
        del button["aria-label"]  # its visible text is its name, and says something else
    for summary in soup.select("details > summary:has(> .toctree-toggle:first-child)"):
        name_fold(summary)
    for sidebar in soup.select("#pst-primary-sidebar"):
        sidebar.attrs |= {"role": "navigation", "aria-label": "Book"}
    return str(soup)


def name_fold(summary: Tag) -> None:
    """Name what unfolds the pages under one in the sidebar, which shows an arrow alone, after the link before it."""
    fold = summary.find_parent()
    link = fold.find_previous_sibling("a") if fold else None
    if link is not None:
        summary["aria-label"] = f"Pages under {link.get_text()}"


# -- bodies -----------------------------------------------------------------------------------------------------------


def visit_entry(writer: Any, node: nodes.entry) -> None:
    """Write a cell of a table; the empty corner above a column of names heads nothing, and is no ``<th>``."""
    if isinstance(node.parent.parent, nodes.thead) and not node.astext() and not list(node.findall(nodes.image)):
        vars(node.parent)["column"] += 1  # where the writer counts
        writer.body.append("<td></td>")
        raise nodes.SkipNode
    type(writer).visit_entry(writer, node)


def depart_entry(writer: Any, node: nodes.entry) -> None:
    """End a cell of a table."""
    type(writer).depart_entry(writer, node)


def drop_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take out what sphinx-thebe adds to every page, also where `_config.yml` says `thebe: false`."""
    for raw in list(doctree.findall(nodes.raw)):
        if raw.astext().lstrip().startswith(('<script type="text/x-thebe-config">', "<script>kernelName = ")):
            raw.parent.remove(raw)


def visit_fold(writer: Any, node: HideCodeCellNode) -> None:
    """Begin a folded cell, named by its visible text: myst-nb's label says something else."""
    writer.body.append(f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>\n')
    for state, words in (("collapsed", node["prompt_show"]), ("expanded", node["prompt_hide"])):
        writer.body.append(f'<p class="{state} admonition-title">{escape(words)}</p>\n')
    writer.body.append("</summary>\n")


# -- the site's root --------------------------------------------------------------------------------------------------


def mend_redirect(app: Sphinx, exception: Exception | None) -> None:
    """Make the redirect at the site's root a whole page."""
    first = Path(app.outdir, "index.html")
    if exception is None and app.builder.format == "html" and first.exists():
        page = BeautifulSoup(first.read_text(encoding="utf-8"), "html.parser")
        if page.find("html") is None and page.meta:  # it is nothing but the instruction
            first.write_text(redirect(str(page.meta["content"]).partition("url=")[2]), encoding="utf-8")


def redirect(target: str) -> str:
    """Return a page that leads on at once, as a whole page: with a language, a title, an icon and a link."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n<title>Layer by Layer</title>\n'
        f'<meta http-equiv="refresh" content="0; url={target}"/>\n<link rel="icon" href="data:,"/>\n'
        f'</head>\n<body><p><a href="{target}">Layer by Layer</a></p></body>\n</html>\n'
    )
