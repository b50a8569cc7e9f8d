"""Add the course's own scripts and style sheets: some to every page, others only to pages whose body needs them."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

from coursebook.markup.access import KEEP_FOCUS
from coursebook.markup.formulas import STYLES as MATH
from coursebook.pages.solution_pages import FOLDER as SOLUTIONS
from coursebook.progress.works import STORE
from coursebook.search.engine import WORDS

LISTS = r'class="(table )?course-(list|ways|curve|counts)"'
SEARCH = 'class="search-page"'
# Each file, in the order of loading, with a pattern that a page's body must match. Reading progress needs its files on
# every page.
NEEDED_BY = {
    "course-parts.css": LISTS,
    "layer_index.js": 'id="index-filter"',
    "layer_index.css": 'id="index-filter"',
    "buttons.css": 'class="course-places"',
    "sort.js": 'class="table course-evidence"',
    WORDS: SEARCH,
    "search.js": SEARCH,
    "search.css": SEARCH,
    "done/done.css": "",
    STORE: "",
    "done/progress.js": "",
    "done/quiz.js": "data-question=",
    "done/exercises.js": "data-exercise=",
    "done/again.js": 'class="course-again"',
    "done/keep.js": 'class="course-keep"',
}


def add_to_every_page(app: Sphinx) -> None:
    """Add files to every page; `assets/trim.py` later removes some of them from pages that don't need them."""
    app.add_css_file(MATH)
    app.add_css_file("print.css", media="print")
    app.add_js_file("copy-formulas.js", loading_method="defer")
    app.add_js_file(None, body=KEEP_FOCUS)
    for script in ("copy-stops.js", "print.js", "contents.js"):
        app.add_js_file(script, loading_method="defer")


def add_needed(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Add the files that a page needs. Skip pages of explained solutions, which are long and not interactive."""
    if pagename.startswith(f"{SOLUTIONS}/"):
        return
    for file, pattern in NEEDED_BY.items():
        if re.search(pattern, context.get("body", "")):
            if file.endswith(".css"):
                app.add_css_file(file)
            else:
                app.add_js_file(file, loading_method="defer")
