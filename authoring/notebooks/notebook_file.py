"""Write a notebook so that equal notebooks give equal bytes."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode


def dumps(notebook: NotebookNode) -> str:
    """Return the text of the notebook's file, with sorted keys, so that equal notebooks give equal bytes."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def write(notebook: NotebookNode, path: Path) -> bool:
    """Write the notebook unless the file already contains it; return whether the file was written."""
    content = dumps(notebook)
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return True
