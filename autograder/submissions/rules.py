"""Find forbidden calls in the text of a student's answer, on the trusted side.

A rule is written as in a chapter, such as ``nn.Linear`` or ``F.linear``. Rules are checked on resolved names, so all
spellings count: imports, aliases, longer paths to the same object, methods, and operators (see
`layerlab.rules.spellings`). A rule applies to the functions and classes that the exercise asks for, and to
everything in the student's cells that these functions and classes use (`answer_parts`). In an exercise with rules, code
that could hide a name (``eval``, ``exec``, or importing a module named by a string) also counts as a forbidden call.
`layerlab.rules.watch` handles names that are assembled while an answer runs.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from autograder.model import TEST_KINDS, Cell, Exercise
from autograder.submissions import answer_parts, student_code
from autograder.submissions.budget import look
from autograder.texts.parser import Statement
from layerlab.rules import spellings

_SUPPLIED = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional"}
_UNWATCHED = {"setprofile", "settrace"}  # in sys and threading; these would turn off `watch` while an answer runs
_HIDING = {"eval", "exec", "compile", "__import__", "globals", "vars"}
_BY_NAME = ("getattr", "import_module", "attrgetter", "methodcaller")
_MOST = 20  # names in a path, modules of which everything is imported, and pieces of a name
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_WRITES, _WORD = re.compile(r"\s*%%(?:writefile|file)\b.*\n"), re.compile(r"\w+")
_SLOW = ("punycode", "idna")  # codecs that take quadratic time and leave ASCII names as they are
_COMPARED = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.In, ast.NotIn)
_CALLING = (ast.Name, ast.Attribute, ast.Call, ast.ImportFrom)  # nodes that can reach a forbidden call


class Answers:
    """The answers in one submission: the statements of its cells and modules, and what these call torch."""

    def __init__(self, cells: Sequence[Cell], beside: Iterable[tuple[str, str]] = ()) -> None:
        self._count = len(cells)
        self.cells = [*cells, *_modules(cells, dict(beside))]
        self._statements = [
            student_code.statements(cell.source) if cell.kind in ("own", "solution", "module") else ()
            for cell in self.cells
        ]
        self._torchs, in_modules = _Aliases(_SUPPLIED), _Aliases({})
        for statement in (statement for found in self._statements for statement in found):
            self._torchs.read(statement)
        for statement in (statement for found in self._statements[self._count :] for statement in found):
            in_modules.read(statement)
        self._torchs.in_modules = in_modules.paths
        for statement in (statement for found in self._statements[: self._count] for statement in found):
            self._torchs.own |= statement.binds
            for name in statement.binds if statement.is_definition else ():
                self._torchs.paths.pop(name, None)  # a student's own function with a name from torch
        self._parts: dict[str, list[answer_parts.Part]] = {}

    def check(self, exercise: str, rules: Sequence[str], stub: str) -> str | None:
        """Return a sentence that names the first forbidden call in an answer, or None.

        The answer starts with the names that the released cell ``stub`` defines, and includes all code that these names
        use and that runs before the exercise's tests.
        """
        parts = self._parts_of(exercise, stub)
        cells = {at for at, _ in parts}
        members = frozenset(name for at in cells for name in _members(self._statements[at]))
        bound = frozenset(name for at in cells for statement in self._statements[at] for name in statement.binds)
        banned = [spellings.rule(rule) for rule in rules]
        for at, statement in parts:
            look()
            found = next(_forbidden(statement, banned, self._torchs.seen_from(statement), (members, bound)), None)
            if found:
                place = "module" if self.cells[at].kind == "module" else "cell"
                is_here = self.cells[at].exercise == exercise
                line = f"line {found[0]}" if is_here else f"a {place} that the answer uses, in its line {found[0]},"
                return f"{line} uses {found[1]}; solve this exercise without {listed(rules)}"
        return None

    def lines(self, exercise: str, stub: str) -> tuple[tuple[int, int], ...]:
        """Return the first and last line of each statement in a solution cell that belongs to its answer."""
        parts = self._parts_of(exercise, stub)
        return tuple(statement.lines for at, statement in parts if self.cells[at].exercise == exercise)

    def _parts_of(self, exercise: str, stub: str) -> list[answer_parts.Part]:
        """Return the statements of an answer, those in the answer's own cell first."""
        if exercise not in self._parts:
            modules = [(at, s) for at in range(self._count, len(self.cells)) for s in self._statements[at]]
            about = [(at, cell.kind) for at, cell in enumerate(self.cells) if cell.exercise == exercise]
            end = next((at for at, kind in about if kind in TEST_KINDS), self._count)
            answer = next((at for at, kind in about if kind == "solution"), None)
            found: dict[int, answer_parts.Part] = {}
            if answer is not None:
                torchs, names = frozenset(self._torchs.paths), answer_parts.defined(stub)
                parts = answer_parts.parts(self._statements[:end], answer, names, torchs, modules)
                found = {id(statement): (at, statement) for at, statement in parts}
            self._parts[exercise] = sorted(found.values(), key=lambda part: (part[0] != answer, part[0], part[1].lines))
        return self._parts[exercise]


