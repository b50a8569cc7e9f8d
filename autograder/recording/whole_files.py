"""Write files atomically, so that a reader never sees a partly written file."""

from __future__ import annotations

from pathlib import Path


def replace_text(path: Path, text: str) -> Path:
    """Write ``text`` to ``path`` in one step, creating its folder and replacing even a read-only file.

    Lone surrogates (a student can print them) become question marks, because UTF-8 cannot encode them.
    """
    return replace_bytes(path, text.encode("utf-8", errors="replace"))


def replace_bytes(path: Path, content: bytes) -> Path:
    """Write ``content`` to ``path`` in one step; see `replace_text`. Only one process may write at a time.

    A process killed during the write leaves ``.name.part``, which the next write replaces.
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
