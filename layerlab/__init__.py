"""The package that Layer by Layer notebooks import as ``lab``: ``import layerlab as lab``.

It provides figures, explorers, ``compare`` and ``examples`` for visible checks, ``claim``/``observe``/``inputs`` for
hidden tests, ``claims`` and ``points`` for what answers earn, and ``data`` and ``weights`` for the datasets and trained
networks that ship with the package.
"""

from layerlab import unfinished as unfinished  # tells a notebook which unfinished exercise a cell needs
from layerlab.checks.compare import CheckFailed, compare, examples
from layerlab.explorers.explorer import explorer
from layerlab.explorers.kinds.curves import Curves
from layerlab.explorers.kinds.depth import Depth
from layerlab.explorers.kinds.heat import Heat
from layerlab.explorers.kinds.paths import Paths
from layerlab.explorers.kinds.plane import Plane
from layerlab.explorers.kinds.shared import SharedMean
from layerlab.explorers.kinds.window import Window
from layerlab.explorers.pack import choice, slider, steps
from layerlab.explorers.predict import predict
from layerlab.figures import function_and_gradient, heat, shape_equation, shapes_through, target_yours_difference
from layerlab.graded.observation import Inputs, claim, inputs, observe
from layerlab.graded.tasks import task
from layerlab.points import claims, points
from layerlab.ranks import RankError, ranks
from layerlab.shipped import data, weights
from layerlab.style import style

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
    "claims",
    "compare",
    "data",
    "examples",
    "explorer",
    "function_and_gradient",
    "heat",
    "inputs",
    "observe",
    "points",
    "predict",
    "ranks",
    "shape_equation",
    "shapes_through",
    "slider",
    "steps",
    "style",
    "target_yours_difference",
    "task",
    "weights",
]
__version__ = "1.0.0"
