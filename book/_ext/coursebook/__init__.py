"""What this course adds to Jupyter Book, as one Sphinx extension.

`pages/` holds what pages say beyond their text, `markup/` how a page is marked up, `assets/` which files it loads, and
`checks/` what fails a build.
"""

from __future__ import annotations

from sphinx.application import Sphinx

# In this order their scripts and style sheets stand on a page, and handlers of one event and priority are called.
# Where one has to come before or after something, its own setup gives the priority and says why.
PARTS = (
    "markup.formulas",
    "assets.trim",
    "markup.mends",
    "pages.licences",
    "pages.chapter_page",
    "checks.figures",
    "markup.access",
    "pages.parts",
    "pages.layer_index",
    "pages.solution_pages",
    "pages.explorer_list",
    "pages.launch",
    "assets.reading",
    "pages.search_words",
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect every part to the build."""
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
