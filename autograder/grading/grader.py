"""Grade submissions: rebuild, run, and judge them, and return results. Other modules write the results to disk."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.grading import unexplained
from autograder.grading.known_mistakes import PUBLIC_BATCH, KnownMistakes
from autograder.grading.result_key import Submitted, result_key
from autograder.grading.verdicts import MISSING, STOP_SENTENCES, UNTOUCHED, Verdicts, lost, verdict_on
from autograder.model import (
    TEST_KINDS,
    Batch,
    Cell,
    CellRun,
    Chapter,
    Exercise,
    ExerciseResult,
    Plan,
    Result,
    Run,
    State,
    Verdict,
)
from autograder.sandbox.driver.events import Seen
from autograder.sandbox.driver.link import Hearing
from autograder.sandbox.driver.run import Runner
from autograder.submissions import needed_cells, rules
from autograder.submissions.beside import Beside, beside_of
from autograder.submissions.budget import TooLong, reading
from autograder.submissions.rebuild import Unreadable, content_of, rebuild
from autograder.texts import chapter as chapters
from autograder.texts.claims import without_claims
from layerlab.judging.values import JudgeError

SECRET_BITS = 256


class ReferenceFailed(RuntimeError):
    """The instructor's own notebook does not earn its points, so it cannot be used for grading."""


def new_batch() -> Batch:
    """Return a new batch with a random seed and a random secret."""
    return Batch(seed=secrets.randbelow(2**31), secret=secrets.randbits(SECRET_BITS))


def grade_notebook(notebook: Path | str, chapter: str | Path | None = None, root: Path | None = None) -> Result:
    """Grade one file under a new batch and return its `Result`, without writing any files.

    By default, the chapter has the name of the file, and the course is in the working folder. Raise ChapterNotFound,
    ReferenceFailed, or VariantError.
    """
    loaded = chapters.load(chapter or Path(notebook).stem, root)
    with Runner() as runner:
        return Grader(loaded, new_batch(), runner).grade(Path(notebook), student="")


@dataclass(frozen=True)
class Ran:
    """What a submission did, and the cells of its last run."""

    run: Run
    cells: Sequence[Cell]


