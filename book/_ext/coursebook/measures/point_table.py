"""Show the claims of each exercise on its page, and on the page *What a point means*, how many answers were tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path, PurePosixPath

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx

from autograder.course import Course
from autograder.model import Exercise
from autograder.reasons import capital
from autograder.texts import chapter as chapter_file
from autograder.validation import lost_claims
from autograder.validation.lost_claims import Tried
from coursebook import notebooks
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


def fold_checks(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fold each check below a table of its claims, which only the reference has, and link to the exercise's row."""
    reference = Course(Path(app.srcdir)).reference(PurePosixPath(docname).name)
    if not docname.startswith("notebooks/") or not reference.exists():
        return
    tested = {exercise.name: exercise for exercise in chapter_file.load(reference).tested}
    address = f"{app.builder.get_relative_uri(docname, PAGE)}#" if PAGE in app.env.found_docs else ""
    for cell in [cell for cell in doctree.findall(nodes.container) if "cell_metadata" in cell]:
        marks = cell["cell_metadata"]
        if marks.get("nbgrader", {}).get("grade") and (exercise := tested.get(marks["layerlab"]["exercise"])):
            prompts = {"prompt_show": "Show the check", "prompt_hide": "Hide the check"}
            cell.children = [HideCodeCellNode("", *cell.children, classes=["above-input"], **prompts)]
            shown = nodes.raw("", claim_table(exercise, address and address + row_id(exercise.name)), format="html")
            cell.parent.insert(cell.parent.index(cell), shown)


def claim_table(exercise: Exercise, address: str = "") -> str:
    """Return an exercise's claims as an HTML table; its caption links to ``address``, if there is one."""
    caption = f"What a right answer gets: {exercise.points} of {exercise.points} points"
    link = f' <a href="{address}">What a point means</a>' if address else ""
    rows = ['<th scope="col">Claim</th><th scope="col">Points</th>']
    rows += [f'<th scope="row">{inline(claim.name)}</th><td>{claim.points}</td>' for claim in exercise.claims]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="table course-claims"><caption>{caption}{link}</caption>{body}</table>'


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
