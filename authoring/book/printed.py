"""Print the whole book as one PDF: collect every page's article as Chromium draws it, and print them together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from playwright.sync_api import Error, Page, sync_playwright
from pypdf import PdfReader

from authoring.book.leaks import EXPLAINED
from authoring.setup.make import find_browser
from autograder.course import Course

COLLECT = Path(__file__).with_name("printed.js")
PATIENCE = 1_800_000  # ms, to lay out 1,700 pages; on a busy machine, ten minutes were not enough
PAPER: Any = {"width": 665, "height": 950}  # A4 without print.css's margins: explorers are drawn for this width
# The captions and links of the sidebar are the book's parts and pages in order.
LISTED = """nav => nav.map(entry => [entry.matches("a") ? entry.href : "", entry.textContent.trim()])"""
DRAWN = "document.querySelectorAll('[data-lab-model]').length === 0"


class PageError(RuntimeError):
    """The built pages could not be opened or printed; the message says why and what to do."""


def write(course: Course, path: Path, progress: Callable[[str], None] = lambda line: None) -> int:
    """Print the built book to ``path`` and return its number of pages, or raise PageError."""
    if not (course.site / "index.html").exists():
        raise PageError("there is no book yet: run `make book` first")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=find_browser() or None)
        except Error as error:
            raise PageError(
                "No Chromium could be started. Install one (apt install chromium, or python -m playwright install "
                f"chromium), or name yours in CHROMIUM.\n  {str(error).strip().splitlines()[0]}"
            ) from error
        page = browser.new_page(viewport=PAPER)
        page.emulate_media(media="print")
        page.set_default_timeout(PATIENCE)
        page.add_init_script(path=COLLECT)
        source = course.site.with_name("print.html")
        source.write_text(book(course, page, progress), encoding="utf-8")
        progress("printing all pages, which takes minutes")
        page.goto(source.resolve().as_uri(), wait_until="load")
        page.evaluate("document.fonts.ready.then(() => null)")  # evaluate waits for a promise
        page.pdf(path=path, outline=True, tagged=True, prefer_css_page_size=True, print_background=True)
        browser.close()
    return len(PdfReader(path).pages)


def book(course: Course, page: Page, progress: Callable[[str], None]) -> str:
    """Return the book as one HTML page: a title page, the contents, and every page's article in the book's order."""
    parts, chapters = _parts(course, page), {}
    for number, name in enumerate(parts, start=1):
        progress(f"reading {name} [{100 * number // len(parts)}%]")
        chapters[name] = _chapter(course, page, name, list(parts))
    config = yaml.safe_load((course.root / "_config.yml").read_text(encoding="utf-8"))
    title, author, year = (escape(str(config.get(key, ""))) for key in ("title", "author", "copyright"))
    logo = f"{course.site.name}/_static/{Path(config['logo']).name}"
    articles = "\n".join(chapter["html"] for chapter in chapters.values())
    places = set(re.findall(r'\bid="([^"]+)"', articles))
    head = dict.fromkeys(sheet for chapter in chapters.values() for sheet in chapter["head"])
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en" class="printed-book" data-theme="light" data-mode="light">',
            f'<head>\n<meta charset="utf-8"/>\n<title>{title}</title>',
            *head,
            '</head>\n<body>\n<main class="bd-main"><div class="bd-content"><div class="bd-article-container">',
            f'<header class="printed-title"><img src="{logo}" alt=""/><p class="title">{title}</p>',
            f"<p>{author}</p><p>{year}</p></header>",
            *_contents(parts, chapters),
            # A link to a place that is not printed leads to its page.
            re.sub(r'(?<=href="#)[^"]*', lambda link: _printed(link[0], places), articles),
            "</div></div></main>\n</body>\n</html>\n",
        ]
    )


def _parts(course: Course, page: Page) -> dict[str, str]:
    """Return the caption of each page's part by the page's name, in the book's order, without explained solutions."""
    first = str(yaml.safe_load((course.root / "_toc.yml").read_text(encoding="utf-8"))["root"])
    root, caption, parts = course.site.resolve().as_uri() + "/", "", {first: ""}
    page.goto(f"{root}{first}.html")
    for address, words in page.eval_on_selector_all("nav.bd-links :is(p.caption, a)", LISTED):
        name = unquote(address.partition("#")[0]).removeprefix(root).removesuffix(".html")
        if address.startswith(root) and not name.startswith(f"{EXPLAINED}/"):
            parts.setdefault(name, caption)
        caption = caption if address else words
    return parts


def _chapter(course: Course, page: Page, name: str, names: list[str]) -> dict[str, Any]:
    root = course.site.resolve().as_uri() + "/"
    page.goto(f"{root}{name}.html", wait_until="load")
    try:
        page.wait_for_function(DRAWN, timeout=60_000)
        chapter: dict[str, Any] = page.evaluate("asked => printed(asked)", [root.removeprefix("file://"), name, names])
    except Error as error:
        raise PageError(f"{name} cannot be printed: {error}") from error
    if chapter["lost"]:
        raise PageError(f"Not found while printing {name}: {', '.join(chapter['lost'])}")
    return chapter


def _contents(parts: dict[str, str], chapters: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the list of chapters and their sections, each as a link; Chromium has no way to add page numbers."""
    yield '<nav class="printed-contents" aria-labelledby="contents">\n<h1 id="contents">Contents</h1>'
    part = ""
    for name, chapter in chapters.items():
        if parts[name] != part:
            part = parts[name]
            yield f'<p class="part">{escape(part)}</p>'
        below = "".join(f"<li>{_line(place, words)}</li>" for place, words in chapter["sections"])
        yield f'<div class="chapter">{_line(name.replace("/", "-"), chapter["title"])}<ul>{below}</ul></div>'
    yield "</nav>"


def _line(place: str, words: str) -> str:
    return f'<a href="#{escape(place)}">{escape(words)}</a>'


def _printed(place: str, places: set[str]) -> str:
    return place if place in places else place.rpartition("--")[2]
