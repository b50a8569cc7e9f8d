"""Make an explorer: a figure with sliders that shows values computed by torch, in JupyterLab or on a web page.

When the cell runs, torch computes one frame for every position of the controls. The notebook and the page store these
frames, and ``page/explorer.mjs`` draws them. For values between the positions, a running notebook asks Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from layerlab.explorers.frames import Frame
from layerlab.explorers.pack import Control, pack
from layerlab.explorers.predict import Prediction, answered
from layerlab.explorers.still import StillExplorer, Words
from layerlab.graded import observation


def explorer(  # noqa: PLR0913, because notebooks call it with these names
    name: str,
    question: str,
    controls: dict[str, Control],
    frames: Callable[..., Frame],
    alt: str,
    caption: str = "",
    answer: str = "",
    predict: Prediction | None = None,
) -> Any:
    """Return an explorer; call this in the last line of a cell.

    Args:
        name: a short word, unique in the chapter (``weights``); it is part of the explorer's address.
        question: the question shown above the figure; the reader should answer it by moving the controls.
        controls: name of an argument of ``frames`` -> `slider`, `steps` or `choice`.
        frames: a function that maps one value for each control to a figure, one of `layerlab.explorers.kinds`:
            `Curves`, `Heat` and the others. It is called for every position when the cell runs, and later for values
            between the positions. Put expensive work that many positions share into a function with
            ``functools.cache``.
        alt: the description of the figure for readers who cannot see it. A table below the figure also shows its
            values.
        caption: one line below the figure.
        answer: the answer to the question, shown collapsed below the figure; an empty line separates paragraphs, and
            backticks mark code.
        predict: a prediction that the reader makes before anything moves; see `layerlab.predict`.

    Returns:
        The widget; a still figure if anywidget is not installed; None under a grader, because no one looks at the
        figure there.

    Raises:
        ValueError: if an argument is invalid, or the frames do not fit together or are too large (see
            `explorers.pack`).
    """
    if observation.is_graded():
        return None
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"an explorer's name is lower case letters, digits and _, not {name!r}")
    if not alt.strip():
        raise ValueError(f"{name}: say in alt what the picture shows")
    packed = pack(name, controls, frames)
    asked = answered(name, predict, controls, packed) if predict else {}
    words = Words(name, question, alt, caption, answer, asked)
    try:
        from layerlab.explorers.widget import Explorer
    except ImportError:
        return StillExplorer(words, controls, packed)
    return Explorer(words, controls, frames, packed)
