"""Find the likely cause of a difference, trying the most specific causes first.

Each cause is a small function of (expected, yours, context) that returns a `Finding`, or None if the evidence is not
complete: the cause must account for every element within tolerance, and there must be enough elements to rule out
chance (`enough` in ``tools.py``). One number that is close to another is not evidence. A cause never assumes several
mistakes at once. To add a cause, write the function next to similar ones, add it to `CAUSES`, and add a line to
each table of words (`layerlab/judging/{notebook,feedback}_words.py`) and its two tests to
``tests/layerlab/test_causes.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch

from layerlab.checks.causes import alike, axes, functions, inputs, kinds, shapes
from layerlab.checks.causes.finding import Finding
from layerlab.checks.causes.tools import MAX_SEARCHED, Context, as_tensor, differing, tensor_of, tolerances, wide
from layerlab.graded.tolerances import NUMBER_TOLERANCE, Tolerance

Looks = Literal["anything", "tensors", "values", "same shape", "other shape", "floats"]
Detector = Callable[[Any, Any, Context], Finding | None]


@dataclass(frozen=True)
class Cause:
    """One likely cause.

    Args:
        looks_at: the arguments that the function accepts: "anything" for any two objects, "tensors" for two unconverted
            tensors or arrays, "values" for two plain wide tensors of any shapes, "same shape" or "other shape" for two
            plain wide tensors whose shapes are equal or different, and "floats" for two real ones of the same shape.
        detect: the function; it returns None if the evidence is not complete.
    """

    looks_at: Looks
    detect: Detector

    @property
    def name(self) -> str:
        return self.detect.__name__


def _causes(looks_at: Looks, *detectors: Detector) -> tuple[Cause, ...]:
    return tuple(Cause(looks_at, detect) for detect in detectors)


CAUSES: tuple[Cause, ...] = (
    *_causes(
        "anything",
        kinds.returned_none, kinds.returned_class, kinds.returned_layer, kinds.returned_function,
        kinds.returned_iterator, kinds.tensor_for_tuple, kinds.tuple_for_tensor, kinds.number_for_tensor,
        kinds.array_for_tensor, kinds.truth_for_number, kinds.sizes_in_other_order, kinds.size_missing,
        kinds.sizes_not_merged, kinds.key_prefix, kinds.keys_missing, kinds.changed_input,
    ),
    *_causes(
        "tensors",
        kinds.plain_for_parameter, kinds.detached, kinds.precision_of_another_dtype, kinds.wrong_dtype,
        kinds.lost_decimals,
    ),
    *_causes("same shape", alike.not_finite, alike.all_zeros, alike.returned_input, alike.all_the_same),
    *_causes("values", axes.permuted_axes),
    *_causes("other shape", shapes.axis_of_one, shapes.flattened),
    *_causes("values", axes.view_for_permute),
    *_causes(
        "other shape",
        shapes.joined_over_another_axis, shapes.repeated, shapes.unwanted_broadcast, shapes.cropped,
        shapes.another_stride,
    ),
    *_causes("values", inputs.another_reduction, inputs.broadcast_in_a_loss),
    *_causes("other shape", shapes.missing_reduction, shapes.extra_reduction),
    *_causes("same shape", alike.repeated_along, axes.reversed_order, axes.shifted, axes.another_order),
    *_causes("values", axes.scrambled),
    *_causes(
        "floats",
        inputs.another_normalisation, inputs.another_gelu, axes.unit_over_another_axis,
        axes.standardised_over_another_axis,
    ),
    *_causes(
        "same shape",
        axes.accumulated_over_another_axis, functions.complement, alike.sign_flipped, alike.conjugated,
    ),
    *_causes("floats", functions.missing_function, functions.extra_function),
    *_causes("same shape", alike.factor, alike.shift),
    *_causes(
        "floats",
        functions.dropout_in_eval, functions.negative_side, functions.clipped, alike.shift_per_axis,
        alike.factor_per_axis, alike.scaled_and_shifted,
    ),
    *_causes("same shape", axes.only_border, axes.only_one_slice),
    *_causes("floats", axes.only_first_right, functions.another_power, alike.nearly_right),
    *_causes("other shape", shapes.same_total, shapes.sizes_swapped),
)  # fmt: skip


def context_for(
    expected: Any,
    yours: Any,
    what: str = "output",
    inputs: tuple[torch.Tensor, ...] = (),
    changed: str = "",
    tolerance: Tolerance | None = None,
) -> Context:
    """Return the context for a search for causes.

    Args:
        expected: the expected value.
        yours: the student's value. The dtypes of the two values determine any tolerance that the check does not set.
        what: the name of the check.
        inputs: copies of the student's inputs, made before the call.
        changed: a short description of the input that the student's code changed.
        tolerance: the tolerances that the check sets; by default, none.
    """
    pair = [t for t in (as_tensor(expected), as_tensor(yours)) if t is not None]
    discrete = bool(pair) and not any(t.is_floating_point() or t.is_complex() for t in pair)
    numbers = all(type(value) in (bool, int, float, complex) for value in (expected, yours))
    loosest = NUMBER_TOLERANCE if numbers and not discrete else tolerances([t.dtype for t in pair] or [torch.float32])
    rtol, atol = (tolerance or Tolerance()).over(loosest)
    return Context(
        what=what,
        rtol=rtol,
        atol=atol,
        inputs=tuple(wide(tensor_of(x)) for x in inputs),
        changed=changed,
        discrete=discrete,
    )


def find_cause(expected: Any, yours: Any, context: Context) -> Finding | None:
    """Return what the first of `CAUSES` finds whose evidence is complete, or None."""
    pair = as_tensor(expected), as_tensor(yours)
    wide_pair = _wide_pair(*pair, context)
    arrays = None not in pair and all(hasattr(value, "shape") for value in (expected, yours))
    for cause in CAUSES:
        why = None
        if cause.looks_at == "anything" or (cause.looks_at == "tensors" and arrays):
            why = cause.detect(expected, yours, context)
        elif wide_pair is not None and _may_look(cause.looks_at, *wide_pair, context):
            why = cause.detect(*wide_pair, context)
        if why is not None:
            return why
    return None


def _wide_pair(
    expected: torch.Tensor | None, yours: torch.Tensor | None, context: Context
) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Return both values as wide tensors, or None if a search for causes is pointless.

    A search is pointless if a value is not a tensor, the dtypes differ, a tensor is empty or too large, or no values
    differ.
    """
    if expected is None or yours is None or expected.is_complex() != yours.is_complex():
        return None
    if expected.ndim and yours.ndim and expected.dtype != yours.dtype:
        return None  # a wrong dtype is already one mistake, and causes never assume two
    if not 0 < expected.numel() <= MAX_SEARCHED or not 0 < yours.numel() <= MAX_SEARCHED:
        return None
    pair = wide(expected), wide(yours)
    return pair if differing(*pair, context) else None


def _may_look(looks_at: Looks, expected: torch.Tensor, yours: torch.Tensor, context: Context) -> bool:
    if looks_at == "values":
        return True
    if looks_at == "floats" and (expected.is_complex() or context.discrete):
        return False
    return (expected.shape != yours.shape) == (looks_at == "other shape")