def check(exercise: str, rules: Sequence[str], cells: Sequence[Cell], stub: str = "") -> str | None:
    """Return a sentence that names the first forbidden call in an answer to a single exercise, or None."""
    return Answers(cells).check(exercise, rules, stub)


def broken(exercises: Sequence[Exercise], answers: Answers) -> dict[str, str]:
    """For each exercise whose answer breaks its rules, return a sentence about the first forbidden call."""
    found = {e.name: answers.check(e.name, e.rules, e.stub) for e in exercises if e.rules}
    return {name: sentence for name, sentence in found.items() if sentence}


def with_reached(exercises: Sequence[Exercise], answers: Answers) -> list[Cell]:
    """Return the cells; in each solution cell with rules, set `reached` to the lines that belong to the answer."""
    stubs = {exercise.name: exercise.stub for exercise in exercises if exercise.rules}
    return [
        replace(cell, reached=answers.lines(cell.exercise, stubs[cell.exercise]))
        if cell.kind == "solution" and cell.exercise in stubs
        else cell
        for cell in answers.cells
        if cell.kind != "module"
    ]


def _modules(cells: Sequence[Cell], beside: dict[str, str]) -> Iterator[Cell]:
    """Yield the modules that a student's cells write, and those beside the notebook that are imported or run."""
    texts = [cell.source for cell in cells if cell.kind in ("own", "solution")]
    for text in texts:
        if head := _WRITES.match(text):
            yield Cell("", "module", _as_imported(text[head.end() :]))
        for node in ast.walk(student_code.tree(text) or ast.Module([], [])) if ".write" in text else ():
            if isinstance(node, ast.Call) and _last_name(node.func).startswith("write"):  # as in ``write_text``
                given = [part.value for part in node.args if isinstance(part, ast.Constant)]
                yield from (Cell("", "module", _as_imported(value)) for value in given if isinstance(value, str))
    while texts and beside:
        lines = [line for text in texts for line in text.splitlines() if "import" in line or "%run" in line]
        words = {word for line in lines for word in _WORD.findall(line)}
        texts = [beside.pop(name) for name in words & beside.keys()]
        yield from (Cell("", "module", _as_imported(text)) for text in texts)


def _as_imported(text: str) -> str:
    """Return a module's text as Python reads it: decoded as a comment in its first two lines says."""
    data = text.encode("utf-8", errors="replace")
    with contextlib.suppress(SyntaxError, LookupError, UnicodeError):
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        return text if encoding in _SLOW else data.decode(encoding)
    return text


