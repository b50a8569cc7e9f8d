"""Make the rows of an exercise's table, which compare what each kind of answer got with what it must get."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from autograder.model import Batch, Exercise, Run, State
from autograder.sandbox.inside.passed_arguments import ENOUGH
from autograder.texts.variants import FAULTY_START, Variant
from autograder.validation.forgery import constant_row, replay_row
from autograder.validation.in_notebook import agreement_row, speed_row
from autograder.validation.outcome import SUBTLE_VARIANTS, Report, Row, Tried
from autograder.validation.parameters import parameters, seen
from autograder.validation.structure import structure
from autograder.validation.tried_answers import BATCHES, Attempt, Evidence, forbidden, judged, unmoved
from layerlab.graded.wire import Array, have_same_parts, leaves, pairs
from layerlab.judging.claim_model import ClaimRun
from layerlab.judging.judges import JUDGES, JudgeError
from layerlab.scoring.sketches import ClaimSketch, are_alike, claim_sketch


def report(evidence: Evidence) -> Report:
    """Return the whole table of one exercise; call this only after all of its answers have run."""
    exercise, variants = evidence.exercise, evidence.variants
    found = Report(exercise.name, exercise.points, exercise.difficulty, exercise.minutes, len(exercise.claims))
    found.rows = [structure(exercise, variants)]
    found.observations = sum(len(claim.observed) for claim in evidence.expected(0).claims)
    found.tried = Tried(len(variants.right(exercise.name)), len(variants.mistakes(exercise)))
    found.tried.seeds = len(BATCHES) + len(evidence.draws)
    missing = [miss for batch in range(len(BATCHES)) for miss in _missing_evidence(evidence, batch)]
    if missing:  # nothing can be judged against a reference without evidence
        found.rows.append(Row("reference", "full marks, two seeds", "no evidence", list(dict.fromkeys(missing))))
        return found
    try:
        _judge(evidence, found)
    except JudgeError as error:
        found.rows.append(Row("judges", "decide", "cannot", [f"{error}; fix the test cell"]))
    return found


def _judge(evidence: Evidence, found: Report) -> None:
    found.rows += [_reference_row(evidence), _draws_row(evidence), _full_row(evidence, "oracle")]
    found.rows.append(_released_row(evidence))
    found.rows += [_full_row(evidence, "right"), _wrong_row(evidence, found.tried)]
    found.rows += [_mutants_row(evidence, found.tried), replay_row(evidence), constant_row(evidence)]
    found.rows += [_parameters_row(evidence), _full_row(evidence, "reassigned"), _edges_row(evidence)]
    found.rows.append(agreement_row(evidence, found))
    found.cpu = evidence.cpu
    found.rows.append(speed_row(evidence.exercise, evidence.cpu))
    found.warnings = list(_indistinct(evidence))
    found.unmoved = unmoved(evidence)
    found.lost = {
        attempt.about.label: [v.claim for v in evidence.verdicts(attempt) if v.state is not State.PASSED]
        for attempt in evidence.of("wrong", batch=0)
    }


# -- what must get full marks ------------------------------------------------------------------------------------

MUST_BE_FULL = {"oracle": "oracle", "right": "right variants", "reassigned": "after reassigned names"}


def _missing_evidence(evidence: Evidence, batch: int) -> list[str]:
    """For each claim for which the reference itself sends no evidence, return a line with the cause."""
    run = evidence.expected(batch)
    missing = []
    for claim in evidence.exercise.claims:
        own = run.claim(evidence.exercise.name, claim.name)
        if own is None:
            missing.append(f"the claim {claim.name!r} is never opened by the reference: {_cell_error(run)}")
        elif own.raised or own.malformed or not own.finished:
            cause = own.raised or own.malformed or f"it ended in the state {own.stop}"
            missing.append(f"the claim {claim.name!r} fails for the reference: {cause}")
        elif not own.observed:
            missing.append(f"the claim {claim.name!r} observes nothing: add `lab.observe(…)` to it")
    return missing


def _draws_row(evidence: Evidence) -> Row:
    """Return the table row for the reference under more seeds, because some could draw sizes that are too small."""
    misses = []
    for seed, run in evidence.draws.items():
        try:
            lost = [v for v in judged(evidence.exercise, run, run, Batch(seed, BATCHES[0].secret)) if not v.earned]
            cause = f"the claim {lost[0].claim!r}: {lost[0].cause}" if lost else ""
        except JudgeError as error:
            cause = str(error)
        if cause:
            misses.append(f"under the seed {seed} the reference cannot be judged: {cause}; draw larger or other inputs")
    count = len(evidence.draws)
    return Row("reference, other draws", f"full marks, {count} seeds", f"{count - len(misses)} of {count}", misses[:1])


def _reference_row(evidence: Evidence) -> Row:
    """Return the table row for the reference, run twice under each seed, with its visible checks and rules."""
    misses: list[str] = []
    again = evidence.of("reference again")
    for attempt in again:
        misses += _lost(evidence, attempt, f"the reference, run twice under the seed {BATCHES[attempt.batch].seed},")
    misses += _rules_miss(evidence.exercise, evidence.exercise.solution, "the reference")
    misses += _check_misses(evidence, evidence.of("reference")[0], "the reference")
    if not evidence.expected(0).checks:
        misses.append("there is no visible check: begin the test cell with `lab.compare(…)`")
    got = ", ".join(f"{evidence.earned(attempt)} of {evidence.exercise.points}" for attempt in again)
    return Row("reference", "full marks, two seeds", got, misses)


def _full_row(evidence: Evidence, kind: str) -> Row:
    tried, misses = evidence.of(kind), []
    for attempt in tried:
        name = _name(evidence, attempt)
        misses += _lost(evidence, attempt, name)
        if kind != "oracle":  # torch may refuse what a visible check uses, such as an eps of 0
            misses += _check_misses(evidence, attempt, name)
        if kind == "right" and attempt.batch == 0:
            misses += _rules_miss(evidence.exercise, attempt.solution, name)
    full = sum(evidence.is_full(attempt) for attempt in tried)
    got = f"{full} of {len(tried)}" if tried else "none"
    seeds = ", two seeds" if len({attempt.batch for attempt in tried}) > 1 else ""
    return Row(MUST_BE_FULL[kind], f"full marks{seeds}", got, list(dict.fromkeys(misses)))


def _edges_row(evidence: Evidence) -> Row:
    """Return the table row for edge cases, on which all right answers must agree."""
    name, variants, found = evidence.exercise.name, evidence.variants, evidence.edges
    if variants.edges(name) is None:
        to_do = f"declare the domains of its arguments in `### edges` below `## {name}` in {variants.path}"
        return Row("edge cases", "agree", "none", [f"no edge cases are drawn: {to_do}"])
    if found is None:
        return Row("edge cases", "agree", "none, for a reason")
    misses = [
        f"in an edge case, {line}: the reference, the answer, or the statement is wrong" for line in found.disagreements
    ]
    return Row("edge cases", "agree", f"{found.drawn} drawn, {found.answers} answers", misses)


def _name(evidence: Evidence, attempt: Attempt) -> str:
    if isinstance(attempt.about, Variant):
        return f"`{attempt.about.label}` ({evidence.variants.where(attempt.about)})"
    if attempt.kind == "reassigned":
        return (
            "the reference, with helpers named like what its test cell binds, after earlier cells reassigned "
            "`inputs x y F draw layer compare`,"
        )
    return f"the {attempt.kind} answer"


def _lost(evidence: Evidence, attempt: Attempt, name: str) -> list[str]:
    """Return a line for each claim lost by an attempt that must get full marks."""
    lines = []
    for verdict in evidence.verdicts(attempt):
        if verdict.state is not State.PASSED:
            detail = f" ({verdict.detail})" if verdict.detail else ""
            error = _cell_error(attempt.run) if verdict.state is State.NO_EVIDENCE else ""
            why = f"{verdict.cause}{detail}{f'; {error}' if error else ''}"
            seed = BATCHES[attempt.batch].seed
            lines.append(f"{name} loses the claim {verdict.claim!r} ({verdict.state}, seed {seed}): {why}")
    return lines


def _check_misses(evidence: Evidence, attempt: Attempt, name: str) -> list[str]:
    failed = [check for check in attempt.run.checks if not check.passed]
    return [f"{name} fails the visible check {c.what!r}: {_first_line(c.message)}" for c in failed]


def _rules_miss(exercise: Exercise, solution: str, name: str) -> list[str]:
    sentence = forbidden(exercise, solution)
    return [f"{name} makes a forbidden call: {sentence}"] if sentence else []


# -- what must lose ----------------------------------------------------------------------------------------------


def _released_row(evidence: Evidence) -> Row:
    attempt = evidence.of("released")[0]
    exercise, misses = evidence.exercise, []
    for verdict in evidence.verdicts(attempt):
        if verdict.earned:
            misses.append(
                f"the released cell earns the claim {verdict.claim!r}: observe what it takes a solution to compute"
            )
    error = _visible_error(attempt.run)
    if error:
        misses.append(
            f"the visible part stops on the released cell ({error}): pass student code as `lambda: …` to lab.compare"
        )
    if _observes_numbers(attempt.run, exercise.name) and evidence.variants.faulty_start(exercise.name) is None:
        misses.append(
            f"the released cell runs, so a student starts from a mistake: say which in `### {FAULTY_START}` "
            f"below `## {exercise.name}` in {evidence.variants.path}, or let it raise NotImplementedError"
        )
    if evidence.variants.faulty_start(exercise.name) and len(exercise.claims) > 1:
        misses.append("a debug-this exercise is one claim: put its observations into one `with lab.claim(…)`")
    return Row("released, untouched", "0", f"{evidence.earned(attempt)} of {exercise.points}", misses)


def _wrong_row(evidence: Evidence, count: Tried) -> Row:
    """Return the table row for the wrong variants, and count how many of them are subtle."""
    misses, coarse = [], []
    tried = evidence.of("wrong", batch=0)
    rewarded = _rewarded(evidence)
    for attempt in tried:
        name = _name(evidence, attempt)
        if attempt.about in rewarded:
            seeds = " and ".join(str(seed) for seed in rewarded[attempt.about])
            misses.append(f"{name} gets full marks (seed {seeds}): observe where it differs from the reference")
            continue
        error = _visible_error(attempt.run)
        if error:
            misses.append(f"the visible part stops on {name} ({error}): pass student code as `lambda: …`")
        why = why_not_subtle(evidence, attempt)
        count.subtle += why is None
        coarse += [f"`{attempt.about.label}` {why}"] if why else []
    if tried and count.subtle < SUBTLE_VARIANTS:
        misses.append(
            f"{count.subtle} subtle wrong variants, {SUBTLE_VARIANTS} are needed (right shapes, finite values, and, "
            f"of several claims, one earned): {'; '.join(coarse)}"
        )
    if tried and not any(_stops_visibly(attempt.run) for attempt in tried if attempt.about.kind != FAULTY_START):
        misses.append("the visible checks catch no known mistake: let one of them fail for a wrong variant")
    got = f"{len(tried) - len(rewarded)} of {len(tried)} lose, {count.subtle} subtle"
    return Row("wrong variants", "a loss, 2 subtle", got, misses)


def _stops_visibly(run: Run) -> bool:
    """Return whether the notebook itself shows a student the mistake, with a visible check or an exception."""
    own = [cell for cell in run.cells if not cell.id.endswith("/hidden")]
    return any(cell.error or cell.stop for cell in own) or not all(check.passed for check in run.checks)


def _rewarded(evidence: Evidence) -> dict[Variant, list[int]]:
    """Return the mistakes that get full marks, each with the seeds under which this happens."""
    found: dict[Variant, list[int]] = {}
    for attempt in evidence.of("wrong"):
        if evidence.is_full(attempt) and not forbidden(evidence.exercise, attempt.solution):
            found.setdefault(attempt.about, []).append(BATCHES[attempt.batch].seed)
    return found


def why_not_subtle(evidence: Evidence, attempt: Attempt) -> str | None:
    """Return why a wrong variant is easy to notice, or None if it is subtle."""
    name, observed = evidence.exercise.name, 0
    for claim in evidence.exercise.claims:
        own, got = evidence.expected(attempt.batch).evidence(name, claim.name), attempt.run.claim(name, claim.name)
        for wanted, found in zip(own.observed, got.observed if got else [], strict=False):
            observed += 1
            # a free architecture has no shape to compare
            free = JUDGES[wanted.judge].has_free_shape
            if not (_all_finite(found.values) if free else _same_form(wanted.values, found.values)):
                return f"has another shape, or values that are not finite, in {found.label!r}"
    if not observed:
        return "observes nothing"
    if len(evidence.exercise.claims) > 1 and not evidence.earned(attempt):
        return "earns no claim"
    return None


def _same_form(expected: Any, got: Any) -> bool:
    """Return whether all shapes agree and every value is finite where the reference's value is finite."""
    return all(have_same_parts(*pair) or _same_form_of_leaf(*pair) for _, *pair in pairs(expected, got))


