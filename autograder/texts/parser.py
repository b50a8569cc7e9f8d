"""Parse one text at a time, because CPython 3.11 counts the depth of a syntax tree for all threads together.

If two threads parse and garbage collection runs at the wrong moment, one of them raises a SystemError; see
https://github.com/python/cpython/issues/106905.
"""

from __future__ import annotations

import ast
import threading

ONE_AT_A_TIME = threading.Lock()


def syntax_tree(text: str) -> ast.Module:
    """Return the syntax tree of Python code, as `ast.parse` does.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: if it is not Python, or is nested too deeply to be read.
    """
    with ONE_AT_A_TIME:
        return ast.parse(text)
