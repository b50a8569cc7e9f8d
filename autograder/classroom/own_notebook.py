"""A notebook of one's own, graded again and again while it is worked on: what did not change keeps its result.

An exercise has changed if anything has that its answer and its tests refer to, or a cell of one's own above them. The
results, and the numbers they were drawn with, are kept beside the notebook in ``linear.points.json``; the file may be
deleted at any time.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from autograder import keys
from autograder.grading.result_key import grader_key
from autograder.model import Batch, Chapter, Exercise, ExerciseResult, Plan, Result, State
from autograder.recording.results import exercise_from
from autograder.recording.whole_files import replace_text
from autograder.sandbox.driver.run import Runner
from autograder.submissions.beside import Beside, beside_of
from autograder.submissions.budget import Budget, TooLong
from autograder.submissions.needed_cells import needed
from autograder.submissions.rebuild import Unreadable, content_of, rebuild
from autograder.submissions.student_files import read_regular
from autograder.texts import variants as variant_file

if TYPE_CHECKING:  # torch is behind it, and where nothing has changed nobody needs it
    from autograder.grading.grader import Grader

POINTS = ".points.json"  # after the notebook's name
MOST_KEPT = 16 * 2**20  # bytes of that file
AGAIN = (State.TIMED_OUT, State.OUT_OF_MEMORY, State.INFRASTRUCTURE)  # what the machine may have had a part in


@dataclass(frozen=True)
class Known:
    """The result of an exercise and the key of all that decided it."""

    key: str
    result: ExerciseResult


@dataclass(frozen=True)
class Graded:
    """A notebook's points so far.

    Args:
        result: of the exercises that were asked for and begun; its points are those of all exercises.
        fresh: which of them were run now.
        untouched: exercises whose answer is as it was released; nothing of them is run or said.
    """

    result: Result
    fresh: tuple[str, ...]
    untouched: tuple[Exercise, ...]


class OwnNotebook:
    """Grades one notebook; its runner is started when something has to be run."""

    def __init__(self, path: Path, chapter: Chapter, runner: Runner) -> None:
        self.path, self.chapter, self.runner = path.resolve(), chapter, runner
        self.kept = path.with_name(path.stem + POINTS)
        self._batch, self._known = self._read()
        self._grader: Grader | None = None

    @property
    def batch(self) -> Batch:
        """What is drawn from: as kept beside the notebook, else new."""
        if self._batch is None:
            from autograder.grading.grader import new_batch

            self._batch = new_batch()
        return self._batch

    def grade(self, exercises: Collection[str] = ()) -> Graded:
        """Return the points so far, of some exercises or of all.

        Raises:
            OSError: if the notebook cannot be read.
            ReferenceFailed, VariantError, ServerFault: if nothing can be graded, by a fault of the course.
        """
        content, beside = content_of(self.path), beside_of(self.path)
        try:
            with Budget().reading():
                plan = rebuild(self.chapter, content)
        except (Unreadable, TooLong) as error:
            from autograder.grading.grader import ungraded

            return Graded(ungraded(self.chapter, self.batch, "", str(error), content, State.SKIPPED, beside), (), ())
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
        self.runner.start()  # it imports torch while we do
        from autograder.grading.grader import Grader
        from autograder.grading.mistake_observations import known_mistakes

        if self._grader is None:
            folder = Path(platformdirs.user_cache_dir("layerlab")) / self.chapter.name
            mistakes = known_mistakes(self.runner.ready(), self.chapter, self.batch, folder)
            self._grader = Grader(self.chapter, self.batch, self.runner, mistakes)
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
        except Exception:  # it is a file that anybody may have written: one more that is broken is made anew
            return None, {}

    def _write(self) -> None:
        exercises = {name: {"key": known.key, "result": asdict(known.result)} for name, known in self._known.items()}
        found = {"chapter": self.chapter.name, **asdict(self.batch), "exercises": exercises}
        with contextlib.suppress(OSError):  # it is for speed, and for a page that shows what was done
            replace_text(self.kept, json.dumps(found, indent=1) + "\n")
