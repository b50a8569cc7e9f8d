"""How far numbers may be apart: what is right, for visible checks and judges alike, and what is only rounding.

Two right answers differ by the order of their operations: some units in the last place per operation, hence far looser
than the dtype's resolution and far tighter than any mistake worth a sentence.
"""

from __future__ import annotations

# dtype -> (rtol, atol); how they are used: `mismatch` in `layerlab/checks/causes/tools.py`.
TOLERANCES: dict[str, tuple[float, float]] = {
    "float64": (1e-8, 1e-10),
    "float32": (1e-4, 1e-6),
    "bfloat16": (2e-2, 1e-3),
    "float16": (4e-3, 1e-4),
    "complex128": (1e-8, 1e-10),
    "complex64": (1e-4, 1e-6),
    "complex32": (4e-3, 1e-4),
}
NUMBER_TOLERANCE = (1e-5, 1e-7)  # a Python float may come from a float32 tensor

# What one operation more may round: the table of torch.testing.assert_close,
# https://docs.pytorch.org/docs/stable/testing.html#torch.testing.assert_close
# A cause has to explain a difference as closely as this before it is named.
ROUNDING: dict[str, tuple[float, float]] = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex32": (1e-3, 1e-5),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}
