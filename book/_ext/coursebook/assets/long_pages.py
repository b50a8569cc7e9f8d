"""Reading a long page: its contents scroll along, and what it looks like on paper."""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Give every page its print style, and a script for its contents."""
    app.add_css_file("print.css", media="print")
    app.add_js_file("print.js", loading_method="defer")
    app.add_js_file("contents.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
