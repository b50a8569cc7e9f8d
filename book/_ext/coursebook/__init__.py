"""Extend Jupyter Book for the course, as one Sphinx extension.

The module `build_order` lists everything that the extension adds, and the order in which its handlers run. The folder
`pages/` adds to the text of pages, `measures/` computes the book's counts, and `markup/` writes and fixes markup. The
folder `assets/` shrinks the files that pages load, `search/` builds the search, `progress/` tracks a reader's progress,
and `checks/` fails a build if some readers could not use a figure.
"""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Add everything to the build."""
    from coursebook import build_order  # here, because a test of one part doesn't need the whole extension

    build_order.add_all(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
