"""Search the student copy and every wheel for the lines of all solutions, hidden tests, variants, and other answers.

A line is secret if it is long enough and readers never see it: it appears neither on a page nor in a chapter's text
outside its solutions and hidden tests. Whole lines are compared, without white space. By coincidence, our own code
shares short lines with answers, such as `if isinstance(value, dict):`. So in our own code, only a very long line, or
two secret lines that are consecutive in an answer, count as a leak. The searched files themselves never count as places
where readers can see a line; otherwise, every leak would be allowed.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from authoring.book import student_copy, wheel
from authoring.book.leaks import Leak, split, squeezed, strings
from autograder.course import ANSWERS, TEXT, Course, front_and_body
from autograder.texts.regions import STUB

SHORTEST = 20  # minimum number of characters in a secret line, without white space
LONG = 44  # minimum number of characters in a line that counts as a leak in our own code, too
CODE = (".py", ".mjs")  # suffixes of our own code
MARK = re.compile(r"^[-+ ]?")  # the sign before a line in a change to a solution


@dataclass(frozen=True)
class Answers:
    """A course's secret lines and pairs of consecutive secret lines, without white space; each maps to its file."""

    lines: dict[str, str]
    pairs: dict[tuple[str, str], str]


def answers(course: Course, private: Path | None = None) -> Answers:
    """Return the answers' lines that readers never see, from the course and from the chapters in ``private``."""
    shown = set(map(squeezed, STUB))  # an answer may leave an unused stub unchanged
    held: list[tuple[str, list[str]]] = []
    texts = [*course.texts, *(sorted(private.glob(f"*/{TEXT}")) if private else [])]
    for path in texts:
        regions, outside = split(front_and_body(path.read_text(encoding="utf-8"))[1])
        shown.update(map(squeezed, outside))
        held += [(_named(path, course), region) for region in regions]
    for path in texts:
        if (file := path.with_name(ANSWERS)).exists():
            written = [MARK.sub("", line) for line in file.read_text(encoding="utf-8").split("\n")]
            held.append((_named(file, course), written))
    for page in [*course.root.glob("*.md"), *(course.root / "book").glob("*.md"), *course.root.glob("book/parts/*.md")]:
        shown.update(map(squeezed, page.read_text(encoding="utf-8").split("\n")))
    lines: dict[str, str] = {}
    pairs: dict[tuple[str, str], str] = {}
    for where, written in held:
        secret = [line if len(line) >= SHORTEST and line not in shown else "" for line in map(squeezed, written)]
        lines |= {line: where for line in secret if line}
        pairs |= {pair: where for pair in itertools.pairwise(secret) if all(pair)}
    return Answers(lines, pairs)


def _named(path: Path, course: Course) -> str:
    return str(path.relative_to(course.root) if path.is_relative_to(course.root) else path)


def search(folder: Path, secret: Answers) -> Iterator[Leak]:
    """Yield every secret line in the files below ``folder``, including files inside wheels."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".git" not in path.relative_to(folder).parts:
            yield from _in_file(path.relative_to(folder).as_posix(), path.read_bytes(), secret)


def published(course: Course, folder: Path) -> Iterator[Leak]:
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
    yield from search(folder, answers(course))


def _in_file(name: str, content: bytes, secret: Answers) -> Iterator[Leak]:
    suffix = PurePosixPath(name).suffix
    if suffix == ".whl":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _in_file(f"{name}/{member}", archive.read(member), secret)
        return
    text = content.decode("utf-8", errors="replace")
    for _, part in strings(json.loads(text)) if suffix == ".ipynb" else [("", text)]:
        lines = [line for line in map(squeezed, part.split("\n")) if line]
        found = {line: secret.lines[line] for line in lines if line in secret.lines}
        if suffix in CODE:
            found = {line: where for line, where in found.items() if len(line) >= LONG}
            found |= {"".join(p): secret.pairs[p] for p in itertools.pairwise(lines) if p in secret.pairs}
        yield from (Leak(name, f"{line} ({where})") for line, where in found.items())
