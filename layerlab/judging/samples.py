"""Test at six sigma whether values are a sample from a distribution, or the output of dropout.

For a right answer, every test statistic below is approximately standard normal and is accepted up to `SIGMA` = 6, so a
right answer is rejected about twice in 10^9 tests. A wrong answer must be rejected with the same certainty, so a claim
needs enough values to put its wrong variants at 16 sigma or more on average; the wrong variants then stay above 10
sigma in any sample. This table shows how many values are enough:

=====================================  =============================================  ===========================
mistake                                expected distance in sigma                     values for 16 sigma
=====================================  =============================================  ===========================
standard deviation wrong by factor r   abs(r^2 - 1) * sqrt(n / 2) (normal)            r=1.1: 11 700; r=1.4: 560
the same, uniform                      abs(r^2 - 1) * sqrt(n / 0.8)                   r=1.1: 4 700; r=1.4: 230
mean wrong by d standard deviations    d * sqrt(n)                                    d=0.1: 25 600; d=0.5: 1 030
normal where uniform is right          immediately out of bounds                      1 000
uniform where normal is right          Kolmogorov-Smirnov D=0.057: 5.9 at 10 600      10 600
repeated rows, equal layers            sqrt(n)                                        1 000
rate q instead of p in a mask          abs(q - p) * sqrt(n / (p (1 - p)))             .3 for .7: 340; .1 off: 5 400
the same mask twice                    sqrt(n)                                        400
exactly p in each of m slices          3 sqrt(m / 2)                                  57 slices; 24 for 10 sigma
=====================================  =============================================  ===========================
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch

from layerlab.checks.causes.finding import Finding, finding
from layerlab.graded.wire import Array
from layerlab.judging.values import first, not_finite

SIGMA = 6.0
SMALLEST_SAMPLE = 1000  # below this, the normal approximations and the power are too poor to judge a distribution
SMALLEST_MASK = 50.0  # n * p * (1 - p): below this, the share of zeros says too little
SMALLEST_SLICE = 2.0  # the same for one slice along a dimension, whose count of zeros has to vary
# Kolmogorov: P(sqrt(n) D > t) = 2 exp(-2 t^2); this t has the probability of six sigma, two-sided.
KOLMOGOROV = math.sqrt(-math.log(math.erfc(SIGMA / math.sqrt(2)) / 2) / 2)


class TooFew(ValueError):
    """The reference observes too few values for a statistical judge; this is a mistake in the test cell."""


@dataclass(frozen=True)
class Distribution:
    """A continuous distribution; ``location`` and ``scale`` are those of the normal distribution before truncation."""

    low: float
    high: float
    mean: float
    std: float
    kurtosis: float
    location: float = 0.0
    scale: float = math.inf  # an infinitely wide normal distribution is uniform after truncation

    def __str__(self) -> str:
        return f"mean {self.mean:.4g}, std {self.std:.4g} in [{self.low:.4g}, {self.high:.4g}]"

    @classmethod
    def uniform(cls, low: float, high: float) -> Distribution:
        """Return the uniform distribution on [low, high)."""
        if not low < high:
            raise ValueError(f"a uniform distribution needs low < high, not {low} and {high}")
        return cls(low, high, (low + high) / 2, (high - low) / math.sqrt(12), 1.8)

    @classmethod
    def normal(cls, mean: float, std: float) -> Distribution:
        """Return the normal distribution with this mean and standard deviation."""
        if not std > 0:
            raise ValueError(f"a normal distribution needs std > 0, not {std}")
        return cls(-math.inf, math.inf, mean, std, 3.0, mean, std)

    @classmethod
    def truncated(cls, mean: float, std: float, low: float, high: float) -> Distribution:
        """Return N(mean, std^2) truncated to [low, high], the distribution that `nn.init.trunc_normal_` samples."""
        if not (low < high and std > 0):
            raise ValueError("a truncated normal distribution needs low < high and std > 0")
        grid = np.linspace(low, high, 20_001)
        weight = np.exp(-0.5 * ((grid - mean) / std) ** 2)
        weight /= weight.sum()
        own_mean = float((weight * grid).sum())
        squares = (grid - own_mean) ** 2
        variance = float((weight * squares).sum())
        kurtosis = float((weight * squares**2).sum()) / variance**2
        return cls(low, high, own_mean, math.sqrt(variance), kurtosis, mean, std)

    def cdf(self, values: np.ndarray) -> np.ndarray:
        """Return the cumulative distribution function at each of the values."""
        if math.isinf(self.scale):
            return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)
        low, high = _phi((np.array([self.low, self.high]) - self.location) / self.scale)
        return np.clip((_phi((values - self.location) / self.scale) - low) / (high - low), 0.0, 1.0)


def _phi(values: np.ndarray) -> np.ndarray:
    return torch.special.ndtr(torch.from_numpy(np.ascontiguousarray(values, dtype=np.float64))).numpy()


def distribution_miss(values: np.ndarray, expected: Distribution) -> Finding | None:
    """Return why ``values`` are not an independent sample from ``expected``, or None; raise TooFew for few values."""
    if values.size < SMALLEST_SAMPLE:
        raise TooFew(f"a distribution is judged on at least {SMALLEST_SAMPLE} numbers, but there are {values.size}")
    if (why := not_finite(values)) is not None:
        return why
    slack = 1e-5 * max(abs(expected.low), abs(expected.high)) if np.isfinite(expected.low) else 0.0  # for float32
    outside = np.maximum(expected.low - values, values - expected.high)
    if outside.max() > slack:
        counts = {"count": int((outside > slack).sum()), "total": values.size, "error": float(outside.max())}
        return finding("outside", **counts, low=float(values.min()), high=float(values.max()), expected=str(expected))
    if (different := np.unique(values).size) < values.size / 2:
        return finding("repeated_values", count=different, total=values.size)
    off, spread = abs(float(values.mean()) - expected.mean), float(values.std()) / expected.std
    return _first_beyond(distribution_sigmas(values, expected), expected=str(expected), off=off, spread=spread)


def distribution_sigmas(values: np.ndarray, expected: Distribution) -> dict[str, float]:
    """Return every test statistic in units of sigma, keyed by the kind of the finding if it is too large."""
    z = (values - expected.mean) / expected.std
    return _neighbor_sigmas(values, np.ones_like(values, dtype=bool)) | {
        "sample_mean": math.sqrt(z.size) * float(z.mean()),
        "sample_spread": _variance_sigma(float((z * z).mean()), z.size, expected.kurtosis),
        "sample_shape": _kolmogorov(values.ravel(), expected) * SIGMA / KOLMOGOROV,
    }


def another_sample(expected: Distribution, value: Any) -> Finding | None:
    """Return which other distribution a value is a sample from, or None; a right sample is from no other."""
    if not isinstance(value, Array) or value.data.dtype.kind != "f" or value.data.size < SMALLEST_SAMPLE:
        return None
    values = value.data.astype(np.float64).ravel()
    if not np.isfinite(values).all() or not np.ptp(values) > 0 or _fits(expected, values):
        return None
    mean, std, low, high = expected.mean, expected.std, expected.low, expected.high
    others = {"std_as_bound": Distribution.uniform(mean - std, mean + std)}
    if math.isfinite(high):
        others["upper_half"] = Distribution.uniform((low + high) / 2, high)
        others["lower_half"] = Distribution.uniform(low, (low + high) / 2)
        others |= {"normal": Distribution.normal(mean, std), "bound_as_std": Distribution.normal(mean, high)}
    else:
        others["uniform"] = Distribution.uniform(mean - math.sqrt(3) * std, mean + math.sqrt(3) * std)
        others["variance_as_std"] = Distribution.normal(mean, std**2)
        others["root_as_std"] = Distribution.normal(mean, math.sqrt(std))
    return next((finding(f"another_sample.{form}") for form, other in others.items() if _fits(other, values)), None)


def _fits(distribution: Distribution, values: np.ndarray) -> bool:
    if values.min() < distribution.low - 1e-6 or values.max() > distribution.high + 1e-6:
        return False
    return all(abs(sigma) <= SIGMA for sigma in distribution_sigmas(values, distribution).values())


def _first_beyond(sigmas: dict[str, float], **data: Any) -> Finding | None:
    beyond = (finding(kind, sigma=sigma, **data) for kind, sigma in sigmas.items() if not abs(sigma) <= SIGMA)
    return next(beyond, None)


def _variance_sigma(second_moment: float, count: int, kurtosis: float) -> float:
    """Return how far a mean of squares is from 1, in units of sigma, using the Wilson-Hilferty approximation.

    The plain standard error would reject right answers too often, because squares are skewed. The degrees of freedom
    are those of the chi-squared distribution with the same variance.
    """
    freedom = 2 * count / (kurtosis - 1)
    spread = 2 / (9 * freedom)
    return (second_moment ** (1 / 3) - (1 - spread)) / math.sqrt(spread)


def _kolmogorov(values: np.ndarray, expected: Distribution) -> float:
    """Return sqrt(n) times the largest gap between the empirical and the expected distribution functions.

    First compute an upper bound from a few of the values; this bound is at most about an eighth too large. If the
    bound is small enough to be accepted, return it.
    """
    ordered = np.sort(values)
    bound = _largest_gap(ordered, expected, max(1, math.isqrt(ordered.size) // 8))
    return bound if bound <= KOLMOGOROV else _largest_gap(ordered, expected, 1)


def _largest_gap(ordered: np.ndarray, expected: Distribution, stride: int) -> float:
    """Return sqrt(n) times an upper bound on the largest gap, using every ``stride``-th value; a stride of 1 is exact.

    Between two neighbors among these values, the empirical distribution function is at most its value at the second
    neighbor, and the expected distribution function is at least its value at the first neighbor.
    """
    count = ordered.size
    places = np.append(np.arange(0, count - 1, stride), count - 1)
    probabilities = expected.cdf(ordered[places])
    above = np.append(places[1:], count) / count - probabilities
    below = probabilities - np.insert(places[:-1] + 1, 0, 0) / count
    return math.sqrt(count) * max(float(above.max()), float(below.max()))


def _neighbor_sigmas(values: np.ndarray, usable: np.ndarray) -> dict[str, float]:
    """Return the correlation between neighboring values along each dimension, in units of sigma."""
    own = values[usable]
    if own.std() == 0:
        return {"all_equal": math.inf}
    z = np.where(usable, (values - own.mean()) / own.std(), 0.0)
    sigmas = {}
    for axis in range(z.ndim):
        lead = (slice(None),) * axis
        before, after = (*lead, slice(None, -1)), (*lead, slice(1, None))
        count = int((usable[before] & usable[after]).sum())
        if count > 1:
            sigmas[f"neighbors.{axis}"] = float((z[before] * z[after]).sum()) / math.sqrt(count)
    return sigmas


def masks_miss(
    calls: list[np.ndarray], kept: np.ndarray, dropped: np.ndarray, p: float, shared: tuple[int, ...], tolerance: float
) -> Finding | None:
    """Return why ``calls`` are not outputs of dropout, or None if they could be; raise TooFew if chance would decide.

    Each element must equal ``dropped`` with probability ``p``, and ``kept`` otherwise, up to ``tolerance`` relative to
    the larger magnitude of both. All elements along the dimensions ``shared`` are dropped together.
    """
    scale = np.maximum(np.abs(kept), np.abs(dropped))
    near = tolerance * scale + 1e-7
    tells = np.abs(kept - dropped) > 10 * near
    masks, usable = [], tells.any(axis=shared, keepdims=True) if shared else tells
    count = int(usable.sum())
    if count * p * (1 - p) < SMALLEST_MASK:
        raise TooFew(f"a mask of {count} independent entries at p={p} is too small to judge")
    for values in calls:
        is_kept, is_dropped = np.abs(values - kept) <= near, np.abs(values - dropped) <= near
        if not (is_kept | is_dropped).all():
            neither = ~(is_kept | is_dropped)
            return finding("neither", place=first(neither), count=int(neither.sum()), total=neither.size)
        zeros = is_dropped & tells
        if shared:
            some = zeros.any(axis=shared, keepdims=True)
            if (some & (is_kept & tells).any(axis=shared, keepdims=True)).any():
                return finding("apart", axes=shared)
            zeros = some
        masks.append(zeros)
    shares = [float(mask[np.broadcast_to(usable, mask.shape)].mean()) for mask in masks]
    for n, sigmas in enumerate(mask_sigmas(masks, usable, p)):
        if (why := _first_beyond(sigmas, share=shares[min(n, len(shares) - 1)], p=p)) is not None:
            return why
    return None


def _scatter_sigmas(scores: np.ndarray, usable: np.ndarray, p: float) -> dict[str, float]:
    """Return, in units of sigma, how much less the number of dropped elements per slice varies than it would by chance.

    ``scores`` has the standardized masks of all calls along dimension 0, with 0 at elements that are not usable.
    """
    sigmas = {}
    for axis in range(scores.ndim):
        others = tuple(other for other in range(scores.ndim) if other != axis)
        counts = np.broadcast_to(usable, scores.shape).sum(axis=others)
        told = counts * p * (1 - p) >= SMALLEST_SLICE
        if told.sum() > 1:
            squares = scores.sum(axis=others)[told] ** 2 / counts[told]
            kurtosis = 3 + float(((1 - 6 * p * (1 - p)) / (counts[told] * p * (1 - p))).mean())
            sigmas[f"slices.{axis - 1}" if axis else "same_count"] = min(
                0.0, _variance_sigma(float(squares.mean()), squares.size, kurtosis)
            )
    return sigmas


def mask_sigmas(masks: list[np.ndarray], usable: np.ndarray, p: float) -> Iterator[dict[str, float]]:
    """Yield the test statistics of each mask (true where dropped), of all masks together, and of each pair of masks."""
    scores = [np.where(usable, (mask - p) / math.sqrt(p * (1 - p)), 0.0) for mask in masks]
    for mask, z in zip(masks, scores, strict=True):
        share = float(z.sum()) / math.sqrt(usable.sum())
        kind = "too_many" if share > 0 else "too_few"
        yield _neighbor_sigmas(mask.astype(np.float64), usable) | {kind: share}
    yield _scatter_sigmas(np.stack(scores), usable[None], p)
    for one, other in combinations(scores, 2):
        yield {"same_mask": float((one * other).sum()) / math.sqrt(usable.sum())}
