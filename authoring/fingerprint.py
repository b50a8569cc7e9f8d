"""Says whether an executed notebook is stale without executing anything.

A reference notebook records a hash of what its outputs depend on: the chapter's text, the pins of what it runs on, and
the layerlab modules it uses. Outputs themselves are no measure: across CPUs their last bits differ.
"""

from __future__ import annotations

import ast
import hashlib
import re
from importlib.metadata import version
from pathlib import Path

from nbformat import NotebookNode

from authoring import text
from authoring.setup import read_pins
from autograder.parser import syntax_tree

# What decides the outputs of a cell and the form they are stored in. A new pin of a linter leaves notebooks alone.
RUNS_ON = (
    "anywidget", "contourpy", "ipykernel", "ipython", "ipywidgets", "jupytext", "matplotlib", "matplotlib-inline",
    "nbclient", "nbformat", "numpy", "pillow", "torch",
)  # fmt: skip


def fingerprint(path: Path, root: Path) -> str:
    """Return the hash of everything that the outputs of the chapter at ``path`` depend on."""
    digest = hashlib.sha256()
    pinned = read_pins(root)
    for part in (
        path.read_bytes(),
        "\n".join(f"{name}=={pinned.get(name, '?')}" for name in RUNS_ON).encode(),
        *(file.name.encode() + b"\0" + file.read_bytes() for file in used_files(path, root / "layerlab")),
    ):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def misfits(root: Path) -> list[str]:
    """Return a sentence for each package whose installed version is not the pinned one."""
    pinned = read_pins(root)
    installed = {name: version(name).partition("+")[0] for name in RUNS_ON}
    return [
        f"{name} {installed[name]} is installed, the lock pins {pinned.get(name, 'nothing')}"
        for name in RUNS_ON
        if installed[name] != pinned.get(name)
    ]


def used_files(path: Path, package: Path) -> list[Path]:
    """Return the files of layerlab that a chapter's code reaches, sorted: modules, and the data files they name.

    Names are followed statically, from ``lab.compare`` to the module that defines ``compare`` to what that imports. A
    name whose module cannot be told makes the chapter depend on the whole package.
    """
    modules = {file.stem: file for file in sorted(package.glob("*.py"))}
    defined_in = _exports(modules)
    reached: set[str] = set()
    waiting = {"__init__"} if "__init__" in modules else set()
    for name in _lab_names(path):
        waiting |= defined_in.get(name, set(modules))
    while waiting:
        module = waiting.pop()
        reached.add(module)
        if module != "__init__":  # it imports everything, for everyone
            waiting |= _imports(modules[module], modules, defined_in) - reached
    sources = [modules[name].read_text(encoding="utf-8") for name in reached]
    data = [file for file in package.iterdir() if file.is_file() and file.suffix not in (".py", ".pyc")]
    named = [file for file in data if any(file.name in source for source in sources)]
    return sorted([modules[name] for name in reached] + named)


def is_fresh(notebook: NotebookNode, path: Path, root: Path) -> bool:
    """True when the notebook was made from the text as it now is, with what is now pinned."""
    recorded = notebook.metadata.get("layerlab", {}).get("fingerprint")
    return recorded == fingerprint(path, root) and matches_text(notebook, text.read(path))


def matches_text(notebook: NotebookNode, expected: NotebookNode) -> bool:
    """True when every cell is the one that the text expands to; filled placeholders may hold anything."""
    if len(notebook.cells) != len(expected.cells):
        return False
    for cell, wanted in zip(notebook.cells, expected.cells, strict=True):
        pattern = ".*?".join(re.escape(part) for part in text.PLACEHOLDER.split(wanted.source)[::2])
        if (
            cell.id != wanted.id
            or cell.metadata != wanted.metadata
            or not re.fullmatch(pattern, cell.source, re.DOTALL)
        ):
            return False
    return True


def _lab_names(path: Path) -> set[str]:
    """Return the names that a chapter's code takes from layerlab (``compare`` of ``lab.compare``)."""
    names: set[str] = set()
    for cell in text.read(path).cells:
        if cell.cell_type == "code":
            names |= set(re.findall(r"\b(?:lab|layerlab)\.(\w+)", cell.source))
    return names


def _exports(modules: dict[str, Path]) -> dict[str, set[str]]:
    """Return the modules of layerlab that define each public name."""
    homes: dict[str, set[str]] = {name: {name} for name in modules}
    for module, file in modules.items():
        for node in syntax_tree(file.read_text(encoding="utf-8")).body:
            names: list[str] = []
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = [node.name]
            elif isinstance(node, ast.Assign):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            for name in names:
                homes.setdefault(name, set()).add(module)
    return homes


def _imports(file: Path, modules: dict[str, Path], defined_in: dict[str, set[str]]) -> set[str]:
    """Return the layerlab modules that a module imports, at the top or inside a function."""
    found: set[str] = set()
    for node in ast.walk(syntax_tree(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("layerlab.") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "") in ("layerlab", ""):
            found = found.union(*(defined_in.get(alias.name, set()) for alias in node.names))
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("layerlab.")):
            found.add((node.module or "").removeprefix("layerlab."))
    return found & set(modules)