def require_known(exercises: Sequence[Exercise]) -> None:
    """Raise ValueError before anything runs if a rule is invalid; the message names the exercise and the reason."""
    for exercise in exercises:
        for written in exercise.rules:
            try:
                spellings.rule(written)
            except ValueError as error:
                raise ValueError(f"{exercise.name}: {error}") from error


def listed(rules: Sequence[str]) -> str:
    """Return the rules as text for a sentence, naming at most three of them."""
    return ", ".join(rules[:3]) + (" and the like" if len(rules) > 3 else "")


class _Aliases:
    """Names, and the torch paths to which they refer, as far as the code's text shows."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self.paths = dict(paths)
        self.own: set[str] = set()  # names that no ``import *`` binds
        self.in_modules: Mapping[str, str] = {}  # names in the student's modules, and their torch paths
        self._stars: list[str] = []  # modules of which everything is imported

    def seen_from(self, statement: Statement) -> _Aliases:
        """Return what the names in a statement refer to; its local variables are only its own."""
        found = {name: self.path(ast.Name(name)) for name in statement.now | statement.later}
        seen = _Aliases({name: path for name, path in found.items() if path})
        seen.in_modules = self.in_modules
        seen.read(statement)
        return seen

    def read(self, statement: Statement) -> None:
        """Add the names that imports and assignments bind to something in torch."""
        for node in (node for root in statement.nodes for node in ast.walk(root)):
            if isinstance(node, ast.Import):
                for name in node.names:
                    if spellings.is_torchs(name.name):
                        self.paths[name.asname or "torch"] = name.name if name.asname else "torch"
            elif isinstance(node, ast.ImportFrom) and node.module and spellings.is_torchs(node.module):
                for name in node.names:
                    if name.name != "*":
                        self.paths[name.asname or name.name] = f"{node.module}.{name.name}"
                    elif node.module not in self._stars:
                        self._stars.append(node.module)
            elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    self._bind(target, node.value)

    def _bind(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
            for inner, given in zip(target.elts, value.elts, strict=False):
                self._bind(inner, given)
        elif isinstance(target, ast.Name) and (path := self.path(value)):
            self.paths[target.id] = path

    def path(self, node: ast.AST) -> str | None:
        """Return the dotted torch path to which an expression refers, or None if it does not refer to one."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute) and len(attributes) < _MOST:
            attributes.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        base = self.paths.get(node.id)
        if base is None and node.id not in self.own:
            stars = [f"{module}.{node.id}" for module in self._stars[:_MOST]]
            base = next((path for path in stars if spellings.resolve(path) is not None), None)
        return ".".join([base, *reversed(attributes)]) if base and base.count(".") < _MOST else None


def _members(statements: Iterable[Statement]) -> Iterator[str]:
    """Yield the names of classes at the top of a cell, and of their methods and assigned attributes."""
    for top in (node for statement in statements for node in statement.nodes if isinstance(node, ast.ClassDef)):
        for node in ast.walk(top):
            if isinstance(node, _DEFINITIONS):
                yield node.name
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                yield node.attr


def _forbidden(
    statement: Statement,
    banned: Sequence[spellings.Rule],
    torchs: _Aliases,
    own: tuple[frozenset[str], frozenset[str]],
) -> Iterator[tuple[int, str]]:
    """Yield the line and a description of each forbidden call; ``own`` has class members and global names."""
    members, bound = own
    nodes = [node for root in statement.nodes for node in ast.walk(root)]
    let_be = _looked_at(nodes)
    local = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    local |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    local |= {node.name for node in nodes if isinstance(node, _DEFINITIONS)}
    for node in nodes:
        if isinstance(node, _CALLING) and id(node) not in let_be:
            found = _hiding(node, bound | local) or _by_path(node, banned, torchs, members)
            if found:
                yield node.lineno, found


