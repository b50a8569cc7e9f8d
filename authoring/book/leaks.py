"""Search for solutions and hidden tests in everything that reaches a student.

A line of a region (a solution or a hidden test) is secret if it is long enough and appears nowhere in the chapter
outside regions; the same holds for each pair of consecutive lines. Lines and pairs are compared without white space, so
that neither indentation nor a page's markup hides them. The book's search stores the text of each page and an index of
words. The text is searched for secret lines, like everything else; the index is checked for words that the chapter
contains only in regions.

If the book explains solutions, the pages that explain them are not a leak, but the search must not index these pages,
and the site must not offer their source. A book built without explained solutions must contain no pages that explain
solutions. This module checks both kinds of books.
"""

from __future__ import annotations

import functools
import html
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from py_mini_racer import MiniRacer

from autograder.course import Course, front_and_body, front_matter
from autograder.texts.regions import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION, STARTER

EXPLAINED = "book/solutions"  # the pages of explained solutions, in the site
_QUESTIONS = re.compile(r"\(globalThis\.courseQuestions .*?\] = (.*);\s*\Z", re.DOTALL)  # `_static/questions/linear.js`
INDEX = "search/index.js"  # the search index; each page's text is next to it
LUNR = "mkdocs/contrib/search/templates/search/lunr.js"  # the file that the book's search also uses
SHORTEST_LINE = 12  # minimum number of characters in a secret line, with white space collapsed
SHORTEST_STEM = 6  # minimum number of letters in a secret stem; the index contains stems of words
_BEGINS, _ENDS = (BEGIN_SOLUTION, BEGIN_HIDDEN), (END_SOLUTION, END_HIDDEN)
_WORD = re.compile(r"[^\W\d]\w+")
_COMPOUND = re.compile(r"[^\W\d][\w-]+")


@dataclass(frozen=True)
class Secrets:
    """A chapter's secrets: lines and pairs of lines without white space (`passages`), and stems of words.

    The stems are made as in the index, which treats `held_out` and held-out as one word.
    """

    passages: frozenset[str]
    stems: frozenset[str]


@dataclass(frozen=True)
class Leak:
    """A secret, and where it was found."""

    where: str
    secret: str


def secrets(text: str) -> Secrets:
    """Return the passages and stems that a chapter's text contains only in its regions."""
    regions, outside = split(text)
    shown = "\n".join(outside)
    told = squeezed(shown)
    found = {squeezed(line) for region in regions for line in region if len(" ".join(line.split())) >= SHORTEST_LINE}
    found |= {squeezed(a + b) for region in regions for a, b in itertools.pairwise(region)}
    stems = _stems("\n".join(line for region in regions for line in region)) - _stems(shown)
    stems -= _stems(shown.replace("_", " "))  # the search finds `called_by_keyword` by each of its words
    return Secrets(
        frozenset(passage for passage in found if passage not in told),
        frozenset(stem for stem in stems if len(stem) >= SHORTEST_STEM),
    )


def split(text: str) -> tuple[list[list[str]], list[str]]:
    """Return the lines of each region of a chapter's text, without empty lines, and the lines outside regions."""
    regions: list[list[str]] = []
    outside: list[str] = []
    inside = False
    for line in text.split("\n"):
        if any(mark in line for mark in _BEGINS):
            inside = True
            regions.append([])
        elif any(mark in line for mark in _ENDS):
            inside = False
        elif inside:
            regions[-1] += [line] if line.strip() else []
        else:
            outside.append(re.sub(rf"^\s*{STARTER}", "", line))
    return regions, outside


def search(
    course: Course,
    chapters: list[str],
    site: Path | None = None,
    progress: Callable[[str], None] = lambda chapter: None,
) -> Iterator[Leak]:
    """Yield every leak of the chapters' secrets in student notebooks, pages, pages' sources, and the search index.

    ``site`` is a built book, by default the course's own; in any other book, explained solutions are a leak, too.
    ``progress`` is called with each chapter before it is searched.

    Raises:
        FileNotFoundError: if a chapter has no student notebook or no page, so that it cannot be searched.
    """
    built = site or course.site
    # Names and other words that the search index adds to sections.
    known = _stems(str([(said.get("topics"), said.get("layers")) for said in map(front_matter, course.texts)]))
    for chapter in chapters:
        progress(chapter)
        _, body = front_and_body(course.text(chapter).read_text(encoding="utf-8"))
        hidden = secrets(body)
        release = course.release(chapter)
        notebook = json.loads(release.read_text(encoding="utf-8"))
        yield from _in_json(notebook, hidden, str(release.relative_to(course.root)))
        page = Path("notebooks", chapter, chapter)
        if not (built / page.with_suffix(".html")).exists():
            raise FileNotFoundError(f"the page of {chapter} is not built: run `python -m authoring book` first")
        for file in _files_of(built, page, may_explain=site is None):
            yield from _in_file(file, hidden, str(file.relative_to(course.root)))
        outputs = json.dumps([cell.get("outputs", []) for cell in notebook["cells"]])
        yield from _in_index(built / INDEX, page.as_posix(), hidden.stems - known - _stems(outputs))
    yield from _explained(course, built, may_explain=site is None)


