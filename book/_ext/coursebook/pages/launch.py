"""Add the buttons above a chapter, which download its student notebook or open it in a service that runs it.

Every address leads to the branch with the student copy, which has no solutions, in the repository that ``_config.yml``
names; without its address, only the download button appears.
"""

from __future__ import annotations

import html
import shutil
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from docutils import nodes
from sphinx.application import Sphinx

from autograder import practicing
from coursebook import notebooks
from coursebook.pages.solution_pages import inline

COLAB = "https://colab.research.google.com"
KAGGLE = "https://www.kaggle.com/kernels/welcome"
BINDER = "https://mybinder.org"
HOW = "book/practice"  # the page that explains what a notebook needs

# If a page was opened from disk, Chromium shows the notebook instead of saving it, but then it is on the disk already.
FROM_DISK = """\
if (location.protocol === "file:") {
  addEventListener("DOMContentLoaded", () => {
    const places = document.querySelector(".course-places");
    const note = document.createElement("p");
    note.textContent = "You opened this book from a disk. In the unpacked zip, and in the repository, the notebook is ";
    note.append(Object.assign(document.createElement("code"), { textContent: places.dataset.notebook }));
    (places.querySelector("details") ?? places).append(note);
  });
}
"""


def add_buttons(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the buttons below the heading of a page made from a notebook."""
    notebook = f"{docname}.ipynb"
    file = Path(app.srcdir, notebook)
    title = next(doctree.findall(nodes.title), None)
    if title is None or not file.exists():
        return
    # Read the address here: Jupyter Book doesn't pass it on if _config.yml sets its own theme options.
    repository = practicing.addresses(Path(app.srcdir)).repository
    found = places(repository, notebook, app.config.jupyterhub_url)
    lines = []
    if HOW in app.env.found_docs:
        how = app.builder.get_relative_uri(docname, HOW)
        lines.append(f'<a href="{how}">What a notebook needs</a>.')
    if '"nbgrader"' in file.read_text(encoding="utf-8"):  # a page may have no exercises
        lines.append(inline(practicing.points(file.stem)))
    sources = "../" * docname.count("/") + "_sources"
    section = title.parent
    section.insert(
        section.index(title) + 1, nodes.raw("", buttons(notebook, sources, found, " ".join(lines)), format="html")
    )


def explain_disk(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Load the note for books opened from disk, and remove the theme's download menu, which takes two more clicks."""
    if doctree is not None and Path(app.srcdir, f"{pagename}.ipynb").exists():
        context["header_buttons"] = [b for b in context["header_buttons"] if b.get("label") != "download-buttons"]
        app.add_js_file(None, body=FROM_DISK)


def places(repository: str, notebook: str, hub: str = "") -> dict[str, str]:
    """Return each service that can open ``notebook`` (a path) from a public repository, with the address that does so.

    Colab and Kaggle read only from GitHub. ``hub`` is the address of a JupyterHub with nbgitpuller, if there is one.
    """
    base = repository.rstrip("/").removesuffix(".git")
    parts = urlsplit(base)
    host, path = (parts.hostname or "").lower(), quote(notebook)
    owner_and_name = parts.path.strip("/")
    if parts.scheme != "https" or not owner_and_name:
        return {}
    found = {}
    if host == "github.com":
        file = f"{owner_and_name}/blob/{practicing.STUDENT_BRANCH}/{path}"
        found["Colab"] = f"{COLAB}/github/{file}"
        found["Kaggle"] = f"{KAGGLE}?src=https://github.com/{file}"
        binder = f"gh/{owner_and_name}"
    elif host == "gitlab.com":
        binder = f"gl/{quote(owner_and_name, safe='')}"
    else:
        binder = f"git/{quote(base, safe='')}"
    opened = urlencode({"urlpath": f"lab/tree/{path}"}, safe="/")
    found["Binder"] = f"{BINDER}/v2/{binder}/{practicing.STUDENT_BRANCH}?{opened}"
    if hub:
        folder = PurePosixPath(owner_and_name).name  # nbgitpuller clones into a folder named after the repository
        query = {"repo": base, "branch": practicing.STUDENT_BRANCH, "urlpath": f"lab/tree/{folder}/{path}"}
        found["JupyterHub"] = f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(query)}"
    return found


def buttons(notebook: str, sources: str, found: dict[str, str], line: str) -> str:
    """Return the buttons and the ``line`` below them as HTML; ``sources`` is the path to the site's notebooks."""
    path, file = html.escape(notebook), html.escape(PurePosixPath(notebook).name)
    links = [f'<a class="main" href="{sources}/{path}" download="{file}">Download the notebook</a>']
    links += [f'<a href="{html.escape(found[name])}" rel="noopener">Open in {name}</a>' for name in found]
    below = f"<details><summary>What it needs, and your points</summary><p>{line}</p></details>" if line else ""
    return (
        f'\n<nav class="course-places" aria-label="Work on this chapter" data-notebook="{path}">'
        f"{' '.join(links)}\n{below}</nav>\n"
    )


def say_what_ran(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """At the end of a chapter, say when and with which Python and torch its outputs were computed."""
    ran = notebooks.of_page(app.srcdir, docname).content["metadata"].get("layerlab", {})
    if "date" in ran:
        day = date.fromisoformat(ran["date"])
        made_by = f"{day.day} {day:%B %Y} with Python {ran['python']} and torch {ran['torch']}"
        words = f'<p class="course-ran">The outputs on this page were computed on {made_by}.</p>'
        doctree += nodes.raw("", words, format="html")


def put_student_notebooks(app: Sphinx) -> None:
    """Put the student notebooks where the download button leads, replacing the notebooks that Sphinx wrote there."""
    sources = Path(app.outdir, "_sources")
    for notebook in sources.rglob("*.ipynb"):
        page = notebook.relative_to(sources).with_suffix("").as_posix()
        shutil.copy(Path(app.srcdir, f"{page}.ipynb"), notebook)
