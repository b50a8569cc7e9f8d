"""What `validate` found of each exercise, recorded for pages that are made without running anything.

Which claims each known mistake loses stands on the pages of explained solutions; how much was tried on an exercise, all
of which got what it must get, on those that say what a point means. A chapter of the course has its record in
`book/lost_claims/<chapter>.json`; drafts have none. Needs no torch.
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
    """How much was tried on one exercise; all that is right was accepted, all that is wrong was refused."""

    right: int  # ways to the answer beside the reference and the oracle
    wrong: int
    subtle: int  # of these: right shapes, finite values, past the visible checks or one claim
    mutants: int
    killed: int
    equivalent: int
    seeds: int  # under which the reference was run


@dataclass
class Record:
    """What is known of one exercise, and what that was found out from."""

    made_from: str
    lost: Lost
    tried: Tried


def mistakes_of(exercise: Exercise, variants: Variants) -> list[Variant]:
    """Return the wrong variants of an exercise, and its faulty start with the released code in it."""
    faulty = variants.faulty_start(exercise.name)
    return variants.wrong(exercise.name) + ([replace(faulty, source=exercise.stub)] if faulty else [])


def digest(exercise: Exercise, variants: Variants) -> str:
    """Return a hash of all that decides what is recorded of an exercise."""
    oracle = variants.oracle(exercise.name)
    tried = mistakes_of(exercise, variants) + variants.right(exercise.name) + ([oracle] if oracle else [])
    tried += variants.equivalents(exercise.name)
    answers = [(variant.kind, variant.title, variant.source) for variant in tried]
    asked = [exercise.solution, exercise.visible, exercise.hidden, sorted(exercise.rules)]
    content = json.dumps([*asked, answers])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def read(path: Path) -> dict[str, Record]:
    """Return the record of each exercise of a chapter; empty without a file."""
    return {
        name: Record(found["made_from"], found["lost"], Tried(**found["tried"]))
        for name, found in _read(path)["exercises"].items()
    }


def passed(path: Path) -> str:
    """Return the key with which a chapter last missed nothing, "" if it never did."""
    return _read(path)["passed"]


def record_pass(path: Path, key: str) -> None:
    """Record that a chapter missed nothing; one without exercises has no key."""
    if key:
        _write(path, _read(path) | {"passed": key})


def current(path: Path, exercise: Exercise, variants: Variants) -> Record | None:
    """Return the record of an exercise if it was made from today's exercise and mistakes, None otherwise."""
    found = read(path).get(exercise.name)
    return found if found and found.made_from == digest(exercise, variants) else None


def write(path: Path, chapter: Chapter, variants: Variants, seen: Mapping[str, Report]) -> list[str]:
    """Record the tables of some exercises of a chapter, and return those of which something else was known before.

    What is known of its other exercises stays; where nothing is new, so does the file.
    """
    before = read(path)
    done = [exercise for exercise in chapter.exercises if exercise.name in seen]
    fresh = {e.name: Record(digest(e, variants), seen[e.name].lost, tried(seen[e.name])) for e in done}
    known = before | fresh
    plain = {e.name: asdict(known[e.name]) for e in chapter.exercises if e.name in known}
    if fresh:
        _write(path, _read(path) | {"exercises": plain})
    return [name for name in fresh if fresh[name] != before.get(name)]


def tried(report: Report) -> Tried:
    """Return how much the table of an exercise counts that missed nothing."""
    mutants = report.mutants
    counts = (report.right, report.wrong, report.subtle, mutants.total, mutants.killed, mutants.equivalent)
    return Tried(*counts, report.seeds)


def read_chapter(course: Course, chapter: str) -> tuple[Chapter, Variants]:
    """Return a chapter as its reference notebook has it, and its variants.

    Raises:
        VariantError: the chapter's variants are missing or cannot be read.
    """
    read = chapters.load(course.reference(chapter))
    return read, variant_file.load(read, course.answers(chapter))


def has_mistakes(course: Course, chapter: str) -> bool:
    """True for a chapter that was executed and has variants; one without exercises has none."""
    return course.reference(chapter).exists() and course.answers(chapter).exists()


def stale(course: Course, chapter: str) -> list[Exercise]:
    """Return the exercises of a chapter whose answers, or themselves, changed since they were recorded."""
    if not has_mistakes(course, chapter):
        return []
    read, variants = read_chapter(course, chapter)
    return [exercise for exercise in read.exercises if current(course.tried(chapter), exercise, variants) is None]


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"passed": "", "exercises": {}}


def _write(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    if not (path.exists() and path.read_text(encoding="utf-8") == text):
        replace_text(path, text)
