"""Read and write what a notebook needs to judge an exercise: its claims, what the reference observed, and sketches.

A chapter has one file, an archive with two members for each exercise. No answer is in it. To keep it small, the
reference's values are rounded to a small share of the judge's tolerance, of a large array only a sample is stored,
zeros stand for values that no judge looks at, and inputs that the test draws and large options that it computes are not
stored, because it does so again in the notebook.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from importlib import resources
from itertools import chain, zip_longest
from typing import Any

import numpy as np

from layerlab.graded import wire
from layerlab.graded.tolerances import TOLERANCES
from layerlab.judging.claim_model import ClaimRun, Observed
from layerlab.judging.judges import JUDGES
from layerlab.scoring.sketches import ClaimSketch, MistakeSketch, Sketch

FOLDER = resources.files("layerlab") / "scoring" / "chapters"  # may be inside a wheel
ENDING = ".claims.zip"
MEMBER = "{}.json", "{}.bin"  # of an exercise: texts and sketches, and the reference's observations
_MOMENT = (2000, 1, 1, 0, 0, 0)  # of every member, so that the same content has the same bytes
_ROUNDED_TO = 1 / 8  # of the tolerance is the distance between two stored values
_SAMPLE = 800  # values of an array with more values
_SAMPLED = " sampled "  # in the dtype of a sample, before the shape of the whole array
_COMPUTED = "computed"  # the name of an unknown option that the test computes in the notebook
_DRAWN = "drawn "  # begins the name of an unknown value that is drawn in the notebook
_MANTISSA = {"float32": 23, "float64": 52}  # bits


@dataclass(frozen=True)
class ScoredClaim:
    """A claim with its points, and the bullets of the statement that it tests."""

    name: str
    points: int
    bullets: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScoredExercise:
    """An exercise as a notebook judges it."""

    name: str
    chapter: str
    title: str
    tier: str
    release: str  # a hash of what the statement asks and the test observes
    claims: tuple[ScoredClaim, ...]
    rules: tuple[str, ...]
    imports: str  # the chapter's imports that the test uses
    setup: str  # the chapter's other cells that the test uses
    test: str
    mistakes: tuple[MistakeSketch, ...] = ()
    expected: Mapping[str, ClaimRun] = field(default_factory=dict, repr=False)

    @property
    def points(self) -> int:
        return sum(claim.points for claim in self.claims)


class NoClaims(LookupError):
    """No file here has the exercise, because the class goes without claims or layerlab is older than the notebook."""


class OtherRelease(LookupError):
    """The exercise is here in another release than the notebook's."""


def read(exercise: str, release: str = "") -> ScoredExercise:
    """Return an exercise.

    Raises:
        NoClaims: if no file has the exercise.
        OtherRelease: if ``release`` is given, and the exercise is here in another one.
    """
    archive = next((a for _, a in _archives() if MEMBER[0].format(exercise) in a.namelist()), None)
    if archive is None:
        raise NoClaims(exercise)
    scored = _read(archive, exercise)
    if release not in ("", scored.release):
        raise OtherRelease(f"{exercise} is here in the release {scored.release}, not {release}")
    return scored


def names(chapter: str) -> list[str]:
    """Return the names of a chapter's exercises in order, or an empty list if there is no file of this chapter."""
    ending = MEMBER[0].format("")
    members = [name for file, archive in _archives() if file == chapter + ENDING for name in archive.namelist()]
    return [name.removesuffix(ending) for name in members if name.endswith(ending)]


@lru_cache(maxsize=1)
def _archives() -> list[tuple[str, zipfile.ZipFile]]:
    """Return the archives in layerlab, by name; only their tables of contents are read here."""
    paths = FOLDER.iterdir() if FOLDER.is_dir() else ()  # a class that goes without claims has no such folder
    files = sorted((path for path in paths if path.name.endswith(ENDING)), key=lambda path: path.name)
    return [(path.name, zipfile.ZipFile(io.BytesIO(path.read_bytes()))) for path in files]


