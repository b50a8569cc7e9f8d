"""Build the book with Jupyter Book 1, and check what it promises: for example, that it loads no third-party files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jupyter_book
import yaml

from authoring.book import changes, offline, run_sphinx
from autograder import keys
from autograder.class_file.class_reader import ClassFileError, left_out
from autograder.course import Course

RECORD = "inputs.json"  # beside the site, not in it
REMOTE = re.compile(
    r"""<(?:script|img|iframe|source|audio|video|embed)\b[^>]*?\b(?:src|srcset)=["'](?:https?:)?//[^"']+"""
    r"""|<link\b(?=[^>]*\brel=["'](?:stylesheet|preload|icon|preconnect|modulepreload))[^>]*?href=["'](?:https?:)?//[^"']+"""
    r"""|@import\s+(?:url\()?["']?https?://[^"')]+""",
    re.IGNORECASE,
)

PROGRESS = re.compile(r"^(reading|writing) \w+\.* *\[ *(\d+)%\] *(\S+)")

COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
# In a style sheet, an address it loads; in a script, any text that is an address, except the names of SVG and XML.
REMOTE_IN = {
    ".css": re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?:https?:)?//[^"')\s]+""", re.IGNORECASE),
    ".js": re.compile(r"""["'`](?:https?:|wss?:)?//(?!www\.w3\.org/)[\w-]+\.[^"'`]*""", re.IGNORECASE),
}


class BuildError(RuntimeError):
    """The book could not be built, or a page breaks a promise; the message says why."""


def build(course: Course, progress: Callable[[str], None] = lambda line: None) -> bool:
    """Build what has changed in the book since the last build, and return whether anything changed.

    A warning counts as an error. ``progress`` is called with a line for each page.

    Raises:
        BuildError: if the wrong Jupyter Book is installed, the class file has mistakes, the build gave a warning, or a
            built page breaks a promise.
        WheelError: if layerlab could not be packed.
    """
    require_generation_one(jupyter_book.__version__)
    try:
        left_out(course.root)
    except ClassFileError as error:
        raise BuildError(f"class.yml has mistakes, and no book was built:\n{error}") from error
    kept, record, now = course.root / "_build", course.root / "_build" / RECORD, changes.inputs(course.root)
    before = changes.Inputs.load(record)
    words = changes.changed(before, now) if (course.site / "index.html").exists() else None
    if words == []:
        return offline.hand_out(course)
    if before is None or words is None:
        # Start from scratch: otherwise, Sphinx does not copy a changed style sheet, does not repeat its warnings about
        # pages that it has read, and keeps the pages of removed chapters.
        record.unlink(missing_ok=True)
        for folder in ("html", ".doctrees", "jupyter_execute"):
            shutil.rmtree(kept / folder, ignore_errors=True)
    else:
        before.without(words).save(record)  # if it fails, the next build reads and warns about these pages again
        changes.forget(kept / ".doctrees", words, course.root)
    render(course, course.root, progress=progress)
    offline.hand_out(course)
    if problems := list(check(course)):
        raise BuildError("\n".join(problems))
    now.save(record)
    return True


def render(course: Course, folder: Path, *options: str, progress: Callable[[str], None] = lambda line: None) -> None:
    """Run Jupyter Book in another process, reporting the current page.

    Args:
        folder: where `_config.yml` is, and where `_build` goes.
        options: ``--all``, to build pages that have not changed, too.

    Raises:
        BuildError: if the build gave a warning.
    """
    # As a file, because the course's root, where Python finds `authoring`, need not be the current folder.
    command = [sys.executable, "-P", run_sphinx.__file__, str(course.root), str(folder), *options]
    said = []
    with subprocess.Popen(
        command, cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as build:
        for line in build.stdout or ():
            said.append(line)
            if how_far := _how_far(line):
                progress(how_far)
    if build.returncode:
        raise BuildError(_complaints("".join(said)))


def render_with(
    course: Course, folder: Path, settings: dict[str, Any], progress: Callable[[str], None] = lambda line: None
) -> Path:
    """Build all pages below ``folder`` with additional Sphinx settings, which override the book's; return the site.

    Raises:
        BuildError: if the build gave a warning.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = yaml.safe_load((course.root / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"] |= settings
    extensions = config["sphinx"]["local_extensions"]  # relative to the configuration file, which has moved
    config["sphinx"]["local_extensions"] = {name: str(course.root / path) for name, path in extensions.items()}
    (folder / "_config.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    render(course, folder, "--all", progress=progress)
    return folder / "_build" / "html"


def build_without_solutions(course: Course) -> Path:
    """Build the book as if an instructor had turned off explained solutions; return its site, to be searched for leaks.

    Raises:
        BuildError: if the build gave a warning.
    """
    folder, now = course.root / "_build" / "without_solutions", inputs(course.root)
    built, record = folder / "_build" / "html", folder / RECORD
    if not (record.exists() and record.read_text() == now and (built / "index.html").exists()):
        record.unlink(missing_ok=True)
        render_with(course, folder, {"explained_solutions": False})
        record.write_text(now)
    return built


def _how_far(line: str) -> str:
    """Return "reading notebooks/linear/linear [ 25%]" for a progress line from Sphinx, or "" for any other line.

    Sphinx counts to 100% twice: once for the pages that it reads, and once for those that it writes.
    """
    found = PROGRESS.search(re.sub(r"\x1b\[[0-9;]*m", "", line))
    if not found:
        return ""
    what, percent, page = found.groups()
    return f"{what} {page} [{(int(percent) + 100 * (what == 'writing')) // 2:3d}%]"


def require_generation_one(version: str) -> None:
    """Raise BuildError unless Jupyter Book is generation 1, which reads ``_config.yml``."""
    if not version.startswith("1."):
        raise BuildError(f"Jupyter Book {version} is installed; this book needs generation 1 (see requirements.txt)")


def inputs(root: Path) -> str:
    """Return a hash of everything that the site is made from."""
    return keys.key(inputs=asdict(changes.inputs(root)))


def check(course: Course) -> Iterator[str]:
    """Yield a sentence for each promise that a built page breaks."""
    for path in sorted(course.site.rglob("*")):
        for found in remote(path):
            yield f"{path.relative_to(course.site)} asks a third party: {found[:200]}"
    without = left_out(course.root)
    for path in sorted((course.root / "notebooks").glob("*/*.ipynb")):
        if path.stem in without:
            continue
        name = path.relative_to(course.root)
        page, copy = course.site / name.with_suffix(".html"), course.site / "_sources" / name
        if not page.exists():
            yield f"{name} has no page: put it into _toc.yml"
        elif not copy.exists() or copy.read_bytes() != course.release(path.stem).read_bytes():
            yield f"the download of {name} is not the student notebook"


def remote(path: Path) -> list[str]:
    """Return the addresses that a page, style sheet, or script of the site would load from other servers."""
    kind = ".js" if path.suffix == ".mjs" else path.suffix
    if kind == ".html":
        return REMOTE.findall(path.read_text(encoding="utf-8"))
    if kind in REMOTE_IN and "search" not in path.parts:  # the index contains the pages' words
        return REMOTE_IN[kind].findall(COMMENT.sub("", path.read_text(encoding="utf-8")))
    return []


def _complaints(log: str) -> str:
    """Return a build log's warnings and errors, or the log's end if it contains none; color codes are removed."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", log)
    lines = [line for line in plain.splitlines() if re.search(r"\b(WARNING|ERROR|CRITICAL|Error:)", line)]
    return "\n".join(dict.fromkeys(lines)) or "\n".join(plain.splitlines()[-30:])
