"""Parse Python code in one thread at a time, because CPython 3.11's parser is not safe to use in several threads.

The parser counts the depth of a syntax tree for all threads together. If two threads parse, and garbage collection runs
at the wrong moment, one thread raises a SystemError; see https://github.com/python/cpython/issues/106905.
"""

from __future__ import annotations

import ast
import threading

ONE_AT_A_TIME = threading.Lock()


def syntax_tree(text: str) -> ast.Module:
    """Return the syntax tree of Python code, as `ast.parse` does.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: if ``text`` is not Python, or is nested too deeply.
    """
    with ONE_AT_A_TIME:
        return ast.parse(text)
