"""Test that rules forbid all equivalents of a forbidden call and nothing else."""

import contextlib
import copy
import functools
import inspect
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
import torch._refs.nn.functional
import torch._refs.special
import torch.masked
import torch.nn.functional as F
from torch import nn
from torch._dynamo import mutation_guard

from autograder.course import name_of
from autograder.model import Exercise
from autograder.texts import chapter as chapters
from layerlab.rules import spellings, watch
from tests.root import COURSE

CHAPTERS = COURSE.texts


@functools.cache
def of_chapter(name: str) -> list[Exercise]:
    """Return a chapter's exercises that have rules."""
    (path,) = (path for path in CHAPTERS if name_of(path) == name)
    return [exercise for exercise in chapters.load(path).exercises if exercise.rules]


def ruled() -> list[Exercise]:
    """Return all exercises that have rules."""
    return [exercise for path in CHAPTERS for exercise in of_chapter(name_of(path))]


def randn(*shape: int) -> torch.Tensor:
    return 9 * torch.randn(*shape, generator=torch.Generator().manual_seed(len(shape) + sum(shape)))


TABLE, IMAGES, ROWS, VOLUME = randn(3, 4), randn(2, 4, 8, 8), randn(2, 4, 9), randn(1, 2, 6, 6, 6)
CALLS: dict[str, tuple[Any, ...]] = {
    "relu": (TABLE,), "leaky_relu": (TABLE, 0.2), "prelu": (TABLE, torch.tensor([0.3])),
    "threshold": (TABLE, 0.7, -2.0), "rrelu": (TABLE, 0.2, 0.2),
    "hardtanh": (TABLE, -0.5, 1.5), "relu6": (TABLE,), "hardsigmoid": (TABLE,),
    "elu": (TABLE, 0.7), "celu": (TABLE, 0.7), "selu": (TABLE,), "silu": (TABLE,), "mish": (TABLE,),
    "hardswish": (TABLE,), "gelu": (TABLE,), "softplus": (TABLE,), "logsigmoid": (TABLE,), "glu": (TABLE, 1),
    "hardshrink": (TABLE, 0.9), "softshrink": (TABLE, 0.9), "tanhshrink": (TABLE,), "conv1d": (ROWS, randn(3, 4, 3)),
    "conv2d": (IMAGES, randn(3, 4, 3, 3)), "conv3d": (VOLUME, randn(3, 2, 3, 3, 3)),
    "conv_transpose1d": (ROWS, randn(4, 3, 3)), "conv_transpose2d": (IMAGES, randn(4, 3, 3, 3)),
    "linear": (TABLE, randn(5, 4)), "bilinear": (TABLE, randn(3, 2), randn(5, 4, 2)), "flatten": (IMAGES, 1),
    "unflatten": (TABLE, 1, (2, 2)), "ravel": (TABLE,), "pad": (ROWS, (1, 2)), "roll": (TABLE, 1, 1),
    "unfold": (IMAGES, (2, 2)), "fold": (randn(2, 16, 49), (8, 8), (2, 2)), "max_pool1d": (ROWS, 2),
    "max_pool2d": (IMAGES, 2), "max_pool3d": (VOLUME, 2), "avg_pool1d": (ROWS, 2), "avg_pool2d": (IMAGES, 2),
    "avg_pool3d": (VOLUME, 2), "adaptive_avg_pool1d": (ROWS, 4), "adaptive_avg_pool2d": (IMAGES, (3, 3)),
    "adaptive_max_pool1d": (ROWS, 4), "adaptive_max_pool2d": (IMAGES, (3, 3)), "lp_pool1d": (ROWS, 2.0, 2),
    "lp_pool2d": (IMAGES, 2.0, 2), "interpolate": (IMAGES, (3, 3)), "softmax": (IMAGES, 1), "softmin": (TABLE, 1),
    "log_softmax": (TABLE, 1), "logsumexp": (TABLE, 1), "_safe_softmax": (TABLE, 1),
    "cross_entropy": (TABLE, torch.tensor([0, 1, 2])), "constant_pad_nd": (ROWS, (1, 2)),
}  # fmt: skip
# The statements allow these equivalents: they are steps of an answer, or equal only for the sampled values.
STEPS = {
    "linear": {"inner"},
    "hardtanh": {"clamp", "clip"},
    "rrelu": {"leaky_relu", "LeakyReLU"},
    "ravel": {"unique_consecutive", "cat", "hstack"},
    "_safe_softmax": {"softmax", "Softmax", "special_softmax"},
}
QUICK = ("relu", "linear", "logsumexp")
CASTS = ("to",)  # Some of them kill the process when a number is not a valid dtype.
UNSAFE = (
    "set_printoptions",  # It accepts a tensor as its precision, and then no tensor can be printed in this process.
    "lobpcg",
    "resize",
    "storage",
    "share_memory",
    "pin_memory",
    "seed",
    "save",
    "load",
    "compile",
    "export",
    "from_file",
)
MODULES = (
    torch, torch.special, F, torch.masked, torch._refs, torch._refs.nn.functional, torch._refs.special, torch._C._nn,
    torch._C._special,
)  # fmt: skip


