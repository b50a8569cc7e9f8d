"""Find the likely cause of a difference, trying the most specific causes first.

Each cause is a small function of (expected, yours, context) that returns a sentence or None. It returns a sentence only
if the evidence is complete: the cause must account for every element within tolerance, and there must be enough
elements to rule out chance (`enough` in ``tools.py``). One number that is close to another is not evidence. A cause
never assumes several mistakes at once. To add a cause, write the function next to similar ones, add it to `CAUSES`, and
add its two tests to ``tests/layerlab/test_causes.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch

from layerlab.checks.causes import alike as cause_values
from layerlab.checks.causes import axes as cause_axes
from layerlab.checks.causes import functions as cause_functions
from layerlab.checks.causes import inputs as cause_inputs
from layerlab.checks.causes import kinds as cause_kinds
from layerlab.checks.causes import shapes as cause_shapes
from layerlab.checks.causes.tools import MAX_SEARCHED, Context, as_tensor, differing, tensor_of, tolerances, wide
from layerlab.graded.tolerances import NUMBER_TOLERANCE, Tolerance

IN_PLACE = (
    "Work on a new tensor: x = x + 1 instead of x += 1, relu(x) instead of relu_(x), x.clone() before x[...] = y."
)

Looks = Literal["anything", "tensors", "values", "same shape", "other shape"]


@dataclass(frozen=True)
class Cause:
    """One likely cause.

    Args:
        looks_at: the arguments that the function accepts: "anything" for any two objects, "tensors" for two unconverted
            tensors or arrays, "values" for two plain wide tensors of any shapes, and "same shape" or "other shape" for
            two plain wide tensors whose shapes are equal or different.
        explain: the function; it returns a sentence, or None if the evidence is not complete.
    """

    looks_at: Looks
    explain: Callable[[Any, Any, Context], str | None]

    @property
    def name(self) -> str:
        return self.explain.__name__


CAUSES: tuple[Cause, ...] = (
    Cause("anything", cause_kinds.returned_none),
    Cause("anything", cause_kinds.returned_class),
    Cause("anything", cause_kinds.returned_layer),
    Cause("anything", cause_kinds.returned_function),
    Cause("anything", cause_kinds.returned_iterator),
    Cause("anything", cause_kinds.tensor_for_tuple),
    Cause("anything", cause_kinds.tuple_for_tensor),
    Cause("anything", cause_kinds.number_for_tensor),
    Cause("anything", cause_kinds.array_for_tensor),
    Cause("anything", cause_kinds.truth_for_number),
    Cause("anything", cause_kinds.sizes_in_other_order),
    Cause("anything", cause_kinds.size_missing),
    Cause("anything", cause_kinds.sizes_not_merged),
    Cause("anything", cause_kinds.key_prefix),
    Cause("anything", cause_kinds.keys_missing),
    Cause("anything", cause_kinds.changed_input),
    Cause("tensors", cause_kinds.plain_for_parameter),
    Cause("tensors", cause_kinds.detached),
    Cause("tensors", cause_kinds.precision_of_another_dtype),
    Cause("tensors", cause_kinds.wrong_dtype),
    Cause("tensors", cause_kinds.lost_decimals),
    Cause("same shape", cause_values.not_finite),
    Cause("same shape", cause_values.all_zeros),
    Cause("same shape", cause_values.returned_input),
    Cause("same shape", cause_values.all_the_same),
    Cause("values", cause_axes.permuted_axes),
    Cause("other shape", cause_shapes.axis_of_one),
    Cause("other shape", cause_shapes.flattened),
    Cause("values", cause_axes.view_for_permute),
    Cause("other shape", cause_shapes.joined_over_another_axis),
    Cause("other shape", cause_shapes.repeated),
    Cause("other shape", cause_shapes.unwanted_broadcast),
    Cause("other shape", cause_shapes.cropped),
    Cause("other shape", cause_shapes.another_stride),
    Cause("values", cause_inputs.another_reduction),
    Cause("values", cause_inputs.broadcast_in_a_loss),
    Cause("other shape", cause_shapes.missing_reduction),
    Cause("same shape", cause_values.repeated_along),
    Cause("same shape", cause_axes.reversed_order),
    Cause("same shape", cause_axes.shifted),
    Cause("same shape", cause_axes.another_order),
    Cause("values", cause_axes.scrambled),
    Cause("same shape", cause_inputs.another_normalisation),
    Cause("same shape", cause_inputs.another_gelu),
    Cause("same shape", cause_axes.unit_over_another_axis),
    Cause("same shape", cause_axes.standardised_over_another_axis),
    Cause("same shape", cause_axes.accumulated_over_another_axis),
    Cause("same shape", cause_functions.complement),
    Cause("same shape", cause_values.sign_flipped),
    Cause("same shape", cause_values.conjugated),
    Cause("same shape", cause_functions.missing_function),
    Cause("same shape", cause_functions.extra_function),
    Cause("same shape", cause_values.factor),
    Cause("same shape", cause_values.shift),
    Cause("same shape", cause_functions.dropout_in_eval),
    Cause("same shape", cause_functions.negative_side),
    Cause("same shape", cause_functions.clipped),
    Cause("same shape", cause_values.shift_per_axis),
    Cause("same shape", cause_values.factor_per_axis),
    Cause("same shape", cause_values.scaled_and_shifted),
    Cause("same shape", cause_axes.only_border),
    Cause("same shape", cause_axes.only_one_slice),
    Cause("same shape", cause_values.nearly_right),
    Cause("other shape", cause_shapes.same_total),
    Cause("other shape", cause_shapes.sizes_swapped),
)


@dataclass(frozen=True)
class Found:
    """A cause whose evidence is complete: the name of its function, and its sentence."""

    name: str
    sentence: str


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


def likely_cause(expected: Any, yours: Any, context: Context) -> str | None:
    """Return a sentence about the likely cause of a difference between two values, or None if no cause is certain."""
    found = find_cause(expected, yours, context)
    return found.sentence if found else None


def find_cause(expected: Any, yours: Any, context: Context) -> Found | None:
    """Return the first of `CAUSES` whose evidence is complete, or None."""
    pair = as_tensor(expected), as_tensor(yours)
    wide_pair = _wide_pair(*pair, context)
    arrays = None not in pair and all(hasattr(value, "shape") for value in (expected, yours))
    for cause in CAUSES:
        if cause.looks_at == "anything":
            sentence = cause.explain(expected, yours, context)
        elif cause.looks_at == "tensors":
            sentence = cause.explain(expected, yours, context) if arrays else None
        elif wide_pair is not None and _has_right_shapes(cause.looks_at, *wide_pair):
            sentence = cause.explain(*wide_pair, context)
        else:
            sentence = None
        if sentence:
            return Found(cause.name, sentence)
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


def _has_right_shapes(looks_at: Looks, expected: torch.Tensor, yours: torch.Tensor) -> bool:
    if looks_at == "values":
        return True
    return (expected.shape == yours.shape) == (looks_at == "same shape")