def _read(archive: zipfile.ZipFile, exercise: str) -> ScoredExercise:
    texts = json.loads(archive.read(MEMBER[0].format(exercise)))
    claims = tuple(ScoredClaim(claim["name"], claim["points"], tuple(claim["bullets"])) for claim in texts["claims"])
    packed, sizes = io.BytesIO(archive.read(MEMBER[1].format(exercise))), texts.pop("sizes")
    content = [[wire.decode(packed.read(size)) for size in of_claim] for of_claim in sizes]
    expected = {
        claim.name: ClaimRun(
            exercise=exercise,
            name=claim.name,
            points=claim.points,
            observed=[Observed(label, judge, values, options) for label, judge, values, options in observed],
            finished=True,
        )
        for claim, observed in zip(claims, content, strict=True)
    }
    mistakes = tuple(_mistake(*parts) for parts in texts["mistakes"])
    more = {"rules": tuple(texts["rules"]), "claims": claims, "mistakes": mistakes, "expected": expected}
    return ScoredExercise(**(texts | more))


def _mistake(title: str, sentence: str, is_start: bool, claims: Mapping[str, Any]) -> MistakeSketch:
    sketches = {
        name: ClaimSketch(tuple(m if isinstance(m, str) else Sketch(m[0], tuple(m[1:])) for m in marks), raised)
        for name, (raised, *marks) in claims.items()
    }
    return MistakeSketch(title, sentence, sketches, is_start)


def dumps(exercises: Iterable[ScoredExercise], key: str) -> bytes:
    """Return the file of a chapter's exercises, with the key of what they were made from; equal input, equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.comment = key.encode()
        for scored in exercises:
            payloads = _observations(scored)
            content = _texts(scored, [list(map(len, of_claim)) for of_claim in payloads]), b"".join(chain(*payloads))
            for name, member in zip(MEMBER, content, strict=True):
                archive.writestr(zipfile.ZipInfo(name.format(scored.name), _MOMENT), member, zipfile.ZIP_LZMA)
    return buffer.getvalue()


def _texts(scored: ScoredExercise, sizes: list[list[int]]) -> bytes:
    plain = asdict(replace(scored, mistakes=(), expected={})) | {"sizes": sizes}
    del plain["expected"]
    plain["mistakes"] = [
        [m.title, m.sentence, m.is_start, {name: [c.raised, *map(_mark, c.marks)] for name, c in m.claims.items()}]
        for m in scored.mistakes
    ]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def _mark(mark: Sketch | str) -> str | list[Any]:
    return mark if isinstance(mark, str) else [mark.form, *(float(f"{number:.6g}") for number in mark.distances)]


def _observations(scored: ScoredExercise) -> list[list[bytes]]:
    """Return the encoded observations of each claim."""
    runs = [scored.expected[claim.name] for claim in scored.claims]
    return [[wire.encode([o.label, o.judge, o.values, o.options]) for o in run.observed] for run in runs]


def stored(run: ClaimRun) -> ClaimRun:
    """Return a claim of the reference as its file stores it; the run must have recorded what it drew."""
    names = {_content(value): name for name, value in reversed(_draws(run).items())}
    observed = [_stored(observed, names) for observed in run.observed]
    return replace(run, drawn=[], lines=(), seconds=0.0, observed=observed)


def filled(run: ClaimRun, got: ClaimRun | None) -> ClaimRun:
    """Return a stored claim with the inputs and the unsampled values of ``got``, and nan where it has none."""
    drawn = _draws(got) if got else {}

    def part(value: Any, own: Any = None) -> Any:
        if isinstance(value, wire.Array) and _SAMPLED in value.dtype:
            return _whole(value, own)
        if not isinstance(value, wire.Unknown) or value.type_name == _COMPUTED:
            return own if isinstance(value, wire.Unknown) else value
        _, dtype, shape, _ = value.type_name.split(" ")
        missing = np.full([int(size) for size in shape.split("x") if size], np.nan)
        return drawn.get(value.type_name, wire.Array("tensor", dtype, missing))

    pairs = zip_longest(run.observed, got.observed[: len(run.observed)] if got else ())
    return replace(run, observed=[_filled(stored, own, part) for stored, own in pairs])


def _filled(stored: Observed, got: Observed | None, part: Callable[..., Any]) -> Observed:
    values, options = (got.values, got.options) if got and got.label == stored.label else (None, None)
    return replace(stored, values=_mapped(stored.values, part, values), options=_mapped(stored.options, part, options))


def _draws(run: ClaimRun) -> dict[str, wire.Array]:
    """Return the arrays that a claim drew, by names such as "drawn float32 3x4 0", the first one of this form.

    Which forms a test draws, and in which order, does not depend on the answer, except for weights, which
    `lab.inputs().fill` draws in float64.
    """
    found: dict[str, wire.Array] = {}
    counts: Counter[str] = Counter()
    for value in (value for value in run.drawn if isinstance(value, wire.Array) and value.shape):
        form = f"{_DRAWN}{value.dtype} {'x'.join(map(str, value.shape))}"
        found[f"{form} {counts[form]}"] = value
        counts[form] += 1
    return found


def _stored(observed: Observed, names: Mapping[Any, str]) -> Observed:
    judge, rtol = JUDGES[observed.judge], observed.options.get("rtol")

    def drawn(value: Any) -> Any:
        name = names.get(_content(value)) if isinstance(value, wire.Array) else None
        return value if name is None else wire.Unknown(name)

    def part(value: Any) -> Any:
        known = drawn(value)
        if not isinstance(known, wire.Array) or observed.judge == "equal":
            return _sample(known) if isinstance(known, wire.Array) else known
        return replace(known, data=np.zeros_like(known.data)) if judge.is_of_form else _sample(_rounded(known, rtol))

    def option(value: Any) -> Any:
        is_large = isinstance(value, wire.Array) and value.data.size > _SAMPLE
        return wire.Unknown(_COMPUTED) if is_large else drawn(value)

    return replace(observed, values=_mapped(observed.values, part), options=_mapped(observed.options, option))


def _sample(value: wire.Array) -> wire.Array:
    """Return an array, or its values at places that are spread over all dimensions if it is large."""
    if value.data.size <= _SAMPLE:
        return value
    shape = "x".join(map(str, value.shape))
    return replace(value, dtype=f"{value.dtype}{_SAMPLED}{shape}", data=value.data.ravel()[_places(value.data.size)])


def _whole(sample: wire.Array, own: Any) -> wire.Array:
    """Return an array of the sample's values, and elsewhere, those of ``own``, or nan if its form is another."""
    dtype, _, shape = sample.dtype.partition(_SAMPLED)
    sizes = tuple(map(int, shape.split("x")))
    is_alike = isinstance(own, wire.Array) and own.shape == sizes and own.data.dtype == sample.data.dtype
    data = own.data.copy() if is_alike else np.full(sizes, np.nan if sample.data.dtype.kind in "fc" else 0)
    data = data.astype(sample.data.dtype)
    data.reshape(-1)[_places(data.size)] = sample.data
    return wire.Array(sample.kind, dtype, data)


