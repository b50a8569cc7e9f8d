"""What a Layer by Layer notebook imports: ``import layerlab as lab``.

Figures, explorers, ``compare`` for visible checks, and ``claim``/``observe``/``inputs`` for graded ones.
"""

from layerlab.compare import CheckFailed, compare
from layerlab.figures import function_and_gradient, heat, shape_equation, shapes_through, target_yours_difference
from layerlab.observation import Inputs, claim, inputs, observe
from layerlab.style import style
from layerlab.tasks import task

__all__ = [
    "CheckFailed",
    "Inputs",
    "claim",
    "compare",
    "function_and_gradient",
    "heat",
    "inputs",
    "observe",
    "shape_equation",
    "shapes_through",
    "style",
    "target_yours_difference",
    "task",
]
__version__ = "0.1.0"
