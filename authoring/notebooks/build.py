"""Bring reference and student notebooks up to date with the chapters' texts, executing only what changed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import nbformat

from authoring.notebooks import claim_files
from authoring.notebooks.execute import execute
from authoring.notebooks.fingerprint import is_fresh
from authoring.notebooks.keep_outputs import keep_what_holds
from authoring.notebooks.notebook_file import dumps, write
from authoring.notebooks.prose import find
from authoring.notebooks.release import release
from autograder.course import ANSWERS, Course, name_of
from autograder.texts.chapter import exercise_names, used_elsewhere
from autograder.texts.text import ChapterError, read
from autograder.texts.variants import VariantError
from autograder.validation import lost_claims

WORKERS = 2  # kernels at once
LARGEST = 400_000  # bytes in the largest notebook that the repository keeps

MEASURED = "capacity.md"  # the record of one measurement, with its date and its machine


@dataclass(frozen=True)
class Finding:
    """A problem in one chapter that an author must fix, in words."""

    chapter: str
    sentence: str


def stale(course: Course, chapters: list[str]) -> list[str]:
    """Return the chapters without a reference notebook that was made from the current text, layerlab, and pins."""
    return [chapter for chapter in chapters if not _is_current(course, chapter)]


def check(course: Course, chapters: tuple[str, ...] = ()) -> list[Finding]:
    """Return everything in some or all chapters' notebooks that is out of date, without executing anything."""
    found: list[Finding] = []
    names = course.select(chapters)
    for chapter in names:
        reference, student = course.reference(chapter), course.release(chapter)
        try:
            current = _is_current(course, chapter)
        except ChapterError as error:
            found.append(Finding(chapter, str(error)))
            continue
        if not reference.exists():
            found.append(Finding(chapter, "was never executed"))
        elif not current:
            found.append(Finding(chapter, "text, pins or the layerlab modules it uses changed since it was executed"))
        elif not student.exists():
            found.append(Finding(chapter, "has no student notebook"))
        elif student.read_text(encoding="utf-8") != dumps(release(nbformat.read(reference, as_version=4))):
            found.append(Finding(chapter, "the student notebook is not the release of the reference"))
    found += [finding for chapter in names for finding in unrecorded(course, chapter)] + typed(course)
    found += [finding for chapter in names for finding in named_twice(course, chapter)]
    sentence = "the file with which notebooks judge its exercises was made from other texts or code"
    found += [Finding(chapter, sentence) for chapter in claim_files.stale(course, names)]
    for folder in ("solutions", "notebooks"):
        for path in sorted((course.root / folder).rglob("*.ipynb")):
            if path not in [course.root / folder / name / f"{name}.ipynb" for name in course.chapters]:
                found.append(Finding(path.stem, f"{path.relative_to(course.root)} belongs to no chapter's text"))
            elif path.stat().st_size > LARGEST:
                found.append(Finding(path.stem, f"{path.relative_to(course.root)} is over {LARGEST // 1000} kB"))
    return found


def unrecorded(course: Course, chapter: str) -> list[Finding]:
    """Return a finding if exercises have no current record of the answers tried on them; the book shows the records."""
    try:
        names = [exercise.name for exercise in lost_claims.stale(course, chapter)]
    except VariantError as error:
        return [Finding(chapter, str(error))]
    sentence = f"what was tried on {', '.join(names)} is not recorded: make validate CHAPTERS={chapter}"
    return [Finding(chapter, sentence)] if names else []


def named_twice(course: Course, chapter: str) -> list[Finding]:
    """Return a finding for each exercise of a chapter whose name another chapter also uses."""
    text = course.text(chapter)
    return [Finding(chapter, sentence) for sentence in used_elsewhere(chapter, exercise_names(text), course.texts)]


def typed(course: Course) -> list[Finding]:
    """Return a finding for each measured number that is typed by hand into a chapter or page."""
    pages = sorted((course.root / "book").rglob("*.md"))
    texts = [path for path in pages if path.parent.name != "solutions" and path.name not in (ANSWERS, MEASURED)]
    return [
        Finding(name_of(path), f"{path.relative_to(course.root)}:{line}: {sentence}")
        for path in texts
        for line, sentence in find(path.read_text(encoding="utf-8"))
    ]


def run(course: Course, chapters: list[str], started: Callable[[str, int], Callable[[], None]]) -> list[Finding]:
    """Execute chapters in parallel, and write their reference notebooks; return a finding for each that fails.

    ``started`` is called with a chapter and its number of cells, and returns a function to call after every cell.
    """
    failed: list[Finding] = []

    def one(chapter: str) -> None:
        path, reference = course.text(chapter), course.reference(chapter)
        template = read(path)
        notebook = execute(path, course.root, started(chapter, len(template.cells)))
        if reference.exists():
            keep_what_holds(notebook, nbformat.read(reference, as_version=4), template)
        write(notebook, reference)

    with ThreadPoolExecutor(WORKERS) as pool:  # threads, because the kernels, which are processes, do the work
        pending = {pool.submit(one, chapter): chapter for chapter in chapters}
        for done in as_completed(pending):
            try:
                done.result()
            except ChapterError as error:
                failed.append(Finding(pending[done], str(error)))
    return failed


def write_release(course: Course, chapter: str) -> bool:
    """Write a chapter's student notebook; return whether it changed."""
    return write(release(nbformat.read(course.reference(chapter), as_version=4)), course.release(chapter))


def _is_current(course: Course, chapter: str) -> bool:
    path = course.reference(chapter)
    return path.exists() and is_fresh(nbformat.read(path, as_version=4), course.text(chapter), course.root)
