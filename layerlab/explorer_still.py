"""An explorer that stands still: its first picture and the numbers of it, as HTML without scripts."""

from __future__ import annotations

import base64
import html

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from layerlab.explorer_pack import Control, Packed, Setting, numbers_of, start
from layerlab.style import WIDTH, png, settings


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
