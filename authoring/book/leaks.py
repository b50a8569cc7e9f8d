"""Search for solutions, hidden tests, and other answers in everything that reaches a student.

`search` looks at what is made from a chapter: its notebook, its pages and their sources, and the search index. A line
of a region (a solution or a hidden test) is secret there if it is long enough and appears nowhere in the chapter
outside regions; the same holds for two consecutive lines. The index stores stems of words, so a stem is a leak if only
words in regions begin with it. Pages that explain solutions are no leak if the book explains them, but then the search
must not index them, and the site must not offer their sources.

`search_folder` looks at everything else that students receive, such as wheels, for the answers of every chapter. By
coincidence, our own code shares short lines with answers, such as `if isinstance(value, dict):`. So there, only a very
long line, or two secret lines that are consecutive in an answer, count as a leak.

White space never counts, so that neither indentation nor a page's markup hides a line.
"""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from authoring.book import student_copy, wheel
from autograder.course import ANSWERS, TEXT, Course, front_and_body, front_matter
from autograder.texts.regions import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION, STARTER, STUB

EXPLAINED = "book/solutions"  # the pages of explained solutions, in the site
INDEX = "search/index.js"  # the search index; each page's text is next to it
SHORTEST_LINE, SHORTEST_STEM = 12, 6  # minimum numbers of characters of a chapter's secrets, with single spaces
SHORTEST_ANSWER, LONG_ANSWER = 20, 44  # minimum numbers of characters without white space, elsewhere and in our code
OUR_CODE = (".py", ".mjs")
_WIDGETS = re.compile(r'<script type="application/[^"]*\+json">(.*?)</script>', re.DOTALL)
_HANDED_OVER = re.compile(  # by a script to its page: the search's data, and questions that a page repeats
    r"^(?:courseSearch\.\w+\(|\(globalThis\.courseQuestions [^\n]*?\] = )(.*[\]}])\)?;\s*\Z", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Leak:
    """A secret, and where it was found."""

    where: str
    secret: str


def squeezed(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def split(text: str) -> tuple[list[list[str]], list[str]]:
    """Return the lines of each region of a chapter's text, without empty lines, and the lines outside regions."""
    regions: list[list[str]] = []
    outside: list[str] = []
    inside = False
    for line in text.split("\n"):
        if BEGIN_SOLUTION in line or BEGIN_HIDDEN in line:
            inside = True
            regions.append([])
        elif END_SOLUTION in line or END_HIDDEN in line:
            inside = False
        elif inside:
            regions[-1] += [line] if line.strip() else []
        else:
            outside.append(re.sub(rf"^\s*{STARTER}", "", line))
    return regions, outside


def secrets(text: str) -> set[str]:
    """Return the secret lines and pairs of lines of a chapter's text, without white space."""
    regions, outside = split(text)
    lines = {squeezed(line) for region in regions for line in region if len(" ".join(line.split())) >= SHORTEST_LINE}
    pairs = {squeezed(a + b) for region in regions for a, b in pairwise(region)}
    shown = squeezed("".join(outside))
    return {passage for passage in lines | pairs if passage not in shown}


def words(text: str) -> str:
    """Return a text's words, each after a space and in lower case; `held_out` is also `held`, `out`, and `heldout`."""
    compounds = re.findall(r"[^\W\d][\w-]+", text.lower())
    return " " + " ".join({part for word in compounds for part in (*re.split("[_-]", word), re.sub("[_-]", "", word))})


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the place and the content of each text in a file; a wheel and a notebook contain several."""
    suffix, text = PurePosixPath(name).suffix, content.decode("utf-8", errors="replace")
    if suffix == ".whl":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from texts(f"{name}/{member}", archive.read(member))
    elif suffix == ".ipynb":
        yield from strings(json.loads(text), name)
    elif suffix == ".js" and (script := _HANDED_OVER.search(text)):
        yield from ((place, _with_and_without_markup(part)) for place, part in strings(json.loads(script[1]), name))
    elif suffix == ".html":
        for state in _WIDGETS.findall(text):
            yield from strings(json.loads(state), f"{name}, widget state")
        yield name, _with_and_without_markup(text)
    else:
        yield name, text


def handed_over(script: Path) -> Any:
    """Return the value that one of the search's scripts passes to the page."""
    return json.loads(_HANDED_OVER.findall(script.read_text(encoding="utf-8"))[0])


def strings(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Yield the place and text of each string in a JSON value; join lists of strings, which hold a text's lines."""
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


def _with_and_without_markup(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text)) + "\n" + html.unescape(text)


def search(course: Course, chapters: list[str], site: Path | None = None) -> Iterator[Leak]:
    """Yield every leak in what is made from the chapters: student notebooks, pages, sources, and the search index.

    ``site`` is a built book, by default the course's own; in any other book, explained solutions are a leak, too.

    Raises:
        FileNotFoundError: if a chapter has no student notebook or no page, so that it cannot be searched.
    """
    built = site or course.site
    explained = [built / "_sources" / EXPLAINED, built / EXPLAINED]
    files = [path for path in sorted(built.rglob("*")) if path.is_file()]
    index = handed_over(built / INDEX)
    for chapter in chapters:
        page, release = f"notebooks/{chapter}/{chapter}", course.release(chapter)
        if built / f"{page}.html" not in files:
            raise FileNotFoundError(f"the page of {chapter} is not built: run `python -m authoring book` first")
        text = front_and_body(course.text(chapter).read_text(encoding="utf-8"))[1]
        secret = secrets(text)
        for file in (release, *(path for path in files if path.name.partition(".")[0] == chapter)):
            if site or explained[1] not in file.parents:
                for where, content in texts(file.relative_to(course.root).as_posix(), file.read_bytes()):
                    bare = squeezed(content)
                    yield from (Leak(where, passage) for passage in secret if passage in bare)
        outputs = [cell.get("outputs") for cell in json.loads(release.read_text(encoding="utf-8"))["cells"]]
        others = json.dumps([outputs, *map(front_matter, course.texts)])  # the index also has names and topics
        yield from (Leak(INDEX, term) for term in secret_terms(_terms(index, page), text, others))
    yield from (Leak(INDEX, f"leads to {name}") for name, _ in index["pages"] if name.startswith(f"{EXPLAINED}/"))
    for path in files:
        if explained[0] in path.parents or (site and explained[1] in path.parents):
            yield Leak(path.relative_to(course.root).as_posix(), "a page of explained solutions")


def secret_terms(terms: Iterable[str], text: str, added: str = "") -> list[str]:
    """Return the stems that only words in regions of a chapter's text begin with, and no word in ``added``."""
    regions, outside = split(text)
    hidden, shown = words(str(regions)), words("\n".join([*outside, added]))
    # A stem may end in another letter than its word: possibli, possibly.
    parts = {term: f" {term[:-1]}" for term in terms if len(term) >= SHORTEST_STEM}
    return [term for term, part in parts.items() if part in hidden and part not in shown]


def _terms(index: Any, page: str) -> list[str]:
    """Return the stems of words that the index contains for a page."""
    number = [name for name, _ in index["pages"]].index(page)
    own = {str(n) for n, entry in enumerate(index["entries"]) if entry[0] == number}
    places = {term: fields.values() for term, fields in index["lunr"]["invertedIndex"]}
    return [term for term in places if any(isinstance(at, dict) and own & at.keys() for at in places[term])]


def answers(course: Course, private: Path | None = None) -> dict[str, str]:
    """Return the answers' lines that readers never see, and consecutive pairs of them, each with its file.

    The answers are those of the course and of the chapters in ``private``.
    """
    shown = set(map(squeezed, STUB))  # an answer may leave an unused stub unchanged
    held: list[tuple[str, list[str]]] = []
    for path in [*course.texts, *(sorted(private.glob(f"*/{TEXT}")) if private else [])]:
        regions, outside = split(front_and_body(path.read_text(encoding="utf-8"))[1])
        shown.update(map(squeezed, outside))
        name = str(path).removeprefix(f"{course.root}/")
        held += [(name, region) for region in regions]
        if (file := path.with_name(ANSWERS)).exists():  # a line of a change begins with a sign
            lines = file.read_text(encoding="utf-8").split("\n")
            held.append((name.replace(TEXT, ANSWERS), [re.sub("^[-+ ]", "", line) for line in lines]))
    for page in (*course.root.glob("*.md"), *course.root.glob("book/*.md"), *course.root.glob("book/parts/*.md")):
        shown.update(map(squeezed, page.read_text(encoding="utf-8").split("\n")))
    secret: dict[str, str] = {}
    for name, written in held:
        lines = [line if len(line) >= SHORTEST_ANSWER and line not in shown else "" for line in map(squeezed, written)]
        secret |= {line: name for line in lines if line} | {"\n".join(p): name for p in pairwise(lines) if all(p)}
    return secret


def search_folder(folder: Path, secret: dict[str, str]) -> Iterator[Leak]:
    """Yield every secret line in the files below ``folder``, including files inside wheels."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if not path.is_file() or ".git" in name.parts:
            continue
        for where, text in texts(name.as_posix(), path.read_bytes()):
            lines = [line for line in map(squeezed, text.split("\n")) if line]
            if where.endswith(OUR_CODE):
                lines = [line for line in lines if len(line) >= LONG_ANSWER] + list(map("\n".join, pairwise(lines)))
            yield from (Leak(where, f"{line} ({secret[line]})") for line in dict.fromkeys(lines) if line in secret)


def search_published(course: Course, folder: Path) -> Iterator[Leak]:
    """Make the student copy and every wheel below a new ``folder``, and yield every secret line in them.

    Raises:
        FileNotFoundError: if a chapter is not released.
        WheelError: if a wheel could not be built.
    """
    student_copy.write(course, folder / "student copy")
    whole = wheel.of_repository(folder / "for instructors")
    (folder / "wheels").mkdir()
    whole.rename(folder / "wheels" / whole.name)
    shutil.rmtree(folder / "for instructors")
    yield from search_folder(folder, answers(course))
