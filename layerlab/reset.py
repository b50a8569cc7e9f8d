"""Restore exercises of a student's notebook to their released text.

Each solution cell's metadata contains its released text (``layerlab.released``), so this module needs no network and no
copy of the course. It uses only the standard library.
"""

from __future__ import annotations

import difflib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ResetError(Exception):
    """A problem that the user can fix; the message says how."""


@dataclass(frozen=True)
class Exercise:
    """An exercise and its current state in a notebook."""

    name: str
    title: str  # from its heading
    is_released: bool  # whether its text equals the released text


@dataclass(frozen=True)
class Reset:
    """The result of resetting one exercise; ``kept`` is the file with the student's text, or None if none was saved."""

    name: str
    kept: Path | None


def exercises(path: Path) -> list[Exercise]:
    """Return the exercises that can be reset, in notebook order.

    Raises:
        ResetError: if the file is not a notebook, or was not released by this course.
    """
    cells = _solution_cells(path, _read(path))
    return [Exercise(name, _title(cell), _text(cell) == _released(cell)) for name, cell in cells.items()]


def reset(path: Path, asked: list[str]) -> list[Reset]:
    """Restore the solution cells of exercises to their released text, without outputs.

    The current text is first saved to a new ``.py`` or ``.md`` file in the folder of the notebook.

    Args:
        path: the notebook.
        asked: the names or titles of the exercises.

    Raises:
        ResetError: if `exercises` would raise this error, or if the notebook has no exercise with a given name. Nothing
            is changed in either case.
    """
    notebook = _read(path)
    cells = _solution_cells(path, notebook)
    titles = {_title(cell).casefold(): name for name, cell in cells.items()}
    names = [name if name in cells else titles.get(name.casefold(), name) for name in asked]
    for name in names:
        if name not in cells:
            raise ResetError(_no_such(name, {name: name for name in cells} | titles, path))
    done = []
    for name in dict.fromkeys(names):
        cell = cells[name]
        if _text(cell) == _released(cell):
            done.append(Reset(name, None))
            continue
        done.append(Reset(name, _keep(path, name, cell)))
        cell["source"] = _released(cell).splitlines(keepends=True)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    if any(one.kept for one in done):
        _write(path, notebook)
    return done


def _read(path: Path) -> dict[str, Any]:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ResetError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise ResetError(f"{path} is a folder; name the notebook in it.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ResetError(f"{path} is not a notebook: it cannot be read as JSON ({error}).") from None
    if not (isinstance(notebook, dict) and isinstance(notebook.get("cells"), list)):
        raise ResetError(f"{path} is not a notebook of format 4: it has no list of cells.")
    return notebook


def _solution_cells(path: Path, notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return each exercise's solution cell; if a student copied the cell, return the one with the exercise's id."""
    found: dict[str, dict[str, Any]] = {}
    for cell in notebook["cells"]:
        ours = (cell.get("metadata") or {}).get("layerlab") or {}
        if (
            cell.get("cell_type") in ("code", "markdown")
            and isinstance(ours.get("released"), str)
            and "exercise" in ours
        ):
            name = str(ours["exercise"])
            if name not in found or cell.get("id") == name:
                found[name] = cell
    if not found:
        raise ResetError(
            f"{path} contains no released text: it is not a student notebook of this course, or the program that saved "
            "it dropped the cells' metadata. Get the notebook from the course again, and copy your answers into it."
        )
    return found


def _released(cell: dict[str, Any]) -> str:
    return cell["metadata"]["layerlab"]["released"]


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _title(cell: dict[str, Any]) -> str:
    return str((cell["metadata"]["layerlab"].get("facts") or {}).get("title", ""))


def _no_such(name: str, known: dict[str, str], path: Path) -> str:
    """Return the message for an unknown exercise; ``known`` maps names and lowercase titles to names."""
    near = dict.fromkeys(known[found] for found in difflib.get_close_matches(name.casefold(), known, n=3, cutoff=0.4))
    if near:
        return f"{path} has no exercise {name!r}. Did you mean {' or '.join(near)}?"
    return f"{path} has no exercise {name!r}. It has: {', '.join(dict.fromkeys(known.values()))}."


def _keep(path: Path, name: str, cell: dict[str, Any]) -> Path:
    number, text = 1, _text(cell)
    ending = "py" if cell["cell_type"] == "code" else "md"
    while True:
        kept = path.with_name(f"{path.stem}.{name}.before-reset-{number}.{ending}")
        try:
            with kept.open("x", encoding="utf-8") as file:
                file.write(text if text.endswith("\n") else text + "\n")
            return kept
        except FileExistsError:
            number += 1


def _write(path: Path, notebook: dict[str, Any]) -> None:
    """Replace the notebook's file atomically, so that a crash leaves the old file; use Jupyter's JSON format."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    new.chmod(path.stat().st_mode)
    os.replace(new, path)
