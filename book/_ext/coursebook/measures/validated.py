"""Gather and count, for the book's pages, the records that `validate` made of each chapter's exercises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.course import Course
from autograder.model import Claim, Exercise
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.variants import Variant
from autograder.validation import lost_claims
from autograder.validation.lost_claims import Record, Tried


@dataclass(frozen=True)
class Known:
    """An exercise and its record."""

    exercise: Exercise
    record: Record | None  # None if the exercise changed since `validate` tried it
    equivalents: tuple[Variant, ...]  # equivalent mutants, each with its reason

    @property
    def tried(self) -> Tried | None:
        """The counts of answers tried on the exercise, or None if there is no current record."""
        return self.record.tried if self.record else None

    def losing(self, claim: Claim) -> str:
        """Return how many wrong answers lose a claim, and how many were tried; "" if unknown."""
        lost = self.record.lost.values() if self.record else ()
        return f"{sum(claim.name in claims for claims in lost)} of {len(lost)}" if lost else ""


@dataclass(frozen=True)
class ChapterKnown:
    """A chapter with exercises and their records."""

    name: str
    exercises: tuple[Known, ...]

    @property
    def tried(self) -> list[Tried]:
        """The counts of answers tried on each exercise with a current record."""
        return [known.tried for known in self.exercises if known.tried]


@cache  # the pages of one build call this several times
def gathered(root: Path, names: tuple[str, ...]) -> tuple[ChapterKnown, ...]:
    """Return the exercises and records of these chapters, except chapters without exercises or a reference notebook.

    Raises:
        VariantError: if a chapter's variants are missing or unreadable.
    """
    course, found = Course(root), []
    for name in names:
        reference = course.reference(name)
        chapter = chapters.load(reference) if reference.exists() else None
        if chapter and chapter.exercises:
            variants, record = variant_file.load(chapter, course.answers(name)), course.tried(name)
            known = (
                Known(e, lost_claims.current(record, e, variants), tuple(variants.equivalents(e.name)))
                for e in chapter.exercises
            )
            found.append(ChapterKnown(name, tuple(known)))
    return tuple(found)


def total(tried: Iterable[Tried]) -> Tried:
    """Add up the counts of several exercises; for `seeds`, return the minimum instead."""
    all_tried = list(tried)
    names = ("right", "wrong", "subtle", "mutants", "killed", "equivalent")
    sums = {name: sum(getattr(one, name) for one in all_tried) for name in names}
    return Tried(**sums, seeds=min((one.seeds for one in all_tried), default=0))
