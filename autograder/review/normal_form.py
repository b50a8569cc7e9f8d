"""Reduce an answer to a normal form in which renaming, spacing, and comments make no difference.

The form is the syntax tree as a flat list of words. The form omits comments, docstrings, annotations, and strings with
spaces. Every name that the answer itself binds (variables, parameters, helpers, attributes such as `self.weight`)
becomes a number. Each method has its own variables.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.submissions import student_code

GRAM = 14  # consecutive words; a call with two arguments has about this many
_LEFT_OUT = ("annotation", "returns", "type_comment", "type_params", "ctx", "kind")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DOCUMENTED = (ast.Module, *_DEFINITIONS)


@dataclass(frozen=True)
class Form:
    """An answer's normal form.

    Args:
        words: all words, with names replaced by numbers in order of first use, so two answers with equal words differ
            at most in names.
        grams: hashes of all sequences of `GRAM` words, without the numbers that replace names, so that an added
            variable changes only the sequences that contain it.
    """

    words: tuple[str, ...]
    grams: frozenset[int]


def form(source: str) -> Form | None:
    """Return an answer's form, or None if it cannot be parsed as Python."""
    tree = student_code.tree(source)
    if tree is None:
        return None
    try:
        words = list(_words(tree, {name: f"@{name}" for name in _bound(tree)}))
    except RecursionError:
        return None
    numbers: dict[str, str] = {}
    numbered = tuple(numbers.setdefault(word, f"@{len(numbers)}") if word[0] == "@" else word for word in words)
    plain = ["@" if word[0] == "@" else word for word in words]
    return Form(numbered, frozenset(hash(tuple(plain[at : at + GRAM])) for at in range(len(plain) - GRAM + 1)))


def _bound(tree: ast.AST) -> set[str]:
    """Return the names that the code itself binds; the names of attributes and methods begin with a dot.

    The dot distinguishes a variable `shape` in the code from the attribute `shape` of torch's tensors.
    """
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            found.add(f".{node.attr}")
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (*_DEFINITIONS, ast.ExceptHandler)) and node.name:
            found.add(node.name)
            if isinstance(node, ast.ClassDef):
                found |= {f".{part.name}" for part in node.body if isinstance(part, _DEFINITIONS)}
    return {name for name in found if not name.endswith("__")}


def _words(node: ast.AST, names: Mapping[str, str], is_local: bool = False) -> Iterator[str]:
    yield type(node).__name__
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield names.get(f".{node.name}") or names.get(node.name) or node.name
        if not is_local:  # nested functions rarely bind the same names, so they share the outer function's numbers
            own = {name for part in (node.args, *node.body) for name in _bound(part) if name[0] != "."}
            names, is_local = {**names, **{name: f"@{node.lineno} {name}" for name in own}}, True
    for field, value in ast.iter_fields(node):
        if field in _LEFT_OUT or (field == "name" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
            continue
        if isinstance(value, list):
            is_body = field == "body"
            has_docstring = isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None
            for part in value[1:] if is_body and has_docstring else value:
                yield from _words(part, names, is_local) if isinstance(part, ast.AST) else (str(part),)
            yield "]"
        elif isinstance(value, ast.AST):
            yield from _words(value, names, is_local)
        elif isinstance(node, ast.Constant):
            yield "text" if isinstance(value, str) and " " in value else f"={value!r}"
        elif value is not None:
            told = f".{value}" if isinstance(node, ast.Attribute) else str(value)
            yield told if isinstance(node, ast.keyword) else names.get(told, told)  # torch names its keywords
