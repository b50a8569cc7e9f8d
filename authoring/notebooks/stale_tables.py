"""Is it recorded what `validate` found of each exercise, and of today's? This needs no torch."""

from __future__ import annotations

from pathlib import Path

from authoring.course import Course
from autograder.model import Chapter, Exercise
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.variants import Variants
from autograder.validation import lost_claims


def path_of(course: Course, chapter: str) -> Path:
    """Return the file of a chapter's record."""
    return course.root / lost_claims.FOLDER / f"{chapter}.json"


def has_mistakes(course: Course, chapter: str) -> bool:
    """True for a chapter that was executed and has variants; one without exercises has none."""
    return course.reference(chapter).exists() and _variants(course, chapter).exists()


def stale(course: Course, chapter: str) -> list[Exercise]:
    """Return the exercises of a chapter whose answers, or themselves, changed since they were recorded."""
    if not has_mistakes(course, chapter):
        return []
    read, variants = read_chapter(course, chapter)
    path = path_of(course, chapter)
    return [exercise for exercise in read.exercises if lost_claims.current(path, exercise, variants) is None]


def read_chapter(course: Course, chapter: str) -> tuple[Chapter, Variants]:
    """Return a chapter as its reference notebook has it, and its variants.

    Raises:
        VariantError: the chapter's variants are missing or cannot be read.
    """
    read = chapters.load(course.reference(chapter))
    return read, variant_file.load(read, _variants(course, chapter))


def _variants(course: Course, chapter: str) -> Path:
    return course.root / "autograder" / "variants" / f"{chapter}.md"
