"""Find the chapter texts that a command works on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from autograder.course import CHAPTERS, TEXT, Course
from autograder.texts.chapter import ChapterNotFound, check_name


def texts(given: Sequence[str]) -> list[Path]:
    """Return a chapter's text (or, without one, its reference) for each name, or raise click.UsageError."""
    paths = [_text(name) for name in given] if given else Course(Path()).texts
    if not paths:
        raise click.UsageError(f"there is no chapter in {CHAPTERS}; run this from the root of the repository")
    return paths


def _text(name: str) -> Path:
    course = Course(Path())
    candidates = [Path(name), course.text(name), course.reference(name)]
    for path in candidates:
        if path.suffix in (".md", ".ipynb") and path.is_file():
            if path.name == TEXT and not path.resolve().is_relative_to(Path(CHAPTERS).resolve()):
                try:
                    check_name(path, Path())
                except ChapterNotFound as error:
                    raise click.UsageError(str(error)) from None
            return path
    raise click.UsageError(f"there is no chapter {name!r}: neither {candidates[1]} nor a file of that name")
