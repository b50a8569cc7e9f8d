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

from autograder.model import Chapter, Exercise
from autograder.recording.whole_files import replace_text
from autograder.texts.variants import Variant, Variants
from autograder.validation.outcome import Report

FOLDER = Path("book") / "lost_claims"

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
    unseen: int | None = None  # of the wrong ones: cost every claim and fail no visible check; None: never counted


@dataclass
class Record:
    """What is known of one exercise, and what that was found out from."""

    made_from: str
    lost: Lost
    tried: Tried | None = None  # recorded before it was counted


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


def path_of(text: Path) -> Path | None:
    """Return the file in which a chapter's record is kept, given its text; None for a text outside `book/chapters`."""
    root = root_of(text)
    return root / FOLDER / f"{text.stem}.json" if root else None


def root_of(text: Path) -> Path | None:
    """Return the folder of the course that a chapter's text belongs to; None for a text outside `book/chapters`."""
    folder = text.resolve().parent
    is_chapter = text.suffix == ".md" and folder.parts[-2:] == ("book", "chapters")
    return folder.parents[1] if is_chapter else None


def read(path: Path) -> dict[str, Record]:
    """Return the record of each exercise of a chapter; empty without a file."""
    if not path.exists():
        return {}
    given = json.loads(path.read_text(encoding="utf-8"))
    return {name: _record(**found) for name, found in given.items()}


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
    text = json.dumps(plain, indent=1, ensure_ascii=False) + "\n"
    if fresh and not (path.exists() and path.read_text(encoding="utf-8") == text):
        replace_text(path, text)
    return [name for name in fresh if fresh[name] != before.get(name)]


def tried(report: Report) -> Tried:
    """Return how much the table of an exercise counts that missed nothing."""
    mutants = report.mutants
    counts = (report.right, report.wrong, report.subtle, mutants.total, mutants.killed, mutants.equivalent)
    return Tried(*counts, report.seeds, len(report.unseen))


def unseen(path: Path | None, report: Report) -> list[str]:
    """Return a line for each mistake that costs every claim unseen, where more do than the record knows of.

    Outside a chapter of the course, and in a new exercise, none may: a student must see such a mistake in the notebook,
    before anything is graded.
    """
    known = read(path).get(report.exercise) if path else None
    most = known.tried.unseen if known and known.tried else 0
    if most is None or len(report.unseen) <= most:
        return []
    left = f" ({most} may be left, as recorded)" if most else ""
    to_do = f"costs every claim and passes the visible checks: let one of them fail{left}"
    return [f"{report.exercise}: {label} {to_do}" for label in report.unseen]


def _record(made_from: str, lost: Lost, tried: dict[str, int] | None = None) -> Record:
    return Record(made_from, lost, Tried(**tried) if tried else None)
