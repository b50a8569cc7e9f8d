"""Show the two ways through the course (its core, or all of it), with the hours computed from the notebooks."""

from __future__ import annotations

from html import escape
from pathlib import Path

from docutils import nodes

from autograder.texts.facts import CORE, MORE
from autograder.texts.reading_time import RULE, Ways, spell, total
from coursebook.markup.tables import table
from coursebook.pages.parts import Listing, written

NAMES = {CORE: "Core", MORE: "All of it"}


class CourseWays(Listing):
    """``{course-ways}``: both ways through the course or the named part, with the hours that each takes.

    If no part is named, as on the cover, the counting rule appears below the table.
    """

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table, or nothing if the book has none of the chapters."""
        through = total(
            written(Path(self.env.srcdir, f"{page}.ipynb")).ways for page in self.chapters(self.named_parts())
        )
        if not through:
            return []
        rule = "" if self.arguments else f'<p class="course-rule">{escape(RULE)}</p>'
        return [nodes.raw("", both(through) + rule, format="html")]


def both(through: Ways) -> str:
    """Return both ways as an HTML table."""
    ways = [(name, through[tier]) for tier, name in NAMES.items()]
    rows = [(name, way.exercises, spell(way.reading), spell(way.minutes)) for name, way in ways]
    return table(("Way", "Exercises", "Reading", "Together"), rows, "course-ways")
