"""Bring the files with which notebooks judge exercises up to date (`layerlab/scoring/exercise_file.py`)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder import keys
from autograder.course import Course
from autograder.grading.known_mistakes import scored_exercises
from autograder.sandbox.driver.run import Runner
from autograder.validation.lost_claims import read_chapter
from layerlab.scoring import exercise_file

FOLDER = "layerlab/scoring/chapters"
# The code that decides what a file holds. Judges are not listed: they only decide which claims a mistake loses, and if
# that changes, `validate` finds that notebook and grader disagree.
MADE_BY = ("layerlab/graded/*", "layerlab/scoring/exercise_file.py", "layerlab/scoring/sketches.py")


def path_of(course: Course, chapter: str) -> Path:
    """Return where a chapter's file is."""
    return course.root / FOLDER / f"{chapter}{exercise_file.ENDING}"


def stale(course: Course, chapters: Sequence[str]) -> list[str]:
    """Return the chapters with exercises whose file is missing or was made from something else than what is there."""
    return [
        name
        for name in chapters
        if course.answers(name).exists()
        and course.reference(name).exists()
        and _stored(course, name) != key(course, name)
    ]


def key(course: Course, chapter: str) -> str:
    """Return a hash of everything that a chapter's file is made from."""
    read, variants = read_chapter(course, chapter)
    mistakes = [(v.title, v.sentence, v.source) for e in read.tested for v in variants.mistakes(e)]
    facts = [(e.title, e.tier, e.rules, [(b.text, b.claims) for b in e.bullets]) for e in read.tested]
    cells = [(cell.id, cell.source) for cell in read.cells if cell.kind != "visible"]
    return keys.key(cells=cells, facts=facts, mistakes=mistakes, code=keys.code(course.root, MADE_BY))


def write(course: Course, chapters: Sequence[str], tell: Callable[[str], None]) -> None:
    """Write the files of chapters, and call ``tell`` with the name of each that is done; raise ServerFault."""
    (course.root / FOLDER).mkdir(parents=True, exist_ok=True)
    with Runner() as runner:
        for name in chapters:
            chapter, variants = read_chapter(course, name)
            content = exercise_file.dumps(
                scored_exercises(runner, chapter, variants, chapter.tested), key(course, name)
            )
            path_of(course, name).write_bytes(content)
            tell(name)


def left_over(course: Course) -> list[Path]:
    """Return the files of chapters that the course no longer has."""
    written = (course.root / FOLDER).glob(f"*{exercise_file.ENDING}")
    return [path for path in written if path.name.removesuffix(exercise_file.ENDING) not in course.chapters]


def _stored(course: Course, chapter: str) -> str:
    try:
        with zipfile.ZipFile(path_of(course, chapter)) as archive:
            return archive.comment.decode()
    except (OSError, zipfile.BadZipFile):
        return ""
