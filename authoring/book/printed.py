"""Print the whole book as one PDF: join every page's article into one HTML file, and print it with Chromium."""

from __future__ import annotations

import html
import json
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Page, TimeoutError
from pypdf import PdfReader
from sphinx_external_toc.parsing import parse_toc_yaml

from authoring.book import printed_answers
from authoring.book.chromium import PageError, chromium
from autograder.class_file.class_reader import left_out
from autograder.course import Course

WIDGETS = "application/vnd.jupyter.widget-state+json"
ANSWERS = "answers"  # the last chapter of the printed book
DRAWS = "hydrate"  # in the name of the one script that printing needs; the others respond to the reader
REFERENCES = ("for", "headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns")
PATIENCE = 600_000  # ms; a book of thirty chapters has a thousand pages and a hundred explorers
FILL_IN = """numbers => document.querySelectorAll(".printed-contents a").forEach(link => {
    link.querySelector(".page").textContent = numbers[decodeURIComponent(link.hash.slice(1))] ?? "";
})"""

# Elements that are useful only on a screen: buttons, links to files, and scripts.
UNPRINTED = ".course-places, .course-notebooks, a.headerlink, button, script, .tableofcontents-wrapper, template"


@dataclass(frozen=True)
class Chapter:
    """One page of the book as part of the printed book."""

    docname: str
    part: str  # caption of the part it belongs to
    title: str
    sections: tuple[tuple[str, str], ...]  # id in the printed book, and heading, of each h2
    article: str  # HTML
    widgets: str  # JSON, "" for a page without explorers
    head: tuple[str, ...]  # the page's style sheets, and the script that draws explorers
    answers: str = ""  # HTML, to its quiz and its explorers


def write(course: Course, path: Path) -> int:
    """Print the built book to ``path`` and return its number of pages.

    Raises:
        PageError: if there is no book or no Chromium, or if something on a page was not drawn.
    """
    source = course.site.parent / "print.html"
    source.write_text(book(course), encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        _open(page, source)
        # Chromium cannot put page numbers into the table of contents, so print once to learn them.
        _print(page, path)
        numbers = page_numbers(path)
        page.evaluate(FILL_IN, numbers)
        _print(page, path)
    if page_numbers(path) != numbers:
        raise PageError("The pages moved when their numbers were written into the contents: that is a fault of ours.")
    return len(PdfReader(path).pages)


def page_numbers(path: Path) -> dict[str, int]:
    """Return the page number, from 1, of each named destination of a PDF."""
    reader = PdfReader(path)
    places = {name.removeprefix("/"): place for name, place in reader.named_destinations.items()}
    found = {name: reader.get_destination_page_number(place) for name, place in places.items()}
    return {name: page + 1 for name, page in found.items() if page is not None}


def book(course: Course) -> str:
    """Return the book as one HTML page: a title page, the contents, and every page's article in the book's order."""
    pages = _pages(course)
    chapters = [chapter(docname, part, _read(course, docname), set(pages)) for docname, part in pages.items()]
    chapters += all_answers(chapters)
    places = {place for one in chapters for place in re.findall(r'\bid="([^"]+)"', one.article)}
    config = yaml.safe_load((course.root / "_config.yml").read_text(encoding="utf-8"))
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en" class="printed-book" data-theme="light" data-mode="light">',
            f'<head>\n<meta charset="utf-8"/>\n<title>{html.escape(str(config["title"]))}</title>',
            *dict.fromkeys(tag for one in chapters for tag in one.head),
            '</head>\n<body>\n<main class="bd-main"><div class="bd-content"><div class="bd-article-container">',
            _title_page(config),
            contents(chapters),
            *(_without_lost_links(one.article, places) for one in chapters),
            "</div></div></main>",
            *(f'<script type="{WIDGETS}">{one.widgets}</script>' for one in chapters if one.widgets),
            "</body>\n</html>\n",
        ]
    )


