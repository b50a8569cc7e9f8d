"""Put findings into words for the feedback of a graded class: the sentences never show an expected value.

About a cause, they describe the values and not the code, which the grader does not see; about some causes they are
silent.
"""

from __future__ import annotations

from dataclasses import replace

from layerlab.checks.causes.finding import Finding
from layerlab.judging import notebook_words
from layerlab.judging.claim_model import SentenceKind
from layerlab.judging.words import Table, put, spot

# These have the same words in a notebook.
_SHARED = (
    "observed", "nothing_observed", "stopped", "raised", "unfinished", "no_observation", "unknown", "count",
    "odd_values", "repeated_values", "neither", "apart", "no_number", "not_numeric", "zero",
    "no_classes", "no_predictions", "no_samples", "learned", "recall", "forecast", "energy",
    "precision_of_another_dtype", "lost_decimals", "all_the_same", "axis_of_one", "flattened", "cropped",
    "another_stride", "repeated_along", "reversed_order", "another_order", "scrambled", "swapped_keys",
    "standardised_over_another_axis", "accumulated_over_another_axis", "only_border", "only_one_slice",
    "only_first_right", "another_sample",
)  # fmt: skip
# Findings about a value's shape, dtype, kind or words.
_OF_FORM = {
    "too_deep", "no_dict", "keys", "no_sequence", "length", "type", "object", "string", "exception", "shape", "dtype",
    "number", "no_observation", "extra_observation", "unknown", "count", "no_number", "not_numeric", "no_classes",
    "no_predictions", "no_samples",
}  # fmt: skip
_OF_NOTHING = {"nothing_observed", "unreadable", "raised", "unfinished"}


def told(found: Finding) -> SentenceKind:
    """Return which kind of sentence a judge's finding gets."""
    name = found.data["why"].name if found.name == "observed" else found.name
    if name in _OF_NOTHING:
        return SentenceKind.OTHER
    return SentenceKind.STOPPED if name == "stopped" else SentenceKind.FORM if name in _OF_FORM else SentenceKind.VALUES


def _exception(found: Finding) -> str:
    return put(WORDS, replace(found, kind="exception.text" if isinstance(found.got, str) else "type"))


def _values(found: Finding) -> str:
    usual = "expected values of magnitude {usual:about}, " if found.data["usual"] else ""
    far = "are off by up to" if found.data["wrong"] > 1 else "is off by about"
    at = "got {number:shown} at index {at}; {wrong:,} of {total:,} values " + far
    return put({"values": f"{usual}{at} {{error:about}}"}, found)


WORDS: Table = {kind: words for kind, words in notebook_words.WORDS.items() if kind.partition(".")[0] in _SHARED} | {
    **notebook_words.SAMPLES,
    # the first difference
    "too_deep": "the value is nested too deeply",
    "no_dict": "expected a dict, got {got:type}",
    "keys": "the key {missing[0]!r} is missing",
    "keys.extra": "the key {extra[0]!r} is not expected",
    "no_sequence": "expected a tuple or list, got {got:type}",
    "length": "expected {expected:length} entries, got {got:length}",
    "sizes": "got {number:shown}, off by about {error:about}",
    "type": "expected {expected:type}, got {got:type}",
    "object": "expected a different value",
    "object.dtype": "expected {expected.name}, got {got.name}",
    "string": "expected a different string, got {got:quoted}",
    "exception": _exception,
    "exception.text": "expected an exception, got {got:quoted}",
    "exception.other": "expected a different exception, got {got}",
    "shape": "expected shape {expected.shape}, got {got.shape}",
    "dtype": "expected dtype {expected.dtype}, got {got.dtype}",
    "number": "expected {wanted:sort}, got {number:type}",
    "number.complex": "expected a real number, got a complex one",
    "number.part": "expected an integer, got {number:shown}",
    "whole": "got {number:shown}, off by about {error:about}",
    "whole.truth": "your answer gives {number}, which is wrong",
    "beyond_floats": "got a value larger than any float",
    "values": _values,
    "values.single": "got {number:shown}, off by about {error:about}",
    "values.truth": spot("{value} in your answer, which is wrong", "values are wrong"),
    "values.not_finite": spot("{odd}", "are nan or infinite and should not be"),
    "values.finite": spot("a finite number, but should not be", "values are wrong in this way"),
    "values.other": spot("{odd}, but should be a different value"),
    # judges
    "unreadable": "what was observed could not be read",
    "no_observation.here": "the observation {label!r} is missing or out of order",
    "extra_observation": "there is one observation too many",
    "outside": "{count:,} of {total:,} values are outside the bounds, by up to {error:about}",
    "too_small": "{count} of {total} values are too small, by at most about {error:about}; the first is at index {at}",
    "too_small.single": "the value is too small, by about {error:about}",
    "too_large": "{count} of {total} values are too large, by at most about {error:about}; the first is at index {at}",
    "too_large.single": "the value is too large, by about {error:about}",
    # likely causes
    "all_zeros": "every value is 0.",
    "permuted_axes": "the values are right, but two or more dimensions are swapped.",
    "view_for_permute": "the values are right, but dimensions are in a different order: a permute is missing or extra.",
    "repeated": "the expected values are repeated along {axes:dimensions}.",
    "missing_reduction": "the values would be right after one more step: the {name} over {axes:dimensions}.",
    "extra_reduction": "a dimension is missing: your result is the {name} of the expected one along dimension {axis}.",
    "shifted": "the values are shifted by {places:positions} along dimension {axis}.",
    "shifted.around": "the values are shifted by {places:positions} along dimension {axis}, wrapping around its end.",
    "unit_over_another_axis": "the values sum to 1, or have length 1, along the wrong dimension.",
    "complement": "every value is 1 minus what it should be.",
    "sign_flipped": "every value has the wrong sign.",
    "missing_function": "the values would be right after one more step: {function}.",
    "extra_function": "the values are right except for one extra step: {function}.",
    "factor": "every value is {factor:factor} what it should be.",
    "factor.single": "",  # it would reveal the expected number
    "factor.huge": "",
    "factor.near_one": "",  # so would a factor with more than two digits
    "shift": "a constant is added to every value, or left out.",
    "negative_side": "positive values agree, but all negative ones are off by the same factor.",
    "clipped": "values {bounds:bounds} are cut off.",
    "clipped.missing": "",  # the bounds are expected values
    "shift_per_axis": "the values are off by one constant for each position of a dimension, such as a bias or a mean.",
    "factor_per_axis": "the values are off by one factor for each position of a dimension.",
    "scaled_and_shifted": "all values are off by the same factor and the same shift.",
    "another_power": "every value is a power of what it should be: a root or a power is missing or wrong.",
}
