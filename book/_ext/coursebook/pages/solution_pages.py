"""Write a page of explained solutions for each chapter, from its reference notebook and its variants.

When a build begins, the pages go to `book/solutions/` (ignored by git), unless `_config.yml` turns them off. The search
doesn't find the pages, and their source can't be downloaded. This module reads variants as text, and needs no torch.
"""

from __future__ import annotations

import html
import re
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx_external_toc.api import Document, FileItem, SiteMap, TocTree

from autograder.course import Course
from autograder.model import Exercise
from autograder.reasons import capital
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.headings import EXERCISE
from autograder.texts.regions import solved
from autograder.texts.variant_change import SEPARATOR
from autograder.texts.variants import Variant, Variants
from autograder.validation import lost_claims
from coursebook import notebooks
from coursebook.pages.catalog import with_about

FOLDER = "book/solutions"
OVERVIEW = f"{FOLDER}/overview"
SKIPPED = "  …"
# Names, punctuation, and spaces have the block's own color; operators get it too, or these pages would be too heavy.
_PLAIN = re.compile(r'<span class="[nopw]">([^<]*)</span>')


# -- into the book -----------------------------------------------------------------------------------------------------


def add_pages(app: Sphinx, config: Config) -> None:
    """Write a page for each chapter with exercises and a reference notebook, and list them in the book's order."""
    if not config.explained_solutions:
        return
    root, site_map = Path(app.srcdir), config.external_site_map
    found = [(name, root / "solutions" / name / f"{name}.ipynb") for name in chapters_in(site_map)]
    made = {name: page(name, path, root) for name, path in found if path.exists()}
    pages = {name: text for name, text in made.items() if text}  # none for a chapter without exercises
    if not pages:
        return
    put(root / FOLDER, {"overview": overview(list(pages))} | pages)
    items = [FileItem(f"{FOLDER}/{name}") for name in pages]
    site_map[OVERVIEW] = Document(OVERVIEW, [TocTree(items=[*items], titlesonly=True)])
    for item in items:
        site_map[str(item)] = Document(str(item))
    last = TocTree(items=[FileItem(OVERVIEW)], caption="Solutions", titlesonly=True)
    site_map.root.subtrees.append(last)
    # Sphinx has just excluded the pages of an earlier build, because the table of contents didn't list them yet.
    config.exclude_patterns = [pattern for pattern in config.exclude_patterns if not pattern.startswith(f"{FOLDER}/")]


def chapters_in(site_map: SiteMap) -> list[str]:
    """Return the chapters in a table of contents, in order."""
    found = []

    def walk(document: Document) -> None:
        name = document.docname.removesuffix(".ipynb")
        if name.startswith("notebooks/"):
            found.append(name.rpartition("/")[2])
        for file in document.child_files():
            walk(site_map[file])

    walk(site_map.root)
    return found