def _looked_at(nodes: Sequence[ast.AST]) -> set[int]:
    """Return the ids of nodes that are only compared or used as a type, as in ``isinstance(layer, nn.Linear)``."""
    found: set[int] = set()
    calling = _with_calls(nodes)
    for node in nodes:
        told: Sequence[ast.AST | None] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            told = node.args[1:2] if node.func.id in ("isinstance", "issubclass") else []
        elif isinstance(node, ast.Compare) and all(isinstance(op, _COMPARED) for op in node.ops):
            told = [side for side in (node.left, *node.comparators) if id(side) not in calling]
        elif isinstance(node, ast.MatchClass):
            told = [node.cls]
        elif isinstance(node, (ast.arg, ast.AnnAssign)):
            told = [node.annotation]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            told = [node.returns]
        for expression in told:
            if expression is not None and id(expression) not in found:  # if it is there, so is everything inside it
                found.update(id(inner) for inner in ast.walk(expression))
    return found


def _with_calls(nodes: Sequence[ast.AST]) -> set[int]:
    """Return the ids of nodes that contain a call; ``nodes`` must list each node before the nodes inside it."""
    found: set[int] = set()
    for node in reversed(nodes):
        is_call = isinstance(node, (ast.Call, ast.Lambda, ast.NamedExpr))
        if is_call or any(id(child) in found for child in ast.iter_child_nodes(node)):
            found.add(id(node))
    return found


def _hiding(node: ast.AST, own: frozenset[str]) -> str:
    """Return how a node could hide a call, or ""; names in ``own`` are the student's own functions and are safe."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _HIDING - own:
        return f"{node.func.id}(), which could hide any call,"
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("importlib", "ctypes"):
        return f"{node.module}, which could hide any call,"
    if isinstance(node, ast.Attribute) and node.attr in _UNWATCHED:
        return f".{node.attr}(), which could hide any call,"
    if isinstance(node, ast.ImportFrom) and any(name.name in _UNWATCHED for name in node.names):
        return f"an import from {node.module} that could hide any call,"
    return ""


def _by_path(node: ast.AST, banned: Sequence[spellings.Rule], torchs: _Aliases, members: frozenset[str]) -> str:
    """Return how a name, an attribute, or a name given as a string breaks a rule, or ""."""
    if isinstance(node, ast.Call) and node.args and (called := _last_name(node.func)) in _BY_NAME:
        name = _text(node.args[1] if called == "getattr" and len(node.args) > 1 else node.args[0])
        base = torchs.path(node.args[0])
        if not name:
            return ""
        if base:
            return _of_paths([f"{base}.{name}"], banned)
        paths = [] if called == "getattr" else [f"torch.{name}", name]
        return _of_paths(paths, banned) or _of_method(name, banned)
    path = torchs.path(node) if isinstance(node, (ast.Attribute, ast.Name)) else None
    if path:
        return _of_paths([path], banned)
    if isinstance(node, ast.Attribute) and node.attr not in members:
        return _of_method(node.attr, banned) or _of_paths([torchs.in_modules.get(node.attr, "")], banned)
    return ""


def _of_paths(paths: Sequence[str], banned: Sequence[spellings.Rule]) -> str:
    named = [(rule, meant) for path in paths for rule in banned if (meant := rule.means_path(path))]
    exact = next((rule.written for rule, meant in named if spellings.resolve(meant) is rule.object), "")
    return exact or ("{1} ({0.written} by another name)".format(*named[0]) if named else "")


def _of_method(name: str, banned: Sequence[spellings.Rule]) -> str:
    rule = next((rule for rule in banned if rule.means_method(name)), None)
    return spellings.said(f".{rule.written.rpartition('.')[2]}()", f".{name}()") if rule else ""


def _last_name(function: ast.AST) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _text(node: ast.AST) -> str:
    """Return a string that code assembles from literals, or "" if the string has other parts or too many parts."""
    pieces: list[str] = []
    waiting = [node]
    while waiting and len(waiting) + len(pieces) <= _MOST:
        part = waiting.pop()
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            waiting += [part.right, part.left]
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            pieces.append(part.value)
        else:
            return ""
    return "" if waiting else "".join(pieces)
