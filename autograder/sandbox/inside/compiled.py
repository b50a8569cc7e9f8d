"""Test cells as code: compiled once by the driver and sent with the job, not again by every submission.

`marshal` asks for the same Python on both sides, and has it. Only the driver's own cells come this way. Standard
library only.
"""

from __future__ import annotations

import base64
import functools
import marshal
from types import CodeType


@functools.lru_cache(maxsize=256)  # a chapter has some twenty
def code(source: str, cell: str) -> CodeType:
    """Return the code of a test cell.

    Raises:
        SyntaxError: if the text is not Python.
    """
    return compile(source, f"<{cell}>", "exec")


@functools.lru_cache(maxsize=256)
def packed(source: str, cell: str) -> str:
    """Return the code of a test cell as text; none of one that is not Python: whoever runs it says so."""
    try:
        return base64.b64encode(marshal.dumps(code(source, cell))).decode()
    except SyntaxError:
        return ""


def unpacked(text: str) -> CodeType:
    """Return what `packed` made."""
    return marshal.loads(base64.b64decode(text))
