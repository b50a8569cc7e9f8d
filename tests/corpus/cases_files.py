"""Define cases with unreadable files, links to other files, and honest notebooks that are damaged."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

from autograder.model import State
from tests.corpus.case import (
    HONEST,
    POINTS,
    WRONG,
    Case,
    Handed,
    Link,
    Notebook,
    answered,
    cell,
    each,
    filled,
    inserted,
    own_cell,
)

_ALL_SKIPPED = dict.fromkeys(POINTS, State.SKIPPED)
_BAD = "a file that is no notebook"


def _bad(name: str, content: Callable[[Notebook], bytes]) -> Case:
    return Case(name, _BAD, lambda nb, scene: content(nb), lost=_ALL_SKIPPED)


def _bytes(notebook: Notebook) -> bytes:
    return json.dumps(notebook).encode()


BAD = [
    _bad("empty", lambda nb: b""),
    _bad("nothing but zeros", lambda nb: bytes(5000)),
    _bad("cut off", lambda nb: _bytes(nb)[:2000]),
    _bad("a list", lambda nb: b"[1, 2]"),
    _bad("an archive", lambda nb: b"PK\x03\x04" + bytes(range(256)) * 20),
    _bad("a page", lambda nb: b"<!doctype html><html><body>Sign in</body></html>"),
    _bad("conflict markers", lambda nb: b"<<<<<<< HEAD\n" + _bytes(nb) + b"\n=======\n{}\n>>>>>>> theirs\n"),
    _bad("nested deeply", lambda nb: b'{"cells": ' + b"[" * 200_000),
    _bad("no cells", lambda nb: b'{"metadata": {}, "nbformat": 4, "nbformat_minor": 5}'),
    _bad("cells of strange kinds", lambda nb: b'{"cells": [1, null, "a", []]}'),
]

_LINKS = "a link"


def _link(name: str, target: str) -> Case:
    return Case(name, _LINKS, lambda nb, scene: Link(Path(filled(target, scene, "affine"))), lost=_ALL_SKIPPED)


LINKS = [
    _link("to the reference", "{root}/solutions/surfaces/surfaces.ipynb"),
    _link("to another submission", "{root}/submitted/neighbour/surfaces/surfaces.ipynb"),
    _link("by way of dots", "../../neighbour/surfaces/surfaces.ipynb"),
]

_TESTS = "changes the tests"
_EASY = (
    "with lab.claim('values', points=2):\n    draw = lab.inputs()\n    x, w, b = draw.randn(4, 3), draw.randn(2, 3), draw.randn(2)\n"
    "    lab.observe('y', F.linear(x, w, b))\n"
    "with lab.claim('leading dimensions'):\n    draw = lab.inputs()\n"
    "    x, w, b = draw.randn(2, 4, 3), draw.randn(5, 3), draw.randn(5)\n    lab.observe('y', F.linear(x, w, b))"
)


def _tests(name: str, change: Callable[[Notebook], None]) -> Case:
    def make(notebook: Notebook, scene: object) -> Notebook:
        made = answered(notebook, {"affine": WRONG["affine"]})
        change(made)
        return made

    return Case(name, _TESTS, make, lost={"affine": State.WRONG})


def _set(grade_id: str, **values: object) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        cell(notebook, grade_id).update(values)

    return change


def _mark(grade_id: str, /, **values: object) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        cell(notebook, grade_id)["metadata"]["nbgrader"].update(values)

    return change


def _drop(grade_id: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        notebook["cells"].remove(cell(notebook, grade_id))

    return change


def _swapped(notebook: Notebook) -> None:
    one, other = (cell(notebook, name)["metadata"]["nbgrader"] for name in ("test_affine", "test_tally"))
    one["grade_id"], other["grade_id"] = other["grade_id"], one["grade_id"]


CHANGED = each(
    _tests,
    {
        "an easier test": _set("test_affine", source=_EASY),
        "an empty test": _set("test_affine", source=""),
        "no test": _drop("test_affine"),
        "a test that is text": _set("test_affine", cell_type="markdown"),
        "a test worth a hundred": _mark("test_affine", points=100),
        "a test that is an answer": _mark("test_affine", grade=False, solution=True, locked=False),
        "an answer that is a test": _mark("affine", grade=True, points=50),
        "a test with another name": _mark("test_affine", grade_id="test_other"),
        "two tests with each other's names": _swapped,
        "a test that stands before the answer's cell": lambda nb: nb["cells"].insert(
            2, copy.deepcopy(cell(nb, "test_affine"))
        ),
        "outputs that were stored": _set(
            "test_affine",
            outputs=[
                {"output_type": "execute_result", "data": {"text/plain": "3"}, "metadata": {}, "execution_count": 1}
            ],
        ),
    },
)

_HARD = "text that is hard to read"


def _hard(name: str, source: str, is_slow: bool = False) -> Case:
    return Case(name, _HARD, lambda nb, scene: inserted(nb, source, "soften"), is_slow=is_slow)


HARD = [
    _hard("many signs", "x = " + "-" * 100_000 + "1"),
    _hard("many attributes", "x = a" + ".a" * 90_000),
    _hard("a long sum", "x = 1" + "+1" * 90_000),
    _hard("many branches", "if 0: pass\n" + "elif 0: pass\n" * 10_000),
    _hard("many magics", "\n".join(f"%nothing{i}" for i in range(510)), is_slow=True),
    _hard("many questions", "\n".join(f"nothing{i}?" for i in range(510)), is_slow=True),
    _hard("a magic in much text", "%nothing\n" + "x = 1\n" * 60_000, is_slow=True),
    _hard("a zero byte", "x = 1\0"),
    _hard("half a character", "x = '\ud800'"),
]

_FORM = "harmless: form"


def _form(name: str, change: Callable[[Notebook], Handed | None]) -> Case:
    """Return a case that changes the form of an honest notebook; this must not cost any points."""

    def make(notebook: Notebook, scene: object) -> Handed:
        made = copy.deepcopy(notebook)
        changed = change(made)
        return made if changed is None else changed

    return Case(name, _FORM, make)


def _all_cells(change: Callable[[dict], None]) -> Callable[[Notebook], None]:
    def changed(notebook: Notebook) -> None:
        for one in notebook["cells"]:
            change(one)

    return changed


def _without_ids(one: dict) -> None:
    one.pop("id", None)
    one["metadata"] = {}


def _old_format(notebook: Notebook) -> None:
    cells = notebook.pop("cells")
    for one in cells:
        one.pop("id", None)
        if one["cell_type"] == "code":
            one["input"] = one.pop("source")
            one.pop("execution_count", None)
            one["language"] = "python"
    notebook.update({"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells, "metadata": {}}]})
    notebook["metadata"] = {"name": "surfaces"}


def _split(notebook: Notebook) -> None:
    at = notebook["cells"].index(cell(notebook, "affine"))
    notebook["cells"].insert(at, own_cell("head", "def product(x, w):\n    return x @ w.T"))
    cell(notebook, "affine")["source"] = "def affine(x, w, b):\n    return product(x, w) + b"


def _merged(notebook: Notebook) -> None:
    cell(notebook, "affine")["source"] += "\n\n\n" + cell(notebook, "soften")["source"]
    notebook["cells"].remove(cell(notebook, "soften"))


def _copied(grade_id: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        at = notebook["cells"].index(cell(notebook, grade_id))
        notebook["cells"].insert(at, copy.deepcopy(notebook["cells"][at]))

    return change


def _new_cell(notebook: Notebook) -> None:
    """Delete the answer's cell, and write the answer in a new cell."""
    at = notebook["cells"].index(cell(notebook, "affine"))
    notebook["cells"][at] = own_cell("new", HONEST["affine"])


