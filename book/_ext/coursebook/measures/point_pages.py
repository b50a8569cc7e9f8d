"""Write pages on what a point means: the answers that `validate` tried, and the claims that test each statement.

`book/points.md` explains how to read these pages; its directives show the totals and a row for each chapter. When a
build begins, this module writes a page for each chapter to `book/points/` (ignored by git) and lists the pages below
`book/points.md`. Exercises link to these pages. The pages show no solutions, and list equivalent mutants only if the
book explains solutions. The search doesn't find the pages, and their source can't be downloaded. This module doesn't
need torch.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective
from sphinx_external_toc.api import Document, FileItem, TocTree

from autograder.model import Bullet
from autograder.reasons import capital
from autograder.texts import facts
from coursebook import notebooks
from coursebook.markup.access import FACTS
from coursebook.markup.tables import table
from coursebook.measures.validated import ChapterKnown, Known, gathered, total
from coursebook.pages.catalog import with_about
from coursebook.pages.parts import written
from coursebook.pages.solution_pages import chapters_in, inline, put

OVERVIEW = FOLDER = "book/points"  # the overview is book/points.md; the chapters' pages are in the folder
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\([^)]*\)")
EVIDENCE = "course-evidence"  # the class of a table
CHANGED = "It changed since it was tried: what holds of it today is not recorded yet."


# -- into the book, and out of the search -----------------------------------------------------------------------------


def add_pages(app: Sphinx, config: Config) -> None:
    """Write a page for each chapter with exercises, and list the pages below the overview."""
    site_map, root = config.external_site_map, Path(app.srcdir)
    if OVERVIEW not in site_map:
        return
    known = gathered(root, tuple(chapters_in(site_map)))
    put(root / FOLDER, {one.name: page(one, root, config.explained_solutions) for one in known})
    items = [FileItem(f"{FOLDER}/{one.name}") for one in known]
    if items:
        site_map[OVERVIEW].subtrees.append(TocTree(items=[*items], titlesonly=True))
    for item in items:
        site_map[str(item)] = Document(str(item), title=_title(root, str(item).rpartition("/")[2]))
    # Sphinx has just excluded the pages of an earlier build, because the table of contents didn't list them yet.
    config.exclude_patterns = [pattern for pattern in config.exclude_patterns if not pattern.startswith(f"{FOLDER}/")]


def link_exercises(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """In the line of facts below each exercise's heading, add a link to the answers tried on the exercise."""
    target = f"{FOLDER}/{docname.rpartition('/')[2]}"
    if target not in app.env.found_docs:
        return
    known = facts.of_all(notebooks.of_page(app.srcdir, docname))
    address = app.builder.get_relative_uri(docname, target)
    lines = [line for line in doctree.findall(nodes.paragraph) if FACTS in line["classes"]]
    for line, one in zip(lines, known, strict=False):  # a page may show fewer exercises than its notebook has
        line += nodes.raw("", f' <a href="{address}#{anchor(one.title)}">What a point means</a>', format="html")


# -- a chapter's page -------------------------------------------------------------------------------------------------


def anchor(title: str) -> str:
    """Return the id of an exercise's section on its chapter's page."""
    return nodes.make_id(capital(title))


def page(chapter: ChapterKnown, root: Path, explained: bool) -> str:
    """Return a chapter's page as MyST Markdown, with equivalent mutants if the book explains solutions."""
    title = _title(root, chapter.name)
    rows = [
        (f'<a href="#{anchor(known.exercise.title)}">{inline(capital(known.exercise.title))}</a>', *_numbers([known]))
        for known in chapter.exercises
    ]
    sentence = f"{title}: how many right and wrong answers the hidden tests of each exercise were tried on."
    return with_about(
        sentence,
        "\n\n".join(
            [
                f"# {title}: what was tried",
                f"The tests of [](/notebooks/{chapter.name}/{chapter.name}.ipynb), tried on right and wrong answers. "
                f"How to read it: [](/{OVERVIEW}.md).",
                table(("Exercise", *COLUMNS), rows, EVIDENCE),
                *(_exercise(chapter.name, known, explained) for known in chapter.exercises),
                "",
            ]
        ),
    )


def _exercise(chapter: str, known: Known, explained: bool) -> str:
    exercise = known.exercise
    there = f"../../notebooks/{chapter}/{chapter}.html#{nodes.make_id(f'Exercise: {exercise.title}')}"
    links = f'<a href="{there}">The exercise</a> ({exercise.tier}, {_count(exercise.points, "point")})'
    if explained:
        links += f' · <a href="../solutions/{chapter}.html#{anchor(exercise.title)}">its wrong answers, explained</a>'
    if exercise.by_hand:
        return f"## {capital(exercise.title)}\n\n<p>{links}</p>\n\nA person grades this exercise, so it has no tests."
    parts = [f"## {capital(exercise.title)}", f"<p>{links}</p>", _tried(known)]
    rows = [(inline(claim.name), str(claim.points), known.losing(claim)) for claim in exercise.claims]
    parts.append(table(("Claim", "Points", "Wrong answers that lose it"), rows, EVIDENCE))
    if exercise.bullets:
        parts += ["What the statement demands, and the claims that test it:", "\n".join(map(_bullet, exercise.bullets))]
    if explained and known.equivalents:
        listed = "".join(f"<li><code>{escape(v.title)}</code> {inline(v.sentence)}</li>" for v in known.equivalents)
        summary = f"<summary>Changes to the solution that compute the same: {len(known.equivalents)}</summary>"
        parts.append(f"<details>{summary}<ul>{listed}</ul></details>")
    return "\n\n".join(parts)


