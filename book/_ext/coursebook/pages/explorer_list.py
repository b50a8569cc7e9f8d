"""Add the list of all explorers, read from the notebooks when the book is built, to the end of the explorers' page.

Each entry links to the explorer itself: `explorer-<name>` is the id of its static image, and of the live explorer that
replaces the image.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from coursebook.pages.solution_pages import chapters_in

PAGE = "notebooks/explorers/explorers"
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Explorer:
    """One entry of the list: an explorer's name, question, and controls."""

    name: str
    question: str
    controls: tuple[str, ...]


def add_list(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Add the list to the end of the page's last section, with the chapters in the order of the book."""
    if docname != PAGE:
        return
    chapters = nodes.bullet_list()
    for name in chapters_in(app.config.external_site_map):
        page = f"notebooks/{name}/{name}"
        found = list(explorers(json.loads(Path(app.srcdir, f"{page}.ipynb").read_text(encoding="utf-8"))))
        if found:
            title = app.env.titles[page].astext()
            chapters += _chapter(title, app.builder.get_relative_uri(docname, page), found)
    list(doctree.findall(nodes.section))[-1] += chapters


def explorers(notebook: dict[str, Any]) -> Iterator[Explorer]:
    """Yield the explorers of an executed notebook, in the order it shows them."""
    state = notebook["metadata"].get("widgets", {}).get(STATE, {}).get("state", {})
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    for output in outputs:
        shown = output.get("data", {}).get(VIEW, {}).get("model_id", "")
        model = state.get(shown, {}).get("state", {})
        if "question" in model:
            yield Explorer(model["name"], model["question"], tuple(control["name"] for control in model["controls"]))


def _chapter(title: str, uri: str, found: list[Explorer]) -> nodes.list_item:
    """Return a chapter's entry: its title, and below it a link to each explorer and the names of its controls."""
    entries = nodes.bullet_list()
    for explorer in found:
        words = nodes.paragraph()
        words += nodes.reference("", explorer.question, refuri=f"{uri}#explorer-{explorer.name}")
        words += nodes.Text(f" Move {', '.join(explorer.controls)}.")
        entries += nodes.list_item("", words)
    return nodes.list_item("", nodes.paragraph("", title), entries)