def link_exercises(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """At the end of each exercise, add a link to its explained solution, if the book explains solutions."""
    page = f"{FOLDER}/{PurePosixPath(docname).name}"
    if app.builder.format != "html" or not docname.startswith("notebooks/") or page not in app.env.found_docs:
        return
    there = app.builder.get_relative_uri(docname, page)
    for section in doctree.findall(nodes.section):
        title = next(section.findall(nodes.title)).astext()
        if title.startswith(EXERCISE):
            anchor = nodes.make_id(title.removeprefix(EXERCISE).replace("’", "'"))  # the heading as it was typed
            link = f'<p class="course-solution"><a href="{there}#{anchor}">The solution, explained</a></p>'
            section += nodes.raw("", link, format="html")


def lighten(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Remove code markup that changes no color, because it fills a tenth of a page with hundreds of known mistakes."""
    if pagename.startswith(f"{FOLDER}/"):
        context["body"] = _PLAIN.sub(r"\1", context["body"])


def keep_source(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Offer no source for pages of explained solutions, which the build writes."""
    if pagename.startswith(f"{FOLDER}/"):
        context["sourcename"] = context["page_source_suffix"] = ""  # the theme then shows no download menu


def put(folder: Path, pages: dict[str, str]) -> None:
    """Make a folder contain exactly these pages; don't rewrite unchanged files, because Sphinx would reread them."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in set(folder.glob("*.md")) - {folder / f"{name}.md" for name in pages}:
        left.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


# -- what a page contains ----------------------------------------------------------------------------------------------


def overview(names: list[str]) -> str:
    """Return the overview page, which explains how to read the other pages."""
    return with_about(
        "A solution of every exercise, other ways to it, and known mistakes with what each of them costs.",
        "# Explained solutions\n\n"
        "For each exercise: one solution, another way or two to the same result, and the mistakes that are often made, "
        "with what each of them costs. Try an exercise before you look: your own mistake explains more.\n\n"
        "A mistake is folded. It holds the sentence that you would be told, the code, and the claims that it loses. "
        "Where most of the code is the solution's, only the lines that differ are shown: the solution's with a minus, "
        "the mistake's with a plus. Where it is another way's, its name stands above.\n\n"
        + "".join(f"- [](/{FOLDER}/{name}.md)\n" for name in names),
    )


def page(name: str, reference: Path, root: Path) -> str:
    """Return a chapter's page as MyST Markdown ("" without exercises), or raise VariantError."""
    chapter = chapters.load(reference)
    if not chapter.exercises:
        return ""
    course = Course(root)
    variants = variant_file.load(chapter, course.answers(name))
    record = course.tried(name)
    title = notebooks.of_page(root, f"solutions/{name}/{name}").title
    parts = [
        f"# {title}: solutions",
        f"The exercises of [](/notebooks/{name}/{name}.ipynb), solved and explained.",
        *(_exercise(name, exercise, variants, record) for exercise in chapter.exercises),
    ]
    sentence = f"{title}: the exercises solved and explained, with other solutions and common mistakes."
    return with_about(sentence, "\n\n".join(parts) + "\n")


def _exercise(chapter: str, exercise: Exercise, variants: Variants, record: Path) -> str:
    title = capital(exercise.title)
    anchor = nodes.make_id(f"Exercise: {exercise.title}")
    points = f"{exercise.points} point{'s' if exercise.points != 1 else ''}"
    by_hand = " A person grades it." if exercise.by_hand else ""
    parts = [
        f"## {title}",
        f'<p><a href="../../notebooks/{chapter}/{chapter}.html#{anchor}">The exercise</a>: difficulty '
        f"{exercise.difficulty} of 5, {points}.{by_hand}</p>",
    ]
    if exercise.by_hand:  # its solution may be notes for the person who grades it
        return "\n\n".join(parts)
    parts.append(_code(solved(exercise.solution)))
    for variant in variants.right(exercise.name):
        parts += [f"<p>Another way: {inline(variant.title)}</p>", _code(variant.source)]
    known = lost_claims.current(record, exercise, variants)
    folded = []
    for mistake in variants.mistakes(exercise):
        title = capital(mistake.title) or "The code that it begins with"
        lost = cost(known.lost[mistake.label]) if known else ""
        folded.append(_details(title, mistake.sentence, changed(mistake), lost))
    if folded:
        parts += ["<p>Mistakes, and what gives each of them away:</p>", *folded]
    return "\n\n".join(parts)


def cost(lost: list[str]) -> str:
    """Name the claims that a mistake loses or, if it loses none, say that it makes a forbidden call."""
    if not lost:
        return "All its claims hold, but it makes a call that is not allowed."
    return f"Loses: {'; '.join(lost)}."


def changed(mistake: Variant) -> str:
    """Return a mistake as its author wrote it: a change to the solution or to another right answer, or a whole cell."""
    if not mistake.change:
        return _code(mistake.source)
    of = f"<p>Changed in the way “{inline(mistake.base)}”:</p>\n\n" if mistake.base else ""
    lines = [SKIPPED if line == SEPARATOR else line for line in mistake.change.split("\n")]
    return of + _code("\n".join(lines), "diff")


def _details(title: str, sentence: str, code: str, lost: str) -> str:
    said = f"<p>{inline(sentence)}</p>"
    below = f"\n\n<p>{inline(lost)}</p>" if lost else ""
    return f"<details><summary>{inline(title)}</summary>\n\n{said}\n\n{code}{below}\n\n</details>"


def inline(text: str) -> str:
    """Return plain text as HTML, with text between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def _code(source: str, language: str = "python") -> str:
    longest = max((len(ticks) for ticks in re.findall(r"`{3,}", source)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{source}\n{fence}"
