"""What a Layer by Layer notebook imports: ``import layerlab as lab``.

Figures, explorers, ``compare`` for visible checks, and ``claim``/``observe``/``inputs`` for graded ones.
"""

from layerlab.observation import Inputs, claim, inputs, observe

__all__ = ["Inputs", "claim", "inputs", "observe"]
__version__ = "0.1.0"
