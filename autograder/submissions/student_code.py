"""Parse a student's code without running it.

If a parser fails on a text, or would need minutes to parse it, the grader does not analyze the text. The code still
runs, and `watch` sees its calls.
"""

from __future__ import annotations

import ast
import re
import symtable

from IPython.core.inputtransformer2 import TransformerManager

from autograder.submissions.bounded_cache import kept
from autograder.submissions.budget import look
from autograder.texts.parser import ONE_AT_A_TIME, syntax_tree

MAX_CHARACTERS = 200_000
MAX_MAGICS = 1_000  # of one cell
MAX_WORK = 1_000_000  # characters that IPython may read if lines cannot be separated: it reads the cell for each magic
# Cell magics that run the code below them in the notebook's own namespace.
_RUNS_ITS_CELL = re.compile(r"\A(?:\s*%%(?:time|capture|prun)\b[^\n]*\n)+")
_INDENT, _MARK = re.compile(r"[ \t]*"), "\0"  # no code contains it
_MAGIC = re.compile(r"^[ \t]*[%!?]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)


def as_python(source: str) -> str | None:
    """Return a cell as Python, with its magics converted, or None if it cannot be parsed as Python."""
    return None if len(source) > MAX_CHARACTERS else _as_python(source)  # a text that is too long is not cached either


def tree(source: str) -> ast.Module | None:
    """Return a cell's syntax tree, which callers must not change, or None if it cannot be parsed as Python."""
    text = as_python(source)
    return None if text is None else _parsed(text)


@kept
def _as_python(source: str) -> str | None:
    if _parsed(source) is not None:
        return source
    above = 0
    if below := _RUNS_ITS_CELL.match(source):  # the result has as many lines
        above = below[0].count("\n")
        source = source[below.end() :]
        if _parsed(source) is not None:
            return "\n" * above + source
    made = None if source.lstrip().startswith("%%") else _line_by_line(source)
    if made is None and len(_MAGIC.findall(source)) * len(source) <= MAX_WORK:
        made = _transformed(source)
    return "\n" * above + made if made is not None and _parsed(made) is not None else None


def _line_by_line(source: str) -> str | None:
    """Return a cell with each magic converted to Python separately, or None if it cannot be split into lines."""
    lines = source.split("\n")
    magics = _magics(lines)
    if len(magics) > MAX_MAGICS:
        return None
    for first, last in magics:
        said = "\n".join(lines[first : last + 1])
        indent = _INDENT.match(said)
        lines[first : last + 1] = [f"{indent[0] if indent else ''}pass", *[""] * (last - first)]
        lines[first] += _MARK + said.replace("\n", _MARK)
    bare = "\n".join(line.partition(_MARK)[0] for line in lines)
    if _parsed(bare) is None:
        return None
    for first, _ in magics:
        start, *parts = lines[first].split(_MARK)
        made = _transformed("\n".join(parts).lstrip()) or ""
        lines[first] = start.removesuffix("pass") + made.rstrip("\n") if made.count("\n") == 1 else start
    return "\n".join(lines)


def _magics(lines: list[str]) -> list[tuple[int, int]]:
    """Return the first and last line of each magic; a backslash at the end of a line continues the magic."""
    found: list[tuple[int, int]] = []
    for number, line in enumerate(lines):
        if found and number <= found[-1][1]:
            continue
        if _MAGIC.search(line):
            last = number
            while lines[last].endswith("\\") and last + 1 < len(lines):
                last += 1
            found.append((number, last))
    return found


def _transformed(source: str) -> str | None:
    """Return code as IPython converts it to Python, or None if that fails.

    IPython rereads all of the code for each magic.
    """
    look()
    try:
        return TransformerManager().transform_cell(source)
    except Exception:  # IPython only splits text here, so a text that it fails on is not Python
        return None


def symbols(text: str) -> symtable.SymbolTable | None:
    """Return the symbol table of Python code, or None if the code cannot be parsed."""
    try:
        with ONE_AT_A_TIME:
            return symtable.symtable(text, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@kept
def _parsed(text: str) -> ast.Module | None:
    try:
        return syntax_tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deeply
        return None
