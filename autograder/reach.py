"""Which of the course's own files decide what some code does: followed through imports and names, running nothing.

From a module it goes to what that imports, at the top or inside a function; from ``lab.compare`` to the module that
defines ``compare``; and to the data files that are named in the code, or in other data files. What cannot be told
counts as everything: a name that a package does not define, or a module whose name is made up while it runs.

What is not followed: the imports of a package's ``__init__`` for somebody who wants one name out of it; and one that
does nothing but import is not counted. Standard library only, and nothing newer than Python 3.7 in its syntax, as
`autograder.keys`.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.texts.parser import syntax_tree

PACKAGES = ("layerlab", "autograder", "authoring")
# Answers to exercises: they are chapters' texts. Whoever depends on some says on which.
ANSWERS = "autograder/variants/"
HERE = Path(__file__).resolve().parents[1]  # the repository, or where the packages are installed

EVERYTHING = "*"  # stands for a module whose name is made up while it runs
_OF_A_MODULE = ("__file__", "__name__", "__path__", "__spec__", "__doc__")
_OF_A_LIST = ("__all__", "__version__")
_LOADERS = ("import_module", "__import__")
_SEARCHES = ("glob", "rglob", "iglob")
_SPACE = re.compile(r"\s")
_MAGIC = re.compile(r"^[ \t]*[%!].*$", re.MULTILINE)


class Sources:
    """The files of the course's packages by their path from the root: ``layerlab/checks/compare.py``."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.modules = {dotted(path): path for path in self.files if self._is_module(path)}
        self.data = {path for path in self.files if not self._is_module(path)}
        self._called: dict[tuple[str, str], list[str]] = {}
        for path in self.files:
            for name in self._names(path):
                self._called.setdefault((path.partition("/")[0], name), []).append(path)

    @classmethod
    def of(cls, root: Path = HERE) -> Sources:
        """Read the packages below ``root``."""
        found = {}
        for package in PACKAGES:
            for path in (root / package).rglob("*"):
                name = path.relative_to(root).as_posix()
                if path.is_file() and "__pycache__" not in path.parts and not name.startswith(ANSWERS):
                    found[name] = path.read_bytes()
        return cls(found)

    def text(self, path: str) -> str:
        """Return a file's text."""
        return self.files[path].decode("utf-8", errors="replace")

    def is_package(self, module: str) -> bool:
        """True for a module that is a folder."""
        return self.modules[module].endswith("/__init__.py")

    def only_lists(self, module: str) -> bool:
        """True for a package that does nothing but hand names on: what it hands on is followed name by name."""
        return self.is_package(module) and _only_lists(self.text(self.modules[module]))

    def below(self, package: str) -> list[str]:
        """Return a module's name and those of all modules inside it."""
        return [name for name in self.modules if (name + ".").startswith(package + ".")]

    def named(self, *names: str) -> set[str]:
        """Return the modules that are meant: of these names or inside of them; ``layerlab.explorers*`` begin so.

        Raises:
            LookupError: if a name is no module's: it may have got another.
        """
        found = set()
        for name in names:
            modules = [m for m in self.modules if m.startswith(name[:-1])] if name[-1] == "*" else self.below(name)
            if not modules:
                raise LookupError(f"there is no module {name}")
            found.update(modules)
        return found

    def called(self, name: str, top: str) -> list[str]:
        """Return the files that code of the package ``top`` means by a name: a file, a folder of data, an ending.

        Code of no package ("") means files of every package, by their own names.
        """
        if not top:
            return [path for path in self.files if _name(path) == name and name != "__init__.py"]
        return self._called.get((top, name)) or self._called.get((top, f"*{os.path.splitext(name)[1] or name}"), [])

    def _names(self, path: str) -> Iterator[str]:
        """Yield what a file may be called: its own name, a folder of data that it lies in, any file of its ending."""
        if path in self.data:
            folders = path.split("/")[:-1]
            yield from (name for end, name in enumerate(folders, 1) if ".".join(folders[:end]) not in self.modules)
            yield f"*{os.path.splitext(path)[1]}"
        if _name(path) != "__init__.py":
            yield _name(path)

    def reach(self, *entries: str, code: Sequence[str] = (), without: Sequence[str] = ()) -> dict[str, bytes]:
        """Return the files, with their contents, that some modules and pieces of code depend on, by path.

        Args:
            entries: names of modules; a package's means everything inside it.
            code: Python that is no module here, as the cells of one notebook.
            without: modules that are neither counted nor followed, as `named` understands them. Packages that are not
                here at all may be among them: `authoring` is not installed.

        Raises:
            LookupError: if one of the names is no module's.
        """
        walk = _Walk(self, self.named(*(name for name in without if name.partition(".")[0] in self.modules)))
        for module in sorted(self.named(*entries)):
            walk.follow(module)
        walk.read(_facts(tuple(code), ""), "")
        return {path: self.files[path] for path in sorted(walk.finish())}

    def _is_module(self, path: str) -> bool:
        if not path.endswith(".py"):
            return False
        folders = path.split("/")[:-1]
        return all("/".join([*folders[:depth], "__init__.py"]) in self.files for depth in range(1, len(folders) + 1))


