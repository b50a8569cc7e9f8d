"""Find the known mistake whose observations equal those of a submission."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache

from autograder.model import Exercise, Run
from autograder.texts.variants import Variant
from layerlab.judging.claim_model import Batch, ClaimRun, Observed, State
from layerlab.judging.judges import JUDGES, holds, judge_claim
from layerlab.judging.values import JudgeError

Mistake = tuple[Variant, Run]


class Mistakes:
    """Explains lost claims with the mistakes of one exercise, which ran under the same batch as the reference."""

    def __init__(self, exercise: Exercise, expected: Run, known: Sequence[Mistake], batch: Batch) -> None:
        self._exercise, self._expected, self._known, self._batch = exercise, expected, known, batch
        self._loses: dict[str, set[str]] = {}  # by label, computed on first use

    def explaining(self, got: Run, lost: Collection[str]) -> dict[str, Variant]:
        """For each lost claim, return the mistake that explains it; omit claims that no mistake explains.

        If a mistake loses all the claims that the answer lost and has the same observations in every claim, it explains
        all of them. Otherwise, a mistake explains its own lost claims if the answer loses every one of them, with the
        same observations. If several mistakes explain a claim, the one that explains the most claims wins.
        """
        name = self._exercise.name
        told = {claim for claim in lost if _says_something(got.claim(name, claim))}
        known = [(variant, run, self._lost_by(variant, run)) for variant, run in self._known if told]

        @cache  # both searches compare the same pairs
        def is_same(at: int, claim: str) -> bool:
            own = self._expected.claim(name, claim)
            return same(known[at][1].claim(name, claim), got.claim(name, claim), own)

        for at, (variant, run, losing) in enumerate(known):
            # Compare lost claims first, because most mistakes differ there; elsewhere, they agree with the reference.
            claims = sorted(_claims(name, run, got), key=lambda claim: claim not in told)
            if told <= losing and all(is_same(at, claim) for claim in claims):
                return dict.fromkeys(told, variant)
        found: list[tuple[set[str], Variant]] = []
        for at, (variant, _, losing) in enumerate(known):
            if losing and losing <= told and all(is_same(at, claim) for claim in losing):
                found.append((losing, variant))
        found.sort(key=lambda pair: len(pair[0]))
        return {claim: variant for loses, variant in found for claim in loses}

    def _lost_by(self, variant: Variant, run: Run) -> set[str]:
        if variant.label not in self._loses:
            name = self._exercise.name
            verdicts = [
                judge_claim(self._expected.evidence(name, claim.name), run.claim(name, claim.name), self._batch)
                for claim in self._exercise.claims
            ]
            self._loses[variant.label] = {v.claim for v in verdicts if v.state is not State.PASSED}
        return self._loses[variant.label]


def same_run(exercise: str, known: Run, got: Run) -> bool:
    """Return whether two runs have the same observations in every claim of an exercise."""
    return all(same(known.claim(exercise, n), got.claim(exercise, n)) for n in _claims(exercise, known, got))


def _claims(exercise: str, *runs: Run) -> list[str]:
    return list(dict.fromkeys(claim.name for run in runs for claim in run.claims if claim.exercise == exercise))


def same(known: ClaimRun | None, got: ClaimRun | None, expected: ClaimRun | None = None) -> bool:
    """Return whether two runs of a claim agree; two random observations also do if both are right for the reference."""
    if known is None or got is None:
        return known is got
    if known.raised != got.raised or known.finished != got.finished or known.malformed or got.malformed:
        return False
    if [o.label for o in known.observed] != [o.label for o in got.observed]:
        return False
    own = (
        expected.observed
        if expected and len(expected.observed) >= len(known.observed)
        else [None] * len(known.observed)
    )
    return all(_same_values(a, b, c) for a, b, c in zip(known.observed, got.observed, own, strict=False))


def _same_values(known: Observed, got: Observed, expected: Observed | None) -> bool:
    if known.values is got.values:  # both as in the reference
        return True
    is_comparing = JUDGES[known.judge].is_comparing
    # Two different mistakes may both fit a judge's options. The seed is the same, so compare the values instead.
    judged = known if is_comparing else replace(known, judge="close", options={})
    try:
        return holds(judged, got)[0] or (
            expected is not None and not is_comparing and _are_both_right(expected, known, got)
        )
    except JudgeError:  # no judge accepts what the wrong variant observes, so it explains no answer
        return False


def _are_both_right(expected: Observed, known: Observed, got: Observed) -> bool:
    if expected.label != known.label or JUDGES[expected.judge].is_told:
        return False
    return holds(expected, known)[0] and holds(expected, got)[0]


def _says_something(claim: ClaimRun | None) -> bool:
    """Return whether a claim can identify a mistake, which requires an observation or a real error."""
    return claim is not None and (bool(claim.observed) or claim.raised_type not in (None, "NotImplementedError"))