class Grader:
    """A grader for submissions of one chapter under one batch; several threads may call `grade`.

    Raise ReferenceFailed if the instructor's copy does not earn its own points.
    """

    def __init__(self, chapter: Chapter, batch: Batch, runner: Runner, mistakes: KnownMistakes | None = None) -> None:
        self.chapter, self.batch, self.runner = chapter, batch, runner
        self.mistakes = mistakes or KnownMistakes(runner, chapter)
        self._seen = Seen()
        chosen = needed_cells.needed(chapter.cells)
        self._needed = {cell.id for cell in chosen}
        self.expected = runner.run(chosen, batch, hearing=Hearing(seen=self._seen))
        self._seen.is_closed = True
        _check_reference(chapter, self.expected, batch)

    def grade(
        self,
        submission: Submitted,
        student: str,
        notes: tuple[str, ...] = (),
        beside: Beside | None = None,
        judged: Callable[[Result], None] = lambda result: None,
    ) -> Result:
        """Return the result of one submission; never raise, no matter what the submission contains or does.

        ``notes`` say how it was found; ``beside`` has its modules (default: those in its folder). `judged` gets the
        result before known mistakes are looked up.
        """
        beside = beside_of(submission) if beside is None else beside
        if isinstance(submission, Path):
            try:
                submission = content_of(submission)  # read it once, because it may change while it is graded
            except OSError as error:
                unread = f"{submission!s} cannot be read: {error.strerror}"
                key = result_key(self.chapter, self.batch, None)
                return ungraded(self.chapter, self.batch, student, State.INFRASTRUCTURE, unread, key)
        key = result_key(self.chapter, self.batch, submission, beside)
        try:
            result, ran = self._grade(submission, student, notes, beside, key)
            if ran is not None:
                judged(result)
                self._explain(result, ran, beside)
            return result
        except Exception as error:  # a mistake in the grader: report it here, and continue with the class
            fault = f"the grader failed on this submission: {type(error).__name__}: {error}"[:500]
            return ungraded(self.chapter, self.batch, student, State.INFRASTRUCTURE, fault, key)

    def _grade(
        self, submission: Submitted, student: str, notes: tuple[str, ...], beside: Beside, key: str
    ) -> tuple[Result, Ran | None]:
        """Return a result that does not name any mistakes yet, and what ran (None if nothing could be run)."""
        try:
            if submission is None:
                raise Unreadable(notes[0] if notes else "there is no notebook")
            with reading():
                plan = rebuild(self.chapter, submission)
                answers = rules.Answers(plan.cells, beside.modules)
                forbidden = rules.broken(self.chapter.exercises, answers)
                cells = rules.with_reached(self.chapter.exercises, answers)
            verdicts = Verdicts(self.expected, self.batch, plan, forbidden)
            ran = self._run(cells, beside, verdicts)
            run = ran.run
        except (Unreadable, TooLong) as error:
            return ungraded(self.chapter, self.batch, student, State.SKIPPED, str(error), key), None
        results = [
            _by_hand(exercise, run, plan) if exercise.by_hand else self._exercise(exercise, run, verdicts)
            for exercise in self.chapter.exercises
        ]
        stopped = next(((cell, cell.stop) for cell in run.cells if cell.stop), None)
        state = State.INFRASTRUCTURE if run.fault else stopped[1] if stopped else State.PASSED
        result = Result(
            student=student,
            chapter=self.chapter.name,
            state=state,
            points=self.chapter.points,
            earned=sum(result.earned for result in results),
            exercises=results,
            sentence=run.fault or (_stop_sentence(*stopped) if stopped else ""),
            notes=[*notes, *plan.notes, *beside.notes, *run.notes],
            seconds=run.seconds,
            cell_cpu_seconds=_cell_seconds(run),
            peak_mb=run.peak_mb,
            seed=self.batch.seed,
            secret=self.batch.secret,
            key=key,
            outputs={cell.id: cell.outputs for cell in run.cells},
            plan=plan,
        )
        return result, ran

    def _run(self, cells: Sequence[Cell], beside: Beside, verdicts: Verdicts) -> Ran:
        """Run the needed cells; if a name was missing that another cell binds, run once more with more cells."""
        handed: dict[str, Any] = {"modules": beside.modules, "hearing": Hearing(seen=self._seen)}
        chosen = [cell for cell in cells if cell.kind != "provided" or cell.id in self._needed]
        run = self.runner.run(chosen, self.batch, **handed)
        with reading():
            more = needed_cells.again(cells, run)
            if more:  # definitions below a test now count, too
                ordered = sorted(more, key=lambda cell: cell.kind in TEST_KINDS)
                verdicts.forbidden |= rules.broken(self.chapter.exercises, rules.Answers(ordered, beside.modules))
        if not more:
            return Ran(run, chosen)
        cells = needed_cells.twice(more, run)
        return Ran(needed_cells.merged(run, self.runner.run(cells, self.batch, after=run, **handed)), cells)

    def _exercise(self, exercise: Exercise, run: Run, verdicts: Verdicts) -> ExerciseResult:
        found = [verdicts.of(exercise, claim.name, run) for claim in exercise.claims]
        for verdict in found:
            verdict.cause = verdicts.with_likely_cause(verdict.cause, exercise.name)
        failed = [verdict for verdict in found if verdict.state is not State.PASSED]
        result = _exercise_result(exercise, found, State.PASSED, "")
        result.is_untouched = exercise.name in verdicts.plan.untouched
        if not failed:
            return result
        if not result.is_untouched:
            result.checks = [check for check in run.checks if check.exercise == exercise.name]
            for check in result.checks:
                check.message = verdicts.with_likely_cause(check.message, exercise.name)
        worst = _worst(failed)
        result.state = worst.state
        result.sentence = worst.cause
        return result

    def _explain(self, result: Result, ran: Ran, beside: Beside) -> None:
        """Add to a result the sentences of the known mistakes, or of what wrong values have in common."""
        unclear = (State.WRONG, State.RAISED)
        lost = {part.name: part for part in result.exercises if any(v.state in unclear for v in part.verdicts)}
        again = self._run_in_public(ran, beside, lost) if lost else Run(seed=PUBLIC_BATCH.seed)
        result.cell_cpu_seconds += _cell_seconds(again)
        for part in lost.values():
            failed = [verdict for verdict in part.verdicts if verdict.state is not State.PASSED]
            mistakes = self.mistakes.explaining(self.chapter.exercise(part.name), again)
            for verdict in (verdict for verdict in failed if verdict.claim in mistakes):
                verdict.mistake = mistakes[verdict.claim].sentence
            unexplained.tell(failed, self.expected, ran.run)
            worst = _worst(failed)
            part.sentence = worst.cause
            if worst.claim in mistakes:
                part.sentence, part.mistake = mistakes[worst.claim].sentence, mistakes[worst.claim].title

    def _run_in_public(self, ran: Ran, beside: Beside, lost: Mapping[str, ExerciseResult]) -> Run:
        """Run lost claims once more, as a notebook would: sketches of mistakes are made under the public seed."""
        stopped = {cell.id for cell in ran.run.cells if cell.stop}
        passed = {name: {v.claim for v in part.verdicts if v.state is State.PASSED} for name, part in lost.items()}
        cells = [
            replace(cell, source=without_claims(cell.source, passed[cell.exercise])) if cell.kind == "hidden" else cell
            for cell in ran.cells
            if cell.id not in stopped
            and (cell.kind not in TEST_KINDS or (cell.kind == "hidden" and cell.exercise in lost))
        ]
        return self.runner.run(cells, PUBLIC_BATCH, modules=beside.modules, hearing=Hearing(draws=True))


