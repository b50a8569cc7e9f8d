"""Compute keys for stored results: a key changes when anything that determines its result changes.

A key is a hash of named parts: file contents, texts, package versions, and the course's own code that determines a
result (listed below). Code is hashed one whole folder at a time. So some results are computed again even though they
would not change, but a changed result is never missed (`tests/grading/test_keys.py`). This module uses only the
standard library, and no syntax newer than Python 3.7, because the setup runs it before anything is installed.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LOCK = "requirements.txt"  # every package except torch, with the hashes of its files
TORCH = "requirements-torch.txt"  # a comment in this file explains why it is separate
HERE = Path(__file__).resolve().parents[1]  # the repository, or where the packages are installed
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

# The code that decides each kind of result, as file patterns.
# The outputs of a chapter's cells. A reference asks for no claims, so what judges a notebook changes none of them, and
# neither do the students' commands.
NOTEBOOKS = (
    *(f"layerlab/{name}.py" for name in ("__init__", "figures", "points", "ranks", "shipped", "style", "unfinished")),
    *(f"layerlab/{room}/**/*" for room in ("checks", "data", "explorers", "graded", "judging")),
)
# Grades. Code that only records them counts too, so after any change in the grader, everything is graded again. That is
# simpler than separating results that must be graded again from results that must only be written again. The files with
# which notebooks judge do not count: they name mistakes but change no points.
GRADES = ("autograder/**/*", "layerlab/**/*.py", "layerlab/**/*.mjs", "layerlab/data/*")
# The tables of `validate`: the code that judges and validates, and that reads answers. A change elsewhere can change a
# table, too, but all chapters take an hour, so `make test` runs them only after a change here; `make test-long` always
# runs them, and so finds what this key missed.
TABLES = (
    "autograder/model.py", "autograder/validation/**/*",
    *(f"layerlab/{folder}/*.py" for folder in ("graded", "judging", "rules", "scoring")),
    *(f"autograder/texts/{name}.py" for name in ("claims", "statements", "variant_change", "variants")),
)  # fmt: skip
# Pages of the book: the code that reads texts and recorded tables, and the code and colors of explorers.
PAGES = (
    "autograder/*.py", "autograder/class_file/*", "autograder/texts/*",
    "autograder/validation/lost_claims.py",
    "autograder/validation/outcome.py", "autograder/recording/whole_files.py", *NOTEBOOKS,
)  # fmt: skip

PIN = re.compile(r"^([a-z0-9-]+)(?:\[[^\]]*\])?==([^\s;\\#]+)", re.MULTILINE)  # names as uv normalizes them


def key(**parts: Any) -> str:
    """Return a hash of named parts: texts, numbers, lists, dicts, bytes, and paths, which stand for file contents."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=_content).encode()).hexdigest()


def files(root: Path, patterns: Iterable[str]) -> dict[str, str]:
    """Return a hash of each file below ``root`` that matches one of the patterns, keyed by the file's path."""
    paths = sorted({path for pattern in patterns for path in root.glob(pattern) if path.is_file()})
    return {path.relative_to(root).as_posix(): _content(path) for path in paths if "__pycache__" not in path.parts}


def code(root: Path, patterns: Iterable[str]) -> dict[str, str]:
    """Return the same as `files`, but hash Python modules without comments and docstrings, which affect no result."""
    hashes = files(root, patterns)
    return {path: _code((root / path).read_bytes()) if path.endswith(".py") else hashes[path] for path in hashes}


@functools.lru_cache(maxsize=1000)
def _code(module: bytes) -> str:
    tree = ast.parse(module)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, _DOCUMENTED) and body and ast.get_docstring(node, clean=False) is not None:
            node.body = body[1:]
    # The same text in every Python: 3.12 added a field that is nearly always empty, and 3.13 leaves empty fields out.
    options = {"show_empty": True} if sys.version_info >= (3, 13) else {}
    return hashlib.sha256(ast.dump(tree, **options).replace(", type_params=[]", "").encode()).hexdigest()


def pins(root: Path) -> dict[str, str]:
    """Return the versions of all packages that the course at ``root`` pins, by name."""
    return dict(PIN.findall("\n".join((root / name).read_text(encoding="utf-8") for name in (LOCK, TORCH))))


def installed(names: Iterable[str]) -> dict[str, str]:
    """Return packages' installed versions without build labels such as "+cpu", or raise PackageNotFoundError."""
    from importlib import metadata  # here, because the code that runs before the setup does not need it

    return {name: metadata.version(name).partition("+")[0] for name in names}


def without(fields: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the fields except ``names``, which affect no result; raise LookupError if one does not exist."""
    for name in names:
        if name not in fields:
            raise LookupError(f"there is no field {name!r} among {', '.join(fields)}")
    return {name: value for name, value in fields.items() if name not in names}


def _content(part: Any) -> str:
    if isinstance(part, Path):
        part = part.read_bytes()
    if isinstance(part, bytes):
        return hashlib.sha256(part).hexdigest()
    raise TypeError(f"a key is not made of {type(part).__name__}")
