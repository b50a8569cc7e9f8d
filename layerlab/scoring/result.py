"""Judge what an answer observed in the learner's kernel, and say in sentences what is lost and why."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from enum import StrEnum

from layerlab.judging import error_sentence, notebook_words
from layerlab.judging.claim_model import PUBLIC, ClaimRun, ClaimState, Ruling
from layerlab.judging.effects import words
from layerlab.judging.judges import JudgeError, find_why, judge_claim
from layerlab.judging.words import put
from layerlab.scoring.exercise_file import ScoredClaim, ScoredExercise, filled
from layerlab.scoring.run_claims import Attempt
from layerlab.scoring.sketches import MistakeSketch, explanations

_RAISED = (ClaimState.RAISED, ClaimState.NOT_IMPLEMENTED, ClaimState.OUT_OF_MEMORY)


class Stage(StrEnum):
    """How far a learner has come with an exercise."""

    SOLVED = "solved"
    LOST = "points lost"
    STUB = "not implemented yet"
    START = "still the code that you were given"
    UNDEFINED = "the answer's cell was not run"
    FORBIDDEN = "uses a call that is not allowed"
    STOPPED = "stopped by you"
    ELSEWHERE = "judged by your instructor's tests"
    OTHER_RELEASE = "of another release"


@dataclass(frozen=True)
class LostClaim:
    """A lost claim, and the sentences that say why, the most telling one first."""

    claim: ScoredClaim
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Scored:
    """What an answer has earned in a notebook."""

    name: str
    title: str
    stage: Stage
    earned: int = 0
    points: int = 0
    tier: str = ""
    claims: tuple[ScoredClaim, ...] = ()
    lost: tuple[LostClaim, ...] = ()
    missing: str = ""  # the name that is not defined
    forbidden: str = ""  # the rule that the answer broke, which costs every claim

    @property
    def is_begun(self) -> bool:
        return self.stage in (Stage.SOLVED, Stage.LOST, Stage.FORBIDDEN, Stage.STOPPED)


def result(exercise: ScoredExercise, attempt: Attempt) -> Scored:
    """Return what an attempt earned, with reasons for each lost claim."""
    empty = Scored(exercise.name, exercise.title, Stage.STUB, 0, exercise.points, exercise.tier, exercise.claims)
    if attempt.is_unfinished:
        return empty
    expected = {name: filled(run, attempt.claims.get(name)) for name, run in exercise.expected.items()}
    rulings = [ruling_on(expected[claim.name], attempt) for claim in exercise.claims]
    if attempt.forbidden:
        return replace(empty, stage=Stage.FORBIDDEN, forbidden=attempt.forbidden)
    if attempt.undefined and not any(ruling.points for ruling in rulings):
        return replace(empty, stage=Stage.UNDEFINED, missing=attempt.undefined)
    lost = [ruling for ruling in rulings if ruling.state is not ClaimState.PASSED]
    mistakes: dict[str, MistakeSketch] = {}
    with contextlib.suppress(JudgeError):
        mistakes |= explanations(exercise.mistakes, expected, attempt.claims, lost)
    if any(mistake.is_start and mistake.claims.keys() == {one.claim for one in lost} for mistake in mistakes.values()):
        return replace(empty, stage=Stage.START)
    claims = {claim.name: claim for claim in exercise.claims}
    reasons = []
    for ruling in lost:
        mistake = [mistakes[ruling.claim].sentence] if ruling.claim in mistakes else []
        evidence = _evidence(expected[ruling.claim], attempt.claims.get(ruling.claim), ruling, is_named=bool(mistake))
        reasons.append(LostClaim(claims[ruling.claim], (*mistake, evidence)))
    stage = Stage.LOST if lost else Stage.SOLVED
    return replace(empty, stage=stage, earned=sum(ruling.points for ruling in rulings), lost=tuple(reasons))


def ruling_on(expected: ClaimRun, attempt: Attempt) -> Ruling:
    """Return what a claim earned; the expected values are those of the reference, filled for this attempt."""
    got = attempt.claims.get(expected.name)
    try:
        ruling = judge_claim(expected, got, PUBLIC)
    except JudgeError as error:  # the answer changed what the judge needs, such as the input of a dropout layer
        return Ruling(expected.name, 0, ClaimState.NO_EVIDENCE, f"this cannot be judged: {error}")
    if got is None and attempt.error:
        return replace(ruling, state=ClaimState.RAISED, cause=f"the test stops before this claim: {attempt.error}")
    if got is not None and got.raised and ruling.state in _RAISED:
        cause, told = error_sentence.claim_stopped(got, expected, None)
        return replace(ruling, cause=cause, told=told)
    return ruling


def _evidence(expected: ClaimRun, got: ClaimRun | None, ruling: Ruling, *, is_named: bool) -> str:
    """Say what is wrong first: what was expected, what came, and the likely cause, unless the mistake is named."""
    if ruling.state is ClaimState.WRONG and got is not None:
        for pair in zip(expected.observed, got.observed, strict=False):
            why = find_why(*pair, PUBLIC, expected.exercise)
            if why is not None:
                return put(notebook_words.WORDS, why) if is_named else words(*pair, PUBLIC, expected.exercise)
    return ruling.cause
