"""Builds the book with Jupyter Book, generation 1, and checks what it promises: nothing is asked of third parties."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jupyter_book

from authoring.course import Course

RECORD = "inputs.sha256"  # beside the site, not in it
REMOTE = re.compile(
    r"""<(?:script|img|iframe|source|audio|video|embed)\b[^>]*?\b(?:src|srcset)=["'](?:https?:)?//[^"']+"""
    r"""|<link\b(?=[^>]*\brel=["'](?:stylesheet|preload|icon|preconnect|modulepreload))[^>]*?href=["'](?:https?:)?//[^"']+"""
    r"""|@import\s+(?:url\()?["']?https?://[^"')]+""",
    re.IGNORECASE,
)


class BuildError(RuntimeError):
    """The book could not be built, or is not what it should be; the message says why."""


def build(course: Course) -> bool:
    """Build the book if its inputs changed since it was built; a warning is an error.

    Returns:
        whether there was something to do.

    Raises:
        BuildError: the wrong Jupyter Book is installed, a warning, or a finished page breaks a promise.
    """
    require_generation_one(jupyter_book.__version__)
    record, now = course.root / "_build" / RECORD, inputs(course.root)
    if record.exists() and record.read_text() == now and (course.site / "index.html").exists():
        return False
    record.unlink(missing_ok=True)
    # All of it, from nothing: an incremental build does not copy a changed style sheet, does not repeat the warnings of
    # pages it has read already, and leaves the pages of removed chapters behind.
    for folder in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(course.root / "_build" / folder, ignore_errors=True)
    render(course)
    if problems := list(check(course)):
        raise BuildError("\n".join(problems))
    record.write_text(now)
    return True


def render(course: Course, *options: str) -> None:
    """Run `jupyter-book build` with more options; raise BuildError on a warning."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-W", "--keep-going", *options]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(_complaints(done.stdout + done.stderr))


def require_generation_one(version: str) -> None:
    """Raise BuildError for a Jupyter Book that does not read ``_config.yml``."""
    if not version.startswith("1."):
        raise BuildError(f"Jupyter Book {version} is installed; this book needs generation 1 (see requirements.txt)")


def inputs(root: Path) -> str:
    """Return a hash of all that the site is made from."""
    files = [root / name for name in ("_config.yml", "_toc.yml", "requirements.txt")]
    sources = (
        ("book", "**/*"),
        ("notebooks", "**/*.ipynb"),
        ("solutions", "**/*.ipynb"),
        ("autograder/variants", "*.py"),
    )
    for folder, pattern in sources:
        files += [path for path in (root / folder).glob(pattern) if path.is_file() and path.suffix != ".pyc"]
    # Pages of chapters are made from notebooks/; those of solutions are written by the build itself.
    not_read = [root / "book" / "chapters", root / "book" / "solutions"]
    digest = hashlib.sha256()
    for path in sorted(path for path in files if not any(map(path.is_relative_to, not_read))):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def check(course: Course) -> Iterator[str]:
    """Yield a sentence for each promise that a built page breaks."""
    for page in sorted(course.site.rglob("*.html")):
        name = page.relative_to(course.site)
        for found in REMOTE.findall(page.read_text(encoding="utf-8")):
            yield f"{name} asks a third party: {found[:200]}"
    for path in sorted((course.root / "notebooks").glob("*/*.ipynb")):
        name = path.relative_to(course.root)
        page, copy = course.site / name.with_suffix(".html"), course.site / "_sources" / name
        if not page.exists():
            yield f"{name} has no page: put it into _toc.yml"
        elif not copy.exists() or copy.read_bytes() != path.read_bytes():
            yield f"the download of {name} is not the student notebook"


def _complaints(log: str) -> str:
    """Return the warnings and errors of a build's log without its colours, or its end if there are none."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log)
    lines = [line for line in plain.splitlines() if re.search(r"\b(WARNING|ERROR|CRITICAL|Error:)", line)]
    return "\n".join(dict.fromkeys(lines)) or "\n".join(plain.splitlines()[-30:])
