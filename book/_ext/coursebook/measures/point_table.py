"""Add, to the page *What a point means*, a row for each exercise: how many answers `validate` tried on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from autograder.course import Course
from autograder.reasons import capital
from autograder.validation import lost_claims
from autograder.validation.lost_claims import Tried
from coursebook import notebooks
from coursebook.markup.access import FACTS
from coursebook.measures.exercises import anchor, table
from coursebook.pages.solution_pages import chapters_in, inline

PAGE, SECTION = "book/points", "all-exercises-in-one-table"
HEADS = ("Exercise", "Chapter", "Points", "Right", "Wrong", "Subtle", "Mutants", "Seeds")
KIND = "course-evidence"  # the class of the table


def add_table(app: Sphinx, doctree: nodes.document) -> None:
    """Add the table; this runs after the search has collected the page, so that the search doesn't find its rows."""
    if app.env.docname == PAGE:
        made = point_table(Path(app.srcdir), chapters_in(app.config.external_site_map))
        for section in [section for section in doctree.findall(nodes.section) if SECTION in section["ids"]]:
            section += nodes.raw("", made, format="html")


def link_exercises(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """In the line of facts below each exercise's heading, add a link to the exercise's row."""
    lines = [line for line in doctree.findall(nodes.paragraph) if FACTS in line["classes"]]
    for line in lines if PAGE in app.env.found_docs else ():
        address = f"{app.builder.get_relative_uri(docname, PAGE)}#{row_id(line.parent['exercise'])}"
        line += nodes.raw("", f' <a href="{address}">What a point means</a>', format="html")


def row_id(exercise: str) -> str:
    """Return the id of an exercise's row."""
    return f"tried-{exercise}"


def point_table(root: Path, chapters: list[str]) -> str:
    """Return the table as HTML; its first row is the sum of the others."""
    rows, points = [], 0
    every: list[Tried] = []
    for chapter in chapters:
        page, recorded = f"notebooks/{chapter}/{chapter}", lost_claims.read(Course(root).tried(chapter))
        notebook = notebooks.of_page(root, page)
        for name, facts in notebook.exercises.items():
            tried = [recorded[name].tried] if name in recorded else []
            address = f"../{page}.html#{anchor(facts.title)}"
            link = f'<a id="{row_id(name)}" href="{address}">{inline(capital(facts.title))}</a>'
            rows.append((link, inline(notebook.title), facts.points, *numbers(tried)))
            points, every = points + facts.points, every + tried
    return table(HEADS, [(f"All {len(rows)}", "", points, *numbers(every)), *rows], KIND)


def numbers(tried: list[Tried]) -> Iterator[object]:
    """Yield the cells of a row for the exercises with these counts: sums, and the fewest seeds; empty without any."""
    if not tried:
        yield from [""] * 5
        return
    right, wrong, subtle, mutants, killed, _, _ = map(sum, zip(*map(astuple, tried), strict=True))
    yield from (right + len(tried), wrong, subtle, f"{killed}/{mutants}")  # each oracle is a right answer, too
    yield min(one.seeds for one in tried)
