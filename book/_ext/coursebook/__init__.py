"""What this course adds to Jupyter Book, as one Sphinx extension.

`build_order` says what happens when. `pages/` holds what pages say beyond their text, `measures/` what the book counts,
`markup/` how a page is marked up, `assets/` which files it loads, `search/` what readers find, `progress/` what keeps
what a reader did, and `checks/` what fails a build.
"""

from __future__ import annotations

from sphinx.application import Sphinx

# Each offers directives, nodes, settings, or files. In this order their scripts and style sheets stand on a page.
PARTS = (
    "markup.formulas",
    "markup.mends",
    "pages.licences",
    "markup.access",
    "pages.parts",
    "pages.layer_index",
    "pages.solution_pages",
    "measures.ways",
    "measures.points",
    "measures.exercises",
    "pages.launch",
    "pages.practise",
    "assets.reading",
    "progress.marks",
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add every part to the build, and connect what happens when."""
    from coursebook import build_order  # imports all of the extension, which a test of one part needs nothing of

    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    build_order.connect(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
