"""Put findings into words for a notebook: the sentences may show expected values, and speak about code."""

from __future__ import annotations

from typing import Any

from layerlab.checks.causes.finding import Finding
from layerlab.judging.values import plain
from layerlab.judging.words import Table, number, put, spot


def _factor(found: Finding) -> str:
    scale, readings = found.data["factor"], [put(WORDS, reading) for reading in found.data["readings"]]
    if not readings and (twofold := {2.0: "twice", 0.5: "half"}.get(round(scale, 4))):
        return f"every value is {twofold} what is expected."
    return f"every value is {number(scale)} times what is expected{': ' * bool(readings)}{'; or '.join(readings)}."


def _keys(found: Finding) -> str:
    words = {"missing {missing:keys}": found.data["missing"], "not expected {extra:keys}": found.data["extra"]}
    return put({"keys": f"the keys differ: {'; '.join(part for part, keys in words.items() if keys)}"}, found)


def _values(found: Finding) -> str:
    data = found.data
    wanted, value = _pair(data["wanted"], data["number"])
    error = "" if data["error"] is None or isinstance(data["wanted"], bool) else number(data["error"])
    if data["is_number"]:
        return f"expected {wanted}, got {value}; absolute error {error or 'not finite'}"
    largest = f"; largest absolute error {error}" if error else ""
    array = plain(found.expected)
    if not data["at"]:
        return f"expected {wanted}, got {value} ({array.dtype}, 0-d as expected){largest}"
    all_differ = data["wrong"] == data["total"]
    share = "all values differ" if all_differ else f"{data['wrong']} of {data['total']} values differ"
    first = f"the first at {list(data['at'])}: expected {wanted}, got {value}"
    return f"shape {array.shape} and {array.dtype} as expected, but {share}; {first}{largest}"


def _pair(expected: Any, got: Any) -> tuple[str, str]:
    """Return two numbers as text, with enough digits to show that they differ."""
    if any(not isinstance(value, float) for value in (expected, got)):
        return str(expected), str(got)
    pair = [(f"{expected:.{digits}g}", f"{got:.{digits}g}") for digits in (4, 6, 9, 17)]
    return next((texts for texts in pair if texts[0] != texts[1]), pair[-1])


_PAIR = "expected {expected:thing}, got {got:thing}"
_NUMBERS = "expected {wanted:thing}, got {number:thing}"

# What is wrong with a random sample or with masks of dropout; a notebook and an instructor read also by how many sigma.
SAMPLES = {
    "sample_mean": "the mean is wrong: it is off by about {off:about}",
    "sample_spread": "the spread is wrong: it is about {spread:.2g} times the expected one",
    "sample_shape": "the shape of the distribution is wrong",
    "all_equal": "all values are the same",
    "neighbors": "neighbors along dimension {form} are not sampled independently",
    "too_many": "too many entries are dropped: {share:.0%} of them",
    "too_few": "too few entries are dropped: {share:.0%} of them",
    "same_count": "all calls drop the same number of entries, which should be random",
    "slices": "slices along dimension {form} all lose the same number of entries, which should be random",
    "same_mask": "two calls do not sample independent masks",
}

