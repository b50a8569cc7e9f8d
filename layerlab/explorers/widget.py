"""Make live explorers: anywidgets whose code is stored once per notebook.

This module is imported only if anywidget is installed.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets

from layerlab.explorers.code import joined, packed
from layerlab.explorers.frames import Frame
from layerlab.explorers.pack import Control, Packed, Setting, Slider, numbers_of, start
from layerlab.explorers.still import Words, fallback, paragraphs
from layerlab.style import GRID, INK, PALETTE, QUIET

_NAMESPACE = uuid.UUID("6f3f2a52-5b0e-4f5a-9d3b-5c1f6a2d7e10")  # any fixed value: ids must not change between runs
_made: Counter[str] = Counter()
_kinds: set[str] = set()

# Each explorer stores only these lines, which fetch the code from the notebook's single `Source`.
_STUB = """async function render({ model, el }) {
  const source = await model.widget_manager.get_model(model.get("source"));
  const packed = new Blob([Uint8Array.from(atob(source.get("code")), (c) => c.charCodeAt(0))]);
  const text = await new Response(packed.stream().pipeThrough(new DecompressionStream("deflate"))).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const code = await import(url);
  URL.revokeObjectURL(url);
  return code.default.render({ model, el });
}
export default { render };
"""


class Source(ipywidgets.Widget):
    """A widget that stores the code of every kind of explorer that the notebook has created so far."""

    code = traitlets.Unicode().tag(sync=True)  # packed: see `layerlab.explorers.code.packed`


class Explorer(anywidget.AnyWidget):
    """A figure with controls. Create one with `layerlab.explorer`.

    Attributes:
        setting: control name -> value. To move controls, assign a dict with their names and new values; to react when
            they move, use ``observe``. In these two ways, you can link ipywidgets controls to an explorer.
    """

    _esm = _STUB
    source = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    controls: traitlets.List = traitlets.List().tag(sync=True)
    kind = traitlets.Unicode().tag(sync=True)
    plan = traitlets.Unicode().tag(sync=True)  # JSON text; otherwise, a notebook would put every number on its own line
    frames = traitlets.Unicode().tag(sync=True)
    palette = traitlets.Dict().tag(sync=True)
    setting = traitlets.Dict().tag(sync=True)
    answer = traitlets.Unicode().tag(sync=True)  # HTML, made from plain text
    prediction = traitlets.Unicode().tag(sync=True)  # JSON; empty if nothing is asked first
    reply = traitlets.Dict().tag(sync=True)  # {"setting", "series"} or {"setting", "error"}, for a value off the grid

    def __init__(
        self, words: Words, controls: dict[str, Control], frames: Callable[..., Frame], packed: Packed
    ) -> None:
        self._controls, self._frames = controls, frames
        self._plan = packed.first.plan()
        super().__init__(
            model_id=_next_id(words.name),
            layout=_once("layout", ipywidgets.Layout),
            source=_source(packed.kind).model_id,
            name=words.name,
            question=words.question,
            alt=words.alt,
            caption=words.caption,
            answer=paragraphs(words.answer) if words.answer else "",
            prediction=json.dumps(words.prediction, ensure_ascii=False) if words.prediction else "",
            controls=[{"name": key, "kind": c.kind, "values": list(c.values)} for key, c in controls.items()],
            kind=packed.kind,
            plan=json.dumps(packed.plan),
            frames=packed.data,
            palette=_palette(),
            setting=start(controls),
        )
        self._html = fallback(words, controls, packed, self.model_id)
        if "google.colab" in sys.modules:  # Colab's widget manager may not provide other models, such as `Source`
            self.set_trait("_esm", joined([packed.kind]))

    def __repr__(self) -> str:
        return f"Explorer({self.name!r})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/html"] = self._html
        return bundle

    @traitlets.validate("setting")
    def _complete(self, proposal: dict[str, Any]) -> Setting:
        unknown = set(proposal["value"]) - set(self._controls)
        if unknown:
            raise traitlets.TraitError(f"{self.name} has no control {', '.join(sorted(unknown))}")
        for key, value in proposal["value"].items():
            control = self._controls[key]
            if isinstance(control, Slider) and not control.values[0] <= value <= control.values[-1]:
                raise traitlets.TraitError(f"{key}={value}: from {control.values[0]} to {control.values[-1]}")
            if not isinstance(control, Slider) and value not in control.values:
                raise traitlets.TraitError(f"{key}={value!r}: one of {list(control.values)}")
        return start(self._controls) | self.setting | proposal["value"]

    @traitlets.observe("setting")
    def _reply(self, change: dict[str, Any]) -> None:
        setting = change["new"]
        if all(setting[key] in control.values for key, control in self._controls.items()):
            return  # the page has this frame
        try:
            frame = self._frames(**setting)
            if frame.plan() != self._plan:
                raise ValueError("this frame differs from the first one in more than its numbers")
            series = {key: _plain(values) for key, values in numbers_of(frame).items()}
            self.reply = {"setting": setting, "series": series}
        except Exception as error:  # the author's function failed: tell the reader below the figure
            self.reply = {"setting": setting, "error": f"{type(error).__name__}: {error}"}


def _plain(values: np.ndarray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _palette() -> dict[str, Any]:
    shade = {"ink": INK, "quiet": QUIET, "grid": GRID}
    colours = [[shade.light, shade.dark] for shade in PALETTE.values()]
    return {"lines": colours} | {key: [value.light, value.dark] for key, value in shade.items()}


def _source(kind: str) -> Source:
    """Return the process's single `Source`, after adding the code for ``kind``."""
    _kinds.add(kind)
    source = _once("source", Source)
    source.code = packed(_kinds)
    return source


def _next_id(name: str) -> str:
    """Return an id that is the same in every run of a notebook.

    The id depends on the name and on how often this process has used that name.
    """
    _made[name] += 1
    return uuid.uuid5(_NAMESPACE, f"{name}/{_made[name]}").hex


_shared: dict[str, ipywidgets.Widget] = {}


def _once(key: str, kind: type[ipywidgets.Widget], **state: Any) -> Any:
    """Return this process's only widget for ``key``; explorers share it, so that a notebook stores it only once."""
    if key not in _shared or _shared[key].comm is None:
        _shared[key] = kind(model_id=_next_id(f"shared {key}"), **state)
    return _shared[key]
