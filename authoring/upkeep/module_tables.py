"""Write MODULES.md from docstrings, with a line for every module: `python -m authoring modules` or `make format`."""

from __future__ import annotations

import ast
from pathlib import Path

from autograder.texts.parser import syntax_tree

ROOT = Path(__file__).resolve().parents[2]
PAGE = "MODULES.md"
PACKAGES = ("layerlab", "autograder", "authoring", "book/_ext/coursebook")
HEAD = """# Every module

One line for each module, taken from its docstring by `make format`. [ARCHITECTURE.md](ARCHITECTURE.md) says how the
parts work together.
"""


def summary(path: Path) -> str:
    """Return the first paragraph of a module's docstring, on one line."""
    docstring = ast.get_docstring(syntax_tree(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.partition("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")


def section(root: Path, folder: Path) -> str:
    """Return a section for a folder: a heading, its package's docstring, and a table of its modules."""
    name = folder.relative_to(root).as_posix()
    modules = sorted(path for path in folder.glob("*.py") if path.stem != "__init__")
    rows = [f"| `{name}/{path.name}` | {summary(path)} |" for path in modules]
    table = ["| module | what it does |", "|---|---|", *rows] if rows else []
    about = summary(folder / "__init__.py")
    return "\n".join([f"## `{name}/`", "", *([about, ""] if about else []), *table])


def page(root: Path) -> str:
    """Return the page for the packages below ``root``."""
    folders = [path.parent for package in PACKAGES for path in sorted((root / package).rglob("__init__.py"))]
    return "\n\n".join([HEAD.rstrip(), *(section(root, folder).rstrip() for folder in folders)]) + "\n"


def main() -> None:
    """Write MODULES.md."""
    (ROOT / PAGE).write_text(page(ROOT), encoding="utf-8")
