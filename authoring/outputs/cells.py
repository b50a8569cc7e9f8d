"""Compare two outputs of a cell: words and structure exactly, numbers within `authoring.outputs.tolerance`.

Explorers are compared by the HTML that they show at first, and by the frames that they store for all settings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from authoring.outputs.markup import markup_difference
from authoring.outputs.picture import drawing_difference
from authoring.outputs.tolerance import are_close, text_difference

VIEW = "application/vnd.jupyter.widget-view+json"
LEAST = 1e-9  # of a number in a plan: smaller differences are rounding
States = Mapping[str, Mapping[str, Any]]  # model id -> state of a widget


def outputs_difference(
    kept: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], kept_states: States, new_states: States
) -> str:
    """Return the first difference between two lists of a cell's outputs that exceeds the tolerance, or "".

    Tracebacks are ignored because they name files on the machine.
    """
    kinds, others = [_kind(output) for output in kept], [_kind(output) for output in new]
    if kinds != others:
        return f"outputs {', '.join(kinds) or 'none'} became {', '.join(others) or 'none'}"
    for ours, theirs in zip(kept, new, strict=True):
        if found := _output_difference(ours, theirs) or _widget_difference(ours, theirs, kept_states, new_states):
            return found
    return ""


def widget_states(notebook: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the states of the widgets in a notebook, by model id."""
    stored = notebook["metadata"].get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    return {model: entry["state"] for model, entry in stored.get("state", {}).items()}


def model_id(output: Mapping[str, Any]) -> str:
    """Return the id of the widget that an output shows, or ""."""
    return output.get("data", {}).get(VIEW, {}).get("model_id", "")


def _kind(output: Mapping[str, Any]) -> str:
    kind = output["output_type"]
    return f"{kind} {output['name']}" if kind == "stream" else kind


def _output_difference(kept: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if kept["output_type"] == "stream":
        return text_difference(kept["text"], new["text"])
    if kept["output_type"] == "error":
        return text_difference(f"{kept['ename']}: {kept['evalue']}", f"{new['ename']}: {new['evalue']}")
    ours, theirs = kept["data"], new["data"]
    if ours.keys() != theirs.keys():
        return f"{', '.join(sorted(ours))} became {', '.join(sorted(theirs))}"
    return next(filter(None, (_data_difference(mime, ours, theirs) for mime in ours)), "")


def _data_difference(mime: str, kept: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if kept[mime] == new[mime]:
        return ""
    if mime in ("text/html", "image/svg+xml"):
        return markup_difference(kept[mime], new[mime])
    if mime == "image/png":
        return drawing_difference(kept[mime], new[mime])
    if isinstance(kept[mime], str):
        return text_difference(kept[mime], new[mime])
    return f"{mime} differs"


def _widget_difference(kept: Mapping[str, Any], new: Mapping[str, Any], kept_states: States, new_states: States) -> str:
    ours, theirs = kept_states.get(model_id(kept)), new_states.get(model_id(new))
    if ours is None and theirs is None:
        return ""
    if ours is None or theirs is None:
        return "a widget's state is there once only"
    for key in ours:
        if (
            not key.startswith("_")
            and key not in ("plan", "frames", "layout", "source")
            and not _is_same_state(key, ours[key], theirs.get(key))
        ):
            return f"{key} of the explorer {ours.get('name')} differs"
    return explorer_difference(ours, theirs) if "frames" in ours else ""


def _is_same_state(key: str, ours: Any, theirs: Any) -> bool:
    if key == "prediction" and ours and theirs:  # numbers read from the frames, as JSON
        return _are_alike(json.loads(ours), json.loads(theirs))
    return ours == theirs


def explorer_difference(kept: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return the first difference between two explorers' frames that exceeds the tolerance, or ""."""
    ours, theirs = json.loads(kept["plan"]), json.loads(new["plan"])
    if not _are_alike(_without_codes(ours), _without_codes(theirs)):
        return f"the plan of {kept['name']} differs"
    from layerlab.explorers.pack import unpack  # needs torch, unlike building the book

    before, after = unpack(ours, kept["frames"]), unpack(theirs, new["frames"])
    for entry in ours["series"]:
        name = entry["name"]
        a, b = (np.stack([frame[name] for frame in frames]) for frames in (before, after))
        if not are_close(a, b, step=0.0 if entry.get("log") else entry["step"]):
            return f"{name} of {kept['name']} differs"
    return ""


def _without_codes(plan: dict[str, Any]) -> dict[str, Any]:
    """Return a plan without the encoding of its frames, whose step size depends on the range of values."""
    series = [{"name": entry["name"], "over": entry["over"], "size": entry["size"]} for entry in plan["series"]]
    return plan | {"series": series}


def _are_alike(kept: Any, new: Any) -> bool:
    """Return whether two JSON values have the same structure and words, and numbers that agree."""
    if isinstance(kept, dict) and isinstance(new, dict):
        return kept.keys() == new.keys() and all(_are_alike(kept[key], new[key]) for key in kept)
    if isinstance(kept, list) and isinstance(new, list):
        ours, theirs = _array(kept), _array(new)
        if ours is not None and theirs is not None:
            return are_close(ours, theirs, step=LEAST)
        return len(kept) == len(new) and all(map(_are_alike, kept, new))
    if isinstance(kept, float) or isinstance(new, float):
        return not isinstance(kept, str | None) and are_close(np.array(kept), np.array(new), step=LEAST)
    return kept == new


def _array(values: list[Any]) -> np.ndarray | None:
    """Return nested lists of numbers as an array; return None for anything else, or if all numbers are integers."""
    flat = values
    while flat and isinstance(flat[0], list):
        flat = [value for row in flat if isinstance(row, list) for value in row]
    if not any(isinstance(value, float) for value in flat) or not all(type(v) in (int, float) for v in flat):
        return None
    try:
        return np.array(values, dtype=np.float64)
    except ValueError:  # rows of different lengths
        return None
