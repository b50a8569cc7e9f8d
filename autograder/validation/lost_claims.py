"""Which claims each known mistake loses: `validate` records it, explained solutions say it without running anything.

A chapter of the course has its record in `book/lost_claims/<chapter>.json`; drafts have none. Needs no torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from autograder.chapters.variants import Variant, Variants
from autograder.model import Chapter, Exercise
from autograder.recording.files import replace_text

FOLDER = Path("book") / "lost_claims"

Lost = dict[str, list[str]]  # the claims that each mistake of an exercise loses, by the mistake's label


@dataclass
class Record:
    """What is known of one exercise, and what that was found out from."""

    made_from: str
    lost: Lost = field(default_factory=dict)


def mistakes_of(exercise: Exercise, variants: Variants) -> list[Variant]:
    """Return the wrong variants of an exercise, and its faulty start with the released code in it."""
    faulty = variants.faulty_start(exercise.name)
    return variants.wrong(exercise.name) + ([replace(faulty, source=exercise.stub)] if faulty else [])


def digest(exercise: Exercise, variants: Variants) -> str:
    """Return a hash of all that decides what the mistakes of an exercise lose."""
    mistakes = [(variant.kind, variant.title, variant.source) for variant in mistakes_of(exercise, variants)]
    content = json.dumps([exercise.solution, exercise.hidden, sorted(exercise.rules), mistakes])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def path_of(text: Path) -> Path | None:
    """Return the file in which a chapter's record is kept, given its text; None for a text outside `book/chapters`."""
    folder = text.resolve().parent
    is_chapter = text.suffix == ".md" and folder.parts[-2:] == ("book", "chapters")
    return folder.parents[1] / FOLDER / f"{text.stem}.json" if is_chapter else None


def read(path: Path) -> dict[str, Record]:
    """Return the record of each exercise of a chapter; empty without a file."""
    if not path.exists():
        return {}
    given = json.loads(path.read_text(encoding="utf-8"))
    return {name: Record(**found) for name, found in given.items()}


def current(path: Path, exercise: Exercise, variants: Variants) -> Record | None:
    """Return the record of an exercise if it was made from today's exercise and mistakes, None otherwise."""
    found = read(path).get(exercise.name)
    return found if found and found.made_from == digest(exercise, variants) else None


def write(path: Path, chapter: Chapter, variants: Variants, seen: Mapping[str, Lost]) -> list[str]:
    """Record what was seen of some exercises of a chapter, and return those of which something else was known before.

    What is known of its other exercises stays; where nothing is new, so does the file.
    """
    before = read(path)
    fresh = {e.name: Record(digest(e, variants), seen[e.name]) for e in chapter.exercises if e.name in seen}
    known = before | fresh
    plain = {e.name: asdict(known[e.name]) for e in chapter.exercises if e.name in known}
    text = json.dumps(plain, indent=1, ensure_ascii=False) + "\n"
    if fresh and not (path.exists() and path.read_text(encoding="utf-8") == text):
        replace_text(path, text)
    return [name for name in fresh if fresh[name] != before.get(name)]
