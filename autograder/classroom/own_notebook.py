"""Regrade a learner's own notebook while they work on it; unchanged exercises keep their results.

An exercise has changed if anything that its answer or tests refer to has changed, or if any of the learner's own cells
above it has changed. The results are stored next to the notebook, for example in ``linear.points.json``, with the seed
and secret that they depend on. A learner can delete this file at any time.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import keys
from autograder.grading.result_key import grader_key, result_key
from autograder.model import Chapter, Exercise, ExerciseResult, Plan, Result
from autograder.recording.results import exercise_from
from autograder.recording.whole_files import replace_text
from autograder.sandbox.driver.run import Runner
from autograder.submissions.beside import Beside, beside_of
from autograder.submissions.budget import TooLong, reading
from autograder.submissions.needed_cells import needed
from autograder.submissions.rebuild import Unreadable, content_of, rebuild
from autograder.submissions.student_files import read_regular
from autograder.texts import variants as variant_file
from layerlab.judging.claim_model import Batch, State

if TYPE_CHECKING:  # it imports torch, which is not needed if nothing has changed
    from autograder.grading.grader import Grader

POINTS = ".points.json"  # appended to the notebook's name
MOST_KEPT = 16 * 2**20  # bytes in that file
AGAIN = (State.TIMED_OUT, State.OUT_OF_MEMORY, State.INFRASTRUCTURE)  # states that the machine may have caused


@dataclass(frozen=True)
class Known:
    """The result of an exercise, and a hash (the key) of everything the result depends on."""

    key: str
    result: ExerciseResult


@dataclass(frozen=True)
class Graded:
    """A notebook's points so far."""

    result: Result  # of the requested exercises that were begun; its ``points`` are those of the whole chapter
    fresh: tuple[str, ...]  # the exercises that were run now
    untouched: tuple[Exercise, ...]  # their answer is still the released stub, so they are neither run nor reported


class OwnNotebook:
    """The grader of one notebook; it starts its runner only when something has to run."""

    def __init__(self, path: Path, chapter: Chapter, runner: Runner) -> None:
        self.path, self.chapter, self.runner = path.resolve(), chapter, runner
        self.kept = path.with_name(path.stem + POINTS)
        self._batch, self._known = self._read()
        self._grader: Grader | None = None

    @property
    def batch(self) -> Batch:
        """The batch stored next to the notebook, or else a new batch."""
        if self._batch is None:
            from autograder.grading.grader import new_batch

            self._batch = new_batch()
        return self._batch

    def grade(self, exercises: Collection[str] = ()) -> Graded:
        """Grade what has changed, and return the points so far for the named exercises, or for all if none are named.

        Raise OSError if the notebook cannot be read, and ReferenceFailed, VariantError, or ServerFault for our faults.
        """
        content, beside = content_of(self.path), beside_of(self.path)
        try:
            with reading():
                plan = rebuild(self.chapter, content)
        except (Unreadable, TooLong) as error:
            from autograder.grading.grader import ungraded

            key = result_key(self.chapter, self.batch, content, beside)
            return Graded(ungraded(self.chapter, self.batch, "", State.SKIPPED, str(error), key), (), ())
        asked = [exercise for exercise in self.chapter.exercises if not exercises or exercise.name in exercises]
        untouched = tuple(exercise for exercise in asked if exercise.name in plan.untouched)
        begun = [exercise.name for exercise in asked if exercise not in untouched]
        now = {name: self._key(plan, beside, name) for name in begun}
        fresh = tuple(name for name in begun if name not in self._known or self._known[name].key != now[name])
        result = self._run(content, beside, fresh) if fresh else self._nothing_new(plan, beside)
        for found in result.exercises:
            self._known[found.name] = Known("" if found.state in AGAIN else now[found.name], found)
        result.exercises = [self._known[name].result for name in begun]
        result.earned = sum(found.earned for found in result.exercises)
        if fresh and result.state is not State.INFRASTRUCTURE:
            self._write()
        return Graded(result, fresh, untouched)

    def _run(self, content: bytes, beside: Beside, fresh: tuple[str, ...]) -> Result:
        self.runner.start()  # start it first, so that it imports torch while this process does
        from autograder.grading.grader import Grader

        if self._grader is None:
            self._grader = Grader(self.chapter, self.batch, self.runner.ready())
        return self._grader.grade(content, "", beside=beside, only=fresh)

    def _nothing_new(self, plan: Plan, beside: Beside) -> Result:
        notes = [*plan.notes, *beside.notes]
        return Result("", self.chapter.name, State.PASSED, self.chapter.points, 0, [], notes=notes)

    def _key(self, plan: Plan, beside: Beside, exercise: str) -> str:
        variants = variant_file.path_of(self.chapter.name)
        return keys.key(
            chapter=self.chapter.digest,
            grader=grader_key(),
            seed=self.batch.seed,
            secret=self.batch.secret,
            cells=[(cell.kind, cell.source) for cell in needed(plan.cells, of=[exercise])],
            missing=exercise in plan.missing,
            modules=beside.modules,
            variants=variants if variants.exists() else None,
        )

    def _read(self) -> tuple[Batch | None, dict[str, Known]]:
        try:
            found = json.loads(read_regular(self.kept, MOST_KEPT))
            known = {name: Known(one["key"], exercise_from(one["result"])) for name, one in found["exercises"].items()}
            return Batch(int(found["seed"]), int(found["secret"])), known
        except Exception:  # anyone may have written this file; a broken file is replaced
            return None, {}

    def _write(self) -> None:
        exercises = {name: asdict(known) for name, known in self._known.items()}
        found = {"chapter": self.chapter.name, **asdict(self.batch), "exercises": exercises}
        with contextlib.suppress(OSError):  # it only saves time and feeds a page that shows what is done
            replace_text(self.kept, json.dumps(found, indent=1) + "\n")
