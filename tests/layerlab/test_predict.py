"""Test that every explorer asks for a prediction, and that its frames confirm the answer."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import layerlab as lab
from layerlab.explorers.pack import unpack
from tests.root import ROOT

pytestmark = pytest.mark.course

NOTEBOOKS = sorted((ROOT / "solutions").glob("*/*.ipynb"))
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def explorers(path: Path) -> Iterator[dict]:
    """Return the widget states of a notebook's explorers."""
    widgets = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("widgets", {WIDGET_STATE: {"state": {}}})
    states = (entry["state"] for entry in widgets[WIDGET_STATE]["state"].values())
    return (state for state in states if "frames" in state)


def number_at(state: dict, name: str, setting: dict) -> tuple[float, float]:
    """Return a number from the frame for a setting, and the precision with which the number is stored."""
    plan = json.loads(state["plan"])
    index = 0
    for control in state["controls"]:
        index = index * len(control["values"]) + control["values"].index(setting[control["name"]])
    (entry,) = [entry for entry in plan["series"] if entry["name"] == f"number:{name}"]
    value = unpack(plan, state["frames"])[index][entry["name"]][0]
    return value, 6e-4 * abs(value) if entry.get("log") else entry["step"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_explorer_asks_and_frames_confirm_the_answer(path: Path) -> None:
    for state in explorers(path):
        assert state["prediction"], f"{state['name']} asks nothing before it moves"
        asked = json.loads(state["prediction"])
        assert asked["question"].rstrip(")").endswith(("?", ".")), state["name"]
        found = [number_at(state, asked["number"], setting) for setting in asked["settings"]]
        for told, (value, exact) in zip(asked["torch"], found, strict=True):
            assert told == pytest.approx(value, abs=exact), state["name"]
        if not asked["choices"]:
            assert asked["settings"][0] != state["setting"], f"{state['name']}: the first picture tells the answer"
            continue
        values = np.array([value for value, _ in found])
        aims = {"largest": -values, "smallest": values}
        away = aims[asked["aim"]] if asked["aim"] in aims else abs(values - float(asked["aim"].split()[-1]))
        closest = away[asked["right"]].max()
        others = np.delete(away, asked["right"])
        room = np.ptp(values)
        assert others.min() > closest + 0.01 * room, f"{state['name']}: right and wrong are too near to each other"
        assert np.ptp(away[asked["right"]]) <= 1e-3 * room
        assert 2 <= len(values) <= 6
        assert len(set(asked["choices"])) == len(values)


def test_predictions_include_values_and_choices() -> None:
    asked = [json.loads(state["prediction"]) for path in NOTEBOOKS for state in explorers(path)]
    assert min(sum(bool(a["choices"]) for a in asked), sum(not a["choices"] for a in asked)) >= 8


CONTROLS = {"slope": lab.slider(0, 3, 1)}


def line(slope: int) -> lab.Curves:
    return lab.Curves(torch.arange(3), {"y": slope * torch.arange(3.0)}, numbers={"end": 2 * slope, "same": 1})


def asked(**prediction) -> dict:
    made = lab.explorer("line", "?", CONTROLS, line, alt="A line", predict=lab.predict("How far?", **prediction))
    return json.loads(made.prediction)


def test_answer_is_computed_from_the_frames() -> None:
    found = asked(number="end", at={"slope": 3}, within=1)
    assert (found["torch"], found["settings"], found["right"], found["choices"]) == ([6.0], [{"slope": 3}], [], [])
    choices = {f"slope {k}": {"slope": k} for k in range(4)}
    for right, expected in (("largest", [3]), ("smallest", [0]), (3.0, [1, 2]), (4.1, [2])):
        assert asked(number="end", choices=choices, right=right)["right"] == expected


@pytest.mark.parametrize(
    ("prediction", "words"),
    [
        ({"number": "end"}, "the picture shows end already"),
        ({"number": "end", "at": {"slope": 9}}, "no position of the controls"),
        ({"number": "start", "at": {"slope": 1}}, "no number 'start'"),
        ({"number": "same", "choices": {"a": {"slope": 1}, "b": {"slope": 2}}}, "every choice has the same"),
    ],
)
def test_unanswerable_question_is_rejected(prediction, words) -> None:
    with pytest.raises(ValueError, match=words):
        asked(**prediction)


def test_still_image_asks_and_folds_the_answer() -> None:
    made = lab.explorer(
        "still", "?", CONTROLS, line, alt="A line", predict=lab.predict("How <far>?", "end", {"slope": 3}, within=1)
    )
    page = made._repr_mimebundle_()[0]["text/html"]
    assert "<p>Predict first: How &lt;far&gt;?</p>" in page
    assert "<details><summary>What torch says to the prediction</summary><p>end: 6</p></details>" in page