def chapter(docname: str, part: str, page: str, pages: set[str]) -> Chapter:
    """Return the chapter of the printed book that is made from the HTML of one page.

    Each id gets the page's name as a suffix, and a link to another of the ``pages`` leads to that page's place in the
    same file. Links to other files of the site become plain text. Images are loaded from the site's folder, ``html/``.
    """
    soup = BeautifulSoup(page, "html.parser")
    article = soup.select_one("article.bd-article")
    if article is None or article.h1 is None:
        raise PageError(f"{docname}: the page has no article with a heading")
    state = "".join(script.string or "" for script in soup.find_all("script", type=WIDGETS))
    widgets, models = _widgets(state, docname)
    article.extract()
    head = _head(soup, docname)
    for unprinted in article.select(UNPRINTED):
        unprinted.decompose()
    for details in article.find_all("details"):
        details["open"] = ""
    _name_apart(article, docname)
    _lead_inside(article, docname, pages)
    answered = printed_answers.taken(article, state, anchor(ANSWERS, anchor(docname)))
    for place in article.select("[data-lab-model]"):
        model = str(place["data-lab-model"])
        place["data-lab-model"] = models.get(model, model)
    article.name = "section"
    article["id"] = anchor(docname)
    article["class"] = " ".join([*article.get_attribute_list("class"), "printed-chapter"])
    headings = [section.find("h2", recursive=False) for section in article.find_all("section", id=True)]
    sections = [(_place(heading), _words(heading)) for heading in headings if heading]
    return Chapter(docname, part, _words(article.h1), tuple(sections), str(article), widgets, tuple(head), answered)


def _place(heading: Tag) -> str:
    """Give a section's heading an id and return the id; the section itself can begin on the previous page."""
    section = heading.find_parent()
    heading["id"] = f"{section['id'] if section else ''}--heading"
    return str(heading["id"])


def all_answers(chapters: list[Chapter]) -> list[Chapter]:
    """Return a list with the book's last chapter, which has all chapters' answers, or [] if there are no answers."""
    found = [(anchor(ANSWERS, anchor(one.docname)), one) for one in chapters if one.answers]
    sections = [(place, one.title.partition(":")[0]) for place, one in found]
    parts = "\n".join(
        f'<section id="{place}"><h2>{html.escape(title)}</h2>{one.answers}</section>'
        for (place, title), (_, one) in zip(sections, found, strict=True)
    )
    article = f'<section class="printed-chapter bd-article" id="{ANSWERS}"><h1>Answers</h1>\n{parts}</section>'
    return [Chapter(ANSWERS, found[-1][1].part, "Answers", tuple(sections), article, "", ())] if found else []


def anchor(docname: str, fragment: str = "") -> str:
    """Return the id that a page, or a place on it, has in the printed book; style sheets match the id's beginning."""
    return (f"{fragment}--" if fragment else "") + docname.replace("/", "-")


def contents(chapters: list[Chapter]) -> str:
    """Return the list of chapters and their sections, each as a link with room for its page number."""
    rows, part = ['<nav class="printed-contents" aria-labelledby="contents">\n<h1 id="contents">Contents</h1>'], ""
    for one in chapters:
        if one.part != part:
            part = one.part
            rows.append(f'<p class="part">{html.escape(part)}</p>')
        below = "".join(f"<li>{_line(target, words)}</li>" for target, words in one.sections)
        row = _line(anchor(one.docname), one.title) + (f"<ul>{below}</ul>" if below else "")
        rows.append(f'<div class="chapter">{row}</div>')
    return "\n".join([*rows, "</nav>"])


def _line(target: str, words: str) -> str:
    return f'<a href="#{target}"><span>{html.escape(words)}</span><span class="page"></span></a>'


def _pages(course: Course) -> dict[str, str]:
    """Return a map from document name to the caption of its part, in the order of ``_toc.yml``."""
    site_map, without = parse_toc_yaml(course.root / "_toc.yml"), left_out(course.root)
    captions = {name: tree.caption or "" for tree in site_map.root.subtrees for name in tree.items}
    pages: dict[str, str] = {}

    def walk(docname: str, caption: str) -> None:
        pages[docname] = caption
        for tree in site_map[docname].subtrees if docname in site_map else []:
            for name in (item for item in tree.items if Path(str(item)).name not in without):
                walk(str(name), captions.get(name, caption))

    walk(site_map.root.docname, "")
    return pages