def _explained(course: Course, site: Path, may_explain: bool) -> Iterator[Leak]:
    """Yield each forbidden page, source, and index entry of an explained solution."""
    forbidden = [site / "_sources" / EXPLAINED] + ([] if may_explain else [site / EXPLAINED])
    for file in sorted(file for folder in forbidden for file in folder.rglob("*") if file.is_file()):
        yield Leak(str(file.relative_to(course.root)), "a page of explained solutions")
    for name, _ in handed_over(site / INDEX)["pages"]:
        if name.startswith(f"{EXPLAINED}/"):
            yield Leak(INDEX, f"leads to {name}")


def _files_of(site: Path, page: Path, may_explain: bool) -> list[Path]:
    """Return the files of the built site that are made from one notebook: its page, its sources, and its downloads."""
    return sorted(
        file
        for file in site.rglob("*")
        if file.is_file()
        and file.stem.partition(".")[0] == page.name
        and not (may_explain and file.is_relative_to(site / EXPLAINED))
    )


def _in_file(file: Path, hidden: Secrets, where: str) -> Iterator[Leak]:
    text = file.read_text(encoding="utf-8", errors="replace")
    if file.suffix == ".ipynb":
        yield from _in_json(json.loads(text), hidden, where)
    elif file.suffix == ".js" and text.startswith("courseSearch."):
        yield from _in_json(handed_over(file), hidden, where)
    elif file.suffix == ".html":
        # The saved state of the page's widgets, then the page's text without and with markup.
        for state in re.findall(r'<script type="application/[^"]*\+json">(.*?)</script>', text, re.DOTALL):
            yield from _in_json(json.loads(state), hidden, f"{where}, widget state")
        yield from _in_markup(text, hidden, where)
    elif questions := _QUESTIONS.match(text):
        for place, question in strings(json.loads(questions[1]), where):
            yield from _in_markup(question, hidden, place)
    else:
        yield from _in_text(text, hidden, where)


def strings(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield the location and text of each string in a JSON value; join lists of strings, which hold a text's lines."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, list) and all(isinstance(part, str) for part in value):
        yield where, "".join(value)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, where)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from strings(part, f"{where}, {key}" if key in ("outputs", "widgets") else where)


def _in_json(value: Any, hidden: Secrets, where: str) -> Iterator[Leak]:
    for place, text in strings(value, where):
        yield from _in_text(text, hidden, place)


def _in_markup(text: str, hidden: Secrets, where: str) -> Iterator[Leak]:
    yield from _in_text(html.unescape(re.sub(r"<[^>]+>", "", text)), hidden, where)
    yield from _in_text(html.unescape(text), hidden, f"{where}, markup")


def _in_text(text: str, hidden: Secrets, where: str) -> Iterator[Leak]:
    found = squeezed(text)
    yield from (Leak(where, passage) for passage in sorted(p for p in hidden.passages if p in found))


def _in_index(index: Path, page: str, hidden: frozenset[str]) -> Iterator[Leak]:
    """Yield the secret stems that the index contains for a page."""
    content = handed_over(index)
    number = [name for name, _ in content["pages"]].index(page)
    own = {str(n) for n, entry in enumerate(content["entries"]) if entry[0] == number}
    for term, fields in content["lunr"]["invertedIndex"]:
        if term in hidden and any(own & entries.keys() for entries in fields.values() if isinstance(entries, dict)):
            yield Leak(INDEX, term)


def handed_over(script: Path) -> Any:
    """Return the value that one of the search scripts passes to the page."""
    call = re.search(r"^courseSearch\.\w+\((.*)\);\s*$", script.read_text(encoding="utf-8"), re.DOTALL)
    if call is None:
        raise ValueError(f"{script} hands nothing to the search")
    return json.loads(call[1])


def _stems(text: str) -> set[str]:
    """Return the stems of a text's words, as in the index."""
    words = {word.lower() for word in _WORD.findall(text)}
    words |= {re.sub("[_-]", "", word.lower()) for word in _COMPOUND.findall(text)}
    return set(_lunr().call("stems", sorted(words)))


@functools.cache
def _lunr() -> MiniRacer:
    """Return a JavaScript engine whose function `stems` finds words' stems with lunr, which also makes the index."""
    engine = MiniRacer()
    engine.eval(Path(str(distribution("mkdocs").locate_file(LUNR))).read_text(encoding="utf-8"))
    engine.eval("var stems = words => words.map(word => String(lunr.stemmer(new lunr.Token(word))))")
    return engine


def squeezed(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())
