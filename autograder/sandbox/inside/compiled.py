"""Test cells as code objects, compiled once by the driver and not again by every submission.

`marshal` needs the same Python on both sides, which is the case. Only the driver's own cells are sent this way.
Standard library only.
"""

from __future__ import annotations

import base64
import functools
import marshal
from types import CodeType


@functools.lru_cache(maxsize=256)  # a chapter has about twenty
def code(source: str, cell: str) -> CodeType:
    """Return the compiled code of a test cell.

    Raises:
        SyntaxError: if the text is not Python.
    """
    return compile(source, f"<{cell}>", "exec")


@functools.lru_cache(maxsize=256)
def packed(source: str, cell: str) -> str:
    """Return the code of a test cell as text, or "" if the cell is not Python, which running it reports."""
    try:
        return base64.b64encode(marshal.dumps(code(source, cell))).decode()
    except SyntaxError:
        return ""


def unpacked(text: str) -> CodeType:
    """Return the code that `packed` turned into text."""
    return marshal.loads(base64.b64decode(text))