def _stub_below(notebook: Notebook) -> None:
    """Insert the released stub below the answer's cell, with a copy of the cell's metadata."""
    at = notebook["cells"].index(cell(notebook, "affine"))
    stub = copy.deepcopy(notebook["cells"][at])
    stub["source"] = "def affine(x, w, b):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    stub["id"] = "copy"
    notebook["cells"].insert(at + 1, stub)


def _large(notebook: Notebook) -> None:
    text = {"output_type": "stream", "name": "stdout", "text": "0123456789" * 800_000}
    cell(notebook, "affine")["outputs"] = [text]


FORM = [
    _form("a byte order mark", lambda nb: b"\xef\xbb\xbf" + _bytes(nb)),
    _form("UTF-16", lambda nb: json.dumps(nb).encode("utf-16")),
    _form("carriage returns", lambda nb: json.dumps(nb, indent=1).replace("\n", "\r\n").encode()),
    _form("something after its end", lambda nb: _bytes(nb) + b"\n}\n"),
    _form("an old format", _old_format),
    _form("no marks and no ids", _all_cells(_without_ids)),
    _form("no marks", _all_cells(lambda one: one["metadata"].clear())),
    _form("all cells have one id", _all_cells(lambda one: one.update(id="same"))),
    _form("lines as lists", _all_cells(lambda one: one.update(source=one["source"].splitlines(keepends=True)))),
    _form(
        "another kernel",
        lambda nb: nb["metadata"].update(
            kernelspec={"name": "julia-1.9", "display_name": "Julia", "language": "julia"}
        ),
    ),
    _form("no metadata", lambda nb: nb.update(metadata={})),
    _form("cells in another order", lambda nb: nb["cells"].reverse()),
    _form("an answer in two cells", _split),
    _form("two answers in one cell", _merged),
    _form("a copied test", _copied("test_affine")),
    _form("a copied answer", _copied("affine")),
    _form("an answer in a new cell", _new_cell),
    _form("the released cell below its copy", _stub_below),
    _form("a deleted test", _drop("test_tally")),
    _form("all text deleted", lambda nb: nb.update(cells=[c for c in nb["cells"] if c["cell_type"] == "code"])),
    _form(
        "imports deleted",
        lambda nb: nb.update(cells=[c for c in nb["cells"] if not c["source"].startswith("import math")]),
    ),
    _form("an answer's cell made raw", _set("affine", cell_type="raw")),
    _form("an answer's cell made text", _set("affine", cell_type="markdown")),
    _form("a test's cell made text", _set("test_soften", cell_type="markdown")),
    _form("other points", _mark("test_affine", points=1)),
    _form("an unlocked test", _mark("test_affine", locked=False)),
    _form("marks of an answer lost", lambda nb: cell(nb, "affine")["metadata"].clear()),
    _form("large outputs", _large),
    _form(
        "tabs and spaces at line ends", _all_cells(lambda one: one.update(source=one["source"].replace("\n", "  \n")))
    ),
]

CASES: list[Case] = [*BAD, *LINKS, *CHANGED, *HARD, *FORM]
