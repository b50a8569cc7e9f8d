"""Set everything in a process that changes a result to its default, and restore it afterward."""

from __future__ import annotations

import contextlib
import io
import math
import multiprocessing
import os
import random
import tempfile
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import layerlab as lab

# The names that chapters import, and that an answer and its test may use whatever a cell has bound to them.
SUPPLIED = {"lab": lab, "torch": torch, "nn": nn, "F": F, "np": np, "plt": plt, "math": math}


class Setting(NamedTuple):
    """A setting of the process: how it is read and written, and its default."""

    read: Callable[[], Any]
    write: Callable[[Any], Any]
    default: Any


def _default_device() -> torch.device | None:
    """Return the default device, or None if it is the CPU, because setting that would slow down every call."""
    device = torch.get_default_device()
    return None if device.type == "cpu" else device


SETTINGS = (
    Setting(torch.get_default_dtype, torch.set_default_dtype, torch.float32),
    Setting(_default_device, torch.set_default_device, None),
    Setting(torch.is_grad_enabled, torch.set_grad_enabled, True),
    Setting(torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly, False),
    Setting(torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode, 0),
    Setting(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "highest"),
    Setting(
        np.geterr,
        lambda how: np.seterr(**how),
        {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"},
    ),
    # A worker of a DataLoader needs the classes that a notebook defines. Only a fork has them, which is no longer the
    # default on macOS and, since Python 3.14, on Linux. Windows has no forks.
    Setting(
        lambda: multiprocessing.get_start_method(allow_none=True),
        lambda method: multiprocessing.set_start_method(method, force=True),
        "fork" if "fork" in multiprocessing.get_all_start_methods() else None,
    ),
)
# What has no default, or a costly one, but is restored.
_KEPT = (
    Setting(torch.get_num_threads, torch.set_num_threads, 1),
    Setting(random.getstate, random.setstate, None),
    Setting(np.random.get_state, np.random.set_state, None),
    Setting(torch.default_generator.get_state, torch.default_generator.set_state, None),
)  # fmt: skip


def set_defaults(seed: int) -> None:
    """Undo global changes that cells may have made, and seed all generators of random numbers."""
    for setting in SETTINGS:
        setting.write(setting.default)
    torch.set_printoptions(profile="default")
    seed_everything(seed)


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's, and torch's generators."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.default_generator.manual_seed(seed)  # torch.manual_seed also records a stack for each kind of GPU


@contextlib.contextmanager
def as_graded(seed: int) -> Iterator[None]:
    """Run a block as a grader would: with defaults and one thread, in an empty folder, and without output.

    Everything is restored afterward, also after an exception or an interrupt. Figures that the block opens are closed.
    """
    before = [(setting, setting.read()) for setting in (*SETTINGS, *_KEPT)]
    shown, printing = set(plt.get_fignums()), dict(vars(torch._tensor_str.PRINT_OPTS))
    folder = os.getcwd()
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        os.chdir(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        try:
            set_defaults(seed)
            torch.set_num_threads(1)
            with torch.inference_mode(False), torch.autocast("cpu", enabled=False):
                yield
        finally:
            os.chdir(folder)
            for setting, value in before:
                setting.write(value)
            vars(torch._tensor_str.PRINT_OPTS).update(printing)
            for number in set(plt.get_fignums()) - shown:
                plt.close(number)
