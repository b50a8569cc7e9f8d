"""What the wrong values of an answer have in common, for claims that no known mistake explains."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable

from autograder.grading.partial_mistakes import wrong_in
from autograder.judging import effects
from autograder.model import ClaimRun, Run, State, Told, Verdict

MOST = 6  # wrong observations of a claim that are looked at
_INSTEAD_OF = (Told.VALUES, Told.FORM)


def tell(lost: Iterable[Verdict], expected: Run, got: Run) -> None:
    """Put into verdicts that no known mistake explains what their wrong values have in common, where that is clear.

    Args:
        lost: verdicts of one exercise.
        expected: what the reference did.
        got: what the answer did.
    """
    found: list[tuple[Verdict, str, str]] = []
    for verdict in lost:
        if verdict.state is State.WRONG and not verdict.mistake and verdict.told in _INSTEAD_OF:
            runs = (run.claim(verdict.exercise, verdict.claim) for run in (expected, got))
            where, said = effect(*runs)
            found += [(verdict, where, said)] if said else []
    often = Counter(said for _, _, said in found)
    for verdict, label, said in found:  # one reason is told once, without a label of its own for each claim
        verdict.cause = said if often[said] > 1 else f"{label}: {said}"
        verdict.told = Told.EFFECT


def effect(expected: ClaimRun | None, got: ClaimRun | None) -> tuple[str, str]:
    """Return where, and what the differences of a claim's first such observation have in common; "" for neither."""
    wrong = wrong_in(expected, got)
    if expected is None or not wrong:
        return "", ""
    with contextlib.suppress(Exception):  # an odd value, on which a search fails, still has its facts
        found = (effects.effect(expected.observed[at], one) for at, one in list(wrong.items())[:MOST])
        return next((one for one in found if one[1]), ("", ""))
    return "", ""
