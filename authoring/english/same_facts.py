"""Compare two versions of a text: list the numbers, formulas, code, and links that an edit added or removed."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

from authoring.english.pieces import pieces


def before(path: Path, commit: str) -> str:
    """Return the content of a file in a commit.

    Raises:
        subprocess.CalledProcessError: if the commit does not have the file.
    """
    folder = path.resolve().parent
    done = subprocess.run(
        ["git", "show", f"{commit}:./{path.name}"], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def differences(old: str, new: str) -> list[str]:
    """Return a line for each piece that occurs more or less often than before, such as "numbers: -1 × 0.25"."""
    was, now = pieces(old).kept, pieces(new).kept
    return [f"{kind}: {line}" for kind in was for line in _changed(was[kind], now[kind])]


def strings(old: str, new: str) -> list[str]:
    """Return the changed comments and strings in code, as "- ..." and "+ ...", for a person to check."""
    was, now = Counter(pieces(old).comments), Counter(pieces(new).comments)
    return [*(f"- {text}" for text in (was - now)), *(f"+ {text}" for text in (now - was))]


def _changed(was: Counter[str], now: Counter[str]) -> list[str]:
    lost = [f"-{times} × {_short(piece)}" for piece, times in (was - now).items()]
    return [*lost, *(f"+{times} × {_short(piece)}" for piece, times in (now - was).items())]


def _short(text: str) -> str:
    return text if len(text) < 400 else f"{text[:400]} …"
