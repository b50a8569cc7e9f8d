"""Environment variables that limit which processor features the libraries use. Standard library only.

Libraries read them once. They are not secret, and they change no points, only the last bits of a sum. The grader passes
them to the fork server and to submissions, so one machine can be used to test the grader as if it ran on another.
"""

from __future__ import annotations

import os

VARIABLES = (
    "ATEN_CPU_CAPABILITY",  # torch's own kernels
    "ONEDNN_MAX_CPU_ISA",  # convolutions
    "MKL_CBWR",  # matrix products in torch
    "MKL_ENABLE_INSTRUCTIONS",  # the same, on Intel's processors
    "NPY_DISABLE_CPU_FEATURES",  # NumPy's own kernels
)


def settings() -> dict[str, str]:
    """Return the variables that are set."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}
