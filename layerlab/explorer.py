"""Explorers: pictures with sliders that show torch's own numbers, in JupyterLab and in a page without Python.

When the cell runs, torch computes one frame for every position of the controls; the frames travel in the notebook and
in the page, where ``explorer.mjs`` draws them. Between the positions a running notebook asks Python.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from layerlab import observation
from layerlab.explorer_frames import Frame
from layerlab.explorer_pack import Control, Packed, Setting, numbers_of, pack, start
from layerlab.style import WIDTH, png, settings


def explorer(
    name: str,
    question: str,
    controls: dict[str, Control],
    frames: Callable[..., Frame],
    alt: str,
    caption: str = "",
) -> Any:
    """Return an explorer to be the last line of its cell.

    Args:
        name: one short word of its own in the chapter (``weights``); it stands in the page's address.
        question: what the reader is to find out by moving it; stands above.
        controls: name of an argument of ``frames`` -> `slider` or `choice`.
        frames: maps one value per control to a `Curves`, `Heat` or `Plane`. It is called for every position when the
            cell runs, and later for values between them.
        alt: what the picture shows, for readers who do not see it. The numbers are in a table below it anyway.
        caption: one line below the picture.

    Returns:
        the widget; without anywidget installed, a still picture; under a grader nothing, for nobody looks there.

    Raises:
        ValueError: if the frames do not fit together or are too large (see `explorer_pack.pack`).
    """
    if observation.is_graded():
        return None
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"an explorer's name is lower case letters, digits and _, not {name!r}")
    if not alt.strip():
        raise ValueError(f"{name}: say in alt what the picture shows")
    packed = pack(name, controls, frames)
    try:
        from layerlab.explorer_widget import Explorer
    except ImportError:
        return StillExplorer(name, question, controls, packed, alt, caption)
    return Explorer(name, question, controls, frames, packed, alt, caption)


class StillExplorer:
    """What is left of an explorer where anywidget is not installed: its first picture and the numbers of it."""

    def __init__(
        self, name: str, question: str, controls: dict[str, Control], packed: Packed, alt: str, caption: str
    ) -> None:
        self.name = name
        self._html = fallback(question, controls, packed, alt, caption)

    def __repr__(self) -> str:
        return f"StillExplorer({self.name!r})"

    def _repr_html_(self) -> str:
        return self._html


def fallback(
    question: str, controls: dict[str, Control], packed: Packed, alt: str, caption: str, model_id: str = ""
) -> str:
    """Return the explorer at its first setting as HTML without scripts: picture, numbers, table.

    With ``model_id`` the page's hydrator puts the living explorer in its place.
    """
    escape = html.escape
    image = base64.b64encode(_picture(packed)).decode()
    marked = f' data-lab-model="{model_id}"' if model_id else ""
    parts = [
        f"<div{marked}>",
        f"<p><strong>{escape(question)}</strong></p>",
        f'<img alt="{escape(alt)}" src="data:image/png;base64,{image}">',
        f"<p>{escape(caption)}</p>" if caption else "",
        f"<p>This is a still picture at {escape(_in_words(start(controls)))}. It moves in the course's web pages, and "
        "in Jupyter once its cell has been run.</p>",
        "<details><summary>The numbers as a table</summary>",
        _table(packed),
        "</details></div>",
    ]
    return "\n".join(part for part in parts if part)


def _in_words(setting: Setting) -> str:
    return ", ".join(f"{name} = {value}" for name, value in setting.items())


def _picture(packed: Packed) -> bytes:
    height = 4.2 if packed.kind == "plane" else 2.9
    with mpl.rc_context(settings()):
        figure = Figure(figsize=(WIDTH, height))
        FigureCanvasAgg(figure)
        packed.first.draw(figure, packed.ranges)
        return png(figure, dpi=80)


def _table(packed: Packed) -> str:
    numbers = numbers_of(packed.first)
    table = packed.plan["table"]
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in table["columns"])
    rows = [[f"{name}", f"{value:.4g}"] for name, value in packed.first.numbers.items()]
    rows += [
        [cell if isinstance(cell, str) else f"{numbers[cell[0]][cell[1]]:.4g}" for cell in r] for r in table["rows"]
    ]
    body = "".join(
        f'<tr><th scope="row">{html.escape(row[0])}</th>'
        + "".join(f"<td>{html.escape(cell.replace('-', '−'))}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
