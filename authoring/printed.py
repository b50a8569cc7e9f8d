"""The whole book as one PDF: every page's article in one file, printed by a headless Chromium."""

from __future__ import annotations

import html
import json
import posixpath
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Error, Page, TimeoutError, sync_playwright
from pypdf import PdfReader
from sphinx_external_toc.parsing import parse_toc_yaml

from authoring.course import Course
from authoring.make import find_browser

WIDGETS = "application/vnd.jupyter.widget-state+json"
NEEDED = ("hydrate", "mathjax")  # of the pages' scripts: what draws; the rest answers to a reader's hand
REFERENCES = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns")
PATIENCE = 120_000  # ms, for a page to draw all that is on it; a long book holds many explorers


class PrintError(RuntimeError):
    """The book could not be printed; the message says why, and what to do."""


@dataclass(frozen=True)
class Chapter:
    """One page of the book as a part of the printed one."""

    docname: str
    part: str  # caption of the part it belongs to
    title: str
    sections: tuple[tuple[str, str], ...]  # id in the printed book, and heading, of each h2
    article: str  # HTML
    widgets: str  # JSON, "" for a page without explorers

    @property
    def anchor(self) -> str:
        """Where a link to the page leads in the printed book."""
        return anchor(self.docname)


def write(course: Course, path: Path) -> int:
    """Print the built book to ``path`` and return its number of pages.

    Raises:
        PrintError: there is no book or no Chromium, or something on a page did not appear.
    """
    print_page = course.site.parent / "print.html"
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=find_browser() or None)
        except Error as error:
            raise PrintError(
                "The PDF is printed by Chromium, and none could be started. Install one (apt install chromium, or "
                "python -m playwright install chromium), or name yours: make pdf CHROMIUM=/where/it/is\n"
                f"  {str(error).strip().splitlines()[0]}"
            ) from error
        try:
            # Chromium cannot fill in page numbers by itself, so the first print says where everything came to lie.
            print_page.write_text(book(course, {}), encoding="utf-8")
            _print(browser, print_page, path)
            numbers = page_numbers(path)
            print_page.write_text(book(course, numbers), encoding="utf-8")
            _print(browser, print_page, path)
        finally:
            browser.close()
    if page_numbers(path) != numbers:
        raise PrintError("The page numbers moved when they were written into the contents: that is a fault of ours.")
    return len(PdfReader(path).pages)


def page_numbers(path: Path) -> dict[str, int]:
    """Return the number of the page that each named place of a PDF lies on, from 1."""
    reader = PdfReader(path)
    places = {name.removeprefix("/"): place for name, place in reader.named_destinations.items()}
    return {name: reader.get_destination_page_number(place) + 1 for name, place in places.items()}


def book(course: Course, numbers: dict[str, int]) -> str:
    """Return the book as one HTML page: a title page, contents with page ``numbers`` by anchor, and every article."""
    pages = _pages(course)
    links = set(pages)
    chapters = [chapter(docname, part, _read(course, docname), links) for docname, part in pages.items()]
    chapters = [_without_lost_links(one, chapters) for one in chapters]
    config = yaml.safe_load((course.root / "_config.yml").read_text(encoding="utf-8"))
    title = html.escape(str(config["title"]))
    states = [f'<script type="{WIDGETS}">{one.widgets}</script>' for one in chapters if one.widgets]
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en" class="course-book" data-theme="light" data-mode="light">',
            f'<head>\n<meta charset="utf-8"/>\n<title>{title}</title>',
            *_head(course, list(pages)),
            '</head>\n<body>\n<main class="bd-main"><div class="bd-content"><div class="bd-article-container">',
            _title_page(config),
            contents(chapters, numbers),
            *(one.article for one in chapters),
            "</div></div></main>",
            *states,
            "</body>\n</html>\n",
        ]
    )


