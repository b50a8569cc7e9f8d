"""Judge whether a submission's observations agree with the reference's observations under the same seed.

Only the reference chooses the judge and its options. Of everything that a submission sends, only the values count; if a
submission names a judge, the name is ignored. A judge returns None if it accepts the observation, and otherwise a
`Finding`. `feedback_words.py` puts it into words that tell a student what to check without revealing the answer.

===============  ==============================================================================================
judge            accepts
===============  ==============================================================================================
close            (the default) same structure, shapes, and dtypes; values within ``rtol`` and ``atol``
equal            same as ``close``, but values must be exactly equal
uniform          an independent sample from U(``low``, ``high``), with the reference's shape and dtype
normal           an independent sample from N(``mean``, ``std``^2), with the reference's shape and dtype
truncated        a sample from N(``mean``, ``std``^2) truncated to [``low``, ``high``]
dropout          outputs of dropout with rate ``p`` on ``x``, one for each call: every element is 0 or x / (1 - p);
                 elements along the dimensions ``shared`` are dropped together
alpha_dropout    the same for alpha dropout, which sets dropped elements to SELU's lower limit and then applies an
                 affine map
at_least         numbers that are all >= ``limit``, or >= ``margin`` times the reference's
at_most          numbers that are all <= ``limit``, or <= ``margin`` times the reference's
alive            one or more numbers in any structure, all finite and nonzero
learned          class predictions for the held-out inputs of ``task``, with an accuracy of at least ``at_least``
recall           the same, but each class must have a recall of at least ``at_least``
forecast         predictions for the held-out inputs of ``task``, whose mean absolute error is at most ``at_most``
                 times that of the baseline ``than`` (`layerlab/graded/laws.py`)
energy           samples whose energy distance to the held-out points of ``task`` is at most ``at_most`` times that
                 between two halves of these points
===============  ==============================================================================================

`layerlab/judging/samples.py` says how many values the judges of random samples need.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layerlab.checks.causes.finding import Finding, finding
from layerlab.graded.wire import Array, Unknown, leaves
from layerlab.judging import feedback_words, notebook_words
from layerlab.judging.claim_model import Batch, ClaimRun, ClaimState, Observed, Ruling
from layerlab.judging.learning import energy, forecast, learned, recall
from layerlab.judging.samples import Distribution, TooFew, distribution_miss, masks_miss
from layerlab.judging.values import JudgeError, close, equal, first, first_miss, not_finite, numbers
from layerlab.judging.words import located, put

_MASK_TOLERANCE = 1e-4
# https://arxiv.org/abs/1706.02515, the constants of nn.SELU
_SELU_LOWER = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946


def judge_claim(expected: ClaimRun, got: ClaimRun | None, batch: Batch) -> Ruling:
    """Return what one claim of a submission earned, judged by the reference's run under the same batch.

    An observation with the reference's own values (`autograder.sandbox.driver.events.Seen`) is accepted without a
    comparison. Raise JudgeError if the reference's own claim has no evidence or names an unknown judge.
    """
    if expected.raised or not expected.finished or not expected.observed:
        raise JudgeError(f"the reference's claim {expected.name!r} has no evidence: {expected.raised or 'it is empty'}")
    state, why = _decide(expected, got, batch)
    cause = put(feedback_words.WORDS, why) if why else ""
    detail = put(notebook_words.WORDS, why.data.get("why", why)) if why else ""
    return Ruling(
        claim=expected.name,
        points=expected.points if state is ClaimState.PASSED else 0,
        state=state,
        cause=cause[:300],
        detail="" if detail in cause else detail[:500],
        told=feedback_words.told(why) if why else None,
    )


def holds(expected: Observed, got: Observed, batch: Batch | None = None, exercise: str = "") -> tuple[bool, str]:
    """Return whether one observation is accepted and, if it is not, the sentence for the student.

    Of ``got``, only the values count. Only the judges of trained networks need the batch and the exercise.
    """
    why = _unknown(got) or find_why(expected, got, batch, exercise)
    return why is None, put(feedback_words.WORDS, why) if why else ""


def _decide(expected: ClaimRun, got: ClaimRun | None, batch: Batch) -> tuple[ClaimState | str, Finding | None]:
    if got is None:
        return ClaimState.NO_EVIDENCE, finding("nothing_observed")
    if got.malformed:
        return ClaimState.NO_EVIDENCE, finding("unreadable", how=got.malformed)
    if got.stop is not None:
        return got.stop, finding("stopped")
    if got.raised:
        return _raised_state(got), finding("raised", error=got.raised)  # `error_sentence` has the answer and says more
    if (why := _other_labels(expected, got)) is not None:
        return ClaimState.NO_EVIDENCE, why
    if not got.finished:
        return ClaimState.NO_EVIDENCE, finding("unfinished")
    is_reference = expected is got  # judge it in full: byte-identical observations are otherwise accepted unseen
    for wanted, answer in zip(expected.observed, got.observed, strict=True):
        if answer.values is wanted.values and not is_reference:
            continue
        if (why := _unknown(answer)) is not None:
            return ClaimState.NO_EVIDENCE, why
        if (why := find_why(wanted, answer, batch, expected.exercise)) is not None:
            return ClaimState.WRONG, why
    return ClaimState.PASSED, None


def _raised_state(got: ClaimRun) -> ClaimState:
    if got.raised_type == "NotImplementedError":
        return ClaimState.NOT_IMPLEMENTED
    if got.raised_type == "MemoryError" or "can't allocate memory" in (got.raised or ""):
        return ClaimState.OUT_OF_MEMORY
    return ClaimState.RAISED


def _other_labels(expected: ClaimRun, got: ClaimRun) -> Finding | None:
    wanted, labels = [o.label for o in expected.observed], [o.label for o in got.observed]
    for position, label in enumerate(wanted):
        if position >= len(labels):
            return finding("no_observation", label=label)
        if labels[position] != label:
            return finding("no_observation.here", label=label, instead=labels[position])
    return finding("extra_observation", label=labels[len(wanted)]) if len(labels) > len(wanted) else None


def _unknown(observed: Observed) -> Finding | None:
    unknown = _unknown_type(observed.values)
    return finding("observed", label=observed.label, why=finding("unknown", type=unknown)) if unknown else None


def _unknown_type(values: Any) -> str:
    return next((value.type_name for _, value in leaves(values) if isinstance(value, Unknown)), "")


def find_why(expected: Observed, got: Observed, batch: Batch | None, exercise: str) -> Finding | None:
    """Return why an observation is not accepted, with its label and the location of the difference, or None."""
    judge = JUDGES.get(expected.judge)
    if judge is None:
        raise JudgeError(f"{expected.label!r} asks for the judge {expected.judge!r}; there are {', '.join(JUDGES)}")
    for option in sorted(set(expected.options) - judge.options):
        known = ", ".join(sorted(judge.options)) or "none"
        raise JudgeError(f"{expected.judge}, {expected.label!r}: there is no option {option!r}; there are: {known}")
    if unknown := _unknown_type(expected.values):
        raise JudgeError(f"the reference observes a {unknown} in {expected.label!r}")
    why: Finding | None
    try:
        told = (batch, exercise) if judge.is_told else ()
        if len(expected.values) != len(got.values):
            why = finding("count", wanted=len(expected.values), count=len(got.values))
        else:
            why = judge.decide(expected.values, got.values, expected.options, *told)
    except (TooFew, KeyError) as error:
        raise JudgeError(f"{expected.judge}, {expected.label!r}: {error}") from error
    if why is None:
        return None
    path = (*why.path, why.data["at"]) if why.name == "sizes" else why.path
    values = got.values if judge.has_free_shape else expected.values
    return finding("observed", label=located(expected.label, values, path), why=why)


# -- what is random ----------------------------------------------------------------------------------------------


DISTRIBUTIONS: dict[str, Callable[[dict[str, Any]], Distribution]] = {
    "uniform": lambda o: Distribution.uniform(o["low"], o["high"]),
    "normal": lambda o: Distribution.normal(o["mean"], o["std"]),
    "truncated": lambda o: Distribution.truncated(o["mean"], o["std"], o["low"], o["high"]),
}


def _distributed(name: str) -> Callable[[tuple, tuple, dict], Finding | None]:
    def judge(expected: tuple, got: tuple, options: dict[str, Any]) -> Finding | None:
        distribution = DISTRIBUTIONS[name](options)

        def decide(_: Array, answer: Array) -> Finding | None:
            with np.errstate(invalid="ignore"):  # uninitialized memory may contain a nan that NumPy warns about
                values = answer.data.astype(np.float64)
            return distribution_miss(values, distribution)

        return first_miss("a distribution", expected, got, decide)

    return judge


def _dropout(expected: tuple, got: tuple, options: dict[str, Any]) -> Finding | None:
    x, p = _array_option(options, "x"), float(options["p"])
    return _mask(expected, got, x / (1 - p), np.zeros_like(x), options)


def _alpha_dropout(expected: tuple, got: tuple, options: dict[str, Any]) -> Finding | None:
    x, p = _array_option(options, "x"), float(options["p"])
    scale = 1 / math.sqrt((1 - p) * (1 + p * _SELU_LOWER**2))
    shift = -scale * p * _SELU_LOWER
    return _mask(expected, got, scale * x + shift, np.full_like(x, scale * _SELU_LOWER + shift), options)


def _mask(
    expected: tuple, got: tuple, kept: np.ndarray, dropped: np.ndarray, options: dict[str, Any]
) -> Finding | None:
    if any(isinstance(wanted, Array) and wanted.shape != kept.shape for wanted in expected):
        raise JudgeError("dropout judges outputs of the shape of x")
    if miss := first_miss("dropout", expected, got):
        return miss
    shared = options.get("shared", ())
    axes = tuple(int(a) % kept.ndim for a in (shared if isinstance(shared, tuple | list) else (shared,)))
    calls = [found.data.astype(np.float64) for found in got]
    return masks_miss(calls, kept, dropped, float(options["p"]), axes, _MASK_TOLERANCE)


def _array_option(options: dict[str, Any], name: str) -> np.ndarray:
    if not isinstance(options[name], Array):
        raise JudgeError(f"the option {name} is a tensor")
    return options[name].data.astype(np.float64)


# -- what is free ------------------------------------------------------------------------------------------------


def _bounded(holds_at: Callable[[np.ndarray, np.ndarray], np.ndarray], kind: str) -> Callable:
    def judge(expected: tuple, got: tuple, options: dict[str, Any]) -> Finding | None:
        for wanted, answer in zip(expected, got, strict=True):
            reference, given = numbers(wanted), numbers(answer)
            limit = numbers(options["limit"]) if "limit" in options else reference
            if reference is None or limit is None:
                raise JudgeError("at_least and at_most judge a number or a tensor of numbers")
            if given is None or given.shape != reference.shape:
                return finding("type", expected=wanted, got=answer)
            limit = limit if "limit" in options else limit * options.get("margin", 1.0)
            fails = ~(np.isfinite(given) & holds_at(given, limit))
            if fails.any():
                at, far = first(fails), float(np.abs(given - limit)[fails].max())
                pair = {"limit": float(np.broadcast_to(limit, given.shape)[at]), "given": float(given[at])}
                counts = {"count": int(fails.sum()), "total": fails.size, "at": at, "error": far}
                return not_finite(given) or finding(f"{kind}.{'many' if fails.ndim else 'single'}", **counts, **pair)
        return None

    return judge


def _alive(expected: tuple, got: tuple, options: dict[str, Any]) -> Finding | None:
    is_empty = True
    for path, value in leaves(got):
        is_empty, why, given = False, None, numbers(value)
        if given is None:
            why = finding("not_numeric", got=value)
        elif not given.size:
            why = finding("no_number")
        elif (why := not_finite(given)) is None and (zeros := int((given == 0).sum())):
            why = finding("zero" if given.size > 1 else "zero.single", count=zeros, total=given.size)
        if why is not None:
            return replace(why, path=path)
    return finding("no_number") if is_empty else None


@dataclass(frozen=True)
class Judge:
    """One judge, and the properties that its callers need."""

    decide: Callable[..., Finding | None]  # (expected values, values, options); with `is_told`, the batch and exercise
    options: frozenset[str] = frozenset()
    is_comparing: bool = False  # compares values with the reference's; otherwise checks that values fit its options
    has_free_shape: bool = False  # an answer may have different shapes from the reference
    is_told: bool = False  # also receives the batch and the name of the exercise

    @property
    def is_of_form(self) -> bool:
        """Whether only the form of the reference's values counts, and options decide the rest."""
        return not self.is_comparing and "margin" not in self.options


def _judge(decide: Callable[..., Finding | None], *options: str, **about: bool) -> Judge:
    return Judge(decide, frozenset(options), **about)


JUDGES = {
    "close": _judge(close, "rtol", "atol", is_comparing=True),
    "equal": _judge(equal, is_comparing=True),
    "uniform": _judge(_distributed("uniform"), "low", "high"),
    "normal": _judge(_distributed("normal"), "mean", "std"),
    "truncated": _judge(_distributed("truncated"), "mean", "std", "low", "high"),
    "dropout": _judge(_dropout, "x", "p", "shared"),
    "alpha_dropout": _judge(_alpha_dropout, "x", "p", "shared"),
    "at_least": _judge(_bounded(np.greater_equal, "too_small"), "limit", "margin"),
    "at_most": _judge(_bounded(np.less_equal, "too_large"), "limit", "margin"),
    "alive": _judge(_alive, has_free_shape=True),
    "learned": _judge(learned, "task", "at_least", is_told=True),
    "recall": _judge(recall, "task", "at_least", is_told=True),
    "forecast": _judge(forecast, "task", "than", "at_most", is_told=True),
    "energy": _judge(energy, "task", "at_most", is_told=True),
}
