"""Grades submissions: rebuild, run, judge, and say what happened. Writes nothing; `batch` records."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.chapters import chapter as chapters
from autograder.chapters import variants as variant_file
from autograder.grading.mistakes import KnownMistakes, match
from autograder.grading.result_key import Submitted, result_key
from autograder.judging import judges
from autograder.judging.values import JudgeError
from autograder.model import (
    TEST_KINDS,
    Batch,
    Cell,
    CellRun,
    Chapter,
    ClaimRun,
    Exercise,
    ExerciseResult,
    Plan,
    Result,
    Run,
    State,
    Verdict,
)
from autograder.running.run import Runner
from autograder.submissions import later, rules
from autograder.submissions.modules import Beside, beside_of, imported
from autograder.submissions.needed import bound_by, needed
from autograder.submissions.rebuild import Unreadable, content_of, rebuild

NOTHING_BESIDE = Beside()
_STOP_SENTENCES = {
    State.TIMED_OUT: "it did not come to an end within the time limit",
    State.CRASHED: "it ended the whole process, as a crash or os._exit does",
    State.OUT_OF_MEMORY: "it needs more memory than a submission may have",
}


class ReferenceFailed(RuntimeError):
    """The instructor's own notebook does not earn its points: nothing can be graded against it."""


def new_batch() -> Batch:
    """Draw the two numbers of a batch."""
    return Batch(seed=secrets.randbelow(2**31), secret=secrets.randbelow(2**62))


def grade_notebook(
    notebook: Path | str | Mapping[str, Any],
    chapter: str | Path | Chapter | None = None,
    *,
    batch: Batch | None = None,
    root: Path | None = None,
    sandbox: bool = True,
) -> Result:
    """Grade one notebook and return its `Result`; nothing is written.

    Args:
        notebook: a path, or the content of a notebook.
        chapter: its name, a path to the instructor's copy, or a loaded chapter; by default the file's name.
        batch: what to draw from; by default a new one.
        root: the course's folder, by default the working folder.
        sandbox: isolate the notebook from this machine.

    Raises:
        ChapterNotFound: if the course has no such chapter.
        ReferenceFailed: if the instructor's copy does not earn its own points.
        VariantError: if the chapter's variants cannot be read.
    """
    if isinstance(notebook, str):
        notebook = Path(notebook)
    if chapter is None:
        if not isinstance(notebook, Path):
            raise TypeError("say which chapter it is: a notebook without a file has no name to tell it from")
        chapter = notebook.stem
    loaded = chapter if isinstance(chapter, Chapter) else chapters.load(chapter, root)
    with Runner(sandbox=sandbox) as runner:
        return Grader(loaded, batch or new_batch(), runner).grade(notebook, student="")


