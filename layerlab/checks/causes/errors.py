"""Recognize exceptions that beginners often see in torch; the tables of words have a sentence for each.

The patterns match the messages of torch and Python. tests/layerlab/test_causes.py raises every one of these exceptions,
so it fails if a new release changes a message.
"""

from __future__ import annotations

import re

from layerlab.checks.causes.finding import Finding, finding

PATTERNS = {  # name of a cause: text of the form "Type: message"; the first pattern that matches decides
    "super_init_missing": (
        r"AttributeError: cannot assign (module|parameters?) before Module\.__init__\(\) call"
        r"|AttributeError: .* object has no attribute '_(parameters|modules|buffers|backward_hooks|forward_hooks)'"
    ),
    "matmul_shapes": r"RuntimeError: mat1 and mat2 shapes cannot be multiplied",
    "matmul_dtypes": (
        r"RuntimeError: (mat1 and mat2 must have the same dtype|expected m1 and m2 to have the same dtype)"
        r"|RuntimeError: expected scalar type \w+ but found \w+"
    ),
    "in_place_on_leaf": (
        r"RuntimeError: a (leaf Variable that requires grad|view of a leaf Variable that requires grad)"
        r".*in-place operation"
    ),
    "saved_tensor_changed": (
        r"RuntimeError: one of the variables needed for gradient computation has been modified by an inplace operation"
    ),
    "tensor_over_parameter": r"TypeError: cannot assign '.*' as parameter",
    "graph_is_cut": r"RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn",
    "not_in_graph": (
        r"RuntimeError: (One of the differentiated Tensors|The differentiated Tensor at index \d+)"
        r" appears to not have been used in the graph"
    ),
    "numpy_of_graph": r"RuntimeError: Can't call numpy\(\) on Tensor that requires grad",
    "list_is_called": r"NotImplementedError: Module \[Module(List|Dict)\] is missing the required \"forward\" function",
    "forward_missing": r"NotImplementedError: Module \[\w+\] is missing the required \"forward\" function",
    "layer_for_tensor": r"TypeError: .*must be Tensor, not (?!NoneType|tuple|list|int|float|str|numpy)[A-Z]\w*",
    "none_for_tensor": r"TypeError: .*must be Tensor, not NoneType|(TypeError|AttributeError): .*'NoneType'",
    "tuple_for_tensor": (
        r"TypeError: .*must be Tensor, not (tuple|list)|AttributeError: 'tuple' object has no attribute"
    ),
    "number_for_tensor": (
        r"TypeError: .*must be Tensor, not (bool|int|float|complex)\b"
        r"|AttributeError: '(bool|int|float|complex)' object has no attribute"
    ),
    "array_for_tensor": r"TypeError: .*must be Tensor, not numpy\.\w+",
    "not_a_module": r"TypeError: .* is not a Module subclass",
    "no_parameters": r"ValueError: optimizer got an empty parameter list",
    "fan_of_vector": r"ValueError: Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    "state_keys": r"RuntimeError: Error\(s\) in loading state_dict .*(Missing|Unexpected) key\(s\)",
    "state_shapes": r"RuntimeError: Error\(s\) in loading state_dict .*size mismatch",
    "view_of_permuted": r"RuntimeError: view size is not compatible with input tensor's size and stride",
    "bad_broadcast": (
        r"RuntimeError: The size of tensor a \(\d+\) must match the size of tensor b \(\d+\) at non-singleton"
    ),
    "reshape_count": r"RuntimeError: shape '\[.*\]' is invalid for input of size \d+",
    "self_missing": r"TypeError: .*takes \d+ positional arguments? but \d+ (was|were) given",
    "argument_missing": r"TypeError: .*missing \d+ required (positional|keyword-only) argument",
    "float_indices": (
        r"(RuntimeError|IndexError): .*([Ee]xpected .* scalar types: Long, Int|"
        r"tensors used as indices must be long, int, byte or bool)"
    ),
    "index_too_large": r"IndexError: index out of range in self",
    "wrong_gradient_count": r"RuntimeError: function \w+ returned an incorrect number of gradients",
    "name_unknown": r"NameError: name '\w+' is not defined",
    "attribute_not_set": r"AttributeError: '(?!Tensor)\w+' object has no attribute '\w+'",
}

# Advice from torch to the caller that requested the gradient; here, that is the check, not the student.
_ADVICE = re.compile(r"\s*Set allow_unused=True if this is the desired behavior\.")


def without_advice(text: str) -> str:
    """Return an exception's text without torch's advice, which would mislead a student."""
    return _ADVICE.sub("", text)


def error_cause(kind: str, text: str) -> Finding | None:
    """Return the likely cause of an exception with type name ``kind`` and message ``text``, or None if unknown."""
    name = next((name for name, pattern in PATTERNS.items() if re.match(pattern, f"{kind}: {text}")), None)
    return finding(f"error.{name}") if name else None
