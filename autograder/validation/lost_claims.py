"""Record what `validate` found about each exercise, for pages that are made without running anything.

The pages of explained solutions show which claims each known mistake loses. The pages that say what a point means show
how many answers were tried on an exercise, all of which got what they should get. A chapter of the course has its
record in `tried.json` in its folder; drafts have none. This module needs no torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.model import Chapter, Exercise
from autograder.recording.whole_files import replace_text
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.variants import Variant, Variants
from autograder.validation.outcome import Report

Lost = dict[str, list[str]]  # the claims that each mistake of an exercise loses, by the mistake's label


@dataclass
class Tried:
    """How much was tried on one exercise; every right answer was accepted, and every wrong one was rejected."""

    right: int  # other right answers than the reference and the oracle
    wrong: int
    subtle: int  # wrong ones with right shapes and finite values that get past the visible checks or one claim
    mutants: int
    killed: int
    equivalent: int
    seeds: int  # under which the reference ran


@dataclass
class Record:
    """What is known about one exercise, and a hash of what it was found from."""

    made_from: str
    lost: Lost
    tried: Tried


def mistakes_of(exercise: Exercise, variants: Variants) -> list[Variant]:
    """Return the wrong variants of an exercise, and its faulty start with the released code."""
    faulty = variants.faulty_start(exercise.name)
    return variants.wrong(exercise.name) + ([replace(faulty, source=exercise.stub)] if faulty else [])


def digest(exercise: Exercise, variants: Variants) -> str:
    """Return a hash of everything that decides an exercise's record."""
    oracle = variants.oracle(exercise.name)
    tried = mistakes_of(exercise, variants) + variants.right(exercise.name) + ([oracle] if oracle else [])
    tried += variants.equivalents(exercise.name)
    answers = [(variant.kind, variant.title, variant.source) for variant in tried]
    asked = [exercise.solution, exercise.visible, exercise.hidden, sorted(exercise.rules)]
    content = json.dumps([*asked, answers])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def read(path: Path) -> dict[str, Record]:
    """Return the record of each exercise of a chapter; empty if there is no file."""
    return {
        name: Record(found["made_from"], found["lost"], Tried(**found["tried"]))
        for name, found in _read(path)["exercises"].items()
    }


def passed(path: Path) -> str:
    """Return the key with which a chapter last ran without a miss, or "" if it never did."""
    return _read(path)["passed"]


def record_pass(path: Path, key: str) -> None:
    """Record that a chapter ran without a miss; one without exercises has no key."""
    if key:
        _write(path, _read(path) | {"passed": key})


def current(path: Path, exercise: Exercise, variants: Variants) -> Record | None:
    """Return the record of an exercise if it was made from today's exercise and answers, or None otherwise."""
    found = read(path).get(exercise.name)
    return found if found and found.made_from == digest(exercise, variants) else None


def write(path: Path, chapter: Chapter, variants: Variants, seen: Mapping[str, Report]) -> list[str]:
    """Record the tables of some exercises of a chapter, and return the exercises whose record changed.

    The records of its other exercises are kept; if nothing is new, the file is not written.
    """
    before = read(path)
    done = [exercise for exercise in chapter.tested if exercise.name in seen]
    fresh = {e.name: Record(digest(e, variants), seen[e.name].lost, tried(seen[e.name])) for e in done}
    known = before | fresh
    plain = {e.name: asdict(known[e.name]) for e in chapter.exercises if e.name in known}
    if fresh:
        _write(path, _read(path) | {"exercises": plain})
    return [name for name in fresh if fresh[name] != before.get(name)]


def tried(report: Report) -> Tried:
    """Return the counts in the table of an exercise without a miss."""
    mutants = report.mutants
    counts = (report.right, report.wrong, report.subtle, mutants.total, mutants.killed, mutants.equivalent)
    return Tried(*counts, report.seeds)


def read_chapter(course: Course, chapter: str) -> tuple[Chapter, Variants]:
    """Return a chapter as it is in its reference notebook, and its variants.

    Raises:
        VariantError: if the chapter's variants are missing or cannot be read.
    """
    read = chapters.load(course.reference(chapter))
    return read, variant_file.load(read, course.answers(chapter))


def has_mistakes(course: Course, chapter: str) -> bool:
    """Return whether a chapter was executed and has variants; one without exercises has none."""
    return course.reference(chapter).exists() and course.answers(chapter).exists()


def stale(course: Course, chapter: str) -> list[Exercise]:
    """Return the exercises of a chapter that changed, or whose answers changed, since they were recorded."""
    if not has_mistakes(course, chapter):
        return []
    read, variants = read_chapter(course, chapter)
    return [exercise for exercise in read.tested if current(course.tried(chapter), exercise, variants) is None]


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"passed": "", "exercises": {}}


def _write(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    if not (path.exists() and path.read_text(encoding="utf-8") == text):
        replace_text(path, text)
