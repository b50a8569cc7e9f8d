"""Compare builds of the course before and after a change: `python -m tests.compared BEFORE AFTER`.

Both arguments are checkouts of the course with a rendered book (`make book`). This program compares

- notebooks and references, byte for byte;
- every page as text: its words, alternative texts, labels, addresses, and anchors;
- with `--screens`, every page as a screenshot at 1280 px: a page differs if its size changes, or if more than the
  fraction `PIXELS` of its pixels changes by more than `SHADE` of 255;
- with `--grade CHAPTER`, the results of a sample class, which both checkouts grade under one seed;
- the tables of `validate` (`tried.json` of each chapter), and the corpus (`benchmarks/corpus.json`).

Exit status: 0 if nothing differs, 1 if something differs.
"""

from __future__ import annotations

import argparse
import difflib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from bs4 import BeautifulSoup, NavigableString, Tag
from PIL import Image

from authoring.setup.make import find_browser

SITE = Path("_build/html")
PIXELS, SHADE = 1e-4, 16
SEED = 1
SHOWN = 6  # lines of a difference to show
ATTRIBUTES = ("alt", "aria-label", "aria-labelledby", "href", "id", "src", "title", "role", "data-claims")
# The parts of a result that depend on the machine, the time, or the grader's own text.
VOLATILE = ("seconds", "cell_cpu_seconds", "peak_mb", "secret", "key")


def files(root: Path, *patterns: str) -> dict[str, bytes]:
    """Map the path of each file below a folder that matches one of the patterns to its content."""
    found = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(found)}


def text_of(page: bytes) -> list[str]:
    """Return the text of a page as lines: one for each text, and one for each attribute that readers perceive."""
    lines = []
    for node in BeautifulSoup(page, "html.parser").descendants:
        if isinstance(node, NavigableString):
            if words := " ".join(node.split()):
                lines.append(words)
        elif isinstance(node, Tag):
            for name in ATTRIBUTES:
                if value := node.get(name):
                    # Sphinx adds a digest to the address of a style sheet or script.
                    lines.append(f"<{node.name} {name}={str(value).partition('?v=')[0]}>")
    return lines


def difference(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the lines that occur in only one of two texts, marked with - or +."""
    lines = difflib.unified_diff(before, after, lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def compare(what: str, before: dict[str, Any], after: dict[str, Any], read: Callable[[Any], list[str]]) -> int:
    """Print the keys at which two dicts differ, and return the number of these keys."""
    count = 0
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name):
            continue
        if name not in before or name not in after:
            found = ["only after" if name in after else "only before"]
        else:
            found = difference(read(before[name]), read(after[name]))
        if found:
            count += 1
            print(f"{what} {name}: {len(found)} lines")
            print("".join(f"    {line[:160]}\n" for line in found[:SHOWN]), end="")
    print(f"{what}: {count} of {len(before.keys() | after.keys())} differ", flush=True)
    return count


def plain(content: bytes) -> list[str]:
    """Return the lines of a text file."""
    return content.decode("utf-8").splitlines()


def table(content: bytes) -> list[str]:
    """Return the lines of a table of `validate` or of the corpus, without its hashes and date."""
    found = json.loads(content)
    for entry in found.values():
        if isinstance(entry, dict):
            entry.pop("made_from", None)
    found.pop("date", None)
    return json.dumps(found, indent=1).splitlines()


# -- screenshots ------------------------------------------------------------------------------------------------------


def screens(sites: Sequence[Path]) -> int:
    """Print the pages that look different, and return the number of these pages."""
    from playwright.sync_api import sync_playwright

    pages = sorted(files(sites[0], "**/*.html").keys() & files(sites[1], "**/*.html").keys())
    count = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser() or None, args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        for page in pages:
            images = []
            for site in sites:
                view.goto((site / page).as_uri())
                images.append(
                    Image.open(BytesIO(view.screenshot(full_page=True, animations="disabled"))).convert("RGB")
                )
            if found := unlike(*images):
                count += 1
                print(f"screen {page}: {found}", flush=True)
        browser.close()
    print(f"screen: {count} of {len(pages)} differ", flush=True)
    return count


def unlike(before: Image.Image, after: Image.Image) -> str:
    """Return how two screenshots differ, or "" if they look alike."""
    if before.size != after.size:
        return f"{before.size} before, {after.size} after"
    far = np.abs(np.asarray(before, np.int16) - np.asarray(after, np.int16)).max(axis=2) > SHADE
    return f"{far.mean():.3%} of the pixels" if far.mean() > PIXELS else ""


# -- grades -----------------------------------------------------------------------------------------------------------


def graded(root: Path, chapters: Sequence[str]) -> dict[str, Any]:
    """Return the results of a sample class for each chapter, by chapter and student."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder, "course")
        hidden = shutil.ignore_patterns(".git", ".venv", ".cache", "_build", "submitted", "reports", "gradebook.db")
        shutil.copytree(root, course, ignore=hidden)
        run = (str(root / ".venv" / "bin" / "python"), "-m", "autograder")
        subprocess.run([*run, "sample", *chapters], cwd=course, check=True, capture_output=True)
        for chapter in chapters:
            (course / "reports" / chapter).mkdir(parents=True, exist_ok=True)
            (course / "reports" / chapter / "batch.json").write_text(json.dumps({"seed": SEED}), encoding="utf-8")
        subprocess.run([*run, "grade", *chapters], cwd=course, check=False, capture_output=True)
        for chapter in chapters:
            for line in (course / "reports" / chapter / "results.jsonl").read_text(encoding="utf-8").splitlines():
                result = json.loads(line)
                found[f"{chapter}/{result['student']}"] = {k: v for k, v in result.items() if k not in VOLATILE}
            for name, content in files(course / "feedback", f"*/{chapter}/*.html").items():
                found[f"feedback/{name}"] = "\n".join(text_of(content))
    return found


def lines(result: Any) -> list[str]:
    """Return a result or a feedback page as lines."""
    return result.splitlines() if isinstance(result, str) else json.dumps(result, indent=1).splitlines()


def counts(roots: Sequence[Path], options: argparse.Namespace) -> Iterator[int]:
    """Yield the number of differences of each kind."""
    before, after = roots
    notebooks = [files(root, "notebooks/**/*.ipynb", "solutions/**/*.ipynb") for root in roots]
    yield compare("notebook", *notebooks, plain)
    tables = [files(root, "**/lost_claims/*.json", "**/tried.json", "benchmarks/corpus.json") for root in roots]
    yield compare("table", *tables, table)
    yield compare("page", files(before / SITE, "**/*.html"), files(after / SITE, "**/*.html"), text_of)
    if options.grade:
        yield compare("grade", *(graded(root, options.grade) for root in roots), lines)
    if options.screens:
        yield screens([before / SITE, after / SITE])


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare two checkouts and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.compared", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--screens", action="store_true", help="screenshots of every page too")
    parser.add_argument("--grade", nargs="+", default=[], metavar="CHAPTER", help="grade a sample class of these")
    options = parser.parse_args(arguments)
    roots = [options.before.resolve(), options.after.resolve()]
    for root in roots:
        if not (root / SITE / "index.html").exists():
            parser.error(f"{root} has no rendered book: run `make book` there first")
    return min(1, sum(counts(roots, options)))


if __name__ == "__main__":
    sys.exit(main())
