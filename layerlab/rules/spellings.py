"""Decide which torch names, objects, and classes an exercise's rule covers.

A rule names one function or class in torch, such as ``F.relu`` or ``nn.Linear``. The same computation is available
under other names: a method, an operator, an in-place function, a function that writes into ``out=``, a function for
masked tensors, the reference implementation, and the function that computes only the gradient. A rule that names a
class also covers the subclasses of that class. The check of an answer's text (`autograder.submissions.rules`) and the
check of its run (`watch`) both use this module.

This module uses only the standard library and torch, because the student's side can see this module, too.
"""

from __future__ import annotations

import contextlib
import functools
import pkgutil
import re
import sys
from collections.abc import Iterator
from types import CodeType, ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

ROOTS: dict[str, Any] = {"torch": torch, "nn": nn, "F": F}
OPERATORS = (torch._ops.OpOverload, torch._ops.OpOverloadPacket)

# Affixes that may be added before or after the name of the same function.
_BEFORE = (
    "safe_", "masked_", "native_", "no_grad_", "special_", "sparse_", "nested_", "fused_", "functional_", "foreign_",
    "quantized_", "mkldnn_", "cudnn_", "miopen_", "mps_", "thnn_", "slow_", "xnnpack_", "onednn_", "aten_",
)  # fmt: skip
_BEHIND = (
    "_", "_out", "_copy", "_inplace", "_functional", "_forward", "_backward", "_backward_data", "_backward_input",
    "_backward_weight", "_backward_bias", "_double_backward", "_jvp", "_kernel", "_with_indices", "_without_indices",
    "_pointwise", "_symint", "_overrideable", "_inference", "_functionalized", "_relu", "_for_cpu",
)  # fmt: skip

_CONVOLUTIONS = tuple(f"conv{way}{axes}d" for way in ("", "transpose") for axes in "123")
_GRADIENTS = (
    "backward", "run_backward", "vjp", "jvp", "vhp", "hvp", "jacobian", "hessian", "jacrev", "jacfwd", "grad_and_value",
    "linearize", "make_dual", "grad_fn", *(f"conv{axes}d_{of}" for axes in "123" for of in ("input", "weight")),
)  # fmt: skip
_PADDINGS = (
    "constant_pad_nd", "pad_enum", "pad_circular",
    *(f"{how}_pad{axes}d" for how in ("constant", "zero", "reflection", "replication", "circular") for axes in "123"),
)  # fmt: skip
_SCALINGS = (
    "upsample", "upsample_nearest", "upsample_bilinear", "upsample_linear1d", "upsample_bilinear2d",
    "upsample_bicubic2d", "upsample_trilinear3d", "upsample_bilinear2d_aa", "upsample_bicubic2d_aa",
    *(f"upsample_nearest{exact}{axes}d" for exact in ("", "_exact") for axes in "123"),
)  # fmt: skip
# Names that no affix explains: the name on the left is also a spelling of those on the right.
_KIN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_GRADIENTS, ("grad",)),
    **dict.fromkeys(_PADDINGS, ("pad",)),
    **dict.fromkeys(("convolution", "convolution_mode"), _CONVOLUTIONS),
    **{f"conv_depthwise{axes}d": (f"conv{axes}d",) for axes in "23"},
    **{f"slow_conv_dilated{axes}d": (f"conv{axes}d",) for axes in "23"},
    "softmax2d": ("softmax",),
    "im2col": ("unfold",),
    "col2im": ("fold",),
    "trilinear": ("bilinear",),
    **dict.fromkeys(_SCALINGS, ("interpolate",)),
    "cross_entropy_loss": ("cross_entropy",),
    "grad_mode": ("enable_grad", "set_grad_enabled"),
}
# These names mention a gradient but compute none.
_NO_GRADIENT = re.compile(r"^_*(save_for_|register_|set_|is_|in_|get_|clear_saved|.*_hook)")
_GRADIENT_OF = re.compile(r"._(double_)?backward(_|$)")


def _squashed(name: str) -> str:
    return name.replace("_", "").lower()


_KIN_BY_KEY = {_squashed(name): {_squashed(other) for other in others} for name, others in _KIN.items()}


@functools.lru_cache(maxsize=4096)
def keys_of(name: str) -> frozenset[str]:
    """Return the normalized names of all functions for which a torch name can stand, such as softmax for _softmax."""
    found: set[str] = set()
    waiting = [name.strip("_")]
    while waiting:
        key = _squashed(text := waiting.pop())
        if not key or key in found:
            continue
        found |= {key} | _KIN_BY_KEY.get(key, set())
        waiting += [text.removeprefix(before) for before in _BEFORE]
        waiting += [text.removesuffix(behind) for behind in _BEHIND]
        waiting += [text.strip("_")]
    if _NO_GRADIENT.match(name):
        found -= {"grad", "backward"}
    elif _GRADIENT_OF.search(name):
        found.add("grad")
    return frozenset(found)


