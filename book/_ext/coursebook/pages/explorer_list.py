"""Add the list of all explorers, read from the notebooks when the book is built, to the end of the explorers' page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx

from coursebook import notebooks
from coursebook.pages.solution_pages import chapters_in

PAGE = "notebooks/explorers/explorers"
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
        found = list(explorers(notebooks.of_page(app.srcdir, page)))
        if found:
            title = app.env.titles[page].astext()
            chapters += _chapter(title, app.builder.get_relative_uri(docname, page), found)
    list(doctree.findall(nodes.section))[-1] += chapters


def explorers(notebook: notebooks.Page) -> Iterator[Explorer]:
    """Yield the explorers of an executed notebook, in the order it shows them."""
    states = notebook.explorers
    for output in (output for cell in notebook.content["cells"] for output in cell.get("outputs", [])):
        model = states.get(output.get("data", {}).get(VIEW, {}).get("model_id", ""), {})
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