@functools.cache
def public() -> list[tuple[str, Any]]:
    """Return torch's public functions, layers, and ATen operators that are safe to call, with their paths."""
    found = [(f"{module.__name__}.{name}", getattr(module, name, None)) for module in MODULES for name in dir(module)]
    found += [(f"torch.Tensor.{name}", getattr(torch.Tensor, name)) for name in dir(torch.Tensor)]
    operators = {
        name.split("::")[1].split(".")[0] for name in torch._C._dispatch_get_all_op_names() if "aten::" in name
    }
    found += [(f"torch.ops.aten.{name}", getattr(torch.ops.aten, name, None)) for name in operators - {"to"}]
    found = [(p, f) for p, f in found if callable(f) and not isinstance(f, type)]
    found += [(f"torch.nn.{name}", c) for name, c in vars(nn).items() if is_layer(c)]
    names = [(path, path.rpartition(".")[2], thing) for path, thing in found]
    names = [
        (p, name, thing)
        for p, name, thing in names
        if name[0] != "_" and name not in CASTS and not name.startswith("to_")
    ]
    return [(p, thing) for p, name, thing in names if not any(part in name for part in UNSAFE)]


def is_layer(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, nn.Module)


def copied(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(a.clone() if isinstance(a, torch.Tensor) else a for a in arguments)


def computed(thing: Any, arguments: tuple[Any, ...]) -> Any:
    """Return the result of a call, or None if no call works."""
    ways: list[Callable[[], Any]] = [lambda: thing(*copied(arguments))]
    if isinstance(thing, type):
        ways = [lambda: thing(*arguments[1:])(arguments[0].clone()), lambda: thing()(arguments[0].clone())]
    for way in ways:
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            value = way()
            return value[0] if isinstance(value, tuple) and value else value
    return None


def is_same(value: Any, wanted: torch.Tensor) -> bool:
    if not isinstance(value, torch.Tensor) or value.layout != torch.strided:
        return False
    return value.shape == wanted.shape and value.dtype == wanted.dtype and torch.allclose(value, wanted, atol=1e-6)


@functools.cache
def computing_the_same(name: str) -> list[str]:
    """Return the paths of all public names that compute the same values as this name."""
    forbidden = next(getattr(m, name) for m in (F, torch, torch.ops.aten) if hasattr(m, name))
    wanted = computed(forbidden, CALLS[name])
    with warnings.catch_warnings(action="ignore"):
        return [path for path, thing in public() if is_same(computed(thing, CALLS[name]), wanted)]


def named(rules: tuple[str, ...]) -> set[str]:
    return {rule.rpartition(".")[2] for rule in rules if not spellings.rule(rule).is_of_classes}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in QUICK else pytest.mark.long) for n in CALLS])
def test_equivalent_functions_are_forbidden(name):
    exercises = [exercise for exercise in ruled() if name in named(exercise.rules)]
    same = computing_the_same(name)
    assert exercises
    assert len(same) > 1
    assert repr(TABLE)  # No call that `computing_the_same` made has broken this process for other tests.
    for exercise in exercises:
        rules = [spellings.rule(rule) for rule in exercise.rules]
        free = [path for path in same if not any(rule.means_path(path) for rule in rules)]
        assert {path.rpartition(".")[2].strip("_") for path in free} <= STEPS.get(name, set()), exercise.name


# -- allowed calls ----------------------------------------------------------------------------------------------------

# Public names of `torch.nn` and `torch.nn.functional` that a rule forbids without naming them.
BEYOND = {
    "nn.LazyLinear", "nn.LazyConv1d", "nn.LazyConv2d", "nn.LazyConv3d", "nn.LazyConvTranspose1d",
    "nn.LazyConvTranspose2d", "nn.LazyConvTranspose3d", "nn.Softmax2d", "nn.Upsample", "nn.UpsamplingBilinear2d",
    "nn.UpsamplingNearest2d", "nn.BatchNorm3d", "nn.SyncBatchNorm", "nn.LazyBatchNorm1d", "nn.LazyBatchNorm2d",
    "nn.LazyBatchNorm3d", "nn.InstanceNorm3d", "nn.LazyInstanceNorm1d", "nn.LazyInstanceNorm2d",
    "nn.LazyInstanceNorm3d", "F.upsample", "F.upsample_bilinear", "F.upsample_nearest",
    "F.max_pool2d_with_indices", "F.max_pool3d_with_indices",
    "F.adaptive_max_pool1d_with_indices", "F.adaptive_max_pool2d_with_indices",
    "F.adaptive_max_pool3d_with_indices",
    "F.fractional_max_pool2d_with_indices", "F.fractional_max_pool3d_with_indices",
    *(f"nn.{mode}Pad{n}d" for mode in ("Circular", "Reflection", "Replication") for n in (1, 2, 3)),  # call F.pad
}  # fmt: skip
FORMS = {
    "a function": "def call(): return thing(*arguments)",
    "a module": "class Own(nn.Module):\n    def forward(self): return thing(*arguments)\ncall = Own()",
    "a lambda": "call = lambda: thing(*arguments)",
    "a partial": "from functools import partial\ncall = partial(lambda f: f(*arguments), thing)",
}