def _same_form_of_leaf(expected: Any, got: Any) -> bool:
    if isinstance(expected, Array):
        return isinstance(got, Array) and expected.shape == got.shape and _as_finite(expected.data, got.data)
    if isinstance(expected, float):
        return isinstance(got, int | float) and _as_finite(np.asarray(expected), np.asarray(float(got)))
    return not isinstance(expected, dict | tuple | list)


def _as_finite(expected: np.ndarray, got: np.ndarray) -> bool:
    return got.dtype.kind not in "fc" or bool((np.isfinite(got) | ~np.isfinite(expected)).all())


def _all_finite(values: Any) -> bool:
    numbers = (value.data if isinstance(value, Array) else value for _, value in leaves(values))
    return all(np.isfinite(value).all() for value in numbers if isinstance(value, np.ndarray | float))


def _mutants_row(evidence: Evidence, count: Tried) -> Row:
    """Return the table row for the mutants, and count them; a survivor not listed as equivalent is a miss."""
    exercise, variants, misses = evidence.exercise, evidence.variants, []
    others = {one.title for one in parameters(exercise)}
    listed = {v.title: v for v in variants.equivalents(exercise.name) if v.title not in others}
    tried = evidence.of("mutant")
    survivors = [attempt for attempt in tried if evidence.is_full(attempt)]
    count.mutants, count.killed = len(tried), len(tried) - len(survivors)
    for attempt in survivors:
        mutant = attempt.about
        count.equivalent += mutant.line in listed
        if mutant.line not in listed:
            misses.append(
                f"a mutant survives, line {mutant.number}: `{mutant.before}` became `{mutant.line}`; observe where the "
                f"two differ, or list it with its reason, below `## {exercise.name}`: ### equivalent: `{mutant.line}`"
            )
    occurring = {attempt.about.line for attempt in tried}
    surviving = {attempt.about.line for attempt in survivors}
    for line, variant in listed.items():
        if line not in surviving:
            why = "is killed" if line in occurring else "is no mutant of the reference"
            misses.append(f"stale: the equivalent `{line}` ({variants.where(variant)}) {why}; delete it")
    got = f"{count.killed} of {count.mutants}" + (f", {count.equivalent} equivalent" if count.equivalent else "")
    return Row("mutants", "all killed", got, misses)


