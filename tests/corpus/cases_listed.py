"""Read the cases that are lists of code: harmless habits, and spellings of a forbidden call."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from autograder.model import State
from tests.corpus.case import HABITS, HONEST, Case, Notebook, Scene, answered, inserted, inserted_below

HIDES = "hides a forbidden call"
_TEXTS = HONEST | {
    "stub": "def affine(x, w, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "chain": " + ".join(["1"] * 500),
}


@cache
def _sections(file: str) -> dict[str, dict[str, Any]]:
    return yaml.safe_load(Path(__file__).with_name(file).read_text(encoding="utf-8"))


def filled(source: str) -> str:
    """Fill the answers, the stub, and the long sum into a listed source."""
    for name, content in _TEXTS.items():
        source = source.replace("{" + name + "}", content)
    return source


def _made(notebook: Notebook, parts: Mapping[str, Any]) -> Notebook:
    """Return a copy of a notebook with the parts of a case; a part's name says where its code goes."""
    made = answered(notebook, {name: filled(source) for name, source in parts.items() if name in HONEST})
    for where, sources in parts.items():
        for source in [sources] if isinstance(sources, str) else sources:
            place, _, cell = where.partition(" ")
            if place == "above":
                made = answered(made, {"affine": f"{source}\n{HONEST['affine']}"})
            elif place == "inside":
                head, _, body = HONEST["affine"].partition("\n")
                lines = "".join(f"    {line}\n" for line in source.splitlines())
                made = answered(made, {"affine": f"{head}\n{lines}{body}"})
            elif place in ("before", "below"):
                made = (inserted if place == "before" else inserted_below)(made, filled(source), cell)
    return made


def _case(name: str, parts: Mapping[str, Any], group: str, **lost: State) -> Case:
    beside = {file: filled(content) for file, content in parts.get("beside", {}).items()}

    def make(notebook: Notebook, scene: Scene) -> Notebook:
        return _made(notebook, parts)

    return Case(name, group, make, lost=lost, beside=beside)


def _listed(file: str, place: str, titles: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    """Return the parts of the cases in these sections, or in all; code without a place goes to ``place``."""
    chosen = [cases for title, cases in _sections(file).items() if title in titles or not titles]
    return {
        name: {place: parts} if isinstance(parts, str) else parts for cases in chosen for name, parts in cases.items()
    }


def habits(*titles: str) -> list[Case]:
    """Return the harmless habits in these sections of habits.yml, or all of them."""
    return [_case(name, parts, HABITS) for name, parts in _listed("habits.yml", "before affine", titles).items()]


def spellings(*titles: str) -> list[Case]:
    """Return the spellings in these sections of spellings.yml, or all of them."""
    listed = _listed("spellings.yml", "soften", titles)
    return [_case(name, parts, HIDES, soften=State.FORBIDDEN) for name, parts in listed.items()]


def spelled(*titles: str) -> dict[str, str]:
    """Return the answers to `soften` in these sections of spellings.yml, by the names of their cases."""
    return {name: filled(parts["soften"]) for name, parts in _listed("spellings.yml", "soften", titles).items()}


CASES: list[Case] = [*habits(), *spellings()]
