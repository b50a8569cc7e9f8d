"""Names of exercises, which the course has once: points, links, and what a learner did are kept under them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_MARK = re.compile(r"^:solution: *(\w+)", re.MULTILINE)


def used_elsewhere(chapter: str, names: Sequence[str], texts: Path) -> Iterator[str]:
    """Yield a sentence for each exercise of a chapter whose name an exercise of another chapter has.

    Args:
        texts: the folder of all chapters' texts.
    """
    for path in sorted(texts.glob("*.md")):
        if path.stem != chapter:
            for name in _MARK.findall(path.read_text(encoding="utf-8")):
                if name in names:
                    yield f"an exercise of {path.stem} is called {name}, too: names are the course's, rename one"


def names(text: Path) -> list[str]:
    """Return the names of the exercises of one chapter's text."""
    return _MARK.findall(text.read_text(encoding="utf-8"))