def _parameters_row(evidence: Evidence) -> Row:
    """Return the table row for the parameters; each must be passed with an effect or be listed as equivalent."""
    exercise, variants, misses, missed = evidence.exercise, evidence.variants, [], set()
    every = parameters(exercise)
    ignored = {a.about.line for a in evidence.of("parameter") if evidence.is_full(a)}
    digests = seen([attempt.run for attempt in evidence.of("noting")])
    for one in every:
        values = digests.get((one.function, one.name), set())
        if one.default and one.title in ignored:
            missed.add(one.title)
            why = f"nothing is lost if `{one.function}` always takes {one.default} for `{one.name}`: pass another value"
        elif not one.default and len(values) < ENOUGH and (values or not _forks(exercise)):
            missed.add(one.title)
            why = f"every call of `{one.function}` passes the same `{one.name}`, or none is made: pass different values"
        else:
            continue
        if one.title not in (variant.title for variant in variants.equivalents(exercise.name)):
            misses.append(
                f"{why} where it changes the result, or, if the statement says that it does not matter, list it with "
                f"that reason, below `## {exercise.name}`: ### equivalent: `{one.title}`"
            )
    for variant in variants.equivalents(exercise.name):
        if variant.title in {one.title for one in every} - missed:
            misses.append(f"stale: `{variant.title}` ({variants.where(variant)}) is passed with an effect; delete it")
    return Row("parameters", "passed with an effect", f"{len(every) - len(missed)} of {len(every)}", misses)


