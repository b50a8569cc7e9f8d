"""What a Layer by Layer notebook imports: ``import layerlab as lab``.

Figures, explorers, ``compare`` for visible checks, and ``claim``/``observe``/``inputs`` for graded ones.
"""

from layerlab.compare import CheckFailed, compare
from layerlab.explorer import explorer
from layerlab.explorer_frames import Curves, Heat, Plane
from layerlab.explorer_pack import choice, slider
from layerlab.figures import function_and_gradient, heat, shape_equation, shapes_through, target_yours_difference
from layerlab.observation import Inputs, claim, inputs, observe
from layerlab.ranks import RankError, ranks
from layerlab.style import style
from layerlab.tasks import task

__all__ = [
    "CheckFailed",
    "Curves",
    "Heat",
    "Inputs",
    "Plane",
    "RankError",
    "choice",
    "claim",
    "compare",
    "explorer",
    "function_and_gradient",
    "heat",
    "inputs",
    "observe",
    "ranks",
    "shape_equation",
    "shapes_through",
    "slider",
    "style",
    "target_yours_difference",
    "task",
]
__version__ = "0.1.0"
