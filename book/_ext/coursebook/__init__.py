"""The course's additions to Jupyter Book, as one Sphinx extension.

`build_order` says what happens when. `pages/` adds to the text of pages, `measures/` counts what is in the book,
`markup/` writes and fixes markup, `assets/` chooses the files a page loads, `search/` makes the search, `progress/`
tracks what a reader did, and `checks/` fails a build.
"""

from __future__ import annotations

from sphinx.application import Sphinx

# Each adds directives, nodes, settings, or files. Their scripts and style sheets appear on a page in this order.
PARTS = (
    "markup.formulas",
    "markup.mends",
    "pages.licenses",
    "markup.access",
    "pages.parts",
    "pages.class_chapters",
    "pages.layer_index",
    "pages.solution_pages",
    "measures.ways",
    "measures.point_pages",
    "measures.exercises",
    "pages.launch",
    "pages.practice",
    "assets.long_pages",
    "progress.marks",
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add every part to the build, and connect the event handlers."""
    from coursebook import build_order  # this imports the whole extension, which a test of one part doesn't need

    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    build_order.connect(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
