"""Explorers: figures with sliders that show values computed by torch, in JupyterLab and in a page without Python.

When the cell runs, torch computes one frame for every position of the controls; the frames travel in the notebook and
in the page, where ``page/explorer.mjs`` draws them. Between the positions, a running notebook asks Python.
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
        question: what the reader should find out by moving the controls, shown above the figure.
        controls: name of an argument of ``frames`` -> `slider`, `steps` or `choice`.
        frames: maps one value per control to a figure, one of `layerlab.explorers.kinds`: `Curves`, `Heat` and the
            others. It is called for every position when the cell runs, and later for values between them. Put
            expensive work that many positions share into a function with ``functools.cache``.
        alt: what the figure shows, for readers who cannot see it. Its numbers are also in a table below it.
        caption: one line below the figure.
        answer: what the reader should have found out, folded below; an empty line separates paragraphs, backticks mark
            code.
        predict: what the reader commits to before anything moves; see `layerlab.predict`.

    Returns:
        the widget; without anywidget installed, a still figure; nothing under a grader, because no one looks there.

    Raises:
        ValueError: if the frames do not fit together or are too large (see `explorers.pack`).
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
