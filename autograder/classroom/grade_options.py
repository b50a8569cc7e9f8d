"""The options of `autograder grade`, as its two ways of grading receive them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class GradeOptions:
    """What was given on the command line; the help of `autograder grade` says what each option means."""

    names: tuple[str, ...]
    mine: Path | None
    exercises: tuple[str, ...]
    watch: bool
    as_json: bool
    students: tuple[str, ...]
    new_seed: bool
    unsandboxed: bool
    workers: int | None
    scheduler: str | None
    root: Path
    private: Path | None = None
