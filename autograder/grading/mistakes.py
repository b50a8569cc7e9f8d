"""Find the known mistake whose observations are those of a submission.

Each mistake has a sentence written by an author. A student who makes the mistake reads that sentence, and the class
report counts how many do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache

from autograder.grading.partial_mistakes import LEAST, LIKE, Wrong, share_of, wrong_in
from autograder.judging.judges import JUDGES, holds, judge_claim
from autograder.judging.likeness import alike, same_reason
from autograder.judging.values import JudgeError
from autograder.model import Batch, Chapter, ClaimRun, Exercise, Observed, Run, State
from autograder.texts.variants import Variant, Variants

Mistake = tuple[Variant, Run]


def known(variants: Variants, chapter: Chapter, exercise: str) -> list[Variant]:
    """Return the mistakes of one exercise: its wrong variants, and its faulty start with the released code."""
    faulty = variants.faulty_start(exercise)
    released = [replace(faulty, source=chapter.exercise(exercise).stub)] if faulty else []
    return variants.wrong(exercise) + released


class Mistakes:
    """Known mistakes of one exercise, with what they observe under a batch, to explain lost claims.

    Args:
        expected: what the reference did under the batch.
        known: the mistakes, run under the same batch.
    """

    def __init__(self, exercise: Exercise, expected: Run, known: Sequence[Mistake], batch: Batch) -> None:
        self._exercise, self._expected, self._known, self._batch = exercise, expected, known, batch
        self._loses: dict[str, set[str]] = {}  # by label, computed on first use
        self._wrong_in: dict[tuple[str, str], Wrong | None] = {}  # by label and claim, likewise

    def explaining(self, got: Run, lost: Collection[str], but: Variant | None = None) -> dict[str, Variant]:
        """Return the mistake that explains each claim an answer lost, leaving out claims that none explains.

        A mistake that loses them all, and observes the same in every claim, explains them all. Otherwise, a mistake
        explains the claims it loses if the answer observes the same in each of them; if the answer is right in one of
        them, it made another mistake. If several fit, the one that explains the most claims counts. If claims remain,
        observations are compared (`autograder/grading/partial_mistakes.py`), and a mistake is only said to have the
        same effect.

        Args:
            got: what the answer did.
            lost: the names of the claims it lost; if there are none, there is no mistake to find.
            but: a mistake to skip, as if no one had thought of it.
        """
        name = self._exercise.name
        told = {claim for claim in lost if _says_something(got.claim(name, claim))}
        known = [(variant, run) for variant, run in self._known if told and variant is not but]
        losing = [self._lost_by(variant, run) for variant, run in known]

        @cache  # both searches compare the same pairs
        def is_same(at: int, claim: str) -> bool:
            own = self._expected.claim(name, claim)
            return same(known[at][1].claim(name, claim), got.claim(name, claim), own)

        for at, (variant, run) in enumerate(known):
            # Lost claims first: most mistakes differ there right away; elsewhere, all agree with the reference.
            claims = sorted(_claims(name, run, got), key=lambda claim: claim not in told)
            if told <= losing[at] and all(is_same(at, claim) for claim in claims):
                return dict.fromkeys(told, variant)
        found: list[tuple[set[str], Variant]] = []
        for at, (variant, _) in enumerate(known):
            if losing[at] and losing[at] <= told and all(is_same(at, claim) for claim in losing[at]):
                found.append((losing[at], variant))
        found.sort(key=lambda pair: len(pair[0]))
        named = {claim: variant for loses, variant in found for claim in loses}
        return self._likened(got, told, known, named) if told - named.keys() else named

    def _likened(
        self, got: Run, told: set[str], known: Sequence[Mistake], named: dict[str, Variant]
    ) -> dict[str, Variant]:
        """Return the named mistakes and, for each remaining claim, the one that explains most of what is wrong in it.

        Something is wrong that no mistake explains, and it may cause all the rest. So each mistake is only said to have
        the same effect.
        """
        found: list[tuple[float, int, str, Variant]] = []
        wrong = {claim: self._wrong(claim, got) for claim in told}
        for variant, run in known:
            loses = self._lost_by(variant, run)
            for claim in loses & told - named.keys():
                share = self._share(claim, variant, run, wrong[claim])
                if share >= LEAST:
                    found.append((share, -len(loses - told), claim, variant))
        found.sort(key=lambda one: one[:2])
        all_found = {claim: variant for *_, claim, variant in found} | named
        return {claim: likened(variant) for claim, variant in all_found.items()}

    def _wrong(self, claim: str, run: Run) -> Wrong | None:
        return wrong_in(self._expected.claim(self._exercise.name, claim), run.claim(self._exercise.name, claim))

    def _share(self, claim: str, variant: Variant, known: Run, own: Wrong | None) -> float:
        at = (variant.label, claim)
        if at not in self._wrong_in:
            self._wrong_in[at] = self._wrong(claim, known)
        return share_of(self._expected.claim(self._exercise.name, claim), self._wrong_in[at], own, _same_values)

    def _lost_by(self, variant: Variant, run: Run) -> set[str]:
        if variant.label not in self._loses:
            names = [claim.name for claim in self._exercise.claims]
            pairs = {
                n: (self._expected.evidence(self._exercise.name, n), run.claim(self._exercise.name, n)) for n in names
            }
            verdicts = {n: judge_claim(expected, got, self._batch) for n, (expected, got) in pairs.items()}
            self._loses[variant.label] = {n for n, verdict in verdicts.items() if verdict.state is not State.PASSED}
        return self._loses[variant.label]


def likened(variant: Variant) -> Variant:
    """Return a mistake whose effect an answer shows, without its title, so that it is not counted."""
    return replace(variant, sentence=f"{LIKE}{variant.sentence}", title="")


def same_run(exercise: str, known: Run, got: Run) -> bool:
    """Return whether two runs observe the same in every claim of an exercise."""
    return all(same(known.claim(exercise, n), got.claim(exercise, n)) for n in _claims(exercise, known, got))


def _claims(exercise: str, *runs: Run) -> list[str]:
    return list(dict.fromkeys(claim.name for run in runs for claim in run.claims if claim.exercise == exercise))


def same(known: ClaimRun | None, got: ClaimRun | None, expected: ClaimRun | None = None) -> bool:
    """Return whether two runs of one claim observe the same and end the same way.

    The judge is taken from ``known``, which ran our own test cell on our own code.

    Args:
        expected: what the reference observed in the claim. With it, random observations are the same if both are right,
            or both are wrong in the same way; without it, only if their values are the same.
    """
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
    # Two different mistakes may both fit a judge's options. Then "the same" means equal values: the seed is the same.
    judged = known if is_comparing else replace(known, judge="close", options={})
    try:
        return holds(judged, got)[0] or (
            expected is not None and not is_comparing and _same_chance(expected, known, got)
        )
    except JudgeError:  # no judge accepts what the wrong variant observes, so it explains no answer
        return False


def _same_chance(expected: Observed, known: Observed, got: Observed) -> bool:
    """Return whether two random observations are both right, or both wrong in the same way."""
    if expected.label != known.label or JUDGES[expected.judge].is_told:
        return False
    (is_right, why), (is_own_right, own_why) = holds(expected, known), holds(expected, got)
    if is_right or is_own_right:
        return is_right and is_own_right
    return same_reason(why, own_why) and alike(known.values, got.values, expected.options)


def _says_something(claim: ClaimRun | None) -> bool:
    """Return whether a claim can show a mistake, which an unfinished answer cannot."""
    return claim is not None and (bool(claim.observed) or claim.raised_type not in (None, "NotImplementedError"))
