"""Show the points earned so far by the notebook that calls `lab.points()`.

The grader has the hidden tests. If the course is installed, the grader runs as a separate program; this module imports
nothing from the grader. It grades the notebook's file as last saved.
"""

from __future__ import annotations

import html
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from layerlab.graded import observation

NO_GRADER = (
    "lab.points() asks the course's grader, which is not installed here: open this notebook in a copy of the course "
    "that was set up by `make course`, and run this cell again."
)
NO_FILE = "lab.points() doesn't know where this notebook is: pass its path, as in lab.points('folder/linear.ipynb')."
_RULE = "border-bottom:1px solid rgba(128,128,128,.5);text-align:left;vertical-align:top;padding:.3em .8em .3em 0"


def points(path: str | Path | None = None) -> Points | None:
    """Grade this notebook as last saved, and show its points so far, with a sentence for each lost claim.

    Args:
        path: the notebook's file; by default, the file that Jupyter or VS Code reports.

    Returns:
        The points to show, or a sentence that says why there are none. Under a grader, do nothing and return None.
    """
    if observation.is_graded() or os.environ.get("NBGRADER_EXECUTION"):
        return None
    found = Path(path) if path is not None else _this_notebook()
    if found is None:
        return Points(NO_FILE)
    if not found.is_file():
        return Points(f"There is no file {found}: pass this notebook's path, as in lab.points('folder/linear.ipynb').")
    root = _course_of(found)
    if root is None or not (importlib.util.find_spec("autograder") or (root / "autograder").is_dir()):
        return Points(NO_GRADER)
    return _graded(found.resolve(), root)


class Points:
    """The points of a notebook as HTML and as text, or a sentence that says why there are none."""

    def __init__(self, problem: str = "", graded: dict[str, Any] | None = None, saved: str = "") -> None:
        self._problem, self._graded, self._saved = problem, graded or {}, saved

    def __repr__(self) -> str:
        if self._problem:
            return self._problem
        lines = [self._summary()]
        for one in self._graded["exercises"]:
            lines += [f"\n{one['title']}: {_earned(one)}, {one['state']}"]
            lines += [f"  {line}" for line in one["lines"]]
        return "\n".join([*lines, "", *self._others()])

    def _repr_html_(self) -> str:
        """Return the points as HTML that uses the page's own colors and loads no other files."""
        if self._problem:
            return f"<p>{_prose(self._problem)}</p>"
        begun = self._graded["exercises"]
        parts = [f"<p><strong>{_prose(self._summary())}</strong></p>"]
        if begun:
            head = "".join(f'<th scope="col" style="{_RULE}">{name}</th>' for name in ("exercise", "points", "state"))
            rows = "".join(map(_row, begun))
            parts.append(
                '<table style="border-collapse:collapse"><caption style="text-align:left">Exercises you have started'
                f"</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            )
        parts += [_details(one) for one in begun if one["lines"]]
        parts += [f"<p>{_prose(line)}</p>" for line in self._others()]
        return f"<div>{''.join(parts)}</div>"

    def _summary(self) -> str:
        return f"{self._graded['earned']} of {self._graded['points']} points so far"

    def _others(self) -> list[str]:
        untouched = self._graded["untouched"]
        lines = [f"Not started: {'; '.join(untouched)}."] if untouched else []
        lines += [*self._graded["notes"], self._graded["sentence"], self._graded["way"]]
        return [line for line in lines if line] + [f"{self._saved} Unsaved changes are not graded."]


def _row(one: dict[str, Any]) -> str:
    cells = "".join(f'<td style="{_RULE}">{_prose(text)}</td>' for text in (_earned(one), one["state"]))
    return f'<tr><th scope="row" style="{_RULE};font-weight:normal">{_prose(one["title"])}</th>{cells}</tr>'


def _earned(one: dict[str, Any]) -> str:
    return f"{one['earned']} of {one['points']}"


def _details(one: dict[str, Any]) -> str:
    lines = "".join(
        f'<div style="margin-left:{1.4 if line.startswith("  ") else 0}em">{_prose(line.strip())}</div>'
        for line in one["lines"]
    )
    return f"<details open><summary>{_prose(one['title'])}</summary>{lines}</details>"


def _prose(text: str) -> str:
    """Return a sentence as HTML in which only `backticks` are markup."""
    parts = re.split(r"`([^`\n]+)`", html.escape(text))
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))


def _graded(notebook: Path, root: Path) -> Points:
    asked = ["grade", "--mine", str(notebook), _chapter(notebook), "--json", "--root", str(root)]
    saved = notebook.stat().st_mtime
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *asked], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:]
        return Points(NO_GRADER if "No module named" in done.stderr else f"Nothing could be graded. {' '.join(said)}")
    ago = max(0, round(time.time() - saved))
    words = f"{ago} seconds" if ago < 120 else f"{ago // 60} minutes" if ago < 7200 else f"{ago // 3600} hours"
    when = datetime.fromtimestamp(saved).strftime("%H:%M:%S")
    return Points(graded=json.loads(done.stdout), saved=f"{notebook.name} as it was saved at {when}, {words} ago.")


def _this_notebook() -> Path | None:
    """Return the running notebook's path, as Jupyter or VS Code reports it to the kernel; None if neither does."""
    from IPython import get_ipython

    shell = get_ipython()
    given = shell.user_ns.get("__vsc_ipynb_file__") if shell else None
    given = given or os.environ.get("JPY_SESSION_NAME", "")
    return Path(given) if given.endswith(".ipynb") else None


def _chapter(notebook: Path) -> str:
    """Return the chapter of a notebook, even if its file was renamed."""
    try:
        return json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["layerlab"]["chapter"]
    except (OSError, ValueError, KeyError, TypeError):
        return notebook.stem


def _course_of(notebook: Path) -> Path | None:
    """Return the course's folder: a parent of the notebook, or the folder that contains layerlab; otherwise None."""
    above = [*notebook.resolve().parents, Path(__file__).resolve().parents[1]]
    return next((folder for folder in above if (folder / "solutions" / _chapter(notebook)).is_dir()), None)