class Rule:
    """A rule as a chapter writes it, such as ``nn.Linear`` or ``torch.Tensor.backward``, and everything it covers.

    If torch itself does not import the rule's module (as with ``nn.utils.prune.l1_unstructured``), this class does.
    Raise ValueError, with what to write instead, if the rule names nothing in torch or a whole module.
    """

    def __init__(self, written: str) -> None:
        self.written = written
        self.object = resolve(written)
        if self.object is None:
            _import_along(written)
            self.object = resolve(written)
        if self.object is None:
            raise ValueError(f"the rule {written!r} names nothing in torch")
        if isinstance(self.object, ModuleType):
            own = (
                name for name in public_names(self.object) if _home(getattr(self.object, name)) == self.object.__name__
            )
            inside = " ".join(f"{written}.{name}" for name in list(own)[:3])
            raise ValueError(
                f"the rule {written!r} names a module: write what in it is not allowed, {inside or 'name by name'}"
            )
        self.key = _squashed(written.rpartition(".")[2])
        # `nn.Linear` does not cover `F.linear`. A class used like a function (`torch.enable_grad`) counts as one.
        self.is_of_classes = isinstance(self.object, type) and self.object.__name__[:1].isupper()

    def means_name(self, name: str) -> bool:
        """Return whether the rule covers a torch function with this name."""
        return not self.is_of_classes and self.key in keys_of(name)

    def means_class(self, found: type) -> bool:
        """Return whether the rule covers a class or one of its base classes."""
        return any(
            base is self.object or (is_torchs(getattr(base, "__module__", None)) and self.key in keys_of(base.__name__))
            for base in type.mro(found)
        )

    def means(self, found: Any, name: str = "") -> bool:
        """Return whether the rule covers a torch object; ``name`` is the name used to call it."""
        if isinstance(found, ModuleType):
            return False
        if isinstance(found, type):
            return self.means_class(found)
        if found is self.object:
            return True
        return callable(found) and any(self.means_name(called) for called in {name, *names_of(found)})

    def means_path(self, path: str) -> str:
        """Return the shortest prefix of a torch path that the rule covers (nn.Linear of nn.Linear.forward), or ""."""
        parts = path.split(".")
        found = ROOTS.get(parts[0])
        for depth, name in enumerate(parts[1:], 2):
            found = _attribute(found, name)
            if found is None:  # not imported here, so only the name can decide
                is_class = name[:1].isupper()
                is_meant = self.key in keys_of(parts[-1]) and (is_class or not self.is_of_classes)
                return path if is_meant else ""
            if self.means(found, name):
                return ".".join(parts[:depth])
        return ""

    def means_method(self, name: str) -> bool:
        """Return whether the rule covers the tensor attribute ``name``."""
        if name == "grad_fn":  # calling it computes a derivative
            return self.means_name(name)
        return callable(getattr(torch.Tensor, name, None)) and self.means_name(name)


rule = functools.cache(Rule)


def said(written: str, name: str) -> str:
    """Return the text that reports a broken rule, with the name that broke it if that name differs from the rule."""
    is_same = not name or name.rpartition(".")[2] == written.rpartition(".")[2]
    return written if is_same else f"{name} ({written} by another name)"


def resolve(path: str) -> Any:
    """Return the torch object that a dotted path names, or None."""
    first, *rest = path.split(".")
    return functools.reduce(_attribute, rest, ROOTS.get(first))


def public_names(module: ModuleType) -> list[str]:
    """Return the names that ``from module import *`` binds."""
    public = getattr(module, "__all__", None) or [name for name in dir(module) if not name.startswith("_")]
    return [name for name in public if isinstance(name, str)]


def _home(found: Any) -> str | None:
    """Return the name of the module that defines an object."""
    return getattr(found, "__module__", None)


def _import_along(path: str) -> None:
    """Import the torch modules along a rule's path, skipping any that do not exist."""
    first, *rest = path.split(".")
    root = getattr(ROOTS.get(first), "__name__", None)
    if root:
        with contextlib.suppress(ImportError, AttributeError, ValueError):  # the caller reports what is missing
            pkgutil.resolve_name(".".join([root, *rest]))


def _attribute(owner: Any, name: str) -> Any:
    try:
        found = getattr(owner, name, None)
    except Exception:  # torch.classes and similar objects raise their own errors for missing names
        return None
    if found is None and isinstance(owner, ModuleType):  # torch.optim deletes the names of its modules
        return sys.modules.get(f"{owner.__name__}.{name}")
    return found


def names_of(function: Any) -> Iterator[str]:
    """Yield torch's own names for a function, including the names of functions that a wrapper calls."""
    if isinstance(function, OPERATORS):
        yield str(function).replace("::", ".").split(".")[1]
        return
    yield getattr(function, "__name__", "") or ""
    code = getattr(function, "__code__", None)
    if isinstance(code, CodeType) and function.__closure__:
        yield from names_inside(code, dict(zip(code.co_freevars, map(_content, function.__closure__), strict=False)))


def names_inside(code: CodeType, variables: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the functions that a torch wrapper calls; these are among the wrapper's free variables."""
    for name in code.co_freevars:
        inner = variables.get(name)
        if callable(inner) and not isinstance(inner, type) and is_torchs(getattr(inner, "__module__", None)):
            yield getattr(inner, "__name__", "") or ""


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # empty
        return None


def is_torchs(module: Any) -> bool:
    """Return whether a value is the name of a torch module."""
    return isinstance(module, str) and (module == "torch" or module.startswith("torch."))
