"""Put findings into words for a notebook: the sentences may show expected values, and speak about code."""

from __future__ import annotations

from layerlab.checks.causes.finding import Finding
from layerlab.judging.words import Table, number, put


def _factor(found: Finding) -> str:
    scale, readings = found.data["factor"], [put(CAUSES, reading) for reading in found.data["readings"]]
    if not readings and (twofold := {2.0: "twice", 0.5: "half"}.get(round(scale, 4))):
        return f"every value is {twofold} what is expected."
    return f"every value is {number(scale)} times what is expected{': ' * bool(readings)}{'; or '.join(readings)}."


CAUSES: Table = {
    "returned_none": (
        "your function returns None: its `return` is missing, or it returns the result of an in-place method."
    ),
    "returned_none.gradient": (
        "no gradient arrived: .detach(), .data, .item(), torch.tensor(...) or no_grad cuts the graph."
    ),
    "returned_class": "{name} is a class: create an instance with {name}(...), and use that.",
    "returned_layer": "this is the layer itself, not its output: call it on an input.",
    "returned_function": "`{name}` was not called: the parentheses after it are missing.",
    "returned_iterator": "this is an iterator, which has no values yet: turn it into a list with list(...).",
    "tensor_for_tuple": "yours is item {index} of the {count} expected items: return all of them.",
    "tuple_for_tensor": "yours contains {count} results; only item {index} is expected.",
    "tuple_for_tensor.stack": "yours is a {type} of the parts: join them with torch.stack.",
    "tuple_for_tensor.cat": "yours is a {type} of the parts: join them with torch.cat.",
    "number_for_tensor": (
        ".item(), float(...) or Python's math turned the tensor into a number, and no gradient flows through it."
    ),
    "array_for_tensor": (
        "NumPy turned the tensor into an array, and no gradient flows through it: use torch's own functions."
    ),
    "array_for_tensor.reverse": "a NumPy array is expected: return yours.detach().numpy().",
    "truth_for_number": "a number is expected, not True or False: return the number that was compared.",
    "truth_for_number.reverse": "True or False is expected, not a number: return the comparison itself.",
    "sizes_in_other_order": (
        "the sizes are right but in a different order: are in and out, or two dimensions, swapped?"
    ),
    "size_missing": "one dimension is missing: dimension {axis}, of size {size}.",
    "size_missing.extra": "one dimension is extra: dimension {axis}, of size {size}.",
    "sizes_not_merged": (
        "{count} adjacent dimensions should be flattened into one, starting at dimension {first}: "
        "{sizes:product} = {merged}."
    ),
    "sizes_not_merged.reverse": (
        "{count} adjacent dimensions were flattened into one, starting at dimension {first}: "
        "{sizes:product} = {merged}."
    ),
    "key_prefix": "every key of yours begins with {prefix!r}: this prefix comes from a wrapper around the layers.",
    "key_prefix.missing": "every key of yours lacks {prefix!r}: this prefix comes from a wrapper around the layers.",
    "keys_missing": (
        "the missing keys are unregistered: parameters need nn.Parameter, buffers register_buffer, lists ModuleList."
    ),
    "changed_input": (
        "your code changed its input in place ({change}); create a new tensor instead of using +=, x[...] = or a "
        "method that ends in _."
    ),
    "plain_for_parameter": (
        "an operation after nn.Parameter(...) gives a plain tensor again: compute first, wrap in nn.Parameter last."
    ),
    "detached": "the graph is cut on the way: .detach(), .data, .item(), torch.tensor(...), NumPy or torch.no_grad().",
    "precision_of_another_dtype": (
        "the values passed through {dtype} and kept only its precision: stay in the dtype of the input."
    ),
    "wrong_dtype": "only the dtype differs: convert with .to(...), or create new tensors with dtype=x.dtype.",
    "wrong_dtype.default": (
        "only the dtype differs: a tensor has torch's default dtype; create new tensors with dtype=x.dtype."
    ),
    "wrong_dtype.float64": (
        "only the dtype differs: float64 comes from NumPy or .double(); convert the data, or use dtype=x.dtype."
    ),
    "wrong_dtype.whole": (
        "only the dtype differs: integers or booleans instead of floating-point values; convert with .to(...)."
    ),
    "lost_decimals": ("the decimals were {how}: yours is an integer tensor; make it floating point before dividing."),
    # values that are all alike
    "not_finite": (
        "yours is NaN in {count} of {total} elements: 0/0, inf - inf, the root or log of a negative number, or "
        "uninitialized memory (torch.empty)."
    ),
    "not_finite.all": (
        "yours is NaN everywhere: 0/0, inf - inf, the root or log of a negative number, or uninitialized memory "
        "(torch.empty)."
    ),
    "not_finite.infinite": (
        "yours is infinite where a finite number is expected: a division by 0, the log of 0, or a large exp."
    ),
    "all_zeros": "yours is 0 everywhere: it was made with zeros and never filled, or multiplied by 0.",
    "returned_input": "yours is the input, unchanged.",
    "all_the_same": "yours is {value} everywhere, but the expected values vary.",
    "repeated_along": (
        "yours is the same for every position of dimension {axis}; the expected values differ from one to the next."
    ),
    "repeated_along.batch": (
        "yours is the same for every item of the batch; the expected values differ from one to the next."
    ),
    # values that moved
    "permuted_axes": "your dimensions are the expected ones in the order {order}: permute them.",
    "permuted_axes.matrix": (
        "yours is the transpose of what is expected; torch's weights are (out, in), and y = x @ weight.T."
    ),
    "permuted_axes.last": "the last two dimensions are swapped: transpose(-1, -2).",
    "view_for_permute": (
        "view or reshape was used to move a dimension: they only regroup values; permute moves dimensions."
    ),
    "reversed_order": "the order along {axes:dimensions} is reversed.",
    "shifted": (
        "the values are shifted by {places:positions} along dimension {axis}: off by {places:size} in an index."
    ),
    "shifted.around": ("the values are shifted by {places:positions} along dimension {axis}, wrapping around its end."),
    "another_order": "the slices along dimension {axis} are right but in a different order.",
    "scrambled": "the same values in a different order: look at the last view, reshape, permute, sort or gather.",
    "swapped_keys": "the contents of the keys {first!r} and {second!r} are swapped.",
    # shapes
    "axis_of_one": ("dimension {axis}, of size 1, is missing: keepdim=True or unsqueeze({axis}), not squeeze()."),
    "axis_of_one.extra": "dimension {axis}, of size 1, is extra: drop keepdim=True, or use squeeze({axis}).",
    "flattened": "the values are right and in order, but in a different shape: reshape to {shape}.",
    "flattened.batch": (
        "the values are right and in order, but the batch dimension was flattened away: keep it, flatten(1)."
    ),
    "flattened.some": "the values are right and in order, but dimensions were flattened: reshape to {shape}.",
    "joined_over_another_axis": (
        "the {parts} parts are joined along dimension {wrong}, not {right}: use torch.cat(..., dim={right})."
    ),
    "repeated": "the expected values are repeated along {axes:dimensions}: an unwanted broadcast.",
    "unwanted_broadcast": (
        "shapes ({n}, 1) and ({n},) were broadcast to ({n}, {n}), every item with every other: make the shapes equal."
    ),
    "cropped": ("the rest agrees, but yours lacks positions: {ends:ends}. Check the padding and the ends of ranges."),
    "cropped.extra": (
        "the rest agrees, but yours has extra positions: {ends:ends}. Check the padding and the ends of ranges."
    ),
    "another_stride": "yours has only one value in {stride} along {axes:dimensions}: a different stride.",
    "another_stride.missing": "yours has every value, not one in {stride} along {axes:dimensions}: a different stride.",
    "missing_reduction": "the last step is missing: the {name} over {axes:dimensions}.",
    "extra_reduction": "one step too many: yours is the {name} of the expected values over dimension {axis}.",
    "same_total": ("both have the same {name} but different shapes: is the {name} taken over the wrong dimension?"),
    "sizes_swapped": (
        "the last two sizes are swapped: in and out, or rows and columns. torch stores a weight as (out, in)."
    ),
    # operations over other dimensions
    "another_reduction": "this is the {wrong}; it should be the {right} over {axes:dimensions}.",
    "another_reduction.axes": "this is the {name} over {wrong:dimensions}; it should be over {right:dimensions}.",
    "broadcast_in_a_loss": "shapes {first} and {second} were broadcast, every item with every other: make them equal.",
    "another_normalisation.unbiased": ("the unbiased variance (n - 1) is used; normalization uses the biased one."),
    "another_normalisation.eps_outside": "eps is added to the root; it belongs inside: sqrt(variance + eps).",
    "another_normalisation.no_eps": "eps is missing: sqrt(variance + eps).",
    "another_normalisation.mean_kept": "the mean is not subtracted.",
    "another_normalisation.mean_removed": "the mean is subtracted; here only the scale is normalized.",
    "another_normalisation.axes": "normalized over {wrong:dimensions}; it should be over {right:dimensions}.",
    "another_gelu.tanh": "this is the tanh approximation of GELU; the exact one, with erf, is expected.",
    "another_gelu.exact": "this is the exact GELU; its tanh approximation is expected.",
    "unit_over_another_axis.sum": (
        "the sum is 1 along dimension {wrong} of yours, but should be along dimension {right}: softmax or another "
        "normalization over the wrong dimension; use dim={right}."
    ),
    "unit_over_another_axis.length": (
        "the length is 1 along dimension {wrong} of yours, but should be along dimension {right}: softmax or another "
        "normalization over the wrong dimension; use dim={right}."
    ),
    "standardised_over_another_axis": (
        "yours has mean 0 and variance 1 along {wrong:dimensions}, but should have them along {right:dimensions}: "
        "wrong dimensions."
    ),
    "accumulated_over_another_axis": (
        "the running sum is along dimension {wrong} instead of {right}: use dim={right}."
    ),
    # functions, factors, and shifts
    "complement": "yours is 1 - expected: the two sides of a gate or a probability are swapped.",
    "complement.truths": "every value is inverted: True for False, or 0 for 1.",
    "sign_flipped": "the sign is flipped: a minus is missing or extra.",
    "conjugated": "yours is the complex conjugate.",
    "missing_function": "the last step is missing: {function}.",
    "missing_function.log": "the log is missing: the expected values are the logs of yours.",
    "missing_function.sigmoid": "yours are logits, but probabilities are expected: the sigmoid is missing.",
    "missing_function.square root": "the square root is missing: yours are the squares.",
    "missing_function.absolute value": "the absolute value is missing: only signs differ.",
    "extra_function": "one step too many: {function}.",
    "extra_function.twice": "one step too many: {function} (softmax twice).",
    "extra_function.log": "one log too many: yours are the logs of the expected values.",
    "extra_function.sigmoid": "one sigmoid too many: logits are expected, or it was applied twice.",
    "extra_function.square": (
        "yours are the squares of the expected values: a square root is missing, or a square is extra."
    ),
    "extra_function.ReLU": "negative values were cut to 0: one ReLU too many.",
    "extra_function.absolute value": "the signs are lost: one absolute value too many.",
    "factor": _factor,
    "reading.sum": "a sum instead of the mean ({n} is {size})",
    "reading.mean": "a mean instead of the sum ({n} is {size})",
    "reading.root": "sqrt({n}) ({n} is {size})",
    "reading.root_of": "1/sqrt({n}) ({n} is {size})",
    "reading.variance": "the ratio between the biased and the unbiased variance of {n} values",
    "reading.rate": "1/(1 - p) for p = {rate}, if there is dropout",
    "reading.kept": "1 - p for p = {rate}, if there is dropout",
    "reading.passes": "gradients of several backward passes added up (zero_grad)",
    "size.axis": "the size of dimension {axis}",
    "size.all": "the number of elements",
    "size.rest": "the number of elements from dimension {axis} on",
    "size.others": "the number of elements per position of dimension {axis}",
    "shift": "every value is {added:size} too {added:way}: a constant is added or left out.",
    "shift.index": "every value is one too {added:way}: indices start at 0; ranges exclude their end.",
    "dropout_in_eval.active": (
        "dropout is active: some values are 0, the others {factor} times as large, 1/(1 - p) for p = {rate}. "
        "Call eval()."
    ),
    "dropout_in_eval.missing": (
        "dropout is missing: some expected values are 0, the others larger by 1/(1 - p) for p = {rate}. Call train()?"
    ),
    "dropout_in_eval.zeros": (
        "yours is 0 where the expected values are not, and the rest agrees: something is masked or left unfilled."
    ),
    "dropout_in_eval.no_zeros": (
        "the expected values are 0 where yours is not, and the rest agrees: something is masked or left unfilled."
    ),
    "negative_side": (
        "positive values agree, and negative ones are {factor} times what is expected: a different slope."
    ),
    "clipped": "values {bounds:bounds} are cut off.",
    "clipped.missing": "values {bounds:bounds} are not cut off as expected.",
    "shift_per_axis": "yours is off by one value per position of dimension {axis}: a bias is missing or wrong.",
    "shift_per_axis.missing": ("the bias is missing: expected - yours is exactly the bias, along dimension {axis}."),
    "shift_per_axis.twice": "the bias is added one time too many along dimension {axis}.",
    "factor_per_axis": (
        "yours is off by one factor per position of dimension {axis}: a weight (scale) is missing or wrong."
    ),
    "scaled_and_shifted": "yours is {factor} * expected {added:signed}: a different scale and offset.",
    "another_power": "every value is the expected one to the power of {power}: a root or a power is missing or wrong.",
    "nearly_right": (
        "the values agree to about {digits} digits: eps in a different place, an approximate formula, or rounding."
    ),
    "another_sample.upper_half": "the values fill only the upper half of the range.",
    "another_sample.lower_half": "the values fill only the lower half of the range.",
    "another_sample.std_as_bound": (
        "the values are uniform, and their largest magnitude equals the expected standard deviation."
    ),
    "another_sample.bound_as_std": "the values are from a normal distribution whose std is the bound.",
    "another_sample.normal": "the values are sampled from a normal distribution.",
    "another_sample.uniform": "the values are sampled from a uniform distribution.",
    "another_sample.variance_as_std": "the variance is used as the std.",
    "another_sample.root_as_std": "the std is the square root of the expected one.",
    # where the difference is
    "only_border": "the interior agrees, but the border along {axes:dimensions} does not: how is the input padded?",
    "only_one_slice": "only position {position} of dimension {axis} is wrong; the rest agrees.",
    "only_one_slice.last": "only position {position} (the last) of dimension {axis} is wrong; the rest agrees.",
    "only_first_right": "only position 0 of dimension {axis} is right, and every other one is wrong.",
}