def chapter(docname: str, part: str, page: str, pages: set[str]) -> Chapter:
    """Return what the printed book takes from the HTML of one page.

    Ids get the page's name behind them, and links to other ``pages`` lead to where these are in the same file. A link
    to what is not in the book becomes plain text; a picture is found beside the pages, in ``html/``.
    """
    soup = BeautifulSoup(page, "html.parser")
    article = soup.select_one("article.bd-article")
    if article is None or article.h1 is None:
        raise PrintError(f"{docname}: the page has no article with a heading")
    for unprinted in article.select(".course-places, a.headerlink, button, script, .tableofcontents-wrapper, template"):
        unprinted.decompose()
    for details in article.find_all("details"):
        details["open"] = ""
    widgets, models = _widgets(soup, docname)
    _name_apart(article, docname)
    _lead_inside(article, docname, pages)
    for place in article.select("[data-lab-model]"):
        place["data-lab-model"] = models.get(place["data-lab-model"], place["data-lab-model"])
    article.name = "section"
    article["id"] = anchor(docname)
    article["class"] = [*article.get("class", []), "course-chapter"]
    sections = [
        (str(section["id"]), _words(section.h2)) for section in article.select("section[id]:has(> h2)") if section.h2
    ]
    return Chapter(docname, part, _words(article.h1), tuple(sections), str(article), widgets)


def anchor(docname: str, fragment: str = "") -> str:
    """Return the id in the printed book of a page, or of a place on it, whose own name comes first for the styles."""
    return (f"{fragment}--" if fragment else "") + docname.replace("/", "-")


def contents(chapters: list[Chapter], numbers: dict[str, int]) -> str:
    """Return the list of chapters and their sections, each a link with its page number."""
    rows, part = ['<nav class="course-contents" aria-labelledby="contents">\n<h1 id="contents">Contents</h1>'], ""

    def line(target: str, words: str) -> str:
        number = numbers.get(target, 0)  # as wide as a number while there is none, so that nothing moves afterwards
        return f'<a href="#{target}"><span>{html.escape(words)}</span><span class="page">{number or "000"}</span></a>'

    for one in chapters:
        if one.part != part:
            part = one.part
            rows.append(f'<p class="part">{html.escape(part)}</p>')
        below = "".join(f"<li>{line(target, words)}</li>" for target, words in one.sections)
        rows.append(f'<div class="chapter">{line(one.anchor, one.title)}{f"<ul>{below}</ul>" if below else ""}</div>')
    return "\n".join([*rows, "</nav>"])


def _pages(course: Course) -> dict[str, str]:
    """Return document name -> caption of its part, in the order of ``_toc.yml``."""
    site_map = parse_toc_yaml(course.root / "_toc.yml")
    captions = {name: tree.caption or "" for tree in site_map.root.subtrees for name in tree.items}
    pages: dict[str, str] = {}

    def walk(docname: str, caption: str) -> None:
        pages[docname] = caption
        for tree in site_map[docname].subtrees if docname in site_map else []:
            for name in tree.items:
                walk(str(name), captions.get(name, caption))

    walk(site_map.root.docname, "")
    return pages


def _read(course: Course, docname: str) -> str:
    path = course.site / f"{docname}.html"
    if not path.exists():
        raise PrintError(f"{docname} has no page yet: run `make book` first")
    return path.read_text(encoding="utf-8")


def _words(heading: Tag) -> str:
    return " ".join(heading.get_text(" ").split())


def _widgets(soup: BeautifulSoup, docname: str) -> tuple[str, dict[str, str]]:
    """Return a page's widget state with ids no other page has, and old id -> new id."""
    state = "".join(script.string or "" for script in soup.find_all("script", type=WIDGETS))
    if not state:
        return "", {}
    new = {old: f"{anchor(docname)}-{old}" for old in json.loads(state)["state"]}
    return re.sub("|".join(map(re.escape, new)), lambda found: new[found[0]], state), new


def _name_apart(article: Tag, docname: str) -> None:
    """Put the page's name behind every id, and behind what refers to one by name."""
    ids = {str(tag["id"]) for tag in article.find_all(id=True)}
    for tag in article.find_all(True):
        for name, value in list(tag.attrs.items()):
            if name == "id":
                tag["id"] = anchor(docname, str(value))
            elif name in REFERENCES:
                words = value if isinstance(value, list) else str(value).split()
                tag[name] = " ".join(anchor(docname, word) if word in ids else word for word in words)
            elif isinstance(value, str) and "url(#" in value:
                tag[name] = re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{anchor(docname, found[1])})", value)