class Grader:
    """Grades any number of submissions of one chapter under one batch; `grade` may be called from several threads."""

    def __init__(self, chapter: Chapter, batch: Batch, runner: Runner) -> None:
        self.chapter, self.batch, self.runner = chapter, batch, runner
        self.expected = runner.run(needed(chapter.cells), batch)
        _check_reference(chapter, self.expected, batch)
        has_variants = variant_file.path_of(chapter.name).exists()
        variants = variant_file.load(chapter) if has_variants else None
        self.mistakes = KnownMistakes(runner, chapter, variants, batch)

    def grade(
        self, submission: Submitted, student: str, notes: tuple[str, ...] = (), beside: Beside | None = None
    ) -> Result:
        """Return the result of one submission; whatever it holds or does, this does not raise.

        Args:
            notes: sentences on how it was found.
            beside: what was handed in beside it; by default what lies beside its path.
        """
        beside = beside_of(submission) if beside is None else beside
        try:
            if isinstance(submission, Path):
                submission = content_of(submission)  # once: it may change while it is graded
        except OSError as error:
            unread = f"{submission} cannot be read: {error.strerror}"
            return ungraded(self.chapter, self.batch, student, unread, None, State.INFRASTRUCTURE)
        try:
            return self._grade(submission, student, notes, beside)
        except Exception as error:  # a mistake in the grader: this submission shows it, and the class is graded
            fault = f"the grader failed on this submission: {type(error).__name__}: {error}"[:500]
            return ungraded(self.chapter, self.batch, student, fault, submission, State.INFRASTRUCTURE, beside)

    def points_of_mistakes(self, exercise: Exercise) -> dict[str, int]:
        """Return what each known mistake of an exercise earns when it is run alone, by its title.

        Raises:
            ServerFault: if the chapter's own cells do not survive.
        """
        return {
            variant.title: self._points_alone(exercise, variant.source, run)
            for variant, run in self.mistakes.of(exercise.name)
        }

    def _points_alone(self, exercise: Exercise, source: str, got: Run) -> int:
        answer = [Cell(exercise.name, "solution", source, exercise.name)]
        if exercise.rules and rules.check(exercise.name, exercise.rules, answer, exercise.stub):
            return 0
        names = [claim.name for claim in exercise.claims]
        pairs = [(self.expected.claim(exercise.name, name), got.claim(exercise.name, name)) for name in names]
        return sum(judges.judge_claim(*pair, self.batch).earned for pair in pairs)

    def _grade(
        self, submission: Submitted, student: str, notes: tuple[str, ...], beside: Beside = NOTHING_BESIDE
    ) -> Result:
        try:
            if submission is None:
                raise Unreadable(notes[0] if notes else "there is no notebook")
            plan = rebuild(self.chapter, submission)
        except Unreadable as error:
            return ungraded(self.chapter, self.batch, student, str(error), submission, State.SKIPPED, beside)
        run = self._run(rules.with_reached(self.chapter.exercises, plan.cells), beside)
        forbidden = rules.broken(self.chapter.exercises, [*plan.cells, *imported(beside, plan.cells)])
        results = [self._exercise(exercise, plan, run, forbidden) for exercise in self.chapter.exercises]
        stop = next((cell for cell in run.cells if cell.stop), None)
        state = State.INFRASTRUCTURE if run.fault else stop.stop if stop else State.PASSED
        return Result(
            student=student,
            chapter=self.chapter.name,
            state=state,
            points=self.chapter.points,
            earned=sum(result.earned for result in results),
            exercises=results,
            sentence=run.fault or (_stop_sentence(stop) if stop else ""),
            notes=[*notes, *plan.notes, *beside.notes, *run.notes],
            seconds=run.seconds,
            cell_cpu_seconds=sum(cell.cpu_seconds for cell in run.cells if cell.kind in ("solution", *TEST_KINDS)),
            peak_mb=run.peak_mb,
            seed=self.batch.seed,
            key=result_key(self.chapter, self.batch, submission, beside),
            outputs={cell.id: cell.outputs for cell in run.cells},
            plan=plan,
        )

    def _run(self, cells: Sequence[Cell], beside: Beside) -> Run:
        """Run what is needed; once more, if a name was missed that a demonstration or a later cell would have bound."""
        chosen = needed(cells)
        run = self.runner.run(chosen, self.batch, modules=beside.modules)
        names = later.missed(run)
        again = later.with_definitions(cells, names) if names else None
        if again is None and not names.keys() & bound_by([cell for cell in cells if cell not in chosen]):
            return run
        return self.runner.run(again or cells, self.batch, modules=beside.modules, after=run)

    def _exercise(self, exercise: Exercise, plan: Plan, run: Run, forbidden: Mapping[str, str]) -> ExerciseResult:
        verdicts = [
            self._verdict(exercise, claim.name, plan, run, forbidden.get(exercise.name)) for claim in exercise.claims
        ]
        lost = [verdict for verdict in verdicts if verdict.state is not State.PASSED]
        result = _exercise_result(exercise, verdicts, State.PASSED, "")
        result.checks = [check for check in run.checks if check.exercise == exercise.name]
        if not lost:
            return result
        worst = next((v for v in lost if v.state in (State.FORBIDDEN, State.TIMED_OUT, State.CRASHED)), lost[0])
        result.state = worst.state
        result.sentence = worst.cause
        if exercise.name in plan.untouched and worst.state is State.NOT_IMPLEMENTED:
            result.sentence = "the answer cell is as it was released"
        if worst.state in (State.WRONG, State.RAISED):
            names = [verdict.claim for verdict in lost]
            found = match(exercise.name, run, names, self.mistakes.of(exercise.name))
            if found is not None:
                result.sentence, result.mistake = found.sentence, found.title
        return result

    def _verdict(self, exercise: Exercise, name: str, plan: Plan, run: Run, forbidden: str | None) -> Verdict:
        if run.fault:
            return _lost(exercise, name, State.INFRASTRUCTURE, run.fault)
        if exercise.name in plan.missing:
            return _lost(exercise, name, State.SKIPPED, "the answer cell of this exercise is not in the notebook")
        if forbidden:
            return _lost(exercise, name, State.FORBIDDEN, forbidden)
        if exercise.name in run.broken_rules:
            rule, others = run.broken_rules[exercise.name], rules.listed(exercise.rules)
            cause = f"while it ran, the answer used {rule}; this exercise is to be solved without {others}"
            return _lost(exercise, name, State.FORBIDDEN, cause)
        got = _last_claim(run, exercise.name, name)
        answer = next((c for c in run.cells if c.id == exercise.name or c.exercise == exercise.name), None)
        if got is not None and got.stop:
            return _lost(exercise, name, got.stop, _STOP_SENTENCES[got.stop])
        if answer is not None and answer.stop and (got is None or got.raised_type == "NameError"):
            return _lost(exercise, name, answer.stop, f"the answer cell: {_STOP_SENTENCES[answer.stop]}")
        if got is None:
            return self._unopened(exercise, name, run)
        verdict = judges.judge_claim(self.expected.claim(exercise.name, name), got, self.batch)
        if verdict.state is State.RAISED and answer is not None and answer.error:
            return _cell_error(exercise, name, answer)
        return verdict

    def _unopened(self, exercise: Exercise, name: str, run: Run) -> Verdict:
        stopped = next((c for c in run.cells if c.exercise == exercise.name and c.stop), None)
        if stopped is not None:
            return _lost(exercise, name, stopped.stop, _STOP_SENTENCES[stopped.stop])
        if run.is_over:
            return _lost(exercise, name, State.TIMED_OUT, "the notebook's time was used up before this part was run")
        return _lost(exercise, name, State.NO_EVIDENCE, "this part of the test was not reached")


