"""Adapt a chapter's page: show its torch version, offer the student notebook, and leave figures unnumbered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from coursebook.markup.translated_pages import translated


def number_no_figures(app: Sphinx, config: Config) -> None:
    """Leave figures unnumbered: nothing refers to their numbers, and Sphinx must read all pages to assign them."""
    config.numfig = False


def say_what_ran(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Name, at the end of a chapter, the torch version that computed its outputs, as recorded during execution."""
    notebook = Path(app.srcdir, f"{docname}.ipynb")
    if notebook.exists():
        made_by = json.loads(notebook.read_text(encoding="utf-8"))["metadata"].get("layerlab", {}).get("torch")
        if made_by:
            words = f'<p class="course-ran">The outputs on this page were computed with torch {made_by}.</p>'
            doctree += nodes.raw("", words, format="html")


def put_student_notebooks(app: Sphinx) -> None:
    """Put the student notebooks where the download button leads, replacing the notebooks that Sphinx wrote there."""
    sources = Path(app.outdir, "_sources")
    for notebook in sources.rglob("*.ipynb"):
        page = notebook.relative_to(sources).with_suffix("").as_posix()
        shutil.copy(translated(app, page) or Path(app.srcdir, f"{page}.ipynb"), notebook)
