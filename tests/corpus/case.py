"""Define a case of the corpus, and the notebook that every case starts from."""

import copy
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import nbformat

from autograder.model import State

Notebook = dict[str, Any]
Source = TypeVar("Source")
CHAPTER = "surfaces"
HONEST = {
    "affine": "def affine(x, w, b):\n    return x @ w.T + b",
    "soften": "def soften(x):\n    e = (x - x.amax(-1, keepdim=True)).exp()\n    return e / e.sum(-1, keepdim=True)",
    "tally": "def tally(net):\n    return sum(p.numel() for p in net.parameters())",
    "learn": (
        "def learn(x, y):\n"
        "    centre = torch.stack([x[y == c].square().mean(0).flatten() for c in range(4)])\n"
        "    return lambda images: images.square().flatten(1) @ (centre - centre.mean(0)).T"
    ),
}
HABITS = "harmless: habits"
POINTS = {"affine": 3, "soften": 2, "tally": 1, "learn": 2}
# Right in shape and dtype, wrong in value. This is defined after an attack, so that only the attack can earn points.
WRONG = {
    "affine": "def affine(x, w, b):\n    return x.new_zeros(*x.shape[:-1], len(w))",
    "soften": "def soften(x):\n    return x * 0",
    "tally": "def tally(net):\n    return 0",
    "learn": "def learn(x, y):\n    return lambda images: torch.zeros(len(images), 4)",
}


@dataclass(frozen=True)
class Scene:
    """What an attacker may know about the course that grades a submission; all of it exists only for the test."""

    root: Path  # contains solutions/, submitted/, gradebook.db
    port: int  # a port of 127.0.0.1 on which a listener waits
    secret: str  # the value of an environment variable of the user who grades
    mark: Path  # a file that only a submission could have made
    called: Callable[[], bool]  # whether anything connected to that port


@dataclass(frozen=True)
class Link:
    """A submission that is a symbolic link."""

    target: Path


@dataclass(frozen=True)
class Folder:
    """A notebook, and a function that puts other files into its folder."""

    notebook: Notebook
    put: Callable[[Path], object]


Handed = Notebook | bytes | Link | Folder
Make = Callable[[Notebook, Scene], Handed]
Harm = Callable[[Scene, str], bool]  # the scene, and everything that the student gets to read


@dataclass(frozen=True)
class Case:
    """A submission: the function that makes it, and the points and states that it must get.

    ``make`` receives the released notebook filled in with right answers, which would earn all points.
    """

    name: str
    group: str
    make: Make
    lost: Mapping[str, State] = field(default_factory=dict)  # exercise -> state; the others are passed
    keeps: Mapping[str, int] = field(default_factory=dict)  # points that a lost exercise earns anyway
    harm: Harm | None = None
    before: Make | None = None  # an accomplice's submission, graded just before
    is_slow: bool = False  # reaches a time limit: runs only in `make test-long`
    beside: Mapping[str, str] = field(default_factory=dict)  # files submitted with the notebook, by name

    def must(self) -> dict[str, int]:
        """Return the points that each exercise must get."""
        return {name: self.keeps.get(name, 0) if name in self.lost else full for name, full in POINTS.items()}

    def state(self, exercise: str) -> State:
        return self.lost.get(exercise, State.PASSED)


def honest(released: Notebook) -> Notebook:
    """Return the released notebook with every exercise answered."""
    return answered(released, HONEST)


def answered(notebook: Notebook, answers: Mapping[str, str]) -> Notebook:
    """Return a copy of a notebook with other answers."""
    made = copy.deepcopy(notebook)
    for exercise, source in answers.items():
        cell(made, exercise)["source"] = source
    return made


def cell(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    """Return the cell with this grade_id ("affine", "test_affine")."""
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def own_cell(name: str, source: str) -> dict[str, Any]:
    """Return a code cell of a student's own, with this id."""
    return dict(nbformat.v4.new_code_cell(source, id=name))


def inserted(notebook: Notebook, source: str, before: str = "affine") -> Notebook:
    """Return a copy of a notebook with a student's own cell before one of the graded cells."""
    made = copy.deepcopy(notebook)
    at = made["cells"].index(cell(made, before))
    made["cells"].insert(at, own_cell(f"mine-{at}", source))
    return made


def inserted_below(notebook: Notebook, source: str, after: str) -> Notebook:
    """Return a copy of a notebook with a student's own cell below one of the graded cells."""
    made = inserted(notebook, source, after)
    cells = made["cells"]
    at = cells.index(cell(made, after))
    cells[at - 1], cells[at] = cells[at], cells[at - 1]
    return made


def attack(
    group: str,
    name: str,
    source: str,
    exercise: str = "affine",
    state: State = State.WRONG,
    also: Mapping[str, State] | None = None,
    **options: Any,
) -> Case:
    """Return a case that attacks from the answer cell of one exercise and must earn nothing for that exercise.

    In ``source``, ``{wrong}`` stands for a wrong answer, and ``{root}``, ``{port}``, ``{mark}`` for values of the
    scene. ``also`` maps each other exercise that the attacker must lose to its state.
    """

    def make(notebook: Notebook, scene: Scene) -> Notebook:
        return answered(notebook, {exercise: filled(source, scene, exercise)})

    return Case(name, group, make, lost={exercise: state} | dict(also or {}), **options)


def harmless(group: str, name: str, source: str, before: str = "affine", **options: Any) -> Case:
    """Return a case with a student's own cell before a graded cell; the cell must not cost any points."""
    return Case(name, group, lambda nb, scene: inserted(nb, filled(source, scene, "affine"), before), **options)


def each(make: Callable[[str, Source], Case], sources: Mapping[str, Source]) -> list[Case]:
    """Return ``make(name, source)`` for each name and source, as a list."""
    return [make(name, source) for name, source in sources.items()]


def marked(scene: Scene, told: str) -> bool:
    """Return whether a submission made the file that only a submission could have made."""
    return scene.mark.exists()


def filled(source: str, scene: Scene, exercise: str) -> str:
    """Fill the scene's values into the source of an attack."""
    places = {"root": scene.root, "port": scene.port, "mark": scene.mark, "wrong": WRONG[exercise]}
    for name, value in places.items():
        source = source.replace("{" + name + "}", str(value))
    return source


def write(handed: Handed, path: Path, beside: Mapping[str, str] | None = None) -> None:
    """Write the submission to ``path``, and put only these files next to it."""
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(parents=True)
    for name, content in (beside or {}).items():
        (path.parent / name).write_text(content, encoding="utf-8")
    if isinstance(handed, Folder):
        handed.put(path.parent)
        handed = handed.notebook
    if isinstance(handed, Link):
        os.symlink(handed.target, path)
    else:
        path.write_bytes(handed if isinstance(handed, bytes) else json.dumps(handed).encode())