class _Walk:
    """What was reached so far, and what is still to be read."""

    def __init__(self, sources: Sources, without: set[str]) -> None:
        self.sources, self.without = sources, without
        self.paths: set[str] = set()
        self.seen: set[str] = set()
        self.waiting: list[str] = []

    def finish(self) -> set[str]:
        while self.waiting:
            module = self.waiting.pop()
            path = self.sources.modules[module]
            package = module if self.sources.is_package(module) else module.rpartition(".")[0]
            self.read(_facts((self.sources.text(path),), package), module.partition(".")[0])
        self._data_in_data()
        return self.paths

    def count(self, module: str) -> bool:
        """Count a module's file, and those of the packages around it; False for one that is left out."""
        if module in self.without:
            return False
        parts = module.split(".")
        around = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        self.paths.update(self.sources.modules[name] for name in around if not self.sources.only_lists(name))
        return True

    def follow(self, module: str) -> None:
        """Count a module, and go on to what it uses."""
        if self.count(module) and module not in self.seen:
            self.seen.add(module)
            self.waiting.append(module)

    def read(self, facts: Facts, top: str) -> None:
        """Go on to what some code uses; ``top`` is the package that it belongs to, "" for none."""
        if EVERYTHING in facts.used:
            for package in [top] if top else PACKAGES:
                self._whole(package)
        for name in facts.used:
            self._use(name)
        for name in facts.handed:
            self._use(name, is_handed_on=True)
        for text in facts.texts:
            self._named_file(text, top)

    def _use(self, name: str, is_handed_on: bool = False) -> None:
        """Go to where ``layerlab.compare`` or ``layerlab.style.GRID`` is defined."""
        parts = name.split(".")
        depth = next((d for d in range(len(parts), 0, -1) if ".".join(parts[:d]) in self.sources.modules), 0)
        if not depth:
            return  # not ours
        module, wanted = ".".join(parts[:depth]), parts[depth:]
        if not self.sources.is_package(module):
            self.follow(module)
        elif not wanted:
            self.follow(module) if is_handed_on else self.count(module)
        elif self.count(module):
            self._of_package(module, wanted, is_handed_on)

    def _of_package(self, package: str, wanted: list[str], is_handed_on: bool) -> None:
        defined = _facts((self.sources.text(self.sources.modules[package]),), package).defined
        origin = defined.get(wanted[0])
        if origin == "":
            self.follow(package)  # defined right there
        elif origin is not None:
            self._use(".".join([origin, *wanted[1:]]), is_handed_on)
        elif wanted[0] not in _OF_A_MODULE:
            self._whole(package)

    def _whole(self, package: str) -> None:
        for module in self.sources.below(package):
            self.follow(module)
        folder = package.replace(".", "/") + "/"
        self.paths.update(path for path in self.sources.data if path.startswith(folder))

    def _named_file(self, text: str, top: str) -> None:
        """Go to the files that a text in the code of the package ``top`` names."""
        for path in self.sources.called(text.rpartition("/")[2], top):
            if path in self.sources.data:
                self.paths.add(path)
            else:
                self.follow(dotted(path))

    def _data_in_data(self) -> None:
        waiting = sorted(self.sources.data & self.paths)
        while waiting:
            path = waiting.pop()
            text, top = self.sources.text(path), path.partition("/")[0]
            for other in self.sources.data:
                if other not in self.paths and other.startswith(f"{top}/") and other.rpartition("/")[2] in text:
                    self.paths.add(other)
                    waiting.append(other)