def ungraded(
    chapter: Chapter,
    batch: Batch,
    student: str,
    sentence: str,
    submission: Submitted,
    state: State,
    beside: Beside | None = None,
) -> Result:
    """Return the result of a submission of which nothing could be run, with a sentence that says why."""
    results = []
    for exercise in chapter.exercises:
        verdicts = [_lost(exercise, claim.name, state, "nothing could be run") for claim in exercise.claims]
        results.append(_exercise_result(exercise, verdicts, state, sentence))
    key = result_key(chapter, batch, submission, beside)
    return Result(student, chapter.name, state, chapter.points, 0, results, sentence=sentence, seed=batch.seed, key=key)


def _check_reference(chapter: Chapter, run: Run, batch: Batch) -> None:
    """Raise unless the reference earns every claim against itself."""
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
                verdict = judges.judge_claim(got, got, batch)
            except JudgeError as error:
                raise ReferenceFailed(
                    f"{chapter.name}, {exercise.name}, claim {claim.name!r}: {error}. If this draw alone is at fault, "
                    "`grade --new-seed` draws another; tell the author, too"
                ) from error
            if verdict.state is not State.PASSED:
                raise ReferenceFailed(f"{chapter.name}, {exercise.name}, claim {claim.name!r}: {verdict.cause}")


def _last_claim(run: Run, exercise: str, name: str) -> ClaimRun | None:
    """Return the claim that counts: one that was opened twice in one run proves nothing and is marked malformed."""
    found = [claim for claim in run.claims if claim.exercise == exercise and claim.name == name]
    return next((claim for claim in found if claim.malformed), found[0] if found else None)


def _lost(exercise: Exercise, name: str, state: State, cause: str) -> Verdict:
    points = next(claim.points for claim in exercise.claims if claim.name == name)
    return Verdict(exercise.name, name, points, 0, state, cause)


def _cell_error(exercise: Exercise, name: str, answer: CellRun) -> Verdict:
    state = State.NOT_IMPLEMENTED if answer.error_type == "NotImplementedError" else State.RAISED
    if answer.error_type == "MemoryError" or "can't allocate memory" in (answer.error or ""):
        state = State.OUT_OF_MEMORY
    return _lost(exercise, name, state, f"the answer cell stops with {answer.error}")


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


def _stop_sentence(cell: CellRun) -> str:
    where = f"the answer to {cell.exercise}" if cell.exercise else "a cell of the notebook"
    return f"{where}: {_STOP_SENTENCES[cell.stop]}; the rest was graded without it"
