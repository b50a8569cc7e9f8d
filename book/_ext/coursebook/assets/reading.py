"""Reading elsewhere: a page on paper, and the search of a book that was opened from a disk."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

# A page opened from a disk may not read its neighbours, so the search page cannot quote from what it finds.
SEARCH_FROM_DISK = """\
if (location.protocol === "file:") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  document.addEventListener("DOMContentLoaded", () => {
    const note = document.createElement("p");
    note.id = "search-from-disk";
    note.textContent = "This book was opened from a disk: the search lists pages, without an excerpt of each.";
    document.getElementById("search-results").before(note);
  });
}
"""


def setup(app: Sphinx) -> dict[str, bool]:
    """Give every page its print style, and the search page what it needs without a server."""
    app.add_css_file("print.css", media="print")
    app.add_js_file("print.js", loading_method="defer")
    app.connect("html-page-context", search_from_disk, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def search_from_disk(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add the script that turns excerpts off where they cannot be had."""
    if pagename == "search":
        app.add_js_file(None, body=SEARCH_FROM_DISK, priority=600)
