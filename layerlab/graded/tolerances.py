"""Tolerances: how far a right value may be off, for visible checks and judges, and what counts as mere rounding.

Two right answers differ in the order of their operations, by a few units in the last place per operation. Tolerances
are therefore far looser than the dtype's resolution and far tighter than any mistake worth a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

# dtype -> (rtol, atol), used as in `mismatch` in `layerlab/checks/causes/tools.py`.
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

# How much rounding one more operation may add: the table of torch.testing.assert_close,
# https://docs.pytorch.org/docs/stable/testing.html#torch.testing.assert_close
# A cause must explain a difference this closely before it is named.
ROUNDING: dict[str, tuple[float, float]] = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex32": (1e-3, 1e-5),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}


@dataclass(frozen=True)
class Tolerance:
    """The tolerances that a check sets; None means the dtype's own."""

    rtol: float | None = None
    atol: float | None = None

    def over(self, default: tuple[float, float]) -> tuple[float, float]:
        """Return (rtol, atol), with the default for each one that the check does not set."""
        return default[0] if self.rtol is None else self.rtol, default[1] if self.atol is None else self.atol
