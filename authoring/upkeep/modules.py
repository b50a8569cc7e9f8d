"""Writes the tables of modules on the architecture page from the first paragraph of each module's docstring.

`python -m authoring modules`, a part of `make format`, fills what stands between ``<!-- modules: FOLDER -->`` and
``<!-- end -->``.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from autograder.chapters.parser import syntax_tree

ROOT = Path(__file__).resolve().parents[2]
PAGE = "ARCHITECTURE.md"
BLOCK = re.compile(r"(<!-- modules: (?P<folder>[\w/]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(root: Path, folder: str) -> str:
    """Return the table of the modules that lie directly in ``folder``, one line each."""
    rows = []
    for path in sorted((root / folder).glob("*.py")):
        docstring = ast.get_docstring(syntax_tree(path.read_text(encoding="utf-8"))) or ""
        if path.stem != "__init__":
            words = " ".join(docstring.partition("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")
            rows.append(f"| `{folder}/{path.name}` | {words} |")
    return "\n".join(["| module | what it does |", "|---|---|", *rows, ""])


def filled(root: Path, page: str) -> str:
    """Return the page with every table made anew."""
    return BLOCK.sub(lambda found: found[1] + table(root, found["folder"]) + found[3], page)


def main() -> None:
    """Bring the architecture page up to date."""
    path = ROOT / PAGE
    path.write_text(filled(ROOT, path.read_text(encoding="utf-8")), encoding="utf-8")
