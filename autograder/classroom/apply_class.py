"""Write the class file's assignments, points that count, due dates, and roster into the gradebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.class_file.class_settings import ClassSettings
from autograder.class_file.counting import counted
from autograder.recording.record import Recorder
from autograder.texts import chapter as chapters


@dataclass(frozen=True)
class Applied:
    """One assignment of the class."""

    chapter: str
    exercises: int
    points: int
    due: str  # in words; empty without a date


def apply_class(root: Path, settings: ClassSettings) -> list[Applied]:
    """Write the class file of the course at ``root`` into its gradebook, and return the assignments.

    Raises:
        RecordError: if the database reports an error, or manual scores would be lost.
    """
    applied = []
    with Recorder(root) as recorder:
        for name in filter(settings.has, chapters.names(root)):
            path = chapters.find(name, root)
            chapter = chapters.load(path)
            recorder.register(chapter, nbformat.read(path, as_version=4))
            counts, due = counted(chapter, settings), settings.due.get(name)
            said = f"due {due:%Y-%m-%d %H:%M %Z}" if due else ""
            applied.append(Applied(name, len(counts.exercises), counts.points, said))
    return applied
