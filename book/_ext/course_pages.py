"""What this course adds to Sphinx, one module for each purpose, and what belongs to a chapter's page itself.

Figures without alternative text are warnings, which the build turns into errors; a page says what its outputs were
computed with; the download button hands out the student notebook.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

logger = logging.getLogger(__name__)

PARTS = ("page_math", "page_assets", "page_mends", "page_licences")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the course's changes to the build."""
    for part in PARTS:
        app.setup_extension(part)
    app.connect("config-inited", number_no_figures, priority=900)  # after sphinx-jupyterbook-latex, which asks for it
    app.connect("doctree-resolved", check_alternative_texts)
    app.connect("html-page-context", say_what_ran)
    app.connect("build-finished", put_student_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def number_no_figures(app: Sphinx, config: Config) -> None:
    """Leave figures without numbers: nothing refers to one by number, and Sphinx would read all pages to give them."""
    config.numfig = False


def check_alternative_texts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of every image that tells nothing to somebody who cannot see it; a path is what myst-nb falls back to."""
    for image in doctree.findall(nodes.image):
        alt = image.get("alt", "").strip()
        if not alt or alt == image["uri"] or re.fullmatch(r"\S+\.(png|svg|jpe?g|gif)|\S*/\S+/\S*", alt):
            logger.warning("the image %s has no alternative text", image["uri"], location=image)


def say_what_ran(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Say at the end of a chapter which torch its outputs come from; the notebook records it when it is executed."""
    notebook = Path(app.srcdir, f"{pagename}.ipynb")
    if notebook.exists():
        made_by = json.loads(notebook.read_text(encoding="utf-8"))["metadata"].get("layerlab", {}).get("torch")
        if made_by:
            context["body"] += f'<p class="course-ran">The outputs on this page were computed with torch {made_by}.</p>'


def put_student_notebooks(app: Sphinx, exception: Exception | None) -> None:
    """Put the student notebooks where the download button looks: Sphinx leaves what it made of them."""
    if exception is None and app.builder.format == "html":
        sources = Path(app.outdir, "_sources")
        for notebook in sources.rglob("*.ipynb"):
            shutil.copy(Path(app.srcdir, notebook.relative_to(sources)), notebook)
