"""Test in wide and narrow windows, and in both themes, that every page is complete and needs no other server."""

import functools
import os
import re
from pathlib import Path

import pytest

from coursebook import notebooks
from coursebook.pages import explorer_list
from coursebook.pages.parts import plan
from tests.browser.test_look_ups import sections
from tests.browser.visits import EACH, PAGES, REDIRECTS, SITE, go, widths
from tests.root import ROOT
from tests.served import Quiet, served

LINEAR = "notebooks/linear/linear.html"


def test_book_is_built():
    assert "book/intro.html" in PAGES, "no book to look at: run `python -m authoring book` first"


@pytest.mark.parametrize("page", EACH)
def test_page_is_complete_and_requests_nothing_external(visitor, page):
    for visit in visitor.visits(page):
        assert [url for url in visit.requests if not url.startswith((visitor.address, "data:", "blob:"))] == []
        assert visit.complaints == [], visit.way
        for theme, seen in visit.seen.items():
            way = f"{visit.way}, {theme}"
            assert seen["sizes"]["page"] <= seen["sizes"]["window"], f"{way}: the page is wider than its window"
            assert seen["silent"] == [], f"{way}: images without alternative text"
            assert seen["missing"] == [], way
            assert seen["theme"] == theme, way


def test_enough_pages_are_visited_at_both_widths():
    assert len([page for page in PAGES if len(widths(page)) == 2]) >= len(list(SITE.glob("notebooks/*/*.html"))) + 10


def test_explorer_page_links_to_every_explorer():
    page = (SITE / f"{explorer_list.PAGE}.html").read_text(encoding="utf-8")
    links = {
        f"{path.stem}.html#explorer-{explorer.name}"
        for path in ROOT.glob("notebooks/*/*.ipynb")
        if path.stem not in explorer_list.PAGE
        for explorer in explorer_list.explorers(notebooks.of_page(path.parent, path.stem))
    }
    assert len(links) > 40
    assert [link for link in sorted(links) if f'/{link}"' not in page] == []


@pytest.mark.parametrize("page", EACH)
def test_enlarged_text_is_not_clipped(visitor, page):
    for visit in visitor.visits(page):
        assert visit.enlarged["clipped"] == [], visit.way
        assert visit.enlarged["page"] <= visit.enlarged["window"], visit.way


@pytest.mark.parametrize("page", EACH)
def test_page_has_valid_headings_landmarks_and_ids(visitor, page):
    for visit in visitor.visits(page):
        assert visit.seen["light"]["language"] == "en"
        for fault in ("headings", "landmarks", "headless", "doubles"):
            assert visit.seen["light"][fault] == [], f"{visit.way}: {fault}"


