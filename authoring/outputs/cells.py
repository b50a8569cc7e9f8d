"""Compare two outputs of a cell: words and structure exactly, numbers and explorers' frames within the tolerance."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from authoring.outputs.markup import drawing_difference, markup_difference
from authoring.outputs.tolerance import are_close, text_difference

VIEW = "application/vnd.jupyter.widget-view+json"
COMPARE = {"text/html": markup_difference, "image/svg+xml": markup_difference, "image/png": drawing_difference}
States = Mapping[str, Mapping[str, Any]]  # model id -> state of a widget


def outputs_difference(
    kept: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], kept_states: States, new_states: States
) -> str:
    """Return the first difference between two lists of a cell's outputs that exceeds the tolerance, or ""."""
    before, after = [_shown(output) for output in kept], [_shown(output) for output in new]
    kinds, others = ([kind for shown in every for kind in sorted(shown)] for every in (before, after))
    if kinds != others or len(before) != len(after):
        return f"outputs {', '.join(kinds) or 'none'} became {', '.join(others) or 'none'}"
    for ours, theirs in zip(before, after, strict=True):
        for kind, value in ours.items():
            if value != theirs[kind] and (described := _difference(kind.split()[-1], value, theirs[kind])):
                return described
    models = ((kept_states.get(model_id(a)), new_states.get(model_id(b))) for a, b in zip(kept, new, strict=True))
    return next(filter(None, (_state_difference(ours or {}, theirs or {}) for ours, theirs in models)), "")


def widget_states(notebook: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the states of the widgets in a notebook, by model id."""
    stored = notebook["metadata"].get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    return {model: entry["state"] for model, entry in stored.get("state", {}).items()}


def model_id(output: Mapping[str, Any]) -> str:
    """Return the id of the widget that an output shows, or ""."""
    return output.get("data", {}).get(VIEW, {}).get("model_id", "")


def _shown(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an output shows, by kind; tracebacks are left out because they name files on the machine."""
    kind = output["output_type"]
    if kind == "stream":
        return {f"{kind} {output['name']}": output["text"]}
    if kind == "error":
        return {kind: f"{output['ename']}: {output['evalue']}"}
    return {f"{kind} {mime}": value for mime, value in output["data"].items()}


def _difference(mime: str, kept: Any, new: Any) -> str:
    if not isinstance(kept, str):
        return f"{mime} differs"
    return COMPARE.get(mime, text_difference)(kept, new)


def _state_difference(kept: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return the first difference between two explorers' states; their code and layout don't count."""
    if not (kept and new):
        return "a widget's state is there once only" if kept or new else ""
    for key in (key for key in kept if key not in ("frames", "layout", "source") and key[0] != "_"):
        if difference := text_difference(_words(key, kept), _words(key, new)):
            return f"{key} of the explorer {kept.get('name')} differs: {difference}"
    if "frames" not in kept:
        return ""
    from layerlab.explorers.pack import unpack  # needs torch, unlike building the book

    before, after = (unpack(json.loads(state["plan"]), state["frames"]) for state in (kept, new))
    for entry in json.loads(kept["plan"])["series"]:
        a, b = (np.stack([frame[entry["name"]] for frame in frames]) for frames in (before, after))
        if not are_close(a, b, step=0.0 if entry.get("log") else entry["step"]):
            return f"{entry['name']} of {kept['name']} differs"
    return ""


def _words(key: str, state: Mapping[str, Any]) -> str:
    """Return a part of a state as JSON, without what depends on the range of the frames' values."""
    value: Any = state.get(key)
    if key in ("plan", "prediction") and value:  # rounded, because no tolerance holds for 1e-17 instead of 0
        value = json.loads(value, parse_float=lambda number: round(float(number), 9))
    if key == "plan":
        value["series"] = [(entry["name"], entry["over"], entry["size"]) for entry in value["series"]]
    return json.dumps(value, sort_keys=True)  # notebooks store keys in alphabetical order, a kernel sends them as made
