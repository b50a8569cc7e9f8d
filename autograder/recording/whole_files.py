"""Writing a file so that a reader never sees half of it."""

from __future__ import annotations

from pathlib import Path


def replace_text(path: Path, text: str) -> Path:
    """Write ``text`` to ``path`` in one step, making its folder and replacing a read-only file of an earlier run.

    Lone surrogates (a student can print them) become question marks: UTF-8 cannot hold them.
    """
    return replace_bytes(path, text.encode("utf-8", errors="replace"))


def replace_bytes(path: Path, content: bytes) -> Path:
    """Write ``content`` to ``path`` in one step; see `replace_text`.

    A process that is killed meanwhile leaves ``.name.part``, which the next one writes anew. One writer at a time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("xb") as file:
            file.write(content)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path
