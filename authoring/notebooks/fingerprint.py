"""Decide whether an executed notebook is stale, without executing anything.

A reference notebook records a hash of everything its outputs depend on: the chapter's text below the front matter, the
pinned versions of the packages that run it, and all of layerlab. The outputs themselves can't be compared, because
their last bits differ across CPUs.
"""

from __future__ import annotations

import re
from pathlib import Path

from nbformat import NotebookNode

from autograder import keys
from autograder.course import front_and_body
from autograder.texts import text

# The packages that determine a cell's outputs and how they are stored. A new version of another package, such as a
# linter, does not make notebooks stale.
RUNS_ON = (
    "anywidget", "contourpy", "ipykernel", "ipython", "ipywidgets", "jupytext", "matplotlib", "matplotlib-inline",
    "nbclient", "nbformat", "numpy", "pillow", "torch",
)  # fmt: skip


def fingerprint(path: Path, root: Path) -> str:
    """Return the hash of everything that the outputs of the chapter at ``path`` depend on."""
    _, body = front_and_body(path.read_text(encoding="utf-8"))
    return keys.key(text=body, pins=_pinned(root), layerlab=keys.code(root, keys.NOTEBOOKS))


def misfits(root: Path) -> list[str]:
    """Return a sentence for each package whose installed version differs from the pinned version."""
    installed, pinned = keys.installed(RUNS_ON), _pinned(root)
    return [
        f"{name} {installed[name]} is installed, the lock pins {pinned[name].replace('?', 'nothing')}"
        for name in RUNS_ON
        if installed[name] != pinned[name]
    ]


def _pinned(root: Path) -> dict[str, str]:
    pins = keys.pins(root)
    return {name: pins.get(name, "?") for name in RUNS_ON}


def is_fresh(notebook: NotebookNode, path: Path, root: Path) -> bool:
    """Return whether the notebook was made from the current text (except filled values), layerlab, and packages."""
    stored = notebook.metadata.get("layerlab", {})
    if stored.get("fingerprint") != fingerprint(path, root):
        return False
    expected = text.read(path)
    return (
        stored.get("ways") == expected.metadata.layerlab.ways
        and len(notebook.cells) == len(expected.cells)
        and all(
            cell.id == wanted.id
            and cell.metadata == wanted.metadata
            and (cell.source == wanted.source or fits(cell.source, wanted.source))
            for cell, wanted in zip(notebook.cells, expected.cells, strict=True)
        )
    )


def fits(source: str, template: str) -> re.Match[str] | None:
    """Return a match if a source is the template with filled placeholders; the groups are the filled-in values."""
    pattern = "(.*?)".join(re.escape(part) for part in text.PLACEHOLDER.split(template)[::2])
    return re.fullmatch(pattern, source, re.DOTALL)
