"""What one rule of an exercise forbids, under every name that torch has for it: the only table of spellings.

A rule names one function or class of torch, ``F.relu`` or ``nn.Linear``. The same computation has more names: a method,
an operator, an in-place form, one that writes into ``out=``, one on masked tensors, the reference implementation, the
form that only computes its gradient; and a class has subclasses. The text of an answer (`autograder.submissions.rules`)
and its run (`watch`) both ask here whether a name, an object or a class is meant.

Standard library and torch only: this is seen on the student's side too.
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

# What may stand before or behind the name of one and the same function.
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
# Names that no affix leads to: what the name on the right also stands for.
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
# These end in a word that means a gradient, and compute none.
_NO_GRADIENT = re.compile(r"^_*(save_for_|register_|set_|is_|in_|get_|clear_saved|.*_hook)")
_GRADIENT_OF = re.compile(r"._(double_)?backward(_|$)")


def _squashed(name: str) -> str:
    return name.replace("_", "").lower()


_KIN_BY_KEY = {_squashed(name): {_squashed(other) for other in others} for name, others in _KIN.items()}


@functools.lru_cache(maxsize=4096)
def keys_of(name: str) -> frozenset[str]:
    """Return all functions that a name of torch's may be a spelling of: ``_softmax_backward_data`` is a softmax."""
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
    """One rule, and all that it means.

    Args:
        written: as in a chapter: ``nn.Linear``, ``F.linear``, ``torch.Tensor.backward``. What torch leaves to whoever
            imports it, ``nn.utils.prune.l1_unstructured``, is imported.

    Raises:
        ValueError: if it names nothing in torch, or a whole module; the message says what to write.
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
        # `nn.Linear` leaves `F.linear` alone; a class that is used like a function (`torch.enable_grad`) is one.
        self.is_of_classes = isinstance(self.object, type) and self.object.__name__[:1].isupper()

    def means_name(self, name: str) -> bool:
        """True if a function of torch's with this name is meant."""
        return not self.is_of_classes and self.key in keys_of(name)

    def means_class(self, found: type) -> bool:
        """True if a class, or one that it inherits from, is meant."""
        return any(
            base is self.object or (is_torchs(getattr(base, "__module__", None)) and self.key in keys_of(base.__name__))
            for base in type.mro(found)
        )

    def means(self, found: Any, name: str = "") -> bool:
        """True if an object of torch's is meant; ``name`` is what it was called by."""
        if isinstance(found, ModuleType):
            return False
        if isinstance(found, type):
            return self.means_class(found)
        if found is self.object:
            return True
        return callable(found) and any(self.means_name(called) for called in {name, *names_of(found)})

    def means_path(self, path: str) -> str:
        """Return what of a dotted path of torch's is meant, as far as it goes: ``nn.Linear`` of its ``forward``."""
        parts = path.split(".")
        found = ROOTS.get(parts[0])
        for depth, name in enumerate(parts[1:], 2):
            found = _attribute(found, name)
            if found is None:  # nobody has imported it here: by its name alone
                is_class = name[:1].isupper()
                is_meant = self.key in keys_of(parts[-1]) and (is_class or not self.is_of_classes)
                return path if is_meant else ""
            if self.means(found, name):
                return ".".join(parts[:depth])
        return ""

    def means_method(self, name: str) -> bool:
        """True if this attribute of a tensor is meant."""
        if name == "grad_fn":  # calling it is calling a derivative
            return self.means_name(name)
        return callable(getattr(torch.Tensor, name, None)) and self.means_name(name)


rule = functools.cache(Rule)


def said(written: str, name: str) -> str:
    """Return in words which rule a name broke: the name too, where it is another."""
    is_same = not name or name.rpartition(".")[2] == written.rpartition(".")[2]
    return written if is_same else f"{name} ({written} by another name)"


def resolve(path: str) -> Any:
    """Return the object in torch that a dotted path names, or None."""
    first, *rest = path.split(".")
    return functools.reduce(_attribute, rest, ROOTS.get(first))


def public_names(module: ModuleType) -> list[str]:
    """Return what ``from module import *`` binds."""
    public = getattr(module, "__all__", None) or [name for name in dir(module) if not name.startswith("_")]
    return [name for name in public if isinstance(name, str)]


def _home(found: Any) -> str | None:
    """Return the name of the module in which something was defined."""
    return getattr(found, "__module__", None)


def _import_along(path: str) -> None:
    """Import the modules of torch that a rule's path leads through, as far as there are any."""
    first, *rest = path.split(".")
    root = getattr(ROOTS.get(first), "__name__", None)
    if root:
        with contextlib.suppress(ImportError, AttributeError, ValueError):  # what is not there is told by who asks
            pkgutil.resolve_name(".".join([root, *rest]))


def _attribute(owner: Any, name: str) -> Any:
    try:
        found = getattr(owner, name, None)
    except Exception:  # torch.classes and the like raise errors of their own for what they do not have
        return None
    if found is None and isinstance(owner, ModuleType):  # torch.optim deletes the names of its modules
        return sys.modules.get(f"{owner.__name__}.{name}")
    return found


def names_of(function: Any) -> Iterator[str]:
    """Yield what a function of torch's is called in torch itself, below the wrappers around it."""
    if isinstance(function, OPERATORS):
        yield str(function).replace("::", ".").split(".")[1]
        return
    yield getattr(function, "__name__", "") or ""
    code = getattr(function, "__code__", None)
    if isinstance(code, CodeType) and function.__closure__:
        yield from names_inside(code, dict(zip(code.co_freevars, map(_content, function.__closure__), strict=False)))


def names_inside(code: CodeType, variables: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the functions that a wrapper of torch's calls: those among its free variables."""
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
    """True for the name of a module of torch's."""
    return isinstance(module, str) and (module == "torch" or module.startswith("torch."))