def _lead_inside(article: Tag, docname: str, pages: set[str]) -> None:
    """Make links lead to places in the printed book, and pictures come from the site's folder."""
    for tag in article.find_all(["a", "use"], href=True):
        parts = urlsplit(str(tag["href"]))
        if parts.scheme or parts.netloc:
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(docname), unquote(parts.path)))
        target = target.removesuffix(".html") if parts.path else docname
        if target in pages:
            tag["href"] = f"#{anchor(target, unquote(parts.fragment))}"
        elif tag.name == "a":
            del tag["href"]
    for tag in article.find_all(src=True):
        if not urlsplit(str(tag["src"])).scheme:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(docname), str(tag["src"])))
            tag["src"] = f"html/{path}"


def _without_lost_links(one: Chapter, chapters: list[Chapter]) -> Chapter:
    """Return the chapter with links to places that no page has leading to the page itself."""
    ids = {place for each in chapters for place in re.findall(r'\bid="([^"]+)"', each.article)}

    def found(link: re.Match[str]) -> str:
        place = html.unescape(link[1])
        return link[0] if place in ids else f'href="#{quote(place.rpartition("--")[2])}"'

    return replace(one, article=re.sub(r'\bhref="#([^"]*)"', found, one.article))


def _head(course: Course, docnames: list[str]) -> list[str]:
    """Return the style sheets and the drawing scripts of all pages, each once, in their order."""
    kept: dict[str, None] = {}
    for docname in docnames:
        soup = BeautifulSoup(_read(course, docname), "html.parser")
        for tag in soup.find_all(["link", "script", "style"]):
            if tag.find_parent("article"):
                continue
            source = str(tag.get("src") or tag.get("href") or tag.string or "")
            is_style = tag.name == "style" or "stylesheet" in tag.get("rel", [])
            is_drawing = tag.name == "script" and any(word in source.lower() for word in NEEDED)
            if not (is_style or is_drawing) or tag.get("type") == WIDGETS:
                continue
            for name in ("src", "href"):
                if tag.get(name):
                    tag[name] = "html/" + posixpath.normpath(posixpath.join(posixpath.dirname(docname), str(tag[name])))
            kept[str(tag)] = None
    return list(kept)


def _title_page(config: dict[str, Any]) -> str:
    title, author, year = (html.escape(str(config.get(key, ""))) for key in ("title", "author", "copyright"))
    logo = f'<img src="html/_static/{html.escape(Path(config["logo"]).name)}" alt=""/>' if config.get("logo") else ""
    return (
        f'<header class="course-title">{logo}\n<p class="title">{title}</p>\n'
        f'<p class="author">{author}</p>\n<p class="year">{year}</p></header>'
    )


def _print(browser: Browser, source: Path, path: Path) -> None:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    lost: list[str] = []
    page.on("requestfailed", lambda request: lost.append(request.url))
    page.goto(source.resolve().as_uri(), wait_until="load")
    _wait(page)
    lost += page.evaluate("[...document.images].filter(i => !(i.complete && i.naturalWidth)).map(i => i.src)")
    if lost:
        raise PrintError("Not found while printing: " + ", ".join(dict.fromkeys(lost)))
    page.pdf(path=path, outline=True, tagged=True, prefer_css_page_size=True, print_background=True)
    page.close()


def _wait(page: Page) -> None:
    """Return when formulas, fonts and explorers are drawn."""
    page.evaluate("globalThis.MathJax?.startup?.promise")  # evaluate waits for a promise
    page.evaluate("document.fonts.ready.then(() => null)")
    try:
        page.wait_for_function("document.querySelectorAll('[data-lab-model]').length === 0")
    except TimeoutError as error:
        left = page.eval_on_selector_all("[data-lab-model]", "places => places.map(p => p.dataset.labModel)")
        raise PrintError(f"These explorers were not drawn: {', '.join(left)}") from error
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