def _bullet(bullet: Bullet) -> str:
    """Return a statement's bullet with the names of its claims; remove links, which work only in the chapter."""
    claims = "; ".join(f"*{name}*" for name in bullet.claims)
    text = LINK.sub(r"\1", bullet.text)
    return f'- {text} <span class="course-tested">Tested by {claims}.</span>'


def _tried(known: Known) -> str:
    tried = known.tried
    if tried is None:
        return CHANGED
    same = f"; the other {tried.equivalent} compute the same" if tried.equivalent else ""
    right = _count(tried.right + 1, "right answer")
    return (
        f"{right} beside the reference accepted, torch's own operation or a slow loop among them. "
        f"{tried.wrong} of {tried.wrong} wrong answers refused, {tried.subtle} of them subtle. "
        f"{tried.killed} of {tried.mutants} mutants killed{same}. "
        f"The reference accepted under {_count(tried.seeds, 'seed')}."
    )


# -- the page that explains -------------------------------------------------------------------------------------------

COLUMNS = ("Right", "Wrong", "Subtle", "Mutants", "Seeds")


class Totals(SphinxDirective):
    """``{point-totals}``: how many answers were tried in the whole course."""

    def run(self) -> list[nodes.Node]:
        """Return the table of totals."""
        known = gathered(Path(self.env.srcdir), tuple(chapters_in(self.config.external_site_map)))
        return [nodes.raw("", totals(known), format="html")]


class Chapters(SphinxDirective):
    """``{point-chapters}``: a row for each chapter with exercises."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        known = gathered(Path(self.env.srcdir), tuple(chapters_in(self.config.external_site_map)))
        rows = [(self.link(chapter), *_numbers(list(chapter.exercises))) for chapter in known]
        return [nodes.raw("", table(("Chapter", *COLUMNS), rows, EVIDENCE), format="html")]

    def link(self, chapter: ChapterKnown) -> str:
        """Return a chapter's title as a link to its page, and the number of its exercises that are not counted."""
        page, title = f"{FOLDER}/{chapter.name}", _title(Path(self.env.srcdir), chapter.name)
        missing = sum(not known.exercise.by_hand for known in chapter.exercises) - len(chapter.tried)
        words = f"{missing} of {len(chapter.exercises)} exercises not counted"
        note = f' <span class="course-uncounted">{words}</span>' if missing else ""
        return f'<a href="{self.env.app.builder.get_relative_uri(self.env.docname, page)}">{escape(title)}</a>{note}'


def totals(known: tuple[ChapterKnown, ...]) -> str:
    """Return an HTML table of how many answers were tried in all chapters."""
    exercises = [one for chapter in known for one in chapter.exercises if not one.exercise.by_hand]
    counted = [one for one in exercises if one.tried]
    tried, points = total(one.tried for one in counted if one.tried), sum(one.exercise.points for one in counted)
    left, right = len(exercises) - len(counted), tried.right + len(counted)
    rows = [
        ("exercises, with their points", f"{len(counted)}, {points}"),
        ("right answers beside the reference: accepted", f"{right} of {right}"),
        ("wrong answers: refused", f"{tried.wrong} of {tried.wrong}"),
        ("of these subtle", f"{tried.subtle}"),
        ("mutants: killed", f"{tried.killed} of {tried.mutants}"),
        ("mutants that compute the same, each with its reason", f"{tried.equivalent}"),
        ("seeds for the reference of each exercise", f"{tried.seeds} or more"),
    ]
    cells = "".join(f'<tr><th scope="row">{words}</th><td>{number}</td></tr>' for words, number in rows)
    note = f"<p>{_count(left, 'exercise')} changed since they were tried, and are not counted.</p>" if left else ""
    return f'<table class="table {EVIDENCE}"><tbody>{cells}</tbody></table>{note}'


def _numbers(exercises: list[Known]) -> tuple[str, ...]:
    """Return the cells for `COLUMNS`, summed over one or more exercises."""
    known = [one.tried for one in exercises if one.tried]
    if not known:
        return ("",) * len(COLUMNS)
    tried = total(known)
    numbers = (tried.right + len(known), tried.wrong, tried.subtle, f"{tried.killed}/{tried.mutants}", tried.seeds)
    return tuple(map(str, numbers))


def _title(root: Path, chapter: str) -> str:
    return written(root / "notebooks" / chapter / f"{chapter}.ipynb").title.partition(":")[0]


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