def _cell_seconds(run: Run) -> float:
    return sum(cell.cpu_seconds for cell in run.cells if cell.kind in ("solution", *TEST_KINDS))


def _by_hand(exercise: Exercise, run: Run, plan: Plan) -> ExerciseResult:
    """Return the result of an answer that a person grades; an answer that is missing or unchanged gets 0 points."""
    state, sentence = State.BY_HAND, "a person grades this answer"
    stop = next((cell.stop for cell in run.cells if cell.exercise == exercise.name and cell.stop), None)
    if run.fault:
        state, sentence = State.INFRASTRUCTURE, run.fault
    elif exercise.name in plan.untouched:
        state, sentence = State.NOT_IMPLEMENTED, UNTOUCHED
    elif exercise.name in plan.missing:
        state, sentence = State.SKIPPED, MISSING
    elif stop:
        sentence += f"; {STOP_SENTENCES[stop]}"
    result = _exercise_result(exercise, [], state, sentence)
    result.is_untouched = exercise.name in plan.untouched
    return result


def ungraded(chapter: Chapter, batch: Batch, student: str, state: State, sentence: str, key: str) -> Result:
    """Return the result of a submission that could not be run at all, with a sentence that says why."""
    results = []
    for exercise in chapter.exercises:
        verdicts = [lost(exercise, claim.name, state, "nothing could be run") for claim in exercise.claims]
        results.append(_exercise_result(exercise, verdicts, state, sentence))
    made = Result(student, chapter.name, state, chapter.points, 0, results, sentence=sentence)
    return replace(made, seed=batch.seed, secret=batch.secret, key=key)


def _check_reference(chapter: Chapter, run: Run, batch: Batch) -> None:
    """Raise ReferenceFailed unless the reference earns every claim when it is judged against itself."""
    if run.fault:
        raise ReferenceFailed(f"the reference of {chapter.name} could not be run: {run.fault}")
    for exercise in chapter.exercises:
        for claim in exercise.claims:
            got = run.claim(exercise.name, claim.name)
            if got is None or got.raised or not got.finished:
                errors = [c.error for c in run.cells if c.exercise == exercise.name and c.error]
                why = (got and got.raised) or "; ".join(errors) or "it was not reached"
                raise ReferenceFailed(f"{chapter.name}, {exercise.name}, claim {claim.name!r}: {why}")
            try:
                checked = verdict_on(got, got, batch)
            except JudgeError as error:
                raise ReferenceFailed(
                    f"{chapter.name}, {exercise.name}, claim {claim.name!r}: {error}. If only these inputs "
                    "are at fault, `grade --new-seed` samples new ones; tell the author, too"
                ) from error
            if checked.state is not State.PASSED:
                raise ReferenceFailed(f"{chapter.name}, {exercise.name}, claim {claim.name!r}: {checked.cause}")


def _worst(failed: Sequence[Verdict]) -> Verdict:
    """Return the most informative verdict of an exercise that lost some claims."""
    return next((v for v in failed if v.state in (State.FORBIDDEN, State.TIMED_OUT, State.CRASHED)), failed[0])


def _exercise_result(exercise: Exercise, verdicts: list[Verdict], state: State, sentence: str) -> ExerciseResult:
    return ExerciseResult(
        name=exercise.name,
        title=exercise.title,
        points=exercise.points,
        earned=sum(verdict.earned for verdict in verdicts),
        state=state,
        verdicts=verdicts,
        sentence=sentence,
    )


def _stop_sentence(cell: CellRun, state: State) -> str:
    where = f"the answer to {cell.exercise}" if cell.exercise else "a cell of the notebook"
    return f"{where}: {STOP_SENTENCES[state]}; the rest was graded without it"
