"""Records which claims each known mistake loses, for the pages of explained solutions: `make validate` calls it.

`python -m authoring.record_losses [CHAPTER…]` runs the mistakes of exercises that changed since they were recorded.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from authoring.course import Course
from authoring.losses import has_mistakes, path_of, read_chapter, stale
from autograder import losses
from autograder.losses import Losses
from autograder.model import Chapter, Exercise, State
from autograder.run import Runner
from autograder.validate_evidence import BATCHES, Attempt, Evidence
from autograder.variant_file import Variants


def record(course: Course, chapter: str) -> int:
    """Bring the record of a chapter up to date, and return how many exercises were run for it."""
    read, variants = read_chapter(course, chapter)
    path = path_of(course, chapter)
    todo = stale(course, chapter)
    kept = losses.read(path)
    fresh = _run(read, variants, todo) if todo else {}
    found = {e.name: fresh.get(e.name) or kept[e.name] for e in read.exercises}
    text = json.dumps({name: asdict(one) for name, one in found.items()}, indent=1, ensure_ascii=False) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return len(todo)


def _run(chapter: Chapter, variants: Variants, todo: Sequence[Exercise]) -> dict[str, Losses]:
    """Run the reference and every mistake of some exercises under one seed, and judge what they observe."""
    found = [_evidence(variants, exercise) for exercise in todo]
    asked = [(evidence.exercise.name, attempt) for evidence in found for attempt in evidence.attempts]
    with Runner(sandbox=False) as runner:
        branches = [attempt.branch(name) for name, attempt in asked]
        for (_, attempt), done in zip(asked, runner.branches(chapter, branches, BATCHES[0]), strict=True):
            attempt.run = done.run
    return {evidence.exercise.name: _losses(evidence) for evidence in found}


def _evidence(variants: Variants, exercise: Exercise) -> Evidence:
    wrong = [Attempt("wrong", v.source, about=v) for v in losses.mistakes_of(exercise, variants)]
    return Evidence(exercise, variants, [Attempt("reference", exercise.solution), *wrong])


def _losses(evidence: Evidence) -> Losses:
    lost = {
        attempt.about.label: [v.claim for v in evidence.verdicts(attempt) if v.state is not State.PASSED]
        for attempt in evidence.of("wrong")
    }
    return Losses(losses.digest(evidence.exercise, evidence.variants), lost)


def main(arguments: list[str]) -> int:
    """Record the chapters named, or all; say what was run."""
    course = Course(Path(__file__).resolve().parents[1])
    try:
        names = course.select(tuple(arguments))
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    for name in filter(lambda name: has_mistakes(course, name), names):
        count = record(course, name)
        print(f"{name}: what the mistakes of {count} exercises lose was recorded" if count else f"{name}: up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
