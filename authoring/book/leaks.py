"""Search for solutions, hidden tests, and other answers in everything that reaches a student.

`search` looks at what is made from a chapter, for lines, and pairs of lines, that the chapter has nowhere else.
`search_folder` looks at everything else, such as wheels, for the answers of every chapter. Our own code shares short
lines with answers by coincidence, so there, only a very long line, or two secret lines that are consecutive in an
answer, count. White space never counts.
"""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

from authoring.book import student_copy, wheel
from autograder.course import ANSWERS, TEXT, Course, front_and_body
from autograder.texts.regions import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION, STARTER, STUB

EXPLAINED = "book/solutions"  # the pages of explained solutions, in the site
INDEX = "search/index.js"  # the search index; the text that it indexes of each page is next to it
SHORTEST_LINE = 12  # minimum number of characters of a chapter's secret line, with single spaces
SHORTEST_ANSWER, LONG_ANSWER = 20, 44  # minimum numbers of characters without white space, elsewhere and in our code
OUR_CODE = (".py", ".mjs")
_WIDGETS = re.compile(r'<script type="application/[^"]*\+json">(.*?)</script>', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')


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
        if any(mark in line for mark in (BEGIN_SOLUTION, BEGIN_HIDDEN, END_SOLUTION, END_HIDDEN)):
            inside = BEGIN_SOLUTION in line or BEGIN_HIDDEN in line
            regions += [[]] if inside else []
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


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of a file, or of each file in an archive."""
    suffix, text = PurePosixPath(name).suffix, content.decode("utf-8", errors="replace")
    if suffix in (".whl", ".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from texts(f"{name}/{member}", archive.read(member))
        return
    if suffix in (".ipynb", ".js", ".json"):
        text = _strings(text)
    if suffix in (".html", ".js"):
        states = map(_strings, _WIDGETS.findall(text))
        text = html.unescape("\n".join([re.sub(r"<[^>]+>", "", text), text])) + "\n".join(["", *states])
    yield name, text


def _strings(code: str) -> str:
    """Return the strings in JSON, or in a script that passes JSON to its page, each on a line of its own."""
    return "\n".join(json.loads(string) for string in _STRING.findall(code))


def search(course: Course, chapters: list[str], site: Path | None = None) -> Iterator[Leak]:
    """Yield every leak in what is made from the chapters; raise FileNotFoundError if a chapter has no notebook or page.

    ``site`` is a built book, by default the course's own; in any other book, explained solutions are a leak, too.
    """
    built = site or course.site
    explained = built / EXPLAINED
    files = [path for path in sorted(built.rglob("*")) if path.is_file()]
    for chapter in chapters:
        if built / f"notebooks/{chapter}/{chapter}.html" not in files:
            raise FileNotFoundError(f"the page of {chapter} is not built: run `python -m authoring book` first")
        secret = secrets(front_and_body(course.text(chapter).read_text(encoding="utf-8"))[1])
        of_chapter = (
            path for path in files if path.name.partition(".")[0] == chapter and explained not in path.parents
        )
        for file in (course.release(chapter), *of_chapter):
            for where, content in texts(file.relative_to(course.root).as_posix(), file.read_bytes()):
                bare = squeezed(content)
                yield from (Leak(where, passage) for passage in secret if passage in bare)
    if f'"{EXPLAINED}/' in (built / INDEX).read_text(encoding="utf-8"):
        yield Leak(INDEX, "leads to explained solutions")
    for path in files:
        if built / "_sources" / EXPLAINED in path.parents or (site and explained in path.parents):
            yield Leak(path.relative_to(course.root).as_posix(), "a page of explained solutions")


def answers(course: Course, private: Path | None = None) -> dict[str, str]:
    """Return the answers' lines that readers never see, and consecutive pairs of them, each with its file."""
    shown = set(map(squeezed, STUB))  # an answer may leave an unused stub unchanged
    held: list[tuple[str, list[str]]] = []
    for path in [*course.texts, *(sorted(private.glob(f"*/{TEXT}")) if private else [])]:
        regions, outside = split(front_and_body(path.read_text(encoding="utf-8"))[1])
        shown.update(map(squeezed, outside))
        name = str(path).removeprefix(f"{course.root}/")
        tests = [region for region in regions if any("lab.claim(" in line for line in region)]
        shown.update(squeezed(line) for region in tests for line in region)  # notebooks run them: they are no secret
        held += [(name, region) for region in regions if region not in tests]
        if (file := path.with_name(ANSWERS)).exists():  # a line of a change begins with a sign
            blocks = re.split(r"^```.*$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1::2]
            code = [[re.sub("^[-+ ]", "", line) for line in block.split("\n")] for block in blocks]
            held += [(name.replace(TEXT, ANSWERS), block) for block in code]
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
    """Make the student copy and every wheel below a new ``folder``, and yield every secret line in them."""
    student_copy.write(course, folder / "student copy")
    whole, secret = wheel.of_repository(folder / "for instructors"), answers(course)
    for place in (folder / "student copy", whole.parent):
        yield from search_folder(place, secret)
