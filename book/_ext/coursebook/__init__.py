"""Extend Jupyter Book for the course, as one Sphinx extension; `build_order` lists everything that it adds."""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Add everything to the build."""
    from coursebook import build_order  # here, because a test of one part doesn't need the whole extension

    build_order.add_all(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
