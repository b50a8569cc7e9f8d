"""Make and read the secret of a class, which determines each student's personal constants.

See `autograder/constants.py`. The secret is in a file that is made once, before the first personal notebooks are
written. The secret is never shown and never committed.
"""

from __future__ import annotations

import hmac
import os
import secrets
from functools import partial
from pathlib import Path

from autograder.recording.faults import RecordError, recording

FILE = "personal.key"
FOLDER = "personal"  # where the students' notebooks are written
BYTES = 32


def make(root: Path) -> bytes:
    """Return the secret of the class at ``root``; make a new one if no personal notebooks exist yet.

    Raises:
        RecordError: if the secret is lost or damaged, or the disk reports an error.
    """
    path = root / FILE
    if not path.exists() and not (root / FOLDER).exists():
        opener = partial(os.open, mode=0o600)
        with recording(f"{path} could not be written"), open(path, "x", opener=opener) as file:
            file.write(secrets.token_hex(BYTES) + "\n")
    return read(root)


def read(root: Path) -> bytes:
    """Return the secret of the class at ``root``.

    Raises:
        RecordError: if the secret is lost or damaged, was never made, or cannot be read.
    """
    path = root / FILE
    if not path.exists() and (root / FOLDER).exists():
        raise RecordError(
            f"{path} is lost, and with it who received which personal constants. Restore a copy of it. If there is "
            f"none, delete {root / FOLDER}, run `python -m authoring personal`, and hand out the notebooks again."
        )
    if not path.exists():
        raise RecordError(
            f"class.yml says `personal: true`, but there is no {path}. On the machine that grades, run "
            "`python -m authoring personal`, and hand out the notebooks that it writes."
        )
    with recording(f"{path} could not be read"):
        secret = path.read_bytes().strip()
    if len(secret) != 2 * BYTES:
        raise RecordError(f"{path} is damaged: restore a copy of it")
    return secret


def chosen(secret: bytes, student: str, exercise: str, count: int) -> int:
    """Return the index of a student's edition among the ``count`` editions of an exercise."""
    asked = f"{student}\n{exercise}".encode(errors="surrogateescape")
    return int.from_bytes(hmac.digest(secret, asked, "sha256")) % count
