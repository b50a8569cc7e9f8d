"""Add the search to the site: its page, lunr, the index, and the text of each page for excerpts.

Sphinx's own finds pages, not sections, and requires every word. A page opened from disk can load nothing but scripts.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment

from autograder.texts.headings import EXERCISE
from coursebook.pages import layer_places
from coursebook.pages.solution_pages import FOLDER as SOLUTIONS
from coursebook.search import engine, sections
from coursebook.search.engine import Entry

FILES = "search"  # the site's folder for the index and the texts
EXPLORERS = "notebooks/explorers/explorers"
NOT_FOUND = (f"{SOLUTIONS}/", "book/licenses")
# The weights of sections that name everything and explain nothing.
AROUND = {
    "Pitfalls": 0.65,
    "When to use which": 0.8,
    "Key points": 0.5,
    "Quiz": 0.4,
    "Sources and further reading": 0.3,
}

ABOUT = "Find a section, a term, or a name of torch.nn in all chapters; the search runs in your browser."
PAGE = """<div class="search-page">
<h1>Search</h1>
<noscript><p>The search is a script, and scripts are switched off here. The
<a href="book/layer_index.html">layer index</a> needs none.</p></noscript>
<form role="search" aria-label="Search page" action="search.html" method="get">
<label for="search-words">Words, or a name of torch</label>
<input type="search" id="search-words" name="q" autocomplete="off" autocapitalize="off" spellcheck="false">
</form>
<p id="search-said" role="status"></p>
<ol id="search-hits"></ol>
<p id="search-more" hidden><button type="button">Show more</button></p>
</div>
"""


def leave_out_sphinx_search(app: Sphinx) -> None:
    """Keep Sphinx from making its own index and search page."""
    if isinstance(app.builder, StandaloneHTMLBuilder):
        app.builder.search = False


# -- each page's text, stored with what Sphinx read from it -----------------------------------------------------------


def _kept(env: BuildEnvironment) -> dict[str, list[sections.Section]]:
    return vars(env).setdefault("course_sections", {})


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Store a page's sections in the environment."""
    _kept(app.env)[app.env.docname] = sections.of(doctree)


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Remove the sections of a page that Sphinx reads again or that no longer exists."""
    _kept(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: set[str], other: BuildEnvironment) -> None:
    """Add the sections of pages that another process has read."""
    _kept(env).update({name: _kept(other)[name] for name in docnames if name in _kept(other)})


# -- the page ---------------------------------------------------------------------------------------------------------


def page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the search page."""
    yield "search", {"title": "Search", "about": ABOUT, "body": PAGE}, "page.html"


# -- what is found ----------------------------------------------------------------------------------------------------


def write(app: Sphinx) -> None:
    """Write lunr, the index, and the text of every page."""
    folder, static = Path(app.outdir, FILES), Path(app.outdir, "_static")
    shutil.rmtree(folder, ignore_errors=True)
    found = _kept(app.env)
    pages = sorted(name for name in found if not name.startswith(NOT_FOUND))
    taught = layer_places.index(Path(app.srcdir)).taught()
    entries, places_of = [], []
    for number, name in enumerate(pages):
        _write(folder / f"{name}.js", engine.script("texts", [number, [one.text for one in found[name]]]))
        chapter = PurePosixPath(name).name if name.startswith("notebooks/") else ""
        for at, one in enumerate(found[name]):
            term = one.title.removeprefix(EXERCISE).strip(": ").partition(":")[0]  # a story may follow the term
            names = " ".join((term, *taught.get((chapter, at), ())))
            entries.append(Entry(one.title, one.above, one.text, names, weight(name, one.title)))
            places_of.append([number, one.anchor, one.title, at])
    words = (static / engine.WORDS).read_text(encoding="utf-8")
    made = engine.index(entries, words)
    titles = [[name, app.env.titles[name].astext()] for name in pages]
    content = f'{{"pages":{engine.compact(titles)},"entries":{engine.compact(places_of)},"lunr":{made}}}'
    _write(folder / "index.js", f"courseSearch.index({content});\n")
    shutil.copy(engine.lunr(), static / "lunr.js")


def weight(page: str, title: str) -> float:
    """Return a section's weight: highest for explanations, lower for exercises, lowest for lists of names."""
    if not page.startswith("notebooks/") or page == EXPLORERS:
        return 0.7
    return 0.65 if title.startswith(EXERCISE) else AROUND.get(title, 1)


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