WORDS: Table = {kind: f"{words} ({{sigma:.1f}} sigma)" for kind, words in SAMPLES.items()} | {
    # the first difference
    "too_deep": "nested too deeply to compare",
    "no_dict": "expected a dict with the keys {expected:keys}, got {got:thing}",
    "keys": _keys,
    "no_sequence": "expected {expected:items} in a {expected.__class__.__name__}, got {got:thing}",
    "length": "expected {expected:items}, got {got:length}",
    "length.sizes": "expected {expected:sizes}, got {got:sizes}",
    "sizes": "expected {expected:sizes}, got {got:sizes}",
    "type": _PAIR,
    "object": _PAIR,
    "string": _PAIR,
    "exception": "expected {expected:exception} to be raised, got {got:thing}",
    "exception.other": "expected {expected:exception} to be raised, got {got:exception}",
    "shape": "expected shape {expected.shape} {expected.dtype}, got shape {got.shape} {got.dtype}",
    "dtype": "expected {expected.dtype}, got {got.dtype}, in the expected shape {expected.shape}",
    "layout": "expected a tensor of layout {expected.layout}, got one of {got.layout}",
    "no_parameter": "the values are as expected, shape {expected.shape:sizes}, but yours is a plain tensor, not an nn.Parameter",
    "no_gradient": "the values are as expected, shape {expected.shape:sizes}, but no gradient can flow back through yours",
    "number": _NUMBERS,
    "whole": _NUMBERS,
    "beyond_floats": _NUMBERS,
    "values": _values,
    # judges
    "observed": "{label}: {why}",
    "nothing_observed": "nothing was observed for this claim",
    "unreadable": "what was observed could not be read: {how}",
    "stopped": "the process ended during this claim",
    "raised": "{error}",
    "unfinished": "the claim did not finish",
    "no_observation": "the observation {label!r} is missing",
    "no_observation.here": "the observation {label!r} is missing or out of order: found {instead!r}",
    "extra_observation": "there is one observation too many: {label!r}",
    "unknown": "a value of type {type} cannot be compared",
    "count": "expected {wanted} values, got {count}",
    "odd_values": spot("{odd}", "are nan or infinite and should not be"),
    "outside": "{count:,} of {total:,} values are outside the bounds, by up to {error:about}: [{low:.4g}, {high:.4g}] for {expected}",
    "repeated_values": "values repeat: they were not all sampled independently (only {count:,} of {total:,} differ)",
    "neither": spot("neither the dropped value nor the rescaled kept value", "are neither"),
    "apart": "entries along {axes:dimensions} are not dropped together",
    "no_number": "it contains no number",
    "zero": "{count} of {total} numbers are exactly zero",
    "zero.single": "it is exactly zero",
    "not_numeric": "expected a number, got {got:type}",
    "too_small": "too small: the limit is {limit}, got {given}",
    "too_large": "too large: the limit is {limit}, got {given}",
    "no_classes": "expected one class number for each of {count} inputs, got {got:type}",
    "no_predictions": "expected predictions of shape {shape}, got {got:type}",
    "no_samples": "expected samples of shape {shape}, got {got:type}",
    "learned": "{share:.1%} of the held-out predictions are right; {at_least:.0%} are needed",
    "recall": "{share:.1%} of the inputs of class {label} are predicted correctly; every class needs {at_least:.0%}",
    "forecast": "the mean error is {ratio:.2f} times that of the {than}; at most {at_most:g} is allowed",
    "energy": "the energy distance to the held-out points is {ratio:.1f} times that between two halves of them; at most {at_most:g} is allowed",
    # likely causes
    "returned_none": "your function returns None: its `return` is missing, or it returns the result of an in-place method.",
    "returned_none.gradient": "no gradient arrived: .detach(), .data, .item(), torch.tensor(...) or no_grad cuts the graph.",
    "returned_class": "{name} is a class: create an instance with {name}(...), and use that.",
    "returned_layer": "this is the layer itself, not its output: call it on an input.",
    "returned_function": "`{name}` was not called: the parentheses after it are missing.",
    "returned_iterator": "this is an iterator, which has no values yet: turn it into a list with list(...).",
    "tensor_for_tuple": "yours is item {index} of the {count} expected items: return all of them.",
    "tuple_for_tensor": "yours contains {count} results; only item {index} is expected.",
    "tuple_for_tensor.stack": "yours is a {type} of the parts: join them with torch.stack.",
    "tuple_for_tensor.cat": "yours is a {type} of the parts: join them with torch.cat.",
    "number_for_tensor": ".item(), float(...) or Python's math turned the tensor into a number, and no gradient flows through it.",
    "array_for_tensor": "NumPy turned the tensor into an array, and no gradient flows through it: use torch's own functions.",
    "array_for_tensor.reverse": "a NumPy array is expected: return yours.detach().numpy().",
    "truth_for_number": "a number is expected, not True or False: return the number that was compared.",
    "truth_for_number.reverse": "True or False is expected, not a number: return the comparison itself.",
    "sizes_in_other_order": "the sizes are right but in a different order: are in and out, or two dimensions, swapped?",
    "size_missing": "one dimension is missing: dimension {axis}, of size {size}.",
    "size_missing.extra": "one dimension is extra: dimension {axis}, of size {size}.",
    "sizes_not_merged": "{count} adjacent dimensions should be flattened into one, starting at dimension {first}: {sizes:product} = {merged}.",
    "sizes_not_merged.reverse": "{count} adjacent dimensions were flattened into one, starting at dimension {first}: {sizes:product} = {merged}.",
    "key_prefix": "every key of yours {form} {prefix!r}: this prefix comes from a wrapper around the layers.",
    "keys_missing": "the missing keys are unregistered: parameters need nn.Parameter, buffers register_buffer, lists ModuleList.",
    "changed_input": "your code changed its input in place ({change}); create a new tensor instead of using +=, x[...] = or a method that ends in _.",
    "plain_for_parameter": "an operation after nn.Parameter(...) gives a plain tensor again: compute first, wrap in nn.Parameter last.",
    "detached": "the graph is cut on the way: .detach(), .data, .item(), torch.tensor(...), NumPy or torch.no_grad().",
    "precision_of_another_dtype": "the values passed through {dtype} and kept only its precision: stay in the dtype of the input.",
    "wrong_dtype": "only the dtype differs: convert with .to(...), or create new tensors with dtype=x.dtype.",
    "wrong_dtype.default": "only the dtype differs: a tensor has torch's default dtype; create new tensors with dtype=x.dtype.",
    "wrong_dtype.float64": "only the dtype differs: float64 comes from NumPy or .double(); convert the data, or use dtype=x.dtype.",
    "wrong_dtype.whole": "only the dtype differs: integers or booleans instead of floating-point values; convert with .to(...).",
    "lost_decimals": "the decimals were {how}: yours is an integer tensor; make it floating point before dividing.",
    # values that are all alike
    "not_finite": "yours is NaN in {count} of {total} elements: 0/0, inf - inf, the root or log of a negative number, or uninitialized memory (torch.empty).",
    "not_finite.infinite": "yours is infinite where a finite number is expected: a division by 0, the log of 0, or a large exp.",
    "all_zeros": "yours is 0 everywhere: it was made with zeros and never filled, or multiplied by 0.",
    "returned_input": "yours is the input, unchanged.",
    "all_the_same": "yours is {value} everywhere, but the expected values vary.",
    "repeated_along": "yours is the same for every position of dimension {axis}; the expected values differ from one to the next.",
    "repeated_along.batch": "yours is the same for every item of the batch; the expected values differ from one to the next.",
    # values that moved
    "permuted_axes": "your dimensions are the expected ones in the order {order}: permute them.",
    "permuted_axes.matrix": "yours is the transpose of what is expected; torch's weights are (out, in), and y = x @ weight.T.",
    "permuted_axes.last": "the last two dimensions are swapped: transpose(-1, -2).",
    "view_for_permute": "view or reshape was used to move a dimension: they only regroup values; permute moves dimensions.",
    "reversed_order": "the order along {axes:dimensions} is reversed.",
    "shifted": "the values are shifted by {places:positions} along dimension {axis}: off by {places:size} in an index.",
    "shifted.around": "the values are shifted by {places:positions} along dimension {axis}, wrapping around its end.",
    "another_order": "the slices along dimension {axis} are right but in a different order.",
    "scrambled": "the same values in a different order: look at the last view, reshape, permute, sort or gather.",
    "swapped_keys": "the contents of the keys {first!r} and {second!r} are swapped.",
    # shapes
    "axis_of_one": "dimension {axis}, of size 1, is missing: keepdim=True or unsqueeze({axis}), not squeeze().",
    "axis_of_one.extra": "dimension {axis}, of size 1, is extra: drop keepdim=True, or use squeeze({axis}).",
    "flattened": "the values are right and in order, but in a different shape: reshape to {shape}.",
    "flattened.batch": "the values are right and in order, but the batch dimension was flattened away: keep it, flatten(1).",
    "flattened.some": "the values are right and in order, but dimensions were flattened: reshape to {shape}.",
    "joined_over_another_axis": "the {parts} parts are joined along dimension {wrong}, not {right}: use torch.cat(..., dim={right}).",
    "repeated": "the expected values are repeated along {axes:dimensions}: an unwanted broadcast.",
    "unwanted_broadcast": "shapes ({n}, 1) and ({n},) were broadcast to ({n}, {n}), every item with every other: make the shapes equal.",
    "cropped": "the rest agrees, but yours lacks positions: {ends:ends}. Check the padding and the ends of ranges.",
    "cropped.extra": "the rest agrees, but yours has extra positions: {ends:ends}. Check the padding and the ends of ranges.",
    "another_stride": "yours has only one value in {stride} along {axes:dimensions}: a different stride.",
    "another_stride.missing": "yours has every value, not one in {stride} along {axes:dimensions}: a different stride.",
    "missing_reduction": "the last step is missing: the {name} over {axes:dimensions}.",
    "extra_reduction": "one step too many: yours is the {name} of the expected values over dimension {axis}.",
    "same_total": "both have the same {name} but different shapes: is the {name} taken over the wrong dimension?",
    "sizes_swapped": "the last two sizes are swapped: in and out, or rows and columns. torch stores a weight as (out, in).",
    # operations over other dimensions
    "another_reduction": "this is the {wrong}; it should be the {right} over {axes:dimensions}.",
    "another_reduction.axes": "this is the {name} over {wrong:dimensions}; it should be over {right:dimensions}.",
    "broadcast_in_a_loss": "shapes {first} and {second} were broadcast, every item with every other: make them equal.",
    "another_normalisation.unbiased": "the unbiased variance (n - 1) is used; normalization uses the biased one.",
    "another_normalisation.eps_outside": "eps is added to the root; it belongs inside: sqrt(variance + eps).",
    "another_normalisation.no_eps": "eps is missing: sqrt(variance + eps).",
    "another_normalisation.mean_kept": "the mean is not subtracted.",
    "another_normalisation.mean_removed": "the mean is subtracted; here only the scale is normalized.",
    "another_normalisation.axes": "normalized over {wrong:dimensions}; it should be over {right:dimensions}.",
    "another_gelu.tanh": "this is the tanh approximation of GELU; the exact one, with erf, is expected.",
    "another_gelu.exact": "this is the exact GELU; its tanh approximation is expected.",
    "unit_over_another_axis": "the {form} is 1 along dimension {wrong} of yours, but should be along dimension {right}: softmax or another normalization over the wrong dimension; use dim={right}.",
    "standardised_over_another_axis": "yours has mean 0 and variance 1 along {wrong:dimensions}, but should have them along {right:dimensions}: wrong dimensions.",
    "accumulated_over_another_axis": "the running sum is along dimension {wrong} instead of {right}: use dim={right}.",
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
    "extra_function.square": "yours are the squares of the expected values: a square root is missing, or a square is extra.",
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
    "dropout_in_eval.active": "dropout is active: some values are 0, the others {factor} times as large, 1/(1 - p) for p = {rate}. Call eval().",
    "dropout_in_eval.missing": "dropout is missing: some expected values are 0, the others larger by 1/(1 - p) for p = {rate}. Call train()?",
    "dropout_in_eval.zeros": "yours is 0 where the expected values are not, and the rest agrees: something is masked or left unfilled.",
    "dropout_in_eval.no_zeros": "the expected values are 0 where yours is not, and the rest agrees: something is masked or left unfilled.",
    "negative_side": "positive values agree, and negative ones are {factor} times what is expected: a different slope.",
    "clipped": "values {bounds:bounds} are cut off.",
    "clipped.missing": "values {bounds:bounds} are not cut off as expected.",
    "shift_per_axis": "yours is off by one value per position of dimension {axis}: a bias is missing or wrong.",
    "shift_per_axis.missing": "the bias is missing: expected - yours is exactly the bias, along dimension {axis}.",
    "shift_per_axis.twice": "the bias is added one time too many along dimension {axis}.",
    "factor_per_axis": "yours is off by one factor per position of dimension {axis}: a weight (scale) is missing or wrong.",
    "scaled_and_shifted": "yours is {factor} * expected {added:signed}: a different scale and offset.",
    "another_power": "every value is the expected one to the power of {power}: a root or a power is missing or wrong.",
    "nearly_right": "the values agree to about {digits} digits: eps in a different place, an approximate formula, or rounding.",
    "another_sample.upper_half": "the values fill only the upper half of the range.",
    "another_sample.lower_half": "the values fill only the lower half of the range.",
    "another_sample.std_as_bound": "the values are uniform, and their largest magnitude equals the expected standard deviation.",
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
    # exceptions
    "error.super_init_missing": "super().__init__() must be the first line of __init__.",
    "error.matmul_shapes": "the shapes are (rows x features) for the data and (in x out) for the weight: features and in must be equal.",
    "error.matmul_dtypes": "two dtypes are mixed; create new tensors with the dtype of the input, and convert the data, not the model.",
    "error.in_place_on_leaf": "a tensor that requires grad is changed in place: create a new tensor from an input (x = x + 1, not x += 1); fill a parameter under torch.no_grad() or with nn.init.",
    "error.saved_tensor_changed": "something the backward pass needs was changed in place; write out = out + x instead of out += x.",
    "error.tensor_over_parameter": "a plain tensor is assigned over an nn.Parameter; copy into it under torch.no_grad(), or use a local name.",
    "error.graph_is_cut": "the path from the parameters to this value is cut: .detach(), .data, .item(), torch.tensor(...) or no_grad.",
    "error.not_in_graph": "no path leads from this tensor to the result: your code cuts the graph (.detach(), .data, .item(), NumPy or torch.tensor(...)), or leaves the tensor out.",
    "error.numpy_of_graph": "NumPy does not track gradients; stay in torch while you need them, and use .detach() only to look at a value.",
    "error.list_is_called": "a ModuleList or ModuleDict stores layers; write the loop that calls them.",
    "error.forward_missing": "the class has no method called forward; check the method's name and indentation.",
    "error.layer_for_tensor": "you create a layer instead of calling it: nn.ReLU()(x), not nn.ReLU(x).",
    "error.none_for_tensor": "a value that should be a tensor is None; does the function that computed it return its result?",
    "error.tuple_for_tensor": "this value is a tuple of several results; take the one you need.",
    "error.number_for_tensor": "a Python number is used where a tensor is expected: .item(), float(...) or Python's math made it, or it was passed or returned; torch.tensor(...) makes a tensor of it.",
    "error.array_for_tensor": "a NumPy array is passed where a tensor is expected; convert it with torch.from_numpy.",
    "error.not_a_module": "nn.Sequential takes layers one by one: unpack a list with *, and pass instances, not functions or classes.",
    "error.no_parameters": "no parameter is registered: keep layers in nn.ModuleList, not a plain list, and make tensors nn.Parameter.",
    "error.fan_of_vector": "this initializer needs a matrix; initialize biases and other vectors separately.",
    "error.state_keys": "the names of parameters differ from those in the state_dict; compare the two lists of keys.",
    "error.state_shapes": "a parameter's shape differs from the stored shape; a weight has shape (out, in).",
    "error.view_of_permuted": "the dimensions were permuted earlier; use reshape, and check that their order is the one you want.",
    "error.bad_broadcast": "shapes are aligned from the last dimension; one of the two needs unsqueeze, keepdim=True or a transpose.",
    "error.reshape_count": "the requested sizes do not multiply to the number of elements.",
    "error.self_missing": "one argument too many is passed; does the method's signature begin with self and list every input?",
    "error.argument_missing": "the function is called with fewer arguments than it requires.",
    "error.float_indices": "indices must be integers (int64).",
    "error.index_too_large": "an index is negative or not smaller than the number of rows.",
    "error.wrong_gradient_count": "backward returns one value per input of forward, and None for inputs without a gradient.",
    "error.name_unknown": "the name is misspelled, or it needs self. before it, or the cell that defines it was not run.",
    "error.attribute_not_set": "__init__ does not set this name on self, or it is spelled differently there.",
}
