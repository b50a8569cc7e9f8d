"""Describe what the wrong values of an answer have in common, for claims that no known mistake explains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from autograder.model import Run, State, Told, Verdict
from layerlab.judging.effects import claim_effect

_INSTEAD_OF = (Told.VALUES, Told.FORM)


def tell(lost: Iterable[Verdict], expected: Run, got: Run) -> None:
    """For each verdict that no known mistake explains, set the cause to what its wrong values have in common."""
    found: list[tuple[Verdict, str, str]] = []
    for verdict in lost:
        if verdict.state is State.WRONG and not verdict.mistake and verdict.told in _INSTEAD_OF:
            runs = (run.claim(verdict.exercise, verdict.claim) for run in (expected, got))
            where, said = claim_effect(*runs)
            found += [(verdict, where, said)] if said else []
    often = Counter(said for _, _, said in found)
    for verdict, label, said in found:  # a shared reason is reported once, without each claim's label
        verdict.cause = said if often[said] > 1 else f"{label}: {said}"
        verdict.told = Told.EFFECT
