"""Fix the markup of other packages: remove what no page needs, correct accessible names, and add landmarks.

Only the theme's frame is parsed and rewritten: a body can have 400 kB, and parsing would lowercase its `viewBox`.
"""

from __future__ import annotations

from html import escape
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.jinja2glue import BuiltinTemplateLoader

BODY = '<template id="body"></template>'  # the body's placeholder in the frame

# The icon script is 540 kB, and the theme's style sheet draws the same icons from a font.
# `coursebook/search/` replaces Sphinx's search.
SEARCH = ", ".join(f'script[src*="{name}.js"]' for name in ("searchtools", "language_data", "searchindex"))
UNWANTED = f'script[src*="fontawesome"], link[href*="fontawesome.js"], {SEARCH}'
# These files are written after the pages, so a checksum in their address would come from the previous build, if any.
WRITTEN_LAST = 'link[href*="_static/math.css?"], link[href*="_static/mystnb."]'


class MendedTemplates(BuiltinTemplateLoader):
    """The theme's templates, with each page fixed when it is written, so an incremental build fixes only new pages."""

    def render(self, template: str, context: dict[str, Any]) -> str:  # type: ignore[override]  # as its own class does
        """Return the fixed page."""
        frame = super().render(template, context | {"body": BODY})
        if "<html" not in frame[:300]:
            return frame.replace(BODY, context.get("body", ""), 1)
        return mended(frame).replace(BODY, context.get("body", ""), 1)


def mended(frame: str) -> str:
    """Return a page's frame without the theme's parts that the book doesn't need, and with correct accessible names."""
    soup = BeautifulSoup(frame, "html.parser")
    for unneeded in soup.select(UNWANTED):
        unneeded.decompose()
    for sheet in soup.select(WRITTEN_LAST):
        sheet["href"] = str(sheet["href"]).partition("?")[0]
    for button in soup.select('button.search-button__button[aria-label="Search"]'):
        del button["aria-label"]  # the button's visible text, which differs, is its name
    for summary in soup.select("details > summary:has(> .toctree-toggle:first-child)"):
        fold = summary.find_parent()
        link = fold.find_previous_sibling("a") if fold else None
        if link is not None:  # a collapsed list of pages has only an arrow
            summary["aria-label"] = f"Pages under {link.get_text()}"
    for sidebar in soup.select("#pst-primary-sidebar"):
        sidebar.attrs |= {"role": "navigation", "aria-label": "Book"}
    return str(soup)


# -- bodies -----------------------------------------------------------------------------------------------------------


def visit_entry(writer: Any, node: nodes.entry) -> None:
    """Write a table cell; write an empty header cell as ``<td>``, because it is not the header of anything."""
    if isinstance(node.parent.parent, nodes.thead) and not node.astext() and not list(node.findall(nodes.image)):
        vars(node.parent)["column"] += 1  # the counter of the writer
        writer.body.append("<td></td>")
        raise nodes.SkipNode
    type(writer).visit_entry(writer, node)


def drop_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Remove what sphinx-thebe adds to every page in spite of `thebe: false` in `_config.yml`."""
    for raw in list(doctree.findall(nodes.raw)):
        if raw.astext().lstrip().startswith(('<script type="text/x-thebe-config">', "<script>kernelName = ")):
            raw.parent.remove(raw)


def visit_fold(writer: Any, node: HideCodeCellNode) -> None:
    """Begin a collapsed cell; its accessible name is its visible text, because myst-nb's label differs from it."""
    writer.body.append(f'<details class="admonition hide {" ".join(node["classes"])}">\n<summary>\n')
    for state, words in (("collapsed", node["prompt_show"]), ("expanded", node["prompt_hide"])):
        writer.body.append(f'<p class="{state} admonition-title">{escape(words)}</p>\n')
    writer.body.append("</summary>\n")
