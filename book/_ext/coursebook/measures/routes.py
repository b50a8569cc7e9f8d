"""Show the ways through the course (its core, or all of it) and routes for different aims, each with its hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from html import escape
from operator import add
from pathlib import Path
from typing import Any

from docutils import nodes

from autograder.course import Course, front_matter
from autograder.texts import facts
from autograder.texts.reading_time import RULE, Way, route, spell, total
from coursebook.measures.exercises import anchor, table
from coursebook.notebooks import Page
from coursebook.pages.parts import ROOT, Listing, Part
from coursebook.pages.solution_pages import inline

PAGE = "book/routes"


@dataclass(frozen=True)
class Stop:
    """A chapter on a route: its page and title, the exercises that the route includes, and their points and times."""

    page: str
    title: str
    exercises: list[facts.Facts]
    way: Way


def names(root: Path = ROOT) -> dict[str, str]:
    """Return the title of each route by its name."""
    return dict(front_matter(root / f"{PAGE}.md")["routes"])


def taken(chapter: str, root: Path = ROOT) -> dict[str, Any]:
    """Return what a chapter contributes to each route, by the route's name: `facts.CORE`, or a list of exercises."""
    return dict(front_matter(Course(root).text(chapter)).get("routes", {}))


def stop(page: str, wanted: Any, notebook: Page) -> Stop:
    """Return a route's stop at a chapter, with the ``wanted`` exercises; raise ValueError if the chapter lacks one."""
    known = notebook.exercises
    chosen = [name for name, one in known.items() if one.tier == facts.CORE] if wanted == facts.CORE else wanted
    if unknown := sorted(set(chosen) - known.keys()):
        raise ValueError(f"{page} has no exercise {', '.join(unknown)}: correct the routes in its front matter")
    kept = [one for name, one in known.items() if name in chosen]
    return Stop(page, notebook.title, kept, route(notebook.content, {one.title for one in kept}))


class CourseWays(Listing):
    """``{course-ways}``: both ways through the course, with the counting rule, or through a part."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table, or nothing if the book has none of the chapters."""
        through = total(self.notebook(page).ways for page in self.chapters(self.named_parts()))
        ways = {"Core": through[facts.CORE], "All of it": through[facts.MORE]} if through else {}
        rows = [(name, way.exercises, spell(way.reading), spell(way.minutes)) for name, way in ways.items()]
        made = table(("Way", "Exercises", "Reading", "Together"), rows, "course-ways")
        rule = "" if self.arguments else f'<p class="course-rule">{escape(RULE)}</p>'
        return [nodes.raw("", made + rule, format="html")] if rows else []


class _Routes(Listing):
    """Base class of the directives that show routes."""

    def stops(self, name: str, parts: Iterable[Part] | None = None) -> Iterator[Stop]:
        """Yield the chapters on a route in the book's order, from some parts or from all of them."""
        for page in self.chapters(parts):
            if wanted := taken(page.rpartition("/")[2]).get(name):
                yield stop(page, wanted, self.notebook(page))


class AllRoutes(_Routes):
    """``{course-routes} layers``: how much of each route is in this part or, without a name, in the whole course."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table, or nothing if the book has no page of routes."""
        if PAGE not in self.env.found_docs:
            return []
        address, rows = self.link(PAGE), []
        for known, title in names().items():
            if stops := list(self.stops(known, self.named_parts())):
                link = f'<a href="{address}#{nodes.make_id(title)}">{escape(title)}</a>'
                rows.append((link, len(stops), *_counts(stops)))
        heads = ("Route", "Chapters", "Exercises", "Together")
        return [nodes.raw("", table(heads, rows, "course-ways"), format="html")] if rows else []


class OneRoute(_Routes):
    """``{course-route} read``: the chapters of this route, with links to its exercises and the time for each."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table, or nothing if the book has none of the chapters."""
        if self.arguments[0] not in names():
            raise self.error(f"no route is called {self.arguments[0]!r}")
        if not (stops := list(self.stops(self.arguments[0]))):
            return []
        rows = [(self.chapter(one), self.links(one), spell(one.way.minutes)) for one in stops]
        exercises, time = _counts(stops)
        rows.append(("Together", str(exercises), time))
        return [nodes.raw("", table(("Chapter", "Exercises", "Time"), rows, "course-route"), format="html")]

    def chapter(self, one: Stop) -> str:
        """Return a link to a chapter."""
        return f'<a href="{self.link(one.page)}">{escape(one.title)}</a>'

    def links(self, one: Stop) -> str:
        """Return links to a chapter's exercises on the route."""
        link = self.link(one.page)
        return ", ".join(f'<a href="{link}#{anchor(known.title)}">{inline(known.title)}</a>' for known in one.exercises)


def _counts(stops: Iterable[Stop]) -> tuple[int, str]:
    through = reduce(add, (one.way for one in stops))
    return through.exercises, spell(through.minutes)