def _forks(exercise: Exercise) -> bool:
    return "lab.ranks(" in exercise.hidden  # functions called in ranks record nothing


# -- smaller checks ----------------------------------------------------------------------------------------------


def _indistinct(evidence: Evidence) -> Iterator[str]:
    """Yield a warning for any two mistakes that no claim distinguishes; students could get the wrong sentence."""
    names = [claim.name for claim in evidence.exercise.claims]
    expected = {name: evidence.expected(0).evidence(evidence.exercise.name, name) for name in names}
    tried = [(attempt, _sketches(expected, attempt.run)) for attempt in evidence.of("wrong", batch=0)]
    for (first, of_first), (second, of_second) in combinations(tried, 2):
        if any(of_first.values()) and all(are_alike(of_first[n], of_second[n], expected[n]) for n in names):
            labels = f"`{first.about.label}` and `{second.about.label}`"
            yield f"{labels} observe the same: a student may be told the wrong one"


def _sketches(expected: dict[str, ClaimRun], run: Run) -> dict[str, ClaimSketch | None]:
    claims = {name: run.claim(own.exercise, name) for name, own in expected.items()}
    return {name: claim_sketch(expected[name], claim) if claim else None for name, claim in claims.items()}


def _observes_numbers(run: Run, exercise: str) -> bool:
    claims = [claim for claim in run.claims if claim.exercise == exercise]
    values = [value for claim in claims for observed in claim.observed for value in observed.values]
    return any(isinstance(value, Array | float | int) for value in values)


def _visible_error(run: Run) -> str | None:
    return next((cell.error for cell in run.cells if cell.id.endswith("/visible") and cell.error), None)


def _cell_error(run: Run) -> str:
    """Name the first cell that raised an error or was stopped, to explain why a run sent too little."""
    for cell in run.cells:
        if cell.error or cell.stop:
            part = cell.id.rpartition("/")[2] if "/" in cell.id else "solution"
            return f"the {part} part raised {cell.error}" if cell.error else f"the {part} part {cell.stop}"
    return "no cell raised"


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0] if message.strip() else "no message"
