"""What this course adds to Jupyter Book, as one Sphinx extension.

`pages/` holds what pages say beyond their text, `measures/` what the book counts, `markup/` how a page is marked up,
`assets/` which files it loads, `search/` what readers find, `progress/` what keeps what a reader did, and `checks/`
what fails a build.
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
    "pages.moved",
    "checks.figures",
    "markup.access",
    "pages.parts",
    "pages.layer_index",
    "pages.solution_pages",
    "pages.explorer_list",
    "measures.ways",
    "measures.points",
    "measures.exercises",
    "pages.launch",
    "pages.practise",
    "assets.reading",
    "search.site",
    "progress.marks",
    "progress.works",
    "progress.deck",
    "progress.scripts",
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect every part to the build."""
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
