"""Which claims each known mistake loses, as it was recorded: what explained solutions say without running anything.

`python -m authoring.record_losses` writes the record of a chapter, `book/lost_claims/<chapter>.json`. Needs no torch.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.model import Exercise
from autograder.variant_file import Variant, Variants


@dataclass
class Losses:
    """One exercise: the claims that each mistake loses, by the mistake's label, and what that was found out from."""

    made_from: str
    lost: dict[str, list[str]] = field(default_factory=dict)


def mistakes_of(exercise: Exercise, variants: Variants) -> list[Variant]:
    """Return the wrong variants of an exercise, and its faulty start with the released code in it."""
    faulty = variants.faulty_start(exercise.name)
    return variants.wrong(exercise.name) + ([replace(faulty, source=exercise.stub)] if faulty else [])


def digest(exercise: Exercise, variants: Variants) -> str:
    """Return a hash of all that decides what the mistakes of an exercise lose."""
    mistakes = [(variant.kind, variant.title, variant.source) for variant in mistakes_of(exercise, variants)]
    content = json.dumps([exercise.solution, exercise.hidden, sorted(exercise.rules), mistakes])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def read(path: Path) -> dict[str, Losses]:
    """Return the record of each exercise of a chapter; empty without a file."""
    if not path.exists():
        return {}
    given = json.loads(path.read_text(encoding="utf-8"))
    return {name: Losses(**found) for name, found in given.items()}


def current(path: Path, exercise: Exercise, variants: Variants) -> Losses | None:
    """Return the record of an exercise if it was made from today's exercise and mistakes, None otherwise."""
    found = read(path).get(exercise.name)
    return found if found and found.made_from == digest(exercise, variants) else None
