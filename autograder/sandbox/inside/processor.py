"""Read the environment variables that limit which processor features libraries use.

This module uses only the standard library. Libraries read these variables once. The variables are not secret, and they
change only the last bits of a sum, never points. The grader passes them to the fork server and to submissions, so that
tests on one machine can imitate another.
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
    """Return the names and values of the `VARIABLES` that are set."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}
