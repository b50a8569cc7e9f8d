"""The course's additions to Jupyter Book, as one Sphinx extension.

`build_order` lists what is added, and says what happens when. `pages/` adds to the text of pages, `measures/` counts
what is in the book, `markup/` writes and fixes markup, `assets/` cuts down the files that pages load, `search/` makes
the search, `progress/` tracks what a reader did, and `checks/` fails a build.
"""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Add everything to the build."""
    from coursebook import build_order  # this imports the whole extension, which a test of one part doesn't need

    build_order.add_all(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
