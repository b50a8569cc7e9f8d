"""Read the cases that are lists of code: attacks, harmless habits, and spellings of a forbidden call."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from autograder.model import State
from tests.corpus.case import HABITS, HONEST, Case, Notebook, Scene, answered, filled, inserted, inserted_below

HIDES = "hides a forbidden call"


@cache
def _sections(file: str) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(Path(__file__).with_name(file).read_text(encoding="utf-8"))


TEXTS: dict[str, str] = (
    HONEST
    | _sections("attacks.yml").pop("texts")
    | {
        "stub": "def affine(x, w, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
        "chain": " + ".join(["1"] * 500),
    }
)


def _expanded(source: str) -> str:
    """Replace the names of texts that several listed sources contain."""
    for name, content in TEXTS.items():
        source = source.replace("{" + name + "}", content)
    return source


def _made(notebook: Notebook, scene: Scene, parts: Mapping[str, Any]) -> Notebook:
    """Return a copy of a notebook with the parts of a case; a part's name says where its code goes."""
    answers = {name: source for name, source in parts.items() if name in HONEST}
    made = answered(notebook, {name: filled(_expanded(source), scene, name) for name, source in answers.items()})
    for where, sources in parts.items():
        place, _, cell = where.partition(" ")
        if place == "above":
            made = answered(made, {"affine": f"{sources}\n{HONEST['affine']}"})
        elif place == "inside":
            head, _, body = HONEST["affine"].partition("\n")
            lines = "".join(f"    {line}\n" for line in sources.splitlines())
            made = answered(made, {"affine": f"{head}\n{lines}{body}"})
        elif place in ("before", "below"):
            insert = inserted if place == "before" else inserted_below
            for source in [sources] if isinstance(sources, str) else sources:
                made = insert(made, filled(_expanded(source), scene, "affine"), cell)
    return made


def _case(name: str, parts: Mapping[str, Any], group: str, lost: Mapping[str, State]) -> Case:
    def make(notebook: Notebook, scene: Scene) -> Notebook:
        return _made(notebook, scene, parts)

    beside = {file: _expanded(content) for file, content in parts.get("beside", {}).items()}
    return Case(name, group, make, lost=lost, beside=beside, is_slow=parts.get("slow", False))


def _listed(file: str, place: str, titles: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    """Return the parts of the cases in these sections, or in all; code without a place goes to ``place``."""
    chosen = [cases for title, cases in _sections(file).items() if title in titles or not titles]
    return {
        name: {place: parts} if isinstance(parts, str) else parts for cases in chosen for name, parts in cases.items()
    }


def attacks() -> list[Case]:
    """Return the cases of attacks.yml; what a case answers is wrong unless the list says otherwise."""
    found = []
    for group in _sections("attacks.yml"):
        for name, parts in _listed("attacks.yml", "before affine", (group,)).items():
            lost = parts.get("lost", dict.fromkeys(parts.keys() & HONEST, State.WRONG))
            found.append(_case(name, parts, group, {exercise: State(state) for exercise, state in lost.items()}))
    return found


def habits(*titles: str) -> list[Case]:
    """Return the harmless habits in these sections of habits.yml, or all of them."""
    return [_case(name, parts, HABITS, {}) for name, parts in _listed("habits.yml", "before affine", titles).items()]


def spellings(*titles: str) -> list[Case]:
    """Return the spellings in these sections of spellings.yml, or all of them."""
    listed = _listed("spellings.yml", "soften", titles)
    return [_case(name, parts, HIDES, {"soften": State.FORBIDDEN}) for name, parts in listed.items()]


def spelled(*titles: str) -> dict[str, str]:
    """Return the answers to `soften` in these sections of spellings.yml, by the names of their cases."""
    return {name: _expanded(parts["soften"]) for name, parts in _listed("spellings.yml", "soften", titles).items()}
