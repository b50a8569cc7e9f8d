"""Show the two ways through the course, its core and all of it, with the hours computed from the notebooks."""

from __future__ import annotations

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from autograder.texts.facts import CORE, MORE
from autograder.texts.reading_time import RULE, Way, Ways, spell, total
from coursebook.pages.parts import plan, written

NAMES = {CORE: "Core", MORE: "All of it"}


class CourseWays(SphinxDirective):
    """``{course-ways}``: both ways through the course or the named part, with the hours that each takes.

    Without a name, as on the cover, the counting rule appears below the table.
    """

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table, or nothing if the book has none of the chapters."""
        name = self.arguments[0] if self.arguments else ""
        parts = [part for part in plan() if name in ("", part.name)]
        if name and not parts:
            raise self.error(f"no part of the course is called {name!r}")
        pages = [chapter.page for part in parts for chapter in part.chapters]
        ready = [Path(self.env.srcdir, f"{page}.ipynb") for page in pages if page in self.env.found_docs]
        through = total(written(path).ways for path in ready)
        if not through:
            return []
        rule = "" if name else f'<p class="course-rule">{escape(RULE)}</p>'
        return [nodes.raw("", table(through) + rule, format="html")]


def table(through: Ways) -> str:
    """Return both ways as an HTML table."""
    head = "".join(f'<th scope="col">{words}</th>' for words in ("Way", "Exercises", "Reading", "Together"))
    rows = "".join(_row(NAMES[name], through[name]) for name in NAMES)
    made = f'<table class="table course-ways"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="pst-scrollable-table-container" tabindex="0">{made}</div>'


def _row(name: str, way: Way) -> str:
    cells = "".join(f"<td>{cell}</td>" for cell in (way.exercises, spell(way.reading), spell(way.minutes)))
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'
