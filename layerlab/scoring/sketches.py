"""Recognize known mistakes by sketches of what they observe under the public seed, without their code or their values.

A sketch of an observation has two parts. The form is a hash of everything that is compared exactly: structure, shapes,
dtypes, integers, text, and where values are nan or infinite. The other part is the distance of all other values from
the reference's, in two fixed directions: ``sum(w * arcsinh(value / size)) / sqrt(n)``, where ``size`` is the median
magnitude of the reference's values. Rounding errors barely change these numbers, so that a mistake is recognized in
code that was written differently, and two mistakes that differ by more than rounding errors have different sketches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layerlab.checks.causes.tools import usual, wide_array
from layerlab.graded.tolerances import TOLERANCES, Tolerance
from layerlab.graded.wire import Array, DType, Unknown, leaves
from layerlab.judging.claim_model import PUBLIC, ClaimRun, ClaimState, Observed, Ruling
from layerlab.judging.judges import holds

DIRECTIONS = np.sqrt(np.array([2.0, 3.0]))[:, None] % 1  # irrational, so that the weights do not repeat
_SHARE = 0.2  # of a judge's tolerance: the largest distance between two sketches of one mistake
_RELATIVE = 1e-5  # of a distance from the reference, stored in float32
HOLDS = "holds"  # the sketch of an observation that the judge accepts

Marks = tuple["Sketch | str", ...]  # the sketch of each observation in a claim, or `HOLDS`


@dataclass(frozen=True)
class Sketch:
    """What one observation looks like; see above."""

    form: str
    distances: tuple[float, ...] = ()

    def is_like(self, other: Sketch, tolerance: float) -> bool:
        """Return whether two sketches differ by rounding errors only."""
        pairs = zip(self.distances, other.distances, strict=False)
        return self.form == other.form and all(abs(a - b) <= tolerance + _RELATIVE * abs(a) for a, b in pairs)


@dataclass(frozen=True)
class ClaimSketch:
    """What a lost claim looks like: its observations until it ended, and a hash of the exception that it raised."""

    marks: Marks
    raised: str = ""


@dataclass(frozen=True)
class MistakeSketch:
    """A known mistake: its title and its sentence for a student, and a sketch of each claim that it loses."""

    title: str
    sentence: str
    claims: Mapping[str, ClaimSketch]
    is_start: bool = False  # the code that a debug-this exercise releases


def explanations(
    mistakes: Sequence[MistakeSketch],
    expected: Mapping[str, ClaimRun],
    got: Mapping[str, ClaimRun],
    rulings: Iterable[Ruling],
) -> dict[str, MistakeSketch]:
    """Return, for each lost claim that a mistake explains, the mistake.

    A mistake that loses the same claims, with the same sketches, explains all of them. Otherwise, a mistake explains
    its own claims if all of them are lost with the same sketches; of several, the one that explains most claims wins.
    """
    lost = [ruling.claim for ruling in rulings if ruling.state in (ClaimState.WRONG, ClaimState.RAISED)]
    sketches = {name: claim_sketch(expected[name], got[name]) for name in lost if name in got}
    told = {name for name, sketch in sketches.items() if sketch is not None}

    def explains(mistake: MistakeSketch, name: str) -> bool:
        return name in told and are_alike(mistake.claims[name], sketches[name], expected[name])

    fitting = [m for m in mistakes if m.claims.keys() <= told and all(explains(m, name) for name in m.claims)]
    fitting.sort(key=lambda mistake: len(mistake.claims))
    return {name: mistake for mistake in fitting for name in mistake.claims}


def are_alike(one: ClaimSketch | None, other: ClaimSketch | None, expected: ClaimRun) -> bool:
    """Return whether two sketches of a claim differ by rounding errors only."""
    if one is None or other is None:
        return one is other
    if one.raised != other.raised or len(one.marks) != len(other.marks):
        return False
    return all(
        a == b or (isinstance(a, Sketch) and isinstance(b, Sketch) and a.is_like(b, tolerance(observed)))
        for a, b, observed in zip(one.marks, other.marks, expected.observed, strict=False)
    )


def claim_sketch(expected: ClaimRun, got: ClaimRun) -> ClaimSketch | None:
    """Return the sketch of a claim, or None if it says nothing: it was cut off, or only a stub ran."""
    if got.malformed or got.stop or not got.finished or len(got.observed) > len(expected.observed):
        return None
    if not got.observed and got.raised_type in (None, "NotImplementedError"):
        return None
    marks: list[Sketch | str] = []
    for wanted, received in zip(expected.observed, got.observed, strict=False):
        if wanted.label != received.label:
            return None
        accepted = received.values is wanted.values or holds(wanted, received, PUBLIC, expected.exercise)[0]
        marks.append(HOLDS if accepted else sketch(wanted, received))
    return ClaimSketch(tuple(marks), _hash(" ".join(got.raised.split())) if got.raised else "")


def sketch(expected: Observed, got: Observed) -> Sketch:
    """Return the sketch of an observation."""
    form, values = _parts(got.values)
    size = usual(_parts(expected.values)[1]) or 1.0
    own = _projected(values / size)
    reference = _parts(expected.values)[1]
    base = _projected(reference / size) if reference.size == values.size else np.zeros(len(DIRECTIONS))
    return Sketch(form, tuple(float(np.float32(distance)) for distance in own - base) if values.size else ())


def tolerance(expected: Observed) -> float:
    """Return how far the numbers of two sketches of an observation may be apart."""
    dtypes = [value.dtype for _, value in leaves(expected.values) if isinstance(value, Array)]
    given = [TOLERANCES[dtype.split()[0]] for dtype in dtypes if dtype.split()[0] in TOLERANCES]
    rtol, _ = max(given, default=TOLERANCES["float32"])
    return _SHARE * Tolerance(expected.options.get("rtol")).over((rtol, 0.0))[0]


def _parts(values: Any) -> tuple[str, np.ndarray]:
    """Return a hash of what is compared exactly, and all other values as one float64 vector."""
    exact: list[str] = []
    vectors: list[np.ndarray] = []
    for path, value in leaves(values):
        exact.append(repr(path))
        data = (
            value.data if isinstance(value, Array) else np.asarray(value) if type(value) in (float, complex) else None
        )
        if isinstance(value, Array):
            exact += [value.kind, value.dtype, repr(value.shape)]
        if data is None or data.dtype.kind not in "fc":
            exact.append(hashlib.sha1(data.tobytes()).hexdigest() if data is not None else _text(value))
            continue
        flat = wide_array(data).ravel()
        flat = np.concatenate([flat.real, flat.imag]) if flat.dtype.kind == "c" else flat
        finite = np.isfinite(flat)
        if not finite.all():
            exact.append(repr([(int(at), str(flat[at])) for at in np.flatnonzero(~finite)[:1000]]))
        vectors.append(np.where(finite, flat, 0.0))
    return _hash("\n".join(exact)), np.concatenate(vectors) if vectors else np.zeros(0)


def _text(value: Any) -> str:
    if isinstance(value, DType | Unknown):
        return f"{type(value).__name__} {vars(value)}"
    return f"{type(value).__name__} {value!r}"


def _projected(values: np.ndarray) -> np.ndarray:
    weights = 2 * ((np.arange(1, values.size + 1, dtype=np.float64) ** 2 * DIRECTIONS) % 1) - 1
    return weights @ np.arcsinh(values) / max(1.0, values.size) ** 0.5


def _hash(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", errors="replace")).hexdigest()[:8]
