"""Compare what a notebook says of known answers with what the grader says of them under other draws.

A notebook judges under the public seed, against values that are stored with less precision, and of large arrays only
as samples (`layerlab/scoring/exercise_file.py`); the grader has all values, and another seed.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.validation.outcome import Report, Row
from autograder.validation.tried_answers import Attempt, Evidence
from layerlab.scoring import exercise_file, run_claims
from layerlab.scoring.exercise_file import ScoredClaim, ScoredExercise
from layerlab.scoring.result import result

LEAST = 0.98  # share of a chapter's claims on which notebook and grader must agree


def notebook_row(evidence: Evidence, report: Report) -> Row:
    """Return the table row for answers judged as in a notebook, and count the claims on which the grader agrees."""
    exercise, misses = evidence.exercise, []
    scored = _scored(evidence)
    tried = [*evidence.of("reference", batch=0), *evidence.of("right", batch=0), *evidence.of("wrong", batch=0)]
    last = {(a.kind, a.solution): evidence.lost(a) for kind in ("right", "wrong") for a in evidence.of(kind)}
    for attempt in tried:
        lost = lost_in_notebook(scored, attempt)
        graded = last.get((attempt.kind, attempt.solution), set())
        report.compared += len(exercise.claims)
        report.agreeing += len(exercise.claims) - len(lost ^ graded)
        if attempt.kind != "wrong" and lost:
            misses.append(f"in a notebook, a right answer loses {', '.join(sorted(lost))}:\n{attempt.solution}")
        elif graded and not lost:
            misses.append(f"in a notebook, `{attempt.about.label}` loses nothing: observe more of where it differs")
    got = f"{report.agreeing} of {report.compared} claims as graded"
    return Row("in a notebook", "as graded", got, misses)


def lost_in_notebook(scored: ScoredExercise, attempt: Attempt) -> set[str]:
    """Return the claims that a notebook calls lost."""
    claims = {claim.name: run for claim in scored.claims if (run := attempt.run.claim(scored.name, claim.name))}
    verdict = result(scored, run_claims.Attempt(claims))
    return {one.claim.name for one in verdict.lost} if verdict.is_begun else {claim.name for claim in scored.claims}


def chapter_misses(reports: Sequence[Report]) -> list[str]:
    """Return a miss if notebook and grader agree on too few of a chapter's claims."""
    agreeing, compared = (sum(getattr(report, name) for report in reports) for name in ("agreeing", "compared"))
    miss = f"notebook and grader agree on {agreeing} of {compared} claims, less than {LEAST:.0%}"
    return [miss] if agreeing < LEAST * compared else []


def _scored(evidence: Evidence) -> ScoredExercise:
    exercise, reference = evidence.exercise, evidence.expected(0)
    expected = {c.name: exercise_file.stored(reference.evidence(exercise.name, c.name)) for c in exercise.claims}
    return ScoredExercise(
        name=exercise.name,
        chapter="",
        title=exercise.title,
        tier=exercise.tier,
        release="",
        claims=tuple(ScoredClaim(claim.name, claim.points) for claim in exercise.claims),
        rules=(),
        imports="",
        setup="",
        test=exercise.hidden,
        expected=expected,
    )
