"""Read the notebooks that pages are made from, and the explorers stored in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WIDGETS = "application/vnd.jupyter.widget-state+json"


def of_page(root: str | Path, page: str) -> dict[str, Any]:
    """Return the notebook of a page as JSON; if the page is not made from a notebook, return one without cells."""
    path = Path(root, f"{page}.ipynb")
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cells": [], "metadata": {}}


def explorers(notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the states of a notebook's widgets, by model id; an explorer's state contains a question."""
    models = notebook["metadata"].get("widgets", {}).get(WIDGETS, {}).get("state", {})
    return {model: stored.get("state", {}) for model, stored in models.items()}
