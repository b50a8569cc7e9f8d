"""Store what was made from an input, so that later builds reuse it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from autograder import keys

Content = TypeVar("Content", str, bytes)

TOOLS = ("fonttools", "tinycss2", "mkdocs")  # their output may change with their version


@dataclass(frozen=True)
class Kept:
    """Stored results in `folder`, keyed by a hash of the input, the maker's module, and its tools' versions."""

    folder: Path

    def once(self, make: Callable[[Content, str], Content], source: Content, wanted: str) -> Content:
        """Return ``make(source, wanted)``."""
        data = source if isinstance(source, bytes) else source.encode()
        tools = {name: version(name) for name in TOOLS}
        code = Path(inspect.getfile(make))
        path = self.folder / keys.key(make=make.__name__, code=code, tools=tools, wanted=wanted, data=data)
        if not path.exists():
            result = make(source, wanted)
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(result if isinstance(result, bytes) else result.encode())
        kept = path.read_bytes()
        return kept if isinstance(source, bytes) else kept.decode()
