"""Name the known mistakes of a submission by their sketches (`layerlab/scoring/sketches.py`), without running them.

The sketches are in the files that notebooks judge with. For an exercise that has no file yet, such as one of a private
chapter, the known mistakes run once, when a submission first loses one of its claims.
"""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterable, Iterator, Sequence

from autograder.model import HIDDEN, Batch, Cell, Chapter, Exercise, Run
from autograder.sandbox.driver.run import Branch, Runner
from autograder.submissions.needed_cells import SUPPLIED, needed
from autograder.texts import variants as variant_file
from autograder.texts.chapter import release
from autograder.texts.variants import FAULTY_START, Variant, Variants
from layerlab.judging.claim_model import PUBLIC, ClaimRun, ClaimState
from layerlab.judging.judges import JudgeError, judge_claim
from layerlab.scoring import exercise_file
from layerlab.scoring.exercise_file import NoClaims, OtherRelease, ScoredClaim, ScoredExercise
from layerlab.scoring.sketches import MistakeSketch, claim_sketch, explanations

PUBLIC_BATCH = Batch(PUBLIC.seed, PUBLIC.secret)
SECONDS = 10.0  # for a mistake, as for a student's cell


class KnownMistakes:
    """The known mistakes of a chapter; this class is thread-safe."""

    def __init__(self, runner: Runner, chapter: Chapter, variants: Variants | None = None) -> None:
        """By default, ``variants`` are read from the chapter's own file if they are needed."""
        self._runner, self._chapter, self._variants = runner, chapter, variants
        self._exercises: dict[str, ScoredExercise] = {}
        self._lock = threading.Lock()

    def explaining(self, exercise: Exercise, run: Run) -> dict[str, MistakeSketch]:
        """Return, for each lost claim that a mistake explains, the mistake; the run was under the public seed.

        If an answer changed what a judge needs, such as the input of a dropout layer, no mistake explains it.
        """
        scored = self._of(exercise)
        got = {claim.name: found for claim in exercise.claims if (found := run.claim(exercise.name, claim.name))}
        expected = {name: exercise_file.filled(scored.expected[name], claim) for name, claim in got.items()}
        try:
            rulings = [judge_claim(expected[name], claim, PUBLIC) for name, claim in got.items()]
            return explanations(scored.mistakes, expected, got, rulings)
        except JudgeError:
            return {}

    def _of(self, exercise: Exercise) -> ScoredExercise:
        with self._lock:
            if exercise.name not in self._exercises:
                self._exercises[exercise.name] = self._read(exercise)
            return self._exercises[exercise.name]

    def _read(self, exercise: Exercise) -> ScoredExercise:
        try:
            return exercise_file.read(exercise.name, release(exercise))
        except (NoClaims, OtherRelease):
            variants = self._variants or listed(self._chapter)
            (scored,) = scored_exercises(self._runner, self._chapter, variants, [exercise])
            return scored


def listed(chapter: Chapter) -> Variants:
    """Return a chapter's variants, none if it has no file of them; raise VariantError if they cannot be read."""
    path = variant_file.path_of(chapter.name)
    return variant_file.load(chapter) if path.exists() else Variants(path, ())


def scored_exercises(
    runner: Runner, chapter: Chapter, variants: Variants, exercises: Sequence[Exercise]
) -> Iterator[ScoredExercise]:
    """Run the reference and the known mistakes of exercises, and yield what a notebook needs to judge each.

    Raise ServerFault if the chapter's own cells do not run to the end.
    """
    known = [variant for exercise in exercises for variant in variants.mistakes(exercise)]
    branches = [_branch(exercise.name, "reference", exercise.solution, 10 * SECONDS) for exercise in exercises]
    branches += [_branch(variant.exercise, variant.label, variant.source, SECONDS) for variant in known]
    done = [branch.run for branch in runner.branches(chapter, branches, PUBLIC_BATCH, HIDDEN)]
    runs = list(zip(known, done[len(exercises) :], strict=True))
    for exercise, reference in zip(exercises, done, strict=False):
        evidence = [reference.evidence(exercise.name, claim.name) for claim in exercise.claims]
        expected = {run.name: exercise_file.stored(run) for run in evidence}
        mistakes = [_sketched(variant, run, expected) for variant, run in runs if variant.exercise == exercise.name]
        imports, setup = _used(needed(chapter.cells, [exercise.name]))
        yield ScoredExercise(
            name=exercise.name,
            chapter=chapter.name,
            title=exercise.title,
            tier=exercise.tier,
            release=release(exercise),
            claims=tuple(_claim(exercise, claim.name, claim.points) for claim in exercise.claims),
            rules=exercise.rules,
            imports=imports,
            setup=setup,
            test=exercise.hidden,
            mistakes=tuple(mistake for mistake in mistakes if mistake is not None),
            expected=expected,
        )


def _branch(exercise: str, label: str, source: str, timeout: float) -> Branch:
    return Branch(exercise, label, source, PUBLIC.seed, record_draws=True, timeout=timeout)


def _claim(exercise: Exercise, name: str, points: int) -> ScoredClaim:
    return ScoredClaim(name, points, tuple(bullet.text for bullet in exercise.bullets if name in bullet.claims))


def _sketched(variant: Variant, run: Run, expected: dict[str, ClaimRun]) -> MistakeSketch | None:
    """Return the sketch of a mistake, or None if it loses nothing, or a claim without a sketch or a judgment."""
    got = {name: run.claim(variant.exercise, name) for name in expected}
    whole = {name: exercise_file.filled(expected[name], got[name]) for name in expected}
    try:
        lost = [name for name in expected if judge_claim(whole[name], got[name], PUBLIC).state is not ClaimState.PASSED]
        sketches = {name: claim_sketch(whole[name], claim) for name in lost if (claim := got[name]) is not None}
    except JudgeError:
        return None
    telling = {name: sketch for name, sketch in sketches.items() if sketch is not None}
    if not lost or len(telling) < len(lost):
        return None
    return MistakeSketch(variant.title, variant.sentence, telling, variant.kind == FAULTY_START)


def _used(cells: Iterable[Cell]) -> tuple[str, str]:
    """Return the imports of a chapter's own cells, and their other statements, without those that only set a style."""
    imports: list[str] = []
    others: list[str] = []
    for cell in (cell for cell in cells if cell.kind == "provided"):
        for statement in ast.parse(cell.source).body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                names = {alias.asname or alias.name for alias in statement.names}
                imports += [ast.unparse(statement)] if names - SUPPLIED else []
            elif ast.unparse(statement) != "lab.style()":
                others.append(ast.unparse(statement))
    return "\n".join(dict.fromkeys(imports)), "\n".join(others)