@dataclass(frozen=True)
class Facts:
    """What the text of some code says of names.

    Args:
        used: dotted names of our modules and of what is in them.
        handed: those among them that are used as they are, so that nobody can tell what is taken out of them.
        texts: its strings, docstrings excepted.
        defined: what it defines at its top: "" for its own, else the dotted name that it imported.
    """

    used: frozenset[str]
    handed: frozenset[str]
    texts: frozenset[str]
    defined: Mapping[str, str]


@lru_cache(maxsize=1024)
def _facts(texts: tuple[str, ...], package: str) -> Facts:
    """Return the facts of one module, or of all cells of one notebook together.

    Args:
        package: what relative imports start from; "" where there are none.
    """
    reader = _Reader(package)
    trees = [tree for tree in map(_tree, texts) if tree is not None]
    for tree in trees:
        reader.bind(tree)
    for tree in trees:
        reader.visit(tree)
    if len(trees) < len(texts):
        reader.used.add(EVERYTHING)
    return Facts(_ours(reader.used), _ours(reader.handed), frozenset(reader.texts), reader.defined)


@lru_cache(maxsize=256)
def _only_lists(text: str) -> bool:
    tree = _tree(text)
    return tree is not None and all(map(_lists, tree.body))


def _lists(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, ast.Name) and target.id in _OF_A_LIST for target in statement.targets)
    is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_docstring or isinstance(statement, (ast.Import, ast.ImportFrom))


def _ours(names: set[str]) -> frozenset[str]:
    return frozenset(name for name in names if name.partition(".")[0] in (*PACKAGES, EVERYTHING))


def _tree(text: str) -> ast.Module | None:
    """Return the syntax tree of a module or a cell, whose magics are passed over; None if it is no Python."""
    for candidate in (text, _MAGIC.sub("pass", text)):
        try:
            return syntax_tree(candidate)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


class _Reader(ast.NodeVisitor):
    """Collects the facts of some code. Names are not followed into scopes: one that is bound twice means both."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.bound: dict[str, set[str]] = {}
        self.defined: dict[str, str] = {}
        self.used: set[str] = set()
        self.handed: set[str] = set()
        self.texts: set[str] = set()

    def bind(self, tree: ast.Module) -> None:
        """Note what the names of imports stand for, wherever they are, and what the module itself defines."""
        for node in ast.walk(tree):
            for name, meant in self._imported(node):
                self.bound.setdefault(name, set()).add(meant)
        for node in tree.body:
            self.defined.update(dict.fromkeys(_names_of(node), ""))
            self.defined.update(self._imported(node))

    def _imported(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{self._origin(node)}.{alias.name}"

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return self._full(node.module or "")
        parts = self.package.split(".")
        return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])

    def _full(self, name: str) -> str:
        """Return the name of a module; the folder of this one may also be known by its last name alone."""
        around, _, own = self.package.rpartition(".")
        return f"{around}.{name}" if around and name.partition(".")[0] == own else name

    def visit_Import(self, node: ast.Import) -> None:
        self.used.update(self._full(alias.name) for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.handed.add(self._origin(node))
            else:
                self.used.add(f"{self._origin(node)}.{alias.name}")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        chain, inner = [node.attr], node.value
        while isinstance(inner, ast.Attribute):
            chain.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            self.used.update(".".join([meant, *reversed(chain)]) for meant in self.bound.get(inner.id, ()))
        else:
            self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.handed.update(self.bound.get(node.id, ()))

    def visit_Call(self, node: ast.Call) -> None:
        loader = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = getattr(node.args[0], "value", None) if node.args else ""
        if loader in _LOADERS:
            self.handed.add(first) if isinstance(first, str) else self.used.add(EVERYTHING)
        elif loader in _SEARCHES and str(first).endswith(".py"):
            self.used.add(EVERYTHING)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and not _SPACE.search(node.value):  # no file of ours has one in its name
            self.texts.add(node.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring names files to people
            self.generic_visit(node)


def _names_of(node: ast.stmt) -> Iterable[str]:
    """Return the names that a statement defines."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [name.id for target in targets if target for name in ast.walk(target) if isinstance(name, ast.Name)]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def dotted(path: str) -> str:
    """Return the name of the module at ``path``: ``layerlab/checks/compare.py`` is ``layerlab.compare``."""
    return path[: -len(".py")].replace("/", ".").replace(".__init__", "")
