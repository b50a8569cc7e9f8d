"""Read the notebooks that pages are made from, each only once, and what other pages show about them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autograder.texts import facts, reading_time
from autograder.texts.facts import Facts
from autograder.texts.headings import headings

WIDGETS = "application/vnd.jupyter.widget-state+json"


@dataclass(frozen=True)
class Page:
    """A notebook as JSON, its heading, and the facts of its exercises by name, in order."""

    content: dict[str, Any]
    heading: str
    exercises: dict[str, Facts]

    @property
    def title(self) -> str:
        """The heading without what follows a colon."""
        return self.heading.partition(":")[0]

    @property
    def ways(self) -> reading_time.Ways:
        """How long each way through the notebook takes."""
        return reading_time.kept(self.content)

    @property
    def explorers(self) -> dict[str, dict[str, Any]]:
        """The states of the notebook's widgets, by model id; an explorer's state contains a question."""
        models = self.content["metadata"].get("widgets", {}).get(WIDGETS, {}).get("state", {})
        return {model: stored.get("state", {}) for model, stored in models.items()}


def of_page(root: str | Path, page: str) -> Page:
    """Return the notebook of a page; if the page is not made from a notebook, return one without cells."""
    path = Path(root, f"{page}.ipynb")
    return _read(path, path.stat().st_mtime_ns) if path.exists() else Page({"cells": [], "metadata": {}}, "", {})


@cache
def _read(path: Path, changed: int) -> Page:
    content = json.loads(path.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"])
    prose = (cell["source"] for cell in content["cells"] if cell["cell_type"] == "markdown")
    titles = (heading.title for text in prose for heading in headings(text) if heading.level == 1)
    known = {cell["metadata"]["layerlab"]["exercise"]: one for cell in content["cells"] if (one := facts.of(cell))}
    return Page(content, next(titles, path.stem), known)
