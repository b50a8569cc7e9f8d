"""Describe what the wrong values of an answer have in common, for claims that no known mistake explains."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable

from autograder.model import Run
from layerlab.judging import effects
from layerlab.judging.claim_model import ClaimRun, Observed, State, Told, Verdict
from layerlab.judging.judges import JUDGES, holds
from layerlab.judging.values import JudgeError

MOST = 6  # wrong observations to examine in a claim
_INSTEAD_OF = (Told.VALUES, Told.FORM)


def tell(lost: Iterable[Verdict], expected: Run, got: Run) -> None:
    """For each verdict that no known mistake explains, set the cause to what its wrong values have in common."""
    found: list[tuple[Verdict, str, str]] = []
    for verdict in lost:
        if verdict.state is State.WRONG and not verdict.mistake and verdict.told in _INSTEAD_OF:
            runs = (run.claim(verdict.exercise, verdict.claim) for run in (expected, got))
            where, said = effect(*runs)
            found += [(verdict, where, said)] if said else []
    often = Counter(said for _, _, said in found)
    for verdict, label, said in found:  # a shared reason is reported once, without each claim's label
        verdict.cause = said if often[said] > 1 else f"{label}: {said}"
        verdict.told = Told.EFFECT


def effect(expected: ClaimRun | None, got: ClaimRun | None) -> tuple[str, str]:
    """Return where a claim's values differ and what the differences have in common; both are "" if that is unknown."""
    if expected is None or got is None:
        return "", ""
    with contextlib.suppress(Exception):  # if the search fails on an unusual value, the verdict keeps its own sentence
        found = (effects.effect(own, one) for own, one in _wrong_in(expected, got)[:MOST])
        return next((one for one in found if one[1]), ("", ""))
    return "", ""


def _wrong_in(expected: ClaimRun, got: ClaimRun) -> list[tuple[Observed, Observed]]:
    """Return the wrong observations of a claim, each after the reference's; none if a judge cannot decide."""
    if got.raised or got.malformed or not got.finished:
        return []
    if [o.label for o in expected.observed] != [o.label for o in got.observed]:
        return []
    pairs = [pair for pair in zip(expected.observed, got.observed, strict=True) if not JUDGES[pair[0].judge].is_told]
    try:
        return [(own, one) for own, one in pairs if one.values is not own.values and not holds(own, one)[0]]
    except JudgeError:
        return []
