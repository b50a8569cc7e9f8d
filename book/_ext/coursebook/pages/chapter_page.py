"""Adapt a chapter's page: show its torch version, and offer the student notebook."""

from __future__ import annotations

import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from coursebook import notebooks


def say_what_ran(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """At the end of a chapter, name the torch version that computed its outputs, as recorded during execution."""
    if made_by := notebooks.of_page(app.srcdir, docname).content["metadata"].get("layerlab", {}).get("torch"):
        words = f'<p class="course-ran">The outputs on this page were computed with torch {made_by}.</p>'
        doctree += nodes.raw("", words, format="html")


def put_student_notebooks(app: Sphinx) -> None:
    """Put the student notebooks where the download button leads, replacing the notebooks that Sphinx wrote there."""
    sources = Path(app.outdir, "_sources")
    for notebook in sources.rglob("*.ipynb"):
        page = notebook.relative_to(sources).with_suffix("").as_posix()
        shutil.copy(Path(app.srcdir, f"{page}.ipynb"), notebook)
