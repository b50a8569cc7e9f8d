"""Export a class's results without names, and without anything that a student wrote.

A pseudonym is a keyed hash (HMAC-SHA256) of the name, the same in every export of a course. With the key, which stays
in `reports/pseudonyms.key`, and the roster, anyone can recover the names; without the key, no one can.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from autograder.model import Result
from autograder.recording.faults import recording
from autograder.recording.page_parts import points
from autograder.recording.totals import Mark

KEY = "pseudonyms.key"
HEADER = ("student", "chapter", "exercise", "earned", "points", "state", "mistake")


def key(root: Path) -> bytes:
    """Return the course's key, generated on the first call, in a file only for its owner, or raise RecordError."""
    path = root / "reports" / KEY
    with recording(f"{path} could not be read or written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError), open(path, "x", opener=partial(os.open, mode=0o600)) as file:
            file.write(secrets.token_hex(32))
        return path.read_bytes()


def pseudonym(student: str, secret: bytes) -> str:
    """Return a student's pseudonym: "s" and 16 hexadecimal digits."""
    return "s" + hmac.new(secret, student.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:16]


def table(results: list[Result], marks: Mapping[str, Mark], secret: bytes) -> list[tuple[str, ...]]:
    """Return rows sorted by pseudonym, one for each student and exercise, with the points that count."""
    rows = []
    for result in results:
        changed = marks[result.student].changed if result.student in marks else {}
        for exercise in result.exercises:
            earned = points(changed.get(exercise.name, exercise.earned))
            what = (result.chapter, exercise.name, earned, str(exercise.points), str(exercise.state), exercise.mistake)
            rows.append((pseudonym(result.student, secret), *what))
    return sorted(rows)
