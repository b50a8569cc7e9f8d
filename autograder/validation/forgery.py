"""Forge answers without solving anything: replace the reference's values with zeros, the input, or random numbers.

Labels, shapes, dtypes, and values that are the same under another seed stay. A claim that one earns tests nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.validation.outcome import Row
from autograder.validation.tried_answers import BATCHES, Evidence, judged
from layerlab.graded.wire import Array, leaves
from layerlab.judging.claim_model import ClaimRun, Observed
from layerlab.judging.judges import judge_claim
from layerlab.judging.values import equal

NUMBERS = (bool, int, float, complex)
MOST_INPUTS = 8  # per claim, each tried as the answer


@dataclass(frozen=True)
class Forger:
    """One way to make up values: ``array`` replaces an array, and ``number`` replaces a Python number."""

    name: str  # as in the table: "zeros"
    array: Callable[[Array], np.ndarray]
    number: Callable[[complex], complex]


def forgeries(expected: ClaimRun, other: ClaimRun) -> Iterator[tuple[str, ClaimRun]]:
    """Yield each way to make up a claim's values, with a forged run; ``other`` ran under another seed."""
    for forger in [_zeros(), *_inputs(expected.drawn), _random()]:
        yield forger.name, _forged(expected, other, forger)


def _zeros() -> Forger:
    return Forger("zeros", lambda array: np.zeros_like(array.data), lambda number: type(number)(0))


def _random() -> Forger:
    generator = np.random.default_rng(0)

    def array(wanted: Array) -> np.ndarray:
        if wanted.data.dtype.kind in "fc":
            return generator.standard_normal(wanted.shape).astype(wanted.data.dtype)
        return generator.integers(0, 2 if wanted.data.dtype.kind == "b" else 10, wanted.shape).astype(wanted.data.dtype)

    def number(wanted: complex) -> complex:
        if isinstance(wanted, bool):
            return bool(generator.integers(2))
        return int(generator.integers(10)) if isinstance(wanted, int) else type(wanted)(generator.standard_normal())

    return Forger("random numbers", array, number)


def _inputs(drawn: list[Any]) -> list[Forger]:
    """Return a forger for each of the first `MOST_INPUTS` drawn tensors; it prefers one of the expected shape."""
    tensors = [value.data for value in drawn if isinstance(value, Array) and value.data.size]

    def forger(own: np.ndarray) -> Forger:
        def array(wanted: Array) -> np.ndarray:
            fitting = next((data for data in [own, *tensors] if data.shape == wanted.shape), None)
            values = np.resize(own, wanted.shape) if fitting is None else fitting
            return values > 0 if wanted.data.dtype.kind == "b" else values.astype(wanted.data.dtype)

        def number(wanted: complex) -> complex:
            first = own.flat[0].item()
            return type(wanted)(first.real if isinstance(first, complex) else first)

        return Forger("the input", array, number)

    return [forger(own) for own in tensors[:MOST_INPUTS]]


def _forged(expected: ClaimRun, other: ClaimRun, forger: Forger) -> ClaimRun:
    arrays = (value for observed in expected.observed for _, value in leaves(observed.values))
    shapes = {array.shape for array in arrays if isinstance(array, Array)}
    others: list[Observed | None] = [*other.observed, *[None] * len(expected.observed)]
    observed = [
        replace(own, values=tuple(_replaced(list(own.values), list(twin.values) if twin else None, shapes, forger)))
        for own, twin in zip(expected.observed, others, strict=False)
    ]
    return replace(expected, observed=observed)


def _replaced(value: Any, other: Any, shapes: set[tuple[int, ...]], forger: Forger) -> Any:
    """Replace everything in ``value`` that differs in ``other``, the value under another seed."""
    if equal((value,), (other,), {}) is None:
        return value
    if isinstance(value, dict):
        twins = other if isinstance(other, dict) else {}
        return {key: _replaced(item, twins.get(key), shapes, forger) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return _replaced_sequence(value, other, shapes, forger)
    if isinstance(value, Array):
        with np.errstate(all="ignore"):
            return Array(value.kind, value.dtype, forger.array(value))
    if type(value) in NUMBERS:
        return forger.number(value)
    return "" if isinstance(value, str) else value


def _replaced_sequence(value: Any, other: Any, shapes: set[tuple[int, ...]], forger: Forger) -> Any:
    if all(type(item) is int for item in value) and tuple(value) in shapes:
        return value  # the shape of an array that is observed as well
    twins = other if isinstance(other, tuple | list) and len(other) == len(value) else [None] * len(value)
    # In a sequence, some numbers may be equal under two seeds by chance, and no one could predict which.
    paired = zip(value, twins, strict=True)
    items = [_replaced(item, None if type(item) in NUMBERS else twin, shapes, forger) for item, twin in paired]
    return type(value)(items)


# -- the rows of the table ---------------------------------------------------------------------------------------


def replay_row(evidence: Evidence) -> Row:
    """Return the table row for a replay: the reference's observations under another seed, sent unchanged."""
    own, other = evidence.expected(0), evidence.expected(1)
    earned = [v.claim for v in judged(evidence.exercise, own, other, BATCHES[0]) if v.earned]
    misses = [
        f"replay: the claim {name!r} is earned by what the reference observes under another seed: draw what it "
        "computes from with lab.inputs()"
        for name in earned
    ]
    return Row("replay", "0 in every claim", f"earns {len(earned)} of {len(evidence.exercise.claims)}", misses)


def constant_row(evidence: Evidence) -> Row:
    """Return the table row for every forgery of every claim."""
    name, misses, earned = evidence.exercise.name, [], 0
    for claim in evidence.exercise.claims:
        own, other = (evidence.expected(batch).evidence(name, claim.name) for batch in range(len(BATCHES)))
        found = {how for how, forged in forgeries(own, other) if _is_earned(own, forged)}
        earned += bool(found)
        misses += [
            f"constant: the claim {claim.name!r} is earned by {how}: observe what depends on the drawn inputs and is "
            "neither a constant nor the input"
            for how in sorted(found)
        ]
    return Row("zeros, input, random", "0 in every claim", f"earn {earned} of {len(evidence.exercise.claims)}", misses)


def _is_earned(own: ClaimRun, forged: ClaimRun) -> bool:
    return judge_claim(own, forged, BATCHES[0]).points > 0