@functools.cache
def ids(path: Path) -> frozenset[str]:
    """Return a page's ids; the result is cached because many links lead to the same page."""
    return frozenset(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8")))


def test_every_section_in_the_search_index_exists():
    places = [place.partition("#") for place in sections(SITE).values()]
    assert [place for place in places if place[2] not in ids(SITE / place[0])] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_inside_the_book_leads_somewhere(page):
    html = (SITE / page).read_text(encoding="utf-8")
    dead = []
    for link in re.findall(r'<a\b[^>]*?\bhref="([^"]+)"', html):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = Path(os.path.normpath((SITE / page).parent / path.partition("?")[0])) if path else SITE / page
        if not target.is_file() or (anchor and anchor not in ids(target)):
            dead.append(link)
    assert dead == []


def test_part_lists_its_chapters_with_links():
    for part in plan():
        html = (SITE / f"{part.page}.html").read_text(encoding="utf-8")
        listed = re.search(r'<ol class="course-list">(.*?)</ol>', html, re.DOTALL)[1]
        links = re.findall(r'<li.*?<a href="([^"]+)"', listed, re.DOTALL)
        assert [Path(link).stem for link in links] == [chapter.name for chapter in part.chapters]


@pytest.mark.parametrize(("to", "page"), {to: page for page, to in REDIRECTS.items()}.items())  # one for each target
def test_root_and_earlier_addresses_redirect(watch, book, page, to):
    watched = watch()
    watched.page.goto(book + page)
    watched.page.wait_for_url(book + to)
    assert watched.strangers(book) == []
    assert watched.complaints == []


def test_page_contents_scroll_with_the_page(shown, book):
    page = shown("notebooks/pooling/pooling.html", width=1400).page
    assert page.evaluate("document.getElementById('pst-secondary-sidebar').scrollTop") == 0
    page.evaluate("""async () => {
        for (let step = 0; step < 40; step++) {
            scrollBy({ top: 1000, behavior: "instant" });
            await new Promise(done => setTimeout(done, 50));
        } }""")
    in_sight = """() => {
        const active = [...document.querySelectorAll("nav.page-toc a.active")].at(-1)?.getBoundingClientRect();
        return active && active.top > 0 && active.bottom < innerHeight; }"""
    page.wait_for_function(in_sight)
    assert page.evaluate("document.getElementById('pst-secondary-sidebar').scrollTop") > 0
    go(page, book + "notebooks/pooling/pooling.html#quiz")
    page.wait_for_function(in_sight)


def test_table_of_exercises_is_sorted_by_keyboard(shown):
    page = shown("book/points.html").page
    wrong = "rows => rows.map(row => Number(row.cells[4].textContent))"
    before = page.eval_on_selector_all(".course-evidence tbody tr", wrong)
    for order in ("ascending", "descending"):
        page.get_by_role("button", name="Wrong").press("Enter")
        assert page.get_by_role("columnheader", name="Wrong").get_attribute("aria-sort") == order
        after = page.eval_on_selector_all(".course-evidence tbody tr", wrong)
        assert after == [before[0], *sorted(before[1:], reverse=order == "descending")]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_follow_the_theme_switch(shown, theme):
    watched = shown(LINEAR, theme=theme)
    page = watched.page
    figure = page.locator("div.cell_output img[src$='.svg']").first
    colours = []
    for _ in range(2):
        style = figure.evaluate(
            "image => [getComputedStyle(image).colorScheme, getComputedStyle(image).backgroundColor]"
        )
        colours.append((*style, figure.screenshot()))
        other = "light" if theme == "dark" else "dark"
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", other)
        page.wait_for_timeout(300)
    (scheme, panel, before), (switched, panel_after, after) = colours
    assert (scheme, switched) == (theme, other)
    assert panel == panel_after == "rgba(0, 0, 0, 0)", "a panel lies under the figure"
    assert before != after, "the figure's colours did not follow"


def test_escape_closes_search_and_restores_focus(shown):
    page = shown("book/intro.html").page
    button = page.locator("button.search-button-field")
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('#pst-search-dialog').open")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('#pst-search-dialog').open")
    assert button.evaluate("button => button === document.activeElement")


class _LikeAServer(Quiet):
    """A handler that responds with 404.html if a file is missing, as a server for static pages does."""

    def send_error(self, code: int, *rest: object, **more: object) -> None:
        body = (SITE / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_missing_page_follows_the_system_theme(shown, theme):
    page = shown("404.html", theme=theme).page
    assert page.evaluate("document.documentElement.dataset.theme") == theme


@pytest.mark.parametrize("missing", ["nowhere.html", "notebooks/nowhere/deep/nowhere.html"])
def test_missing_address_offers_search_and_link_back(watch, missing):
    with served(SITE, _LikeAServer) as address:
        watched = watch()
        page = watched.page
        assert page.goto(address + missing).status == 404
        assert watched.requests == [address + missing], "the page needs something that may not be found"
        page.get_by_label("Search the course").fill("bilinear")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-hits li")
        found = page.eval_on_selector_all("#search-hits li a", "links => links.map(link => link.href)")
        assert any("linear.html" in link for link in found)
        page.goto(address + missing)
        page.get_by_role("link").click()
        assert page.url == address + "book/intro.html"
