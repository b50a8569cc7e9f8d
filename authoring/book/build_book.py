"""Build the book with Jupyter Book 1, and check what it promises: for example, that it loads no third-party files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from authoring.book import offline, run_sphinx
from autograder import keys
from autograder.class_file.class_reader import ClassFileError, left_out
from autograder.class_file.class_settings import FILE
from autograder.course import TEXT, Course, front_and_body
from autograder.practicing import wheel_name

RECORD = "inputs.json"  # beside the site, not in it
FILES = ("_config.yml", "_toc.yml", "requirements.txt", "requirements-torch.txt", FILE)
FOLDERS = (("book", "**/*"), ("notebooks", "**/*.ipynb"), ("solutions", "**/*.ipynb"))
WRITTEN = "book/solutions"  # the build itself writes these pages
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

    A warning counts as an error: raise BuildError. ``progress`` is called with a line for each page.
    """
    try:
        left_out(course.root)
    except ClassFileError as error:
        raise BuildError(f"class.yml has mistakes, and no book was built:\n{error}") from error
    folder, now = course.root / "_build", inputs(course.root)
    record = folder / RECORD
    before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    is_built = (course.site / "index.html").exists()
    if before == now and is_built:
        return offline.hand_out(course)
    if before.get("frame") != now["frame"] or not is_built:
        # Start from scratch: otherwise, Sphinx does not read pages again after a change in our code, does not copy a
        # changed style sheet, and keeps the pages of removed chapters.
        for name in ("html", ".doctrees", "jupyter_execute"):
            shutil.rmtree(folder / name, ignore_errors=True)
    record.unlink(missing_ok=True)  # if this build fails, the next one starts from scratch, and repeats all warnings
    render(course, course.root, progress=progress)
    offline.hand_out(course)
    if problems := list(check(course)):
        raise BuildError("\n".join(problems))
    record.write_text(json.dumps(now), encoding="utf-8")
    return True


def render(course: Course, folder: Path, *options: str, progress: Callable[[str], None] = lambda line: None) -> None:
    """Run Jupyter Book in another process, reporting the current page; raise BuildError if it gave a warning.

    ``folder`` has `_config.yml` and gets `_build`; the option ``--all`` builds pages that have not changed, too.
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


def build_without_solutions(course: Course) -> Path:
    """Build the book as if explained solutions were turned off; return its site, to be searched for leaks."""
    folder, now = course.root / "_build" / "without_solutions", json.dumps(inputs(course.root))
    record = folder / RECORD
    if not (record.exists() and record.read_text() == now):
        record.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        config = yaml.safe_load((course.root / "_config.yml").read_text(encoding="utf-8"))
        config["sphinx"]["config"]["explained_solutions"] = False
        extensions = config["sphinx"]["local_extensions"]  # relative to the configuration file, which has moved
        config["sphinx"]["local_extensions"] = {name: str(course.root / path) for name, path in extensions.items()}
        (folder / "_config.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        render(course, folder, "--all")
        record.write_text(now)
    return folder / "_build" / "html"


def _how_far(line: str) -> str:
    """Return "reading notebooks/linear/linear [ 25%]" for a progress line from Sphinx, or "" for any other line.

    Sphinx counts to 100% twice: once for the pages that it reads, and once for those that it writes.
    """
    found = PROGRESS.search(re.sub(r"\x1b\[[0-9;]*m", "", line))
    if not found:
        return ""
    what, percent, page = found.groups()
    return f"{what} {page} [{(int(percent) + 100 * (what == 'writing')) // 2:3d}%]"


def sources(root: Path) -> list[Path]:
    """Return all files that the site is made from."""
    files = [path for name in FILES if (path := root / name).exists()]
    files += [path for folder, pattern in FOLDERS for path in (root / folder).glob(pattern) if path.is_file()]
    return sorted(path for path in files if path.suffix != ".pyc" and path.parent != root / WRITTEN)


def inputs(root: Path) -> dict[str, str]:
    """Return two hashes of what the site is made from: of the pages, and of the frame, which all pages depend on.

    The frame includes all front matter, because many pages show it, and which chapters have exercises, because each of
    these has a page of solutions. A chapter's page is made from its notebook.
    """
    pages: dict[str, bytes] = {}
    frame: dict[str, str | bytes] = {}
    for path in sources(root):
        name, content = path.relative_to(root).as_posix(), path.read_bytes()
        if path.suffix == ".md":
            frame[name], body = front_and_body(content.decode("utf-8"))
            if path.name != TEXT:
                pages[name] = body.encode()
        elif path.suffix == ".ipynb":
            pages[name] = content
        else:
            frame[name] = content
    code, exercises = keys.files(root, keys.PAGES), {name: b'"nbgrader"' in content for name, content in pages.items()}
    return {
        "frame": keys.key(files=frame, code=code, wheel=wheel_name(), exercises=exercises),
        "pages": keys.key(**pages),
    }


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
