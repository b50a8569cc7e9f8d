"""Decide what each claim of a submission earned, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.model import TEST_KINDS, Batch, CellRun, Exercise, Plan, Run, State, Told, Verdict
from autograder.submissions import rules, student_code
from layerlab.judging import error_sentence, judges
from layerlab.judging.claim_model import ClaimRun
from layerlab.judging.notebook_words import WORDS

STOP_SENTENCES = {
    State.TIMED_OUT: "it did not finish within the time limit",
    State.CRASHED: "it ended the whole Python process, as a crash or os._exit does",
    State.OUT_OF_MEMORY: "it needs more memory than a submission may have",
}
UNTOUCHED = "the answer cell is unchanged since release"
MISSING = "the answer cell of this exercise is not in the notebook"
RAISED = (State.RAISED, State.NOT_IMPLEMENTED, State.OUT_OF_MEMORY)
_UNKNOWN = str(WORDS["error.name_unknown"]).rstrip(".")
_NAME = re.compile(r"(?:name '|there is no `)(\w{1,100})(?:' is not defined|` \(NameError\))")
_TIMED = re.compile(r"\A\s*%%timeit\b[^\n]*\n")


class Verdicts:
    """The verdicts on one submission."""

    def __init__(self, expected: Run, batch: Batch, plan: Plan, forbidden: Mapping[str, str]) -> None:
        self.expected, self.batch, self.plan = expected, batch, plan
        self.forbidden = dict(forbidden)
        self.answers = {cell.exercise: cell.source for cell in plan.cells if cell.kind == "solution"}

    def of(self, exercise: Exercise, name: str, run: Run) -> Verdict:
        """Return the verdict on a claim; call this method only after everything has run."""
        if run.fault:
            return lost(exercise, name, State.INFRASTRUCTURE, run.fault)
        if exercise.name in self.plan.untouched:  # a verdict on released code would reveal a debug-this exercise's bug
            return lost(exercise, name, State.NOT_IMPLEMENTED, UNTOUCHED)
        if exercise.name in self.plan.missing:
            return lost(exercise, name, State.SKIPPED, MISSING)
        if exercise.name in self.forbidden:
            return lost(exercise, name, State.FORBIDDEN, self.forbidden[exercise.name])
        if exercise.name in run.broken_rules:
            rule, others = run.broken_rules[exercise.name], rules.listed(exercise.rules)
            cause = f"while it ran, the answer used {rule}; solve this exercise without {others}"
            return lost(exercise, name, State.FORBIDDEN, cause)
        got = _last_claim(run, exercise.name, name)
        answer = next((c for c in run.cells if c.id == exercise.name or c.exercise == exercise.name), None)
        if got is not None and got.stop:
            at = error_sentence.case(got, self.expected.evidence(exercise.name, name))
            return lost(exercise, name, State(got.stop), f"{at}, {STOP_SENTENCES[State(got.stop)]}")
        # A rank's error, too, names the type of what was raised in the rank.
        if answer is not None and answer.stop and (got is None or "NameError: " in (got.raised or "")):
            return lost(exercise, name, answer.stop, f"the answer cell: {STOP_SENTENCES[answer.stop]}")
        if got is None:
            return self._unopened(exercise, name, run)
        expected = self.expected.evidence(exercise.name, name)
        verdict = judged(expected, got, self.batch, self.answers.get(exercise.name, ""))
        if verdict.state is State.RAISED and answer is not None and answer.error:
            return _cell_error(exercise, name, answer, self.answers.get(exercise.name, ""))
        return verdict

    def with_likely_cause(self, sentence: str, exercise: str) -> str:
        """Return a sentence with what the grader knows about a name that an answer misses, if it names one."""
        name = _NAME.search(sentence)
        return sentence.replace(_UNKNOWN, self._why_unknown(name[1], exercise)) if name else sentence

    def _why_unknown(self, name: str, exercise: str) -> str:
        if re.search(rf"\bself\.{name}\b|\bdef {name}\(self\b", self.answers.get(exercise, "")):
            return f"it needs self. before it: self.{name}"
        cells = [cell for cell in self.plan.cells if cell.kind not in TEST_KINDS]
        timed = [_TIMED.sub("", cell.source) for cell in cells if _TIMED.match(cell.source)]
        if any(name in student_code.bound(source) for source in timed):
            return "the cell that defines it begins with %%timeit, which keeps no names; remove that line"
        defining = {cell.kind for cell in cells if name in student_code.bound(cell.source)}
        if defining - {"provided"}:
            return "the cell that defines it stopped with an error before it did"
        why = f"no cell {'above the answer' if defining else 'of this notebook'} defines this name"
        if self.plan.is_in_order:
            return f"{why}; it may be misspelled"
        return f"{why}; the numbers beside its cells have gaps, so some may have been deleted or run out of order"

    def _unopened(self, exercise: Exercise, name: str, run: Run) -> Verdict:
        stop = next((c.stop for c in run.cells if c.exercise == exercise.name and c.stop), None)
        if stop is not None:
            return lost(exercise, name, stop, STOP_SENTENCES[stop])
        if run.is_over:
            return lost(exercise, name, State.TIMED_OUT, "the notebook's time ran out before this part")
        return lost(exercise, name, State.NO_EVIDENCE, "this part of the test was not reached")


def judged(expected: ClaimRun, got: ClaimRun | None, batch: Batch, answer: str) -> Verdict:
    """Return the verdict on one claim; if the claim raised an error, name the answer's line and the tested case."""
    found = verdict_on(expected, got, batch)
    if got is not None and got.raised and found.state in RAISED:
        found.detail = got.raised[:500]
        found.cause, kind = error_sentence.claim_stopped(got, expected, answer)
        found.told = Told(kind)
    return found


def verdict_on(expected: ClaimRun, got: ClaimRun | None, batch: Batch) -> Verdict:
    """Return the verdict on one claim as a judge decides it; raise JudgeError as `judge_claim` does."""
    ruling = judges.judge_claim(expected, got, batch)
    return Verdict(
        exercise=expected.exercise,
        claim=expected.name,
        points=expected.points,
        earned=ruling.points,
        state=State(ruling.state),
        cause=ruling.cause,
        detail=ruling.detail,
        seconds=got.seconds if got else 0.0,
        told=Told(ruling.told) if ruling.told else None,
    )


def _last_claim(run: Run, exercise: str, name: str) -> ClaimRun | None:
    """Return the claim that counts: a malformed claim if there is one with this name, and otherwise the first claim."""
    found = [claim for claim in run.claims if claim.exercise == exercise and claim.name == name]
    return next((claim for claim in found if claim.malformed), found[0] if found else None)


def lost(exercise: Exercise, name: str, state: State, cause: str) -> Verdict:
    """Return the verdict on a claim that earned nothing."""
    points = next(claim.points for claim in exercise.claims if claim.name == name)
    told = Told.OTHER if state in (State.NO_EVIDENCE, State.INFRASTRUCTURE) else Told.STOPPED
    return Verdict(exercise.name, name, points, 0, state, cause, told=told)


def _cell_error(exercise: Exercise, name: str, cell: CellRun, answer: str) -> Verdict:
    state = State.NOT_IMPLEMENTED if cell.error_type == "NotImplementedError" else State.RAISED
    if cell.error_type == "MemoryError" or "can't allocate memory" in (cell.error or ""):
        state = State.OUT_OF_MEMORY
    verdict = lost(exercise, name, state, "")
    verdict.cause, kind = error_sentence.answer_stopped(cell.error or "", cell.lines, answer)
    verdict.told = Told(kind)
    return verdict
