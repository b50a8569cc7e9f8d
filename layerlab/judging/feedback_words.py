"""Put findings into words for the feedback of a graded class: the sentences never show an expected value.

About a cause, they describe the values and not the code, which the grader does not see; about some causes they are
silent.
"""

from __future__ import annotations

from layerlab.judging import notebook_words
from layerlab.judging.words import Table

# Causes that have the same words in a notebook.
_SHARED = (
    "precision_of_another_dtype", "lost_decimals", "all_the_same", "axis_of_one", "flattened", "cropped",
    "another_stride", "repeated_along", "reversed_order", "another_order", "scrambled", "swapped_keys",
    "standardised_over_another_axis", "accumulated_over_another_axis", "only_border", "only_one_slice",
    "only_first_right", "another_sample",
)  # fmt: skip

CAUSES: Table = {kind: words for kind, words in notebook_words.CAUSES.items() if kind.partition(".")[0] in _SHARED} | {
    "all_zeros": "every value is 0.",
    "permuted_axes": "the values are right, but two or more dimensions are swapped.",
    "view_for_permute": (
        "the values are right, but dimensions are in a different order: a permute is missing or extra."
    ),
    "repeated": "the expected values are repeated along {axes:dimensions}.",
    "missing_reduction": "the values would be right after one more step: the {name} over {axes:dimensions}.",
    "extra_reduction": (
        "a dimension is missing: your result is the {name} of the expected one along dimension {axis}."
    ),
    "shifted": "the values are shifted by {places:positions} along dimension {axis}.",
    "shifted.around": ("the values are shifted by {places:positions} along dimension {axis}, wrapping around its end."),
    "unit_over_another_axis": "the values sum to 1, or have length 1, along the wrong dimension.",
    "complement": "every value is 1 minus what it should be.",
    "sign_flipped": "every value has the wrong sign.",
    "missing_function": "the values would be right after one more step: {function}.",
    "extra_function": "the values are right except for one extra step: {function}.",
    "factor": "every value is {factor:factor} what it should be.",
    "factor.single": "",  # it would reveal the expected number
    "factor.near_one": "",  # so would a factor with more than two digits
    "shift": "a constant is added to every value, or left out.",
    "negative_side": "positive values agree, but all negative ones are off by the same factor.",
    "clipped": "values {bounds:bounds} are cut off.",
    "clipped.missing": "",  # the bounds are expected values
    "shift_per_axis": (
        "the values are off by one constant for each position of a dimension, such as a bias or a mean."
    ),
    "factor_per_axis": "the values are off by one factor for each position of a dimension.",
    "scaled_and_shifted": "all values are off by the same factor and the same shift.",
    "another_power": "every value is a power of what it should be: a root or a power is missing or wrong.",
}
