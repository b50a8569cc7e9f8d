"""Record the findings of `validate` about each exercise without a miss, in `tried.json`; needs no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.model import Chapter, Exercise
from autograder.recording.whole_files import replace_text
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.variants import Variants
from autograder.validation.outcome import Report, Tried

Lost = dict[str, list[str]]  # the claims that each mistake of an exercise loses, by the mistake's label


@dataclass
class Record:
    """The findings about one exercise, and a hash of the exercise and the answers that led to these findings."""

    made_from: str
    lost: Lost
    tried: Tried


def digest(exercise: Exercise, variants: Variants) -> str:
    """Return a hash of everything that determines an exercise's record; visible checks decide nothing in it."""
    oracle = variants.oracle(exercise.name)
    tried = variants.mistakes(exercise) + variants.right(exercise.name) + ([oracle] if oracle else [])
    tried += variants.equivalents(exercise.name)
    answers = [(variant.kind, variant.title, variant.source) for variant in tried]
    asked = [exercise.solution, exercise.hidden, sorted(exercise.rules)]
    content = json.dumps([*asked, answers])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def read(path: Path) -> dict[str, Record]:
    """Return the record of each exercise of a chapter, or an empty dict if there is no file."""
    return {
        name: Record(found["made_from"], found["lost"], Tried(**found["tried"]))
        for name, found in _read(path)["exercises"].items()
    }


def passed(path: Path) -> str:
    """Return the key of the chapter's last run without a miss, or "" if there was none."""
    return _read(path)["passed"]


def record_pass(path: Path, key: str) -> None:
    """Record the key of a run without a miss; do nothing if the key is empty (a chapter without exercises)."""
    if key:
        _write(path, _read(path) | {"passed": key})


def current(path: Path, exercise: Exercise, variants: Variants) -> Record | None:
    """Return the record of an exercise, or None if the exercise or its answers changed since the record was made."""
    found = read(path).get(exercise.name)
    return found if found and found.made_from == digest(exercise, variants) else None


def write(path: Path, chapter: Chapter, variants: Variants, seen: Mapping[str, Report]) -> list[str]:
    """Record the tables of some exercises of a chapter, and return the exercises whose record changed."""
    before = read(path)
    done = [exercise for exercise in chapter.tested if exercise.name in seen]
    fresh = {e.name: Record(digest(e, variants), seen[e.name].lost, seen[e.name].tried) for e in done}
    known = before | fresh
    plain = {e.name: asdict(known[e.name]) for e in chapter.exercises if e.name in known}
    if fresh:
        _write(path, _read(path) | {"exercises": plain})
    return [name for name in fresh if fresh[name] != before.get(name)]


def read_chapter(course: Course, chapter: str) -> tuple[Chapter, Variants]:
    """Return a chapter, read from its reference notebook, and its variants."""
    read = chapters.load(course.reference(chapter))
    return read, variant_file.load(read, course.answers(chapter))


def has_mistakes(course: Course, chapter: str) -> bool:
    """Return whether a chapter was executed and has variants; a chapter without exercises has no variants."""
    return course.reference(chapter).exists() and course.answers(chapter).exists()


def stale(course: Course, chapter: str) -> list[Exercise]:
    """Return the exercises of a chapter that have no current record, such as those whose answers changed."""
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
