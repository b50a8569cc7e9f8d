"""Show the parts of the course: directives that list parts and chapters, and the line above a page's title.

``_toc.yml`` decides which parts and chapters exist, in which order; front matter describes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.class_file.class_reader import left_out
from autograder.course import Course, front_matter
from autograder.texts import reading_time
from coursebook import notebooks

ROOT = Path(__file__).resolve().parents[4]
OPENINGS = "book/parts"
CELL = 12  # px, of a sign


@dataclass(frozen=True)
class Chapter:
    """A chapter, as described in lists of chapters."""

    name: str
    about: str
    mark: str

    @property
    def page(self) -> str:
        """The name of the chapter's page in the book."""
        return f"notebooks/{self.name}/{self.name}"


@dataclass(frozen=True)
class Part:
    """A part of the course, with its chapters in order."""

    name: str
    numeral: str
    title: str
    about: str
    mark: str
    chapters: list[Chapter] = field(default_factory=list)

    @property
    def page(self) -> str:
        """The name of the part's opening page in the book."""
        return f"{OPENINGS}/{self.name}"


@cache
def plan(root: Path = ROOT) -> list[Part]:
    """Return the class's parts in order: groups of ``_toc.yml`` that begin with a page in `book/parts/`."""
    parts, without = [], left_out(root)
    for listed in yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8")).get("parts", []):
        opening, *pages = (Path(one["file"]) for one in listed["chapters"])
        if opening.parent == Path(OPENINGS):
            said = front_matter(root / f"{opening}.md")
            texts = {
                page.name: front_matter(Course(root).text(page.name)) for page in pages if page.name not in without
            }
            chapters = [Chapter(name, one["about"], one["mark"]) for name, one in texts.items()]
            own = {key: said[key] for key in ("numeral", "title", "about", "mark")}
            parts += [Part(opening.name, **own, chapters=chapters)] if chapters or not without else []
    return parts


# -- signs ------------------------------------------------------------------------------------------------------------


def sign(mark: str) -> str:
    """Return a mark as inline SVG: boxes, separated by spaces, of rows, separated by slashes, of cells.

    In a row, b is a cell of data, o a learned cell, a capital letter a strong color, . an empty cell, and - a gap.
    """
    boxes = [box.split("/") for box in mark.split()]
    height = max(map(len, boxes)) * CELL
    x, drawn = 1, []
    for rows in boxes:
        y = 1 + (height - len(rows) * CELL) // 2
        for i, row in enumerate(rows):
            for j, kind in enumerate(row):
                if kind != "-":
                    name = {"b": "data", "o": "learned", ".": "empty"}[kind.lower()] + (" strong" * kind.isupper())
                    place = f'x="{x + j * CELL}" y="{y + i * CELL}" width="{CELL}" height="{CELL}"'
                    drawn.append(f'<rect class="{name}" {place}/>')
        x += max(map(len, rows)) * CELL + CELL
    width = x - CELL + 1
    box = f'viewBox="0 0 {width} {height + 2}" width="{width}" height="{height + 2}"'
    return f'<svg class="course-sign" {box} aria-hidden="true">{"".join(drawn)}</svg>'


# -- directives -------------------------------------------------------------------------------------------------------