def families() -> Iterator[tuple[str, Any]]:
    """Yield the functions and layers of `torch.nn`, `torch` functions with the same names, and a few others."""
    functions = {name: f for name, f in vars(F).items() if callable(f) and name[0] != "_" and not isinstance(f, type)}
    yield from ((f"F.{name}", f) for name, f in functions.items() if spellings.is_torchs(f.__module__))
    yield from ((f"nn.{name}", c) for name, c in vars(nn).items() if is_layer(c) and name != "Transformer")
    yield from ((f"torch.{name}", getattr(torch, name)) for name in functions if callable(getattr(torch, name, None)))
    yield from ((f"torch.{n}", getattr(torch, n)) for n in ("sigmoid", "tanh", "exp", "where", "clamp", "matmul"))


@functools.cache
def arguments_of(thing: Any) -> list[None]:
    """Return None for each required argument of a call; the call may still fail."""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (ValueError, TypeError):  # Functions written in C may have no signature.
        return []
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [None for one in parameters if one.default is one.empty and one.kind in positional]


def seen(rules: tuple[str, ...], things: list[tuple[str, Any]], form: str) -> list[str]:
    """Return the names that the watch reports when a student's code calls them."""
    told: list[str] = []
    namespace = {"nn": nn, "thing": None, "arguments": []}
    exec(compile(FORMS[form], "<cell>", "exec"), namespace)
    found = []
    for path, thing in things:
        namespace |= {"thing": thing, "arguments": arguments_of(thing)}
        if form == "a partial":
            exec(compile(FORMS[form], "<cell>", "exec"), namespace)
        told.clear()
        with contextlib.suppress(Exception), watch.watching(rules, lambda rule, _: told.append(rule)):
            namespace["call"]()
        found += [path] if told else []
    return found


@pytest.mark.parametrize("chapter", [name_of(path) for path in CHAPTERS])
def test_watch_matches_the_rules_exactly(chapter):
    things = list(families())
    for exercise in of_chapter(chapter):
        banned = [spellings.rule(rule) for rule in exercise.rules]
        meant = [path for path, thing in things if any(r.means(thing, path.rpartition(".")[2]) for r in banned)]
        with warnings.catch_warnings(action="ignore"):
            for form in FORMS:
                assert seen(exercise.rules, things, form) == meant, (exercise.name, form)
    assert sys.getprofile() is None


def test_rules_forbid_only_listed_additional_names():
    found = set()
    for exercise in ruled():
        rules = [spellings.rule(rule) for rule in exercise.rules]
        listed = {rule.key for rule in rules}
        beyond = {path for path, thing in families() if any(r.means(thing, path.rpartition(".")[2]) for r in rules)}
        beyond -= {path for path in beyond if path.rpartition(".")[2].lower().replace("_", "") in listed}
        if "nn.Module" in exercise.rules:  # Every torch layer is an `nn.Module`.
            beyond -= {f"nn.{name}" for name, thing in vars(nn).items() if is_layer(thing)}
        found |= beyond
    assert found == BEYOND


@pytest.fixture
def after_compiling(monkeypatch):
    """Wrap two methods of `nn.Module`, as the first `torch.compile` does for the whole process."""
    for name in ("__init__", "__setstate__"):
        monkeypatch.setattr(nn.Module, name, getattr(nn.Module, name))
    monkeypatch.setattr(nn.Module, "___needs_generation_tag_patch", True, raising=False)
    mutation_guard.install_generation_tagging_init()


@pytest.mark.parametrize("form", FORMS)
def test_class_without_its_own_init_is_seen_after_compiling(after_compiling, form):
    assert seen(("nn.LogSigmoid",), [("nn.LogSigmoid", nn.LogSigmoid)], form) == ["nn.LogSigmoid"]


@pytest.mark.parametrize("is_compiling", [False, True])
def test_copy_of_an_earlier_layer_is_followed(request, is_compiling):
    """A student's code copies a demonstration's layer and calls the copy."""
    if is_compiling:
        request.getfixturevalue("after_compiling")
    told: list[str] = []
    there = nn.LogSigmoid()
    with watch.watching(("nn.LogSigmoid",), lambda rule, _: told.append(rule), [(1, 1)], {"there": there}):
        exec(compile("copy.deepcopy(there)(x)", "<cell>", "exec"), {"copy": copy, "there": there, "x": TABLE})
    assert len(told) == 1
