"""Which of a processor's abilities the libraries may use: variables that they read once. Standard library only.

They are no secret and change no mark, only the last bits of a sum. They go from the grader's environment into the fork
server's and a submission's, so that a grader can be tried on one machine as if it ran on another.
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
    """Return those of the variables that are set."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}
