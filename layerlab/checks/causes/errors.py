"""Explain exceptions that beginners often see in torch, each with a sentence about its likely cause.

The patterns match the messages of torch and Python. tests/layerlab/test_causes.py raises every one of these exceptions,
so it fails if a new release changes a message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorCause:
    """A kind of exception: a regular expression for text of the form "Type: message", and a sentence on the cause."""

    name: str
    pattern: str
    sentence: str


_CAUSES = {  # name: pattern, sentence; the first pattern that matches decides
    "super_init_missing": (
        r"AttributeError: cannot assign (module|parameters?) before Module\.__init__\(\) call"
        r"|AttributeError: .* object has no attribute '_(parameters|modules|buffers|backward_hooks|forward_hooks)'",
        "super().__init__() must be the first line of __init__.",
    ),
    "matmul_shapes": (
        r"RuntimeError: mat1 and mat2 shapes cannot be multiplied",
        "the shapes are (rows x features) for the data and (in x out) for the weight: features and in must be equal.",
    ),
    "matmul_dtypes": (
        r"RuntimeError: (mat1 and mat2 must have the same dtype|expected m1 and m2 to have the same dtype)"
        r"|RuntimeError: expected scalar type \w+ but found \w+",
        "two dtypes are mixed; create new tensors with the dtype of the input, and convert the data, not the model.",
    ),
    "in_place_on_leaf": (
        r"RuntimeError: a (leaf Variable that requires grad|view of a leaf Variable that requires grad)"
        r".*in-place operation",
        "a tensor that requires grad is changed in place: create a new tensor from an input (x = x + 1, not x += 1); "
        "fill a parameter under torch.no_grad() or with nn.init.",
    ),
    "saved_tensor_changed": (
        r"RuntimeError: one of the variables needed for gradient computation has been modified by an inplace operation",
        "something the backward pass needs was changed in place; write out = out + x instead of out += x.",
    ),
    "tensor_over_parameter": (
        r"TypeError: cannot assign '.*' as parameter",
        "a plain tensor is assigned over an nn.Parameter; copy into it under torch.no_grad(), or use a local name.",
    ),
    "graph_is_cut": (
        r"RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn",
        "the path from the parameters to this value is cut: .detach(), .data, .item(), torch.tensor(...) or no_grad.",
    ),
    "not_in_graph": (
        r"RuntimeError: (One of the differentiated Tensors|The differentiated Tensor at index \d+)"
        r" appears to not have been used in the graph",
        "no path leads from this tensor to the result: your code cuts the graph (.detach(), .data, .item(), NumPy or "
        "torch.tensor(...)), or leaves the tensor out.",
    ),
    "numpy_of_graph": (
        r"RuntimeError: Can't call numpy\(\) on Tensor that requires grad",
        "NumPy does not track gradients; stay in torch while you need them, and use .detach() only to look at a value.",
    ),
    "list_is_called": (
        r"NotImplementedError: Module \[Module(List|Dict)\] is missing the required \"forward\" function",
        "a ModuleList or ModuleDict stores layers; write the loop that calls them.",
    ),
    "forward_missing": (
        r"NotImplementedError: Module \[\w+\] is missing the required \"forward\" function",
        "the class has no method called forward; check the method's name and indentation.",
    ),
    "layer_for_tensor": (
        r"TypeError: .*must be Tensor, not (?!NoneType|tuple|list|int|float|str|numpy)[A-Z]\w*",
        "you create a layer instead of calling it: nn.ReLU()(x), not nn.ReLU(x).",
    ),
    "none_for_tensor": (
        r"TypeError: .*must be Tensor, not NoneType|(TypeError|AttributeError): .*'NoneType'",
        "a value that should be a tensor is None; does the function that computed it return its result?",
    ),
    "tuple_for_tensor": (
        r"TypeError: .*must be Tensor, not (tuple|list)|AttributeError: 'tuple' object has no attribute",
        "this value is a tuple of several results; take the one you need.",
    ),
    "number_for_tensor": (
        r"TypeError: .*must be Tensor, not (bool|int|float|complex)\b"
        r"|AttributeError: '(bool|int|float|complex)' object has no attribute",
        "a Python number is used where a tensor is expected: .item(), float(...) or Python's math made it, or it was "
        "passed or returned; torch.tensor(...) makes a tensor of it.",
    ),
    "array_for_tensor": (
        r"TypeError: .*must be Tensor, not numpy\.\w+",
        "a NumPy array is passed where a tensor is expected; convert it with torch.from_numpy.",
    ),
    "not_a_module": (
        r"TypeError: .* is not a Module subclass",
        "nn.Sequential takes layers one by one: unpack a list with *, and pass instances, not functions or classes.",
    ),
    "no_parameters": (
        r"ValueError: optimizer got an empty parameter list",
        "no parameter is registered: keep layers in nn.ModuleList, not a plain list, and make tensors nn.Parameter.",
    ),
    "fan_of_vector": (
        r"ValueError: Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
        "this initializer needs a matrix; initialize biases and other vectors separately.",
    ),
    "state_keys": (
        r"RuntimeError: Error\(s\) in loading state_dict .*(Missing|Unexpected) key\(s\)",
        "the names of parameters differ from those in the state_dict; compare the two lists of keys.",
    ),
    "state_shapes": (
        r"RuntimeError: Error\(s\) in loading state_dict .*size mismatch",
        "a parameter's shape differs from the stored shape; a weight has shape (out, in).",
    ),
    "view_of_permuted": (
        r"RuntimeError: view size is not compatible with input tensor's size and stride",
        "the dimensions were permuted earlier; use reshape, and check that their order is the one you want.",
    ),
    "bad_broadcast": (
        r"RuntimeError: The size of tensor a \(\d+\) must match the size of tensor b \(\d+\) at non-singleton",
        "shapes are aligned from the last dimension; one of the two needs unsqueeze, keepdim=True or a transpose.",
    ),
    "reshape_count": (
        r"RuntimeError: shape '\[.*\]' is invalid for input of size \d+",
        "the requested sizes do not multiply to the number of elements.",
    ),
    "self_missing": (
        r"TypeError: .*takes \d+ positional arguments? but \d+ (was|were) given",
        "one argument too many is passed; does the method's signature begin with self and list every input?",
    ),
    "argument_missing": (
        r"TypeError: .*missing \d+ required (positional|keyword-only) argument",
        "the function is called with fewer arguments than it requires.",
    ),
    "float_indices": (
        r"(RuntimeError|IndexError): .*([Ee]xpected .* scalar types: Long, Int|"
        r"tensors used as indices must be long, int, byte or bool)",
        "indices must be integers (int64).",
    ),
    "index_too_large": (
        r"IndexError: index out of range in self",
        "an index is negative or not smaller than the number of rows.",
    ),
    "wrong_gradient_count": (
        r"RuntimeError: function \w+ returned an incorrect number of gradients",
        "backward returns one value per input of forward, and None for inputs without a gradient.",
    ),
    "name_unknown": (
        r"NameError: name '\w+' is not defined",
        "the name is misspelled, or it needs self. before it, or the cell that defines it was not run.",
    ),
    "attribute_not_set": (
        r"AttributeError: '(?!Tensor)\w+' object has no attribute '\w+'",
        "__init__ does not set this name on self, or it is spelled differently there.",
    ),
}
ERROR_CAUSES = tuple(ErrorCause(name, *cause) for name, cause in _CAUSES.items())


# Advice from torch to the caller that requested the gradient; here, that is the check, not the student.
_ADVICE = re.compile(r"\s*Set allow_unused=True if this is the desired behavior\.")


def without_advice(text: str) -> str:
    """Return an exception's text without torch's advice, which would mislead a student."""
    return _ADVICE.sub("", text)


def error_cause(kind: str, text: str) -> str | None:
    """Return the likely cause of an exception with type name ``kind`` and message ``text``, or None if unknown."""
    whole = f"{kind}: {text}"
    return next((cause.sentence for cause in ERROR_CAUSES if re.match(cause.pattern, whole)), None)
