"""Parse a student's code without running it.

If a parser fails on a text, or would need minutes to parse it, the grader does not analyze the text. The code still
runs, and `watch` sees its calls.
"""

from __future__ import annotations

import ast
import functools
import re

from IPython.core.inputtransformer2 import TransformerManager

from autograder.submissions.budget import look
from autograder.texts import parser

MAX_CHARACTERS = 200_000
MAX_CACHED = 4_000  # characters of a cell; longer ones are rare, and their syntax trees take a megabyte each
MAX_WORK = 1_000_000  # characters that IPython may read in a cell, because it reads the whole cell for each magic
MAX_COPIED = 100_000_000  # characters in the tokens of a cell: early versions of Python 3.12 copy a token's whole line
_NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)  # the last two: nested too deeply
# Cell magics that run the code below them in the notebook's own namespace.
_RUNS_ITS_CELL = re.compile(r"\A(?:\s*%%(?:time|capture|prun)\b[^\n]*\n)+")
_MAGIC = re.compile(
    r"^(?:(?P<bound>[ \t]*[\w, ]+=)[ \t]*[%!]|(?P<indent>[ \t]*)(?:[%!?]|[\w.*]+\?{1,2}[ \t]*$))", re.MULTILINE
)


def as_python(source: str) -> str | None:
    """Return a cell as Python, with its magics converted, or None if it cannot be parsed as Python."""
    return _as_python(source) if len(source) <= MAX_CHARACTERS else None


def tree(source: str) -> ast.Module | None:
    """Return a cell's syntax tree, or None if it cannot be parsed as Python."""
    text = as_python(source)
    return None if text is None else _parsed(text)


def statements(source: str) -> tuple[parser.Statement, ...]:
    """Return the top-level statements of a cell in order, or an empty tuple if it cannot be parsed as Python."""
    return _statements(source) if len(source) <= MAX_CACHED else _statements.__wrapped__(source)


def bound(source: str) -> frozenset[str]:
    """Return the names that a cell binds."""
    return frozenset(name for statement in statements(source) for name in statement.binds)


@functools.lru_cache(maxsize=256)
def _statements(source: str) -> tuple[parser.Statement, ...]:
    look()
    text = as_python(source)
    try:
        return () if text is None else tuple(parser.statements(text))
    except _NO_PYTHON:
        return ()


def _as_python(source: str) -> str | None:
    if _parsed(source) is not None:
        return source
    above = 0
    if below := _RUNS_ITS_CELL.match(source):  # the result has as many lines
        above = below[0].count("\n")
        source = source[below.end() :]
        if _parsed(source) is not None:
            return "\n" * above + source
    made = None if source.lstrip().startswith("%%") else _without_magics(source)
    if made is None or _parsed(made) is None:
        is_short = len(source) * max(map(len, source.split("\n"))) <= MAX_COPIED
        made = _transformed(source) if is_short and len(_MAGIC.findall(source)) * len(source) <= MAX_WORK else None
    return "\n" * above + made if made is not None and _parsed(made) is not None else None


def _without_magics(source: str) -> str:
    """Return a cell with ``pass`` in place of each magic; a backslash at the end of a line continues the magic."""
    lines, goes_on = source.split("\n"), False
    for number, line in enumerate(lines):
        magic = _MAGIC.match(line)
        if goes_on:
            lines[number] = ""
        elif magic:
            lines[number] = f"{magic['bound']} None" if magic["bound"] else f"{magic['indent']}pass"
        goes_on = (goes_on or magic is not None) and line.endswith("\\")
    return "\n".join(lines)


def _transformed(source: str) -> str | None:
    """Return code as IPython converts it to Python (it rereads all of the code for each magic), or None."""
    look()
    try:
        return TransformerManager().transform_cell(source)
    except Exception:  # IPython only splits text here, so a text that it fails on is not Python
        return None


def _parsed(text: str) -> ast.Module | None:
    look()
    try:
        return parser.syntax_tree(text)
    except _NO_PYTHON:
        return None