class Listing(SphinxDirective):
    """Base class of directives that link to pages in the book."""

    def link(self, page: str) -> str:
        """Return a page's address relative to the current page; "" if the book does not contain the page."""
        if page not in self.env.found_docs:
            return ""
        return self.env.app.builder.get_relative_uri(self.env.docname, page)

    def notebook(self, page: str) -> notebooks.Page:
        """Return the notebook of a page; when it changes, the current page is read again."""
        self.env.note_dependency(str(Path(self.env.srcdir, f"{page}.ipynb")))
        return notebooks.of_page(self.env.srcdir, page)

    def item(self, mark: str, title: str, about: str, page: str, note: str) -> str:
        """Return one entry: its sign, its title (a link if it has a page), a sentence, and a note."""
        address = self.link(page)
        name = f'<a href="{address}">{escape(title)}</a>' if address else escape(title)
        words = f'<span class="course-title">{name}</span> <span class="course-about">{escape(about)}</span>'
        return f'<li>{sign(mark)}<p>{words} <span class="course-note">{escape(note)}</span></p></li>'

    def chapters(self, parts: Iterable[Part] | None = None) -> list[str]:
        """Return the pages of the book's chapters in some parts (by default, in all of them), in order."""
        chosen = plan() if parts is None else parts
        every = (chapter.page for part in chosen for chapter in part.chapters)
        return [page for page in every if page in self.env.found_docs]

    def named_parts(self) -> list[Part]:
        """Return the part that the directive's argument names, or all parts if it has no argument."""
        name = self.arguments[0] if self.arguments else ""
        parts = [part for part in plan() if name in ("", part.name)]
        if name and not parts:
            raise self.error(f"no part of the course is called {name!r}")
        return parts

    def listed(self, items: list[str]) -> list[nodes.Node]:
        return [nodes.raw("", f'<ol class="course-list">{"".join(items)}</ol>', format="html")]


class Chapters(Listing):
    """``{course-chapters} layers`` lists a part's chapters."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        (part,) = self.named_parts()
        return self.listed([self.chapter(chapter) for chapter in part.chapters if self.link(chapter.page)])

    def chapter(self, chapter: Chapter) -> str:
        """Return a chapter's entry."""
        page = self.notebook(chapter.page)
        points = sum(facts.points for facts in page.exercises.values())
        note = f"{len(page.exercises)} exercises, {points} points" if page.exercises else "To read"
        note += f": {reading_time.note(page.ways)}" if page.ways else ""
        return self.item(chapter.mark, page.heading, chapter.about, chapter.page, note)


class Parts(Listing):
    """``{course-parts}`` lists the parts."""

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        return self.listed([self.part(part) for part in plan()])

    def part(self, part: Part) -> str:
        """Return a part's entry."""
        ready = self.chapters([part])
        through = reading_time.total(self.notebook(page).ways for page in ready)
        note = f"{len(ready)} chapters" + (f": {reading_time.note(through)}" if through else "")
        return self.item(part.mark, f"{part.numeral}. {part.title}", part.about, part.page, note)


class Begin(Listing):
    """``{course-begin}`` links to the first chapter in the book, and to a heading of this page."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the links; if the book has no chapter, return only the link to the heading."""
        heading = self.arguments[0]
        links = [f'<a href="#{nodes.make_id(heading)}">{escape(heading)}</a>']
        if pages := self.chapters():
            title = self.notebook(pages[0]).title
            links.insert(0, f'<a href="{self.link(pages[0])}">Begin: {escape(title)}</a>')
        return [nodes.raw("", f'<p class="course-begin">{" ".join(links)}</p>', format="html")]


class Doors(Listing):
    """``{course-doors} first book/teach``: a list whose bold words link to these pages; ``first`` is chapter one."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the list; bold words for pages that the book does not contain are not links."""
        box = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, box)
        pages = [next(iter(self.chapters()), "") if page == "first" else page for page in self.arguments[0].split()]
        for page, item in zip(pages, box.findall(nodes.list_item), strict=True):
            if address := self.link(page):
                words = next(item.findall(nodes.strong))
                link = nodes.reference(internal=True, refuri=address)
                words.replace_self(link)
                link += words
        return box.children


def say_where(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the name of the part above the title of each chapter and of each part's opening page."""
    for part in plan():
        chapters = [chapter.page for chapter in part.chapters]
        if docname == part.page or docname in chapters:
            where = f"Part {part.numeral}"
            if docname in chapters:
                place = f"chapter {chapters.index(docname) + 1} of {len(chapters)}"
                title = escape(part.title)
                if part.page in app.env.found_docs:
                    title = f'<a href="{app.builder.get_relative_uri(docname, part.page)}">{title}</a>'
                where = f"Part {part.numeral}: {title}, {place}"
            title_of_page = next(doctree.findall(nodes.title))
            above = nodes.raw("", f'<p class="course-where">{where}</p>\n', format="html")
            title_of_page.parent.insert(title_of_page.parent.index(title_of_page), above)
