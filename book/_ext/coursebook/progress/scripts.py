"""Load the scripts of `book/_static/done/`: the one that counts on every page, the others where they are used."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from coursebook.pages.solution_pages import FOLDER as SOLUTIONS
from coursebook.progress.works import STORE

USED = {  # a script, and the part of a page's body that it works on
    "done/quiz.js": "data-question=",
    "done/exercises.js": "data-exercise=",
    "done/again.js": 'class="course-again"',
    "done/keep.js": 'class="course-keep"',
}


def add(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Add the scripts a page uses, but none to explained solutions: they are long, and nothing is done there."""
    if pagename.startswith(f"{SOLUTIONS}/"):
        return
    app.add_css_file("done/done.css")
    for script in (STORE, "done/progress.js"):  # they run in this order
        app.add_js_file(script, loading_method="defer")
    for script, mark in USED.items():
        if mark in context.get("body", ""):
            app.add_js_file(script, loading_method="defer")
