"""Build a site of two pages with explorers of every kind; tests compute the same values again with torch."""

import atexit
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import nbclient
import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

import layerlab as lab
from layerlab.explorers.frames import Frame

HYDRATOR = Path(__file__).parents[2] / "book" / "_static" / "hydrate.mjs"
PAGES = {name: Path(__file__).parent / f"{name}.md" for name in ("explorers", "moved")}

# The book's own settings for explorers, with the smallest theme.
CONF = """
extensions = ["myst_nb"]
root_doc = "explorers"
nb_execution_mode = "off"
html_theme = "basic"
html_static_path = ["_static"]
nb_ipywidgets_js = {"hydrate.mjs": {"defer": "defer"}}
nb_mime_priority_overrides = [("html", "text/html", 0)]
"""

OTHER_PAGE = """---
orphan: true
---

# Links

<a id="setting" href="explorers.html#collapse=weight:0.5&shear=shear:-1">a setting</a>
<a id="place" href="explorers.html#explorer-race">an explorer</a>
"""


def cells(page: str) -> list[str]:
    """Return the sources of a page's code cells."""
    found = jupytext.read(PAGES[page], fmt="md:myst").cells
    return [cell.source for cell in found if cell.cell_type == "code"]


NAMES = re.findall(r'^lab\.explorer\("(\w+)"', "\n".join(cells("explorers")), re.MULTILINE)


def executed(page: str) -> tuple[dict[str, Callable[..., Frame]], dict[str, Any]]:
    """Execute a page's cells; return the function that makes each explorer's frames, and all names."""
    found: dict[str, Callable[..., Frame]] = {}
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab, "explorer", lambda name, question, controls, make, **_: found.update({name: make}))
        exec("\n".join(cells(page)), names)
    return found, names


def explorer(page: Any, name: str) -> Any:
    return page.locator(f'[data-explorer="{name}"]')


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def alive(page: Any) -> None:
    """Wait until every explorer of the page has its controls."""
    page.wait_for_function("document.querySelector('.lab-explorer') && !document.querySelector('[data-lab-model]')")


def violations(page: Any) -> list[tuple[str, str]]:
    """Return what axe finds in the explorers of a page."""
    found = Axe().run(page, context=".lab-explorer").response["violations"]
    return [(one["id"], node["html"][:120]) for one in found for node in one["nodes"]]


@cache
def site() -> Path:
    """Execute the pages' cells and build a site from them, once for all tests; return its folder."""
    folder = Path(tempfile.mkdtemp(prefix="explorers-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    source = folder / "source"
    (source / "_static").mkdir(parents=True)
    for name, path in PAGES.items():
        book = jupytext.read(path, fmt="md:myst")
        nbclient.NotebookClient(book, record_timing=False, store_widget_state=True, timeout=120).execute()
        nbformat.write(book, source / f"{name}.ipynb")
    shutil.copy(HYDRATOR, source / "_static")
    (source / "conf.py").write_text(CONF)
    (source / "links.md").write_text(OTHER_PAGE)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(source), str(folder / "html")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "html"