def _read(course: Course, docname: str) -> str:
    path = course.site / f"{docname}.html"
    if not path.exists():
        raise PageError(f"{docname} has no page yet: run `make book` first")
    return path.read_text(encoding="utf-8")


def _words(heading: Tag) -> str:
    return " ".join(heading.get_text(" ").split())


def _widgets(state: str, docname: str) -> tuple[str, dict[str, str]]:
    """Return a page's widget state with ids that are unique in the book, and a map from old to new ids."""
    if not state:
        return "", {}
    new = {old: f"{anchor(docname)}-{old}" for old in json.loads(state)["state"]}
    return re.sub("|".join(map(re.escape, new)), lambda found: new[found[0]], state), new


def _name_apart(article: Tag, docname: str) -> None:
    """Append the page's name to every id, and to every reference to an id."""
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
    """Make links lead to places in the printed book, and load images from the site's folder."""
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
            tag["src"] = _from_print_page(str(tag["src"]), docname)
    for tag in article.find_all(srcset=True):
        tag["srcset"] = ", ".join(_from_print_page(one.strip(), docname) for one in str(tag["srcset"]).split(","))


def _without_lost_links(article: str, places: set[str]) -> str:
    """Return the article with each link to an id outside ``places`` replaced by a link to the page with that id."""

    def found(link: re.Match[str]) -> str:
        place = html.unescape(link[1])
        return link[0] if place in places else f'href="#{place.rpartition("--")[2]}"'

    return re.sub(r'\bhref="#([^"]*)"', found, article)


def _head(soup: BeautifulSoup, docname: str) -> list[str]:
    """Return a page's style sheets and the script that draws explorers, with addresses for the printed page."""
    kept = []
    for tag in soup.find_all(["link", "script", "style"]):
        is_style = tag.name == "style" or "stylesheet" in tag.get_attribute_list("rel")
        is_drawing = tag.name == "script" and DRAWS in str(tag.get("src", ""))
        if is_style or is_drawing:
            for name in {"src", "href"} & set(tag.attrs):
                tag[name] = _from_print_page(str(tag[name]), docname)
            kept.append(str(tag))
    return kept


def _from_print_page(address: str, docname: str) -> str:
    """Return the address of a site's file relative to the printed page, which is next to the site's folder."""
    return "html/" + posixpath.normpath(posixpath.join(posixpath.dirname(docname), address))


def _title_page(config: dict[str, Any]) -> str:
    title, author, year = (html.escape(str(config.get(key, ""))) for key in ("title", "author", "copyright"))
    logo = f'<img src="html/_static/{html.escape(Path(config["logo"]).name)}" alt=""/>' if config.get("logo") else ""
    return (
        f'<header class="printed-title">{logo}\n<p class="title">{title}</p>\n'
        f'<p class="author">{author}</p>\n<p class="year">{year}</p></header>'
    )


def _open(page: Page, source: Path) -> None:
    """Open the printed page, and wait until fonts are loaded and explorers are drawn."""
    lost: list[str] = []
    page.on("requestfailed", lambda request: lost.append(request.url))
    page.goto(source.resolve().as_uri(), wait_until="load")
    page.evaluate("document.fonts.ready.then(() => null)")  # evaluate waits for a promise
    try:
        page.wait_for_function("document.querySelectorAll('[data-lab-model]').length === 0")
    except TimeoutError as error:
        left = page.eval_on_selector_all("[data-lab-model]", "places => places.map(p => p.dataset.labModel)")
        raise PageError(f"These explorers were not drawn: {', '.join(left)}") from error
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
    lost += page.evaluate("[...document.images].filter(i => !(i.complete && i.naturalWidth)).map(i => i.src)")
    if lost:
        raise PageError("Not found while printing: " + ", ".join(dict.fromkeys(lost)))


def _print(page: Page, path: Path) -> None:
    page.pdf(path=path, outline=True, tagged=True, prefer_css_page_size=True, print_background=True)
