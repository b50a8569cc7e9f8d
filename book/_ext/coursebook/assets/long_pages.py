"""Files for reading a long page: contents that scroll along, and a print style."""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the print style and the scripts for printing and contents to every page."""
    app.add_css_file("print.css", media="print")
    app.add_js_file("print.js", loading_method="defer")
    app.add_js_file("contents.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
