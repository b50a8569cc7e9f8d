"""Write the class file's assignments, due dates, counted points, and roster into the gradebook."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from autograder.class_file.class_settings import ClassSettings
from autograder.class_file.counting import counted
from autograder.model import Chapter
from autograder.recording.record import Recorder
from autograder.texts import chapter as chapters


def apply_class(root: Path, settings: ClassSettings) -> list[tuple[Chapter, datetime | None]]:
    """Write the class file of the course at ``root`` into its gradebook, or raise RecordError or ChapterError.

    Return each chapter of the class, reduced to the exercises that count, and the chapter's due date.
    """
    applied = []
    with Recorder(root) as recorder:
        for name in filter(settings.has, chapters.names(root, private=True)):
            reference = chapters.notebook(chapters.find(name, root))
            chapter = chapters.from_notebook(reference, name)
            recorder.register(chapter, reference)
            applied.append((counted(chapter, settings), settings.due.get(name)))
    return applied
