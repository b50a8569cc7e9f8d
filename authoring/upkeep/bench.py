"""How long the book takes to build, cold and after an edit, and what its pages weigh: `python -m authoring bench`.

The course is not whole yet, so its growth is tried on copies of a chapter with other words in it.
"""

from __future__ import annotations

import json
import os
import platform
import random
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import yaml

from authoring.book import changes, site
from authoring.book.weigh import Weight
from authoring.course import Course

CHAPTERS = (1, 29)
RESULT = "benchmarks/book.json"
PLAIN = re.compile(r"^[A-Z][^`$<\[|#{*_]*$", re.MULTILINE)  # a line of prose with nothing in it but words
WORD = re.compile(r"\b[a-z]{4,}\b")
TO_CHAPTER = re.compile(r"\[([^\]]*)\]\((?:\.\./)+notebooks/(\w+)/[^)]*\)")


@dataclass(frozen=True)
class Build:
    """One course of so many chapters, built from nothing, and again after a change in one paragraph.

    Seconds are a clock's; those of the processor beside them hold on a busy machine too.
    """

    chapters: int
    pages: int
    cold_seconds: float
    warm_seconds: float
    cold_processor_seconds: float
    warm_processor_seconds: float
    site_mb: float  # of 1,000,000 bytes
    peak_mb: float  # memory of the largest process that built it, of 1,000,000 bytes


@dataclass
class Figures:
    """What one run found."""

    date: str
    machine: str
    load: float  # processes that wanted a processor in the minute before; clock times are worth little above 0.5
    builds: list[Build] = field(default_factory=list)
    kilobytes: dict[str, float] = field(default_factory=dict)  # of the book's own pages, by their path

    def save(self, path: Path) -> None:
        """Write them down."""
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def run(root: Path, chapter: str, weights: list[Weight], said: Callable[[Build], None]) -> Figures:
    """Build courses of copies of ``chapter`` in a temporary folder.

    Args:
        root: the course whose configuration and chapter are used.
        chapter: the chapter to copy.
        weights: of the course's own pages, to be kept with the figures.
        said: told each build when it is done.

    Raises:
        BuildError: a warning, or a broken promise of a page.
    """
    cores = psutil.cpu_count()
    machine = f"{platform.machine()}, {cores} cores, Python {platform.python_version()}, {platform.system()}"
    load = round(psutil.getloadavg()[0], 1)
    figures = Figures(datetime.now(UTC).strftime("%Y-%m-%d"), machine, load)
    figures.kilobytes = {weight.page: round(weight.kilobytes, 1) for weight in weights}
    for count in CHAPTERS:
        with tempfile.TemporaryDirectory() as folder:
            course = Course(Path(folder).resolve())
            names = grow(root, chapter, course, count)
            figures.builds.append(_timed(course, names))
            said(figures.builds[-1])
    return figures


def grow(root: Path, chapter: str, course: Course, count: int) -> list[str]:
    """Write a course of ``count`` chapters: the given one, and copies of it with other words; return the copies."""
    for name in changes.FILES:
        shutil.copy(root / name, course.root)
    leave_out = shutil.ignore_patterns("__pycache__", "chapters", "solutions")
    shutil.copytree(root / "book", course.root / "book", ignore=leave_out)
    for page in (course.root / "book").glob("*.md"):  # the glossary leads to chapters that are not there
        text = page.read_text(encoding="utf-8")
        page.write_text(TO_CHAPTER.sub(lambda link: link[0 if link[2] == chapter else 1], text), encoding="utf-8")
    names = [chapter, *(f"copy_{number}" for number in range(1, count))]
    original = Course(root)
    for name in names:
        for place in (Course.release, Course.reference):
            _copy(place(original, chapter), place(course, name), name if name != chapter else "")
        variants = course.root / "autograder" / "variants" / f"{name}.md"
        variants.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / "autograder" / "variants" / f"{chapter}.md", variants)
    _list(course.root, chapter, names[1:])
    return names


def _list(root: Path, chapter: str, copies: list[str]) -> None:
    """Put the copies into the table of contents and the plan, in place of the course's other chapters."""
    for path in (root / "_toc.yml", root / "book" / "parts" / "chapters.yml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.name == "_toc.yml":
            for part in content["parts"]:
                part["chapters"] = [page for page in part["chapters"] if _is_there(page["file"], chapter)]
            pages = [{"file": f"notebooks/{name}/{name}"} for name in copies]
            content["parts"] += [{"caption": "Copies", "chapters": pages}] if pages else []
        else:
            content[0]["chapters"] |= {name: {"title": name, "about": "A copy.", "mark": "b"} for name in copies}
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _is_there(page: str, chapter: str) -> bool:
    return not page.startswith("notebooks/") or page == f"notebooks/{chapter}/{chapter}"


def _copy(source: Path, target: Path, name: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not name:
        shutil.copy(source, target)
        return
    notebook = json.loads(source.read_text(encoding="utf-8"))
    draw = random.Random(name)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = PLAIN.sub(lambda line: _other_words(line[0], draw), "".join(cell["source"]))
            cell["source"] = re.sub(r"^# .*", lambda line: f"{line[0]} ({name})", cell["source"])
    target.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")


def _other_words(line: str, draw: random.Random) -> str:
    words = WORD.findall(line)
    draw.shuffle(words)
    return WORD.sub(lambda _: words.pop() + draw.choice("aeiou"), line)


def _timed(course: Course, names: list[str]) -> Build:
    cold, cold_work = _seconds(lambda: site.build(course))
    edited = course.release(names[-1])
    notebook: dict[str, Any] = json.loads(edited.read_text(encoding="utf-8"))
    cell = next(c for c in notebook["cells"] if c["cell_type"] == "markdown" and PLAIN.search("".join(c["source"])))
    cell["source"] = PLAIN.sub(lambda line: f"{line[0]} One more sentence.", "".join(cell["source"]), count=1)
    edited.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
    warm, warm_work = _seconds(lambda: site.build(course))
    files = [path for path in course.site.rglob("*") if path.is_file()]
    return Build(
        len(names),
        sum(path.suffix == ".html" for path in files),
        round(cold, 1),
        round(warm, 1),
        round(cold_work, 1),
        round(warm_work, 1),
        round(sum(path.stat().st_size for path in files) / 1e6, 1),
        round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6),
    )


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return how long something took, and for how long this process and its children computed."""
    begin, computed = time.monotonic(), _computed()
    work()
    return time.monotonic() - begin, _computed() - computed


def _computed() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
