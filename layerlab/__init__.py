"""What a Layer by Layer notebook imports: ``import layerlab as lab``.

Figures, explorers, ``compare`` for visible checks, and ``claim``/``observe``/``inputs`` for graded ones.
"""

from layerlab.compare import CheckFailed, compare
from layerlab.explorer import explorer
from layerlab.explorer_curves import Curves
from layerlab.explorer_depth import Depth
from layerlab.explorer_heat import Heat
from layerlab.explorer_pack import choice, slider, steps
from layerlab.explorer_paths import Paths
from layerlab.explorer_plane import Plane
from layerlab.explorer_shared import SharedMean
from layerlab.explorer_window import Window
from layerlab.figures import function_and_gradient, heat, shape_equation, shapes_through, target_yours_difference
from layerlab.observation import Inputs, claim, inputs, observe
from layerlab.ranks import RankError, ranks
from layerlab.style import style
from layerlab.tasks import task

__all__ = [
    "CheckFailed",
    "Curves",
    "Depth",
    "Heat",
    "Inputs",
    "Paths",
    "Plane",
    "RankError",
    "SharedMean",
    "Window",
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
    "steps",
    "style",
    "target_yours_difference",
    "task",
]
__version__ = "0.1.0"
