"""Show all exercises of the course on one page: their difficulty by chapter, and a list of links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from docutils import nodes

from autograder.texts.facts import CORE, Facts
from autograder.texts.headings import EXERCISE
from coursebook.pages.parts import Listing
from coursebook.pages.solution_pages import inline

LEVELS = range(1, 6)  # difficulty
STEP, BASE, RISE, LARGEST = 26, 150, 28, 12.0  # px: chapter spacing, y of level 1, level spacing, largest radius


@dataclass(frozen=True)
class Chapter:
    """A chapter with exercises, as the page lists it."""

    page: str
    title: str
    known: list[Facts]

    @property
    def mean(self) -> float:
        """The mean difficulty."""
        return sum(known.difficulty for known in self.known) / len(self.known)

    @property
    def levels(self) -> list[int]:
        """The number of exercises of each difficulty."""
        counted = Counter(known.difficulty for known in self.known)
        return [counted[level] for level in LEVELS]


class CourseExercises(Listing):
    """``{course-exercises} picture``, ``table``, or ``list``: a figure of difficulty, counts, or a list of links."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the requested figure, table, or list; return nothing if no chapter has exercises."""
        ways = {"picture": self.picture, "table": self.table, "list": self.list}
        if self.arguments[0] not in ways:
            raise self.error(f"{self.arguments[0]!r} is none of {', '.join(ways)}")
        chapters = [chapter for page in self.chapters() if (chapter := self.chapter(page))]
        if not chapters:
            return []
        return [nodes.raw("", ways[self.arguments[0]](chapters), format="html")]

    def chapter(self, page: str) -> Chapter | None:
        """Return a chapter with its exercises, or None if it has no exercises."""
        notebook = self.notebook(page)
        return Chapter(page, notebook.title, list(notebook.exercises.values())) if notebook.exercises else None

    def picture(self, chapters: Sequence[Chapter]) -> str:
        """Return a figure with a column for each chapter, a disk for each difficulty, and a line through the means."""
        words = f"<figcaption>{escape(caption(chapters))}</figcaption>"
        return f'<figure class="course-curve">{curve(chapters)}{words}</figure>'

    def table(self, chapters: Sequence[Chapter]) -> str:
        """Return a table with each chapter's counts and their sums."""
        heads = ("Chapter", "Exercises", "Core", "Points", "Minutes", *LEVELS)
        rows = [(f'<a href="{self.link(one.page)}">{escape(one.title)}</a>', *counts(one.known)) for one in chapters]
        rows.append(("All", *counts([known for one in chapters for known in one.known])))
        return table(map(str, heads), rows, "course-counts")

    def list(self, chapters: Sequence[Chapter]) -> str:
        """Return a collapsed list of exercises for each chapter."""
        return "".join(self.folded(one) for one in chapters)

    def folded(self, chapter: Chapter) -> str:
        """Return a collapsed list of a chapter's exercises with their facts."""
        items = "".join(
            f'<li><a href="{self.link(chapter.page)}#{anchor(known.title)}">{inline(known.title)}</a>: '
            f"{known.tier}, difficulty {known.difficulty}, {known.minutes} minutes, {known.points} points</li>"
            for known in chapter.known
        )
        words = f"{escape(chapter.title)}: {len(chapter.known)} exercises"
        return f"<details><summary>{words}</summary><ul>{items}</ul></details>"


def table(heads: Iterable[str], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    """Return a scrolling HTML table of HTML cells, with a row's header first; ``kind`` is a class for style sheets."""
    head = "".join(f'<th scope="col">{words}</th>' for words in heads)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>' for name, *cells in rows
    )
    classes = f"table {kind}".strip()
    made = f'<table class="{classes}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="pst-scrollable-table-container" tabindex="0">{made}</div>'  # scrolls, even with the keyboard


def anchor(title: str) -> str:
    """Return the id of the heading of the exercise with this title."""
    return nodes.make_id(f"{EXERCISE}{title}".replace("`", ""))


def counts(known: Sequence[Facts]) -> tuple[object, ...]:
    """Return the cells of one row of the table."""
    counted = Counter(one.difficulty for one in known)
    core = sum(one.tier == CORE for one in known)
    sums = (sum(one.points for one in known), sum(one.minutes for one in known))
    return (len(known), core, *sums, *(counted[level] or "" for level in LEVELS))


def caption(chapters: Sequence[Chapter]) -> str:
    """Describe the figure in words."""
    levels = [sum(counts) for counts in zip(*(one.levels for one in chapters), strict=True)]
    middle = (levels[1] + levels[2]) / sum(levels)
    first, last = chapters[0], chapters[-1]
    return (
        f"Difficulty of {sum(levels)} exercises, one column for each chapter in the order of the book. "
        "A disc is as large as the number of exercises of that difficulty; the line is their mean: "
        f"{first.mean:.1f} in {first.title}, {last.mean:.1f} in {last.title}. "
        f"{middle:.0%} of all exercises have difficulty 2 or 3."
    )


def curve(chapters: Sequence[Chapter]) -> str:
    """Return the figure as SVG."""
    most = max(max(one.levels) for one in chapters)
    drawn = [
        f'<text class="level" x="10" y="{BASE - RISE * (level - 1) + 4}">{level}</text>' for level in LEVELS
    ]  # the axis of difficulty
    for i, one in enumerate(chapters):
        for level, count in zip(LEVELS, one.levels, strict=True):
            if count:
                radius = LARGEST * (count / most) ** 0.5
                drawn.append(f'<circle class="data" cx="{_x(i)}" cy="{_y(level):.1f}" r="{radius:.1f}"/>')
    means = " ".join(f"{_x(i)},{_y(one.mean):.1f}" for i, one in enumerate(chapters))
    drawn.append(f'<polyline class="learned" points="{means}"/>')
    width, height = _x(len(chapters) - 1) + STEP, BASE + 24
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg {box} role="img" aria-label="{escape(caption(chapters))}">{"".join(drawn)}</svg>'


def _x(i: int) -> int:
    return 40 + STEP * i


def _y(level: float) -> float:
    return BASE - RISE * (level - 1)
