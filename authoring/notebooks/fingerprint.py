"""Says whether an executed notebook is stale without executing anything.

A reference notebook records a hash of what its outputs depend on: the chapter's text, the pins of what it runs on, and
the layerlab modules it uses. Outputs themselves are no measure: across CPUs their last bits differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from nbformat import NotebookNode

from autograder import keys
from autograder.reach import Sources
from autograder.texts import text

# What decides the outputs of a cell and the form they are stored in. A new pin of a linter leaves notebooks alone.
RUNS_ON = (
    "anywidget", "contourpy", "ipykernel", "ipython", "ipywidgets", "jupytext", "matplotlib", "matplotlib-inline",
    "nbclient", "nbformat", "numpy", "pillow", "torch",
)  # fmt: skip


def fingerprint(path: Path, root: Path) -> str:
    """Return the hash of everything that the outputs of the chapter at ``path`` depend on."""
    return _fingerprint(path, text.read(path), root)


def _fingerprint(path: Path, parsed: NotebookNode, root: Path) -> str:
    return fingerprint_of(path.read_bytes(), _code(parsed), keys.lock(root), Sources.of(root))


def fingerprint_of(content: bytes, code: Sequence[str], requirements: str, sources: Sources) -> str:
    """Return the same for a chapter's text, the cells in it, the pins and our packages as they are given.

    Of our packages those modules and files count that the cells reach (`autograder.reach`).
    """
    return keys.key(text=content, pins=keys.pinned(requirements, RUNS_ON), layerlab=sources.reach(code=code))


def code_of(path: Path) -> list[str]:
    """Return the code cells of the chapter at ``path``."""
    return _code(text.read(path))


def _code(parsed: NotebookNode) -> list[str]:
    return [cell.source for cell in parsed.cells if cell.cell_type == "code"]


def misfits(root: Path) -> list[str]:
    """Return a sentence for each package whose installed version is not the pinned one."""
    pinned = keys.pinned(keys.lock(root), RUNS_ON)
    installed = keys.installed(RUNS_ON)
    return [
        f"{name} {installed[name]} is installed, the lock pins {pinned[name].replace('?', 'nothing')}"
        for name in RUNS_ON
        if installed[name] != pinned[name]
    ]


def is_fresh(notebook: NotebookNode, path: Path, root: Path) -> bool:
    """True when the notebook was made from the text as it now is, with what is now pinned."""
    recorded, parsed = notebook.metadata.get("layerlab", {}).get("fingerprint"), text.read(path)
    return recorded == _fingerprint(path, parsed, root) and matches_text(notebook, parsed)


def matches_text(notebook: NotebookNode, expected: NotebookNode) -> bool:
    """True when every cell is the one that the text expands to; filled placeholders may hold anything."""
    if len(notebook.cells) != len(expected.cells):
        return False
    return all(
        cell.id == wanted.id and cell.metadata == wanted.metadata and fits(cell.source, wanted.source)
        for cell, wanted in zip(notebook.cells, expected.cells, strict=True)
    )


def fits(source: str, template: str) -> bool:
    """True when a source is what a template becomes once its placeholders are filled, with whatever."""
    if text.PLACEHOLDER.search(template) is None:
        return source == template
    pattern = ".*?".join(re.escape(part) for part in text.PLACEHOLDER.split(template)[::2])
    return re.fullmatch(pattern, source, re.DOTALL) is not None
