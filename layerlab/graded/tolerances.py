"""Define tolerances: how far a correct value may be off in visible checks and judges, and how big rounding errors get.

If two right answers perform operations in a different order, their results differ by a few units in the last place per
operation. Tolerances are therefore much larger than the dtype's resolution, and much smaller than the effect of any
relevant mistake.
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

# The rounding error that one more operation may add, from the table of torch.testing.assert_close:
# https://docs.pytorch.org/docs/stable/testing.html#torch.testing.assert_close
# A cause is named only if it explains a difference within these tolerances.
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
    """The tolerances that a check sets; None stands for the dtype's default."""

    rtol: float | None = None
    atol: float | None = None

    def over(self, default: tuple[float, float]) -> tuple[float, float]:
        """Return (rtol, atol), using ``default`` for each tolerance that the check does not set."""
        return default[0] if self.rtol is None else self.rtol, default[1] if self.atol is None else self.atol
