"""Reads a student's code without running it.

Text that a parser gives up on, or would need minutes for, is no Python as far as the grader is concerned: it runs all
the same, and what it does is seen then.
"""

from __future__ import annotations

import ast
import re
import symtable

from IPython.core.inputtransformer2 import TransformerManager

from autograder.chapters.parser import ONE_AT_A_TIME, syntax_tree
from autograder.submissions.kept import kept

MAX_CHARACTERS = 200_000
MAX_MAGICS = 50  # IPython reads the whole cell again for each of them
# Cell magics that run what stands below them, in the notebook's own namespace.
_RUNS_ITS_CELL = re.compile(r"\A\s*%%(?:time|capture|prun)\b[^\n]*\n")
_MAGIC = re.compile(r"^[ \t]*[%!?]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)


def as_python(source: str) -> str | None:
    """Return a cell as Python, its magics taken care of; None for what cannot be read as Python."""
    return None if len(source) > MAX_CHARACTERS else _as_python(source)  # what is too long is not kept either


def tree(source: str) -> ast.Module | None:
    """Return a cell's syntax tree, not to be changed, or None for what cannot be read as Python."""
    text = as_python(source)
    return None if text is None else _parsed(text)


@kept
def _as_python(source: str) -> str | None:
    if _parsed(source) is not None:
        return source
    if len(_MAGIC.findall(source)) > MAX_MAGICS:
        return None
    below = _RUNS_ITS_CELL.match(source)
    if below:  # as many lines as before
        inside = _as_python(source[below.end() :])
        return None if inside is None else "\n" * below[0].count("\n") + inside
    try:
        made = TransformerManager().transform_cell(source)
    except Exception:  # a splitter of text: what it trips over is no Python
        return None
    return made if _parsed(made) is not None else None


def symbols(text: str) -> symtable.SymbolTable | None:
    """Return the symbol table of Python code, or None for what cannot be read as Python."""
    try:
        with ONE_AT_A_TIME:
            return symtable.symtable(text, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@kept
def _parsed(text: str) -> ast.Module | None:
    try:
        return syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deeply to be read
        return None
