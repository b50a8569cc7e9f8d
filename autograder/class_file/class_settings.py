"""Define the settings of a class, which an instructor writes in ``class.yml``; `class_reader` reads and checks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from autograder import keys
from autograder.model import Exercise
from autograder.texts.facts import CORE

FILE = "class.yml"


class ClassFileError(ValueError):
    """The class file has mistakes; the message has a line for each mistake."""


@dataclass(frozen=True)
class Enrolled:
    """A student on the roster."""

    id: str  # the name of the student's folder below `submitted/`
    first_name: str = ""
    last_name: str = ""
    email: str = ""


@dataclass(frozen=True)
class ClassSettings:
    """The settings of one class. The defaults describe a course without a class file."""

    chapters: tuple[str, ...] | None = None  # None: all
    core_only: bool = False
    exercises: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by chapter: only these count
    points: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # chapter: exercise: points
    due: Mapping[str, datetime | None] = field(default_factory=dict)  # by chapter; None takes an earlier date back
    late: str | int | None = None  # "none", "zero", or percent per day; None: as nbgrader is configured
    extensions: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)  # student: chapter: a later date
    solutions: bool = True  # whether the book explains solutions
    claims: bool = True  # whether notebooks judge exercises: `lab.claims` shows what is lost
    roster: tuple[Enrolled, ...] = ()
    is_written: bool = False  # whether there is a class file

    def has(self, chapter: str) -> bool:
        """Return whether a chapter is part of the class."""
        return self.chapters is None or chapter in self.chapters

    def counts(self, chapter: str, exercise: Exercise) -> bool:
        """Return whether an exercise earns points; `core_only` is ignored if the class lists a chapter's exercises."""
        if chapter in self.exercises:
            return exercise.name in self.exercises[chapter]
        return exercise.tier == CORE or not self.core_only

    def extension(self, student: str, chapter: str) -> timedelta | None:
        """Return how long after the due date a student may submit, or None if they have no extension."""
        until, due = self.extensions.get(student, {}).get(chapter), self.due.get(chapter)
        return until - due if until and due else None

    def key(self, chapter: str) -> str:
        """Return a hash of the settings that change a chapter's recorded points, or "" if there is no class file."""
        if not self.is_written:
            return ""
        due = self.due[chapter] or "none" if chapter in self.due else None
        dates = [due, *((who, until.get(chapter)) for who, until in sorted(self.extensions.items()))]
        names = sorted(self.exercises[chapter]) if chapter in self.exercises else self.core_only
        return keys.key(names=names, points=dict(self.points.get(chapter, {})), late=self.late, dates=str(dates))


def path_of(root: Path) -> Path:
    """Return the path of a course's class file, which may not exist."""
    return root / FILE
