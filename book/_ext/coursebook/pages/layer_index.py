"""Make the page "Layer index": every public name of torch.nn, where it is taught, its exercises and its explorers.

The tables are made after all chapters have been read, so that links lead to current sections. A name that is taught
nowhere, and for which no reason is given, causes a warning.
"""

from __future__ import annotations

import re
from html import escape
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from coursebook.pages import layer_places

logger = logging.getLogger(__name__)

FILTER, COUNT = "filter", "count"
Row = tuple[layer_places.Entry, layer_places.Place | None]


class layer_index(nodes.General, nodes.Element):
    """A placeholder for one part of the index, named by ``part``."""


class LayerIndex(SphinxDirective):
    """`{layer-index} nn.init` shows the table of a namespace; the arguments `filter` and `count` show other parts."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Insert a placeholder, and make every build read this page again, because it depends on all other pages."""
        self.env.note_reread()
        return [layer_index(part=self.arguments[0])]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace a page's placeholders with the parts of the index."""
    found = list(doctree.findall(layer_index))
    if not found:
        return
    index = layer_places.index(Path(app.srcdir))
    for problem in index.problems:
        logger.warning("layer index: %s", problem, location=docname)
    writer = Writer(app, docname, index)
    for node in found:
        node.replace_self(nodes.raw("", writer.part(node["part"]), format="html"))


class Writer:
    """Writes the index as HTML, with links relative to its page."""

    def __init__(self, app: Sphinx, docname: str, index: layer_places.Index) -> None:
        self.app, self.docname, self.index = app, docname, index
        self._sections: dict[str, list[tuple[str, str]]] = {}

    def part(self, name: str) -> str:
        """Return a part's HTML."""
        if name == FILTER:
            return _FILTER
        if name == COUNT:
            return self._count()
        rows = [row for row in self.index.rows if _is_of(row[0], name)]
        if not rows:
            raise ValueError(f"no name of torch belongs to {name!r}")
        return self._table(name, rows)

    def _table(self, namespace: str, rows: list[Row]) -> str:
        head = (
            '<thead><tr><th scope="col">Name</th><th scope="col">What it is</th><th scope="col">Where</th></tr></thead>'
        )
        bodies = []
        for family, members in groupby(rows, key=lambda row: (row[0].namespace, row[0].family)):
            title = f'<tr class="family"><th colspan="3" scope="rowgroup">{escape(family[1])}</th></tr>'
            bodies.append(f"<tbody>{title}{''.join(map(self._row, members))}</tbody>")
        label = escape(f"Names of torch.{namespace}")
        return f'<table class="layer-index" aria-label="{label}">{head}{"".join(bodies)}</table>'

    def _row(self, row: Row) -> str:
        entry, place = row
        known = {"also": entry.sought[1:], "has": entry.has}
        sought = "".join(f' data-{kind}="{escape(" ".join(names))}"' for kind, names in known.items() if names)
        return (
            f'<tr id="{row_id(entry)}"{sought}><th scope="row"><code>{_breakable(entry.shown)}</code></th>'
            f"<td>{_words(entry)}</td><td>{self._where(entry, place)}</td></tr>"
        )

    def _where(self, entry: layer_places.Entry, place: layer_places.Place | None) -> str:
        if entry.reason:
            return f'<span class="not-taught">not taught: {escape(entry.reason)}</span>'
        if place is None:
            return '<span class="not-taught">not in this book</span>'
        lines = [("Read", [self._link(place.section)])]
        lines.append(("Practice", [self._link(exercise) for exercise in place.exercises]))
        lines.append(("Explore", [self._link((place.section[0], at), name) for name, at in place.explorers]))
        lines.append(("In detail", self._parts(place)))
        return "".join(f"<p><span>{what}</span> {', '.join(links)}</p>" for what, links in lines if links)

    def _parts(self, place: layer_places.Place) -> list[str]:
        """Return a link to each section that explains arguments or methods."""
        by_section: dict[layer_places.Section, list[str]] = {}
        for part, section in place.parts:
            by_section.setdefault(section, []).append(part)
        return [self._link(section, ", ".join(parts)) for section, parts in by_section.items()]

    def _link(self, section: layer_places.Section, words: str = "") -> str:
        chapter, heading = section
        target = f"notebooks/{chapter}/{chapter}"
        sections = self._sections_of(target)
        identifier, title = sections[heading]
        uri = self.app.builder.get_relative_uri(self.docname, target)
        return f'<a href="{escape(uri)}#{escape(identifier)}">{escape(words or title.removeprefix("Exercise: "))}</a>'

    def _sections_of(self, docname: str) -> list[tuple[str, str]]:
        """Return the id and title of each section of a page, one for each heading of its notebook, in order."""
        if docname not in self._sections:
            doctree = self.app.env.get_doctree(docname)
            self._sections[docname] = [
                (section["ids"][0], next(section.findall(nodes.title)).astext())
                for section in doctree.findall(nodes.section)
            ]
        return self._sections[docname]

    def _count(self) -> str:
        rows = self.index.rows
        placed, reasons = sum(place is not None for _, place in rows), sum(bool(entry.reason) for entry, _ in rows)
        classes = sum(entry.namespace == "nn" for entry, _ in rows)
        return (
            f"<p>These are the public names of torch {self.index.torch}: {len(rows)} rows, {classes} of them classes."
            f" {placed} are taught. {reasons} are not taught, with a reason.</p>"
        )


def row_id(entry: layer_places.Entry) -> str:
    """Return a row's anchor: the bare name for a class of torch.nn, otherwise the name as written in code."""
    return entry.name if entry.namespace == "nn" else entry.shown


def _is_of(entry: layer_places.Entry, namespace: str) -> bool:
    return entry.namespace == namespace or (namespace == "nn.utils" and entry.namespace.startswith("nn.utils."))


def _breakable(name: str) -> str:
    """Return a name that can wrap after dots and underscores and before capital letters, for narrow columns."""
    return re.sub(r"([._])|(?<=[a-z0-9])(?=[A-Z][a-z])", r"\1<wbr>", escape(name))


def _words(entry: layer_places.Entry) -> str:
    words = f'the function behind <a href="#{entry.twin}">{entry.twin}</a>' if entry.twin else escape(entry.words)
    if entry.reason and not entry.words:
        words = "—"
    old = f"older spelling <code>{_breakable(', '.join(entry.old))}</code>" if entry.old else ""
    also = f"sought as {escape(', '.join(entry.also))}" if entry.also else ""
    notes = "; ".join(filter(None, (old, also)))
    return words + (f'<span class="also">{notes}</span>' if notes else "")


# The filter needs a script, so it stays hidden until the script shows it.
_FILTER = """<div class="index-filter" role="search" aria-label="Layer index" hidden>
<label for="index-filter">Find a name or a word</label>
<input type="search" id="index-filter" autocomplete="off" autocapitalize="off" spellcheck="false">
<p role="status"></p>
</div>"""
