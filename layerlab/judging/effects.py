"""Find what all differences in a claim's wrong observations have in common, such as a factor or a sign.

A cause counts only if the feedback of a graded class has words for it, which describe the values, not the code.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import torch

from layerlab.checks.causes.finding import Finding, finding
from layerlab.checks.causes.likely import context_for, find_cause
from layerlab.checks.causes.tools import as_tensor, same, wide
from layerlab.graded.tolerances import Tolerance
from layerlab.graded.wire import Array, have_same_parts, pairs
from layerlab.judging import feedback_words, notebook_words
from layerlab.judging.claim_model import Batch, ClaimRun, Observed
from layerlab.judging.judges import DISTRIBUTIONS, JUDGES, find_why, holds
from layerlab.judging.samples import another_sample
from layerlab.judging.values import JudgeError, close, live
from layerlab.judging.words import located, put

MOST = 2_000  # elements of a tensor that is analyzed; analyzing 20,000 elements in one row takes seconds
PARTS = 32  # parts of an observation that are analyzed, including the dicts and sequences that contain others
OBSERVATIONS = 6  # wrong observations of a claim that are analyzed


def claim_effect(expected: ClaimRun | None, got: ClaimRun | None) -> tuple[str, str]:
    """Return where a claim's values differ and what the differences have in common; both are "" if that is unknown."""
    if expected is None or got is None:
        return "", ""
    with contextlib.suppress(Exception):  # if the search fails on an unusual value, the verdict keeps its own sentence
        effects = (effect(*pair) for pair in islice(_wrong_in(expected, got), OBSERVATIONS))
        return next((words for words in effects if words[1]), ("", ""))
    return "", ""


def _wrong_in(expected: ClaimRun, got: ClaimRun) -> Iterator[tuple[Observed, Observed]]:
    """Yield the wrong observations of a claim, each after the reference's; none after one that no judge can decide."""
    labels = [[o.label for o in run.observed] for run in (expected, got)]
    if got.raised or got.malformed or not got.finished or labels[0] != labels[1]:
        return
    with contextlib.suppress(JudgeError):
        for wanted, answer in zip(expected.observed, got.observed, strict=True):
            is_same = answer.values is wanted.values or JUDGES[wanted.judge].is_told
            if not is_same and not holds(wanted, answer)[0]:
                yield wanted, answer


def effect(expected: Observed, got: Observed) -> tuple[str, str]:
    """Return where two observations differ, and what all differences have in common ("" if that is unknown)."""
    if expected.judge in ("uniform", "normal"):
        cause = _other_sample(expected, got)
        return got.label, put(feedback_words.WORDS, cause) if cause else ""
    if len(expected.values) != len(got.values):
        return "", ""
    for path, wanted, value in islice(pairs(expected.values, got.values), PARTS):
        cause = _swapped(wanted, value) or _cause(wanted, value, expected.options)
        if cause is not None and (words := put(feedback_words.WORDS, cause)):
            return located(got.label, expected.values, path), words
    return "", ""


def words(expected: Observed, got: Observed, batch: Batch | None = None, exercise: str = "") -> str:
    """Return how an observation differs from the reference's, and the likely cause, for a notebook; "" if it holds.

    Only the judges of trained networks need the batch and the exercise.
    """
    why = find_why(expected, got, batch, exercise)
    if why is None:
        return ""
    sentence, difference, cause = put(notebook_words.WORDS, why), why.data["why"], None
    with contextlib.suppress(Exception):  # if the search fails on an unusual value, there is no cause
        if JUDGES[expected.judge].is_comparing:
            pair = live(difference.expected), live(difference.got)
            tolerance = Tolerance(expected.options.get("rtol"), expected.options.get("atol"))
            cause = find_cause(*pair, context_for(*pair, expected.label, tolerance=tolerance))
        elif expected.judge in DISTRIBUTIONS:
            cause = _other_sample(expected, got)
    return f"{sentence}. Likely cause: {put(notebook_words.WORDS, cause)}" if cause else sentence


def _other_sample(expected: Observed, got: Observed) -> Finding | None:
    distribution = DISTRIBUTIONS[expected.judge](expected.options)
    return next(filter(None, (another_sample(distribution, value) for value in got.values)), None)


def _swapped(expected: Any, got: Any) -> Finding | None:
    """Return which two keys have swapped values, or None."""
    if not isinstance(expected, dict) or not have_same_parts(expected, got):
        return None
    wrong = [key for key in expected if not _alike(expected[key], got[key])]
    if len(wrong) != 2 or not all(_is_telling(got[key]) for key in wrong):
        return None
    first, second = wrong
    if not (_alike(expected[first], got[second]) and _alike(expected[second], got[first])):
        return None
    return finding("swapped_keys", first=first, second=second)


def _is_telling(value: Any) -> bool:
    return not isinstance(value, bool) and (not isinstance(value, Array) or value.data.size > 2)


def _alike(expected: Any, got: Any) -> bool:
    return close((expected,), (got,), {"rtol": 1e-4, "atol": 1e-6}) is None


def _cause(expected: Any, got: Any, options: dict[str, Any]) -> Finding | None:
    wanted, value = _plain(expected), _plain(got)
    if wanted is None or value is None or max(wanted.numel(), value.numel()) > MOST:
        return None
    context = context_for(wanted, value, tolerance=Tolerance(options.get("rtol"), options.get("atol")))
    if wanted.shape == value.shape and same(wide(wanted), wide(value), context):
        return None
    return find_cause(wanted, value, context)


def _plain(value: Any) -> torch.Tensor | None:
    """Return an array or a number as a tensor, or None for anything else."""
    if isinstance(value, Array):
        return as_tensor(value.data) if value.data.dtype.kind in "biufc" else None
    return as_tensor(value) if type(value) in (int, float) else None