def _places(size: int) -> np.ndarray:
    """Return different places in an array of this size, in an order without a period that a shape could have."""
    return (np.arange(_SAMPLE) * 7_368_787 + 12_345) % size  # a prime number larger than any size here


def _content(value: Any) -> Any:
    return (value.kind, value.dtype, value.shape, value.data.tobytes()) if isinstance(value, wire.Array) else value


def _mapped(value: Any, change: Callable[..., Any], beside: Any = None) -> Any:
    """Return nested dicts, tuples, and lists with each value changed, knowing the value at its place ``beside``."""
    if not isinstance(value, dict | tuple | list):
        return change(value) if beside is None else change(value, beside)
    others = beside if wire.have_same_parts(value, beside) else None
    if isinstance(value, dict):
        return {key: _mapped(inner, change, others and others[key]) for key, inner in value.items()}
    return type(value)(_mapped(inner, change, others and others[at]) for at, inner in enumerate(value))


def _rounded(value: wire.Array, rtol: float | None) -> wire.Array:
    """Return the values rounded to fewer bits in the mantissa, as many as a share of the tolerance needs."""
    if value.data.dtype.name not in _MANTISSA or value.dtype not in TOLERANCES:
        return value
    bits, integer = _MANTISSA[value.data.dtype.name], np.dtype(f"u{value.data.dtype.itemsize}").type
    share = (TOLERANCES[value.dtype][0] if rtol is None else rtol) * _ROUNDED_TO
    cut = bits - int(np.ceil(-np.log2(share))) if share > 0 else 0
    if cut <= 0:
        return value
    half, mask = integer(2 ** (cut - 1)), ~integer(2**cut - 1)
    rounded = ((value.data.copy().view(integer) + half) & mask).view(value.data.dtype)
    return replace(value, data=np.where(np.isfinite(value.data) & np.isfinite(rounded), rounded, value.data))
