"""Bring the files with which notebooks judge exercises up to date (`layerlab/scoring/exercise_file.py`)."""

from __future__ import annotations

import functools
import zipfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from autograder import keys
from autograder.course import Course
from autograder.model import Chapter
from autograder.texts.variants import Variants
from autograder.validation.lost_claims import read_chapter

FOLDER, ENDING = "layerlab/scoring/chapters", ".claims.zip"
# The code that decides what a file holds. Judges are not listed: they only decide which claims a mistake loses, and if
# that changes, `validate` finds that notebook and grader disagree.
MADE_BY = ("layerlab/graded/*", "layerlab/scoring/exercise_file.py", "layerlab/scoring/sketches.py")


def path_of(course: Course, chapter: str) -> Path:
    """Return where a chapter's file is."""
    return course.root / FOLDER / f"{chapter}{ENDING}"


def stale(course: Course, chapters: Sequence[str]) -> list[str]:
    """Return the chapters with exercises whose file is missing or was made from something else than what is there."""
    executed = [name for name in chapters if course.answers(name).exists() and course.reference(name).exists()]
    return [name for name in executed if _stored(course, name)[0] != _texts_key(course, name)]


def write(course: Course, chapters: Sequence[str], tell: Callable[[str], None]) -> None:
    """Write the files of chapters, and call ``tell`` with the name of each that is done; raise ServerFault.

    If only a chapter's prose or its visible checks changed, nothing runs.
    """
    from autograder.grading.known_mistakes import scored_exercises  # these import torch
    from autograder.sandbox.driver.run import Runner
    from layerlab.scoring import exercise_file

    (course.root / FOLDER).mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        start = functools.cache(lambda: stack.enter_context(Runner()))
        for name in chapters:
            chapter, variants = read_chapter(course, name)
            path, now = path_of(course, name), f"{_texts_key(course, name)} {_key(course, chapter, variants)}"
            if _stored(course, name)[1] == now.split()[1]:
                with zipfile.ZipFile(path, "a") as archive:
                    archive.comment = now.encode()
            else:
                scored = scored_exercises(start(), chapter, variants, chapter.tested)
                path.write_bytes(exercise_file.dumps(scored, now))
            tell(name)


def _texts_key(course: Course, chapter: str) -> str:
    """Return a hash of the texts that a chapter's file is made from, and of the code; fast to compute."""
    texts = [path.read_bytes() for path in (course.text(chapter), course.answers(chapter))]
    return keys.key(texts=texts, code=keys.code(course.root, MADE_BY))[:16]


def _key(course: Course, chapter: Chapter, variants: Variants) -> str:
    """Return a hash of what decides the content of a chapter's file."""
    mistakes = [(v.title, v.sentence, v.source) for e in chapter.tested for v in variants.mistakes(e)]
    facts = [(e.title, e.tier, e.rules, [(b.text, b.claims) for b in e.bullets]) for e in chapter.tested]
    cells = [(cell.id, cell.source) for cell in chapter.cells if cell.kind != "visible"]
    return keys.key(cells=cells, facts=facts, mistakes=mistakes, code=keys.code(course.root, MADE_BY))[:16]


def _stored(course: Course, chapter: str) -> tuple[str, str]:
    """Return the two keys in a chapter's file, or two empty strings."""
    try:
        with zipfile.ZipFile(path_of(course, chapter)) as archive:
            texts, content = archive.comment.decode().split(" ")
            return texts, content
    except (OSError, zipfile.BadZipFile, ValueError):
        return "", ""
