"""Show an explorer as a still figure: its initial figure and the numbers in it, as HTML without scripts."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from layerlab.explorers.frames import Table
from layerlab.explorers.pack import Control, Packed, Setting, start
from layerlab.style import WIDTH, png, settings

_HEIGHTS = {"plane": 4.2, "paths": 3.6, "depth": 4.2, "window": 3.2}  # inches; other kinds use `_HEIGHT`
_HEIGHT = 2.9


@dataclass(frozen=True)
class Words:
    """The texts of an explorer; see the arguments of `layerlab.explorer`."""

    name: str
    question: str
    alt: str
    caption: str = ""
    answer: str = ""
    prediction: dict[str, Any] = field(default_factory=dict)


class StillExplorer:
    """The explorer that is shown if anywidget is not installed: its initial figure and the numbers in it."""

    def __init__(self, words: Words, controls: dict[str, Control], packed: Packed) -> None:
        self.name = words.name
        self._html = fallback(words, controls, packed)

    def __repr__(self) -> str:
        return f"StillExplorer({self.name!r})"

    def _repr_html_(self) -> str:
        return self._html


def fallback(words: Words, controls: dict[str, Control], packed: Packed, model_id: str = "") -> str:
    """Return the explorer at its initial setting as HTML without scripts: figure, numbers, tables, collapsed answer.

    With a ``model_id``, the script of a web page replaces this HTML with the live explorer.
    """
    escape = html.escape
    image = base64.b64encode(_picture(packed)).decode()
    marked = f' data-lab-model="{model_id}"' if model_id else ""
    numbers = [f"{key}: {_written(value, packed)}" for key, value in packed.first.numbers.items()]
    parts = [
        f'<div id="explorer-{words.name}"{marked}>',
        f"<p><strong>{escape(words.question)}</strong></p>",
        _asked(words.prediction) if words.prediction else "",
        f'<img alt="{escape(words.alt)}" src="data:image/png;base64,{image}">',
        f"<p>{escape(', '.join(numbers))}</p>" if numbers else "",
        f"<p>{escape(words.caption)}</p>" if words.caption else "",
        f"<p>This is a still picture at {escape(_in_words(start(controls)))}. It moves in the course's web pages, and "
        "in Jupyter once its cell has been run.</p>",
        "<details><summary>The numbers as a table</summary>",
        *(_table(table, packed) for table in packed.first.tables()),
        "</details>",
        f"<details><summary>Answer</summary>{paragraphs(words.answer)}</details>" if words.answer else "",
        _told(words.prediction) if words.prediction else "",
        "</div>",
    ]
    return "\n".join(part for part in parts if part)


def _asked(prediction: dict[str, Any]) -> str:
    choices = f" ({', '.join(prediction['choices'])})" if prediction["choices"] else ""
    return f"<p>Predict first: {html.escape(prediction['question'] + choices)}</p>"


def _told(prediction: dict[str, Any]) -> str:
    """Return torch's answer to the prediction's question as a collapsed HTML element."""
    names = prediction["choices"] or [prediction["number"]]
    lines = [f"{name}: {value:.4g}".replace("-", "−") for name, value in zip(names, prediction["torch"], strict=True)]
    said = html.escape(", ".join(lines))
    return f"<details><summary>What torch says to the prediction</summary><p>{said}</p></details>"


def paragraphs(text: str) -> str:
    """Return plain text as HTML; an empty line separates paragraphs, and backticks mark code."""
    plain = (html.escape(" ".join(part.split())) for part in re.split(r"\n\s*\n", text.strip()))
    return "".join(f"<p>{part}</p>" for part in (re.sub("`([^`]+)`", r"<code>\1</code>", part) for part in plain))


def _in_words(setting: Setting) -> str:
    return ", ".join(f"{name} = {value}" for name, value in setting.items())


def _picture(packed: Packed) -> bytes:
    with mpl.rc_context(settings()):
        figure = Figure(figsize=(WIDTH, _HEIGHTS.get(packed.kind, _HEIGHT)))
        FigureCanvasAgg(figure)
        packed.first.draw(figure, packed.ranges)
        return png(figure, dpi=80)


def _table(table: Table, packed: Packed) -> str:
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in table.columns)
    body = "".join(
        f'<tr><th scope="row">{html.escape(_written(row[0], packed))}</th>'
        + "".join(f"<td>{html.escape(_written(cell, packed))}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    caption = f"<caption>{html.escape(table.name)}</caption>" if table.name else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _written(cell: str | float, packed: Packed) -> str:
    if isinstance(cell, str):
        return cell.replace("-", "−")
    return packed.plan.get("nan", "nan") if cell != cell else f"{cell:.4g}".replace("-", "−")
