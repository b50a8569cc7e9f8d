"""Every built page in a real browser, wide and narrow, light and dark: it is whole, quiet, and asks nobody."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "_build" / "html"
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html") if "_static" not in path.parts)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: what failed to load is among the page's complaints."""


@pytest.fixture(scope="module")
def address():
    """Serve the built book on a free port of this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def opened(watch, url: str, width: int, theme: str):
    watched = watch(width=width, theme=theme)
    watched.page.goto(url, wait_until="load")
    watched.page.wait_for_load_state("networkidle")
    if watched.page.evaluate("'MathJax' in window"):
        watched.page.evaluate("MathJax.startup.promise")  # evaluate waits for the promise
    return watched


def test_the_book_is_built():
    assert "book/intro.html" in PAGES, "no book to look at: run `python -m authoring book` first"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_whole_and_asks_nobody(watch, address, page, width, theme):
    watched = opened(watch, address + page, width, theme)
    assert watched.strangers(address) == []
    assert watched.complaints == []
    size = watched.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert size[0] <= size[1], f"the page is {size[0]} px wide in a window of {size[1]}"
    assert watched.page.evaluate(_SILENT_IMAGES) == []
    assert (
        watched.page.evaluate("[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)") == []
    )
    if page != "index.html":
        assert watched.page.evaluate("document.documentElement.dataset.theme") == theme


# The course's name stands beside its logo, which therefore says nothing (alt="") and may.
_SILENT_IMAGES = """[...document.querySelectorAll('img')]
    .filter(image => !image.matches('.logo__image') && !(image.getAttribute('alt') ?? '').trim())
    .map(image => image.outerHTML.slice(0, 200))"""

_MISSING_IMAGES = """[...document.images]
    .filter(image => image.checkVisibility() && !(image.complete && image.naturalWidth))
    .map(image => image.src)"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_follow_the_theme_switch(watch, address, theme):
    pages = [page for page in PAGES if page.startswith("notebooks/")]
    assert pages, "no chapter to look at"
    watched = opened(watch, address + pages[0], 1280, theme)
    figure = "div.cell_output img[src$='.svg']"
    colours = []
    for _ in range(2):
        colours.append(
            (
                watched.page.evaluate(f"getComputedStyle(document.querySelector({figure!r})).colorScheme"),
                watched.page.evaluate(f"getComputedStyle(document.querySelector({figure!r})).backgroundColor"),
                watched.page.locator(figure).first.screenshot(),
            )
        )
        other = "light" if theme == "dark" else "dark"
        watched.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", other)
        watched.page.wait_for_timeout(300)
    (scheme, panel, before), (switched, panel_after, after) = colours
    assert (scheme, switched) == (theme, other)
    assert panel == panel_after == "rgba(0, 0, 0, 0)", "a panel lies under the figure"
    assert before != after, "the figure's colours did not follow"


def test_the_search_finds_a_chapter(watch, address):
    watched = opened(watch, address + "search.html?q=linear", 1280, "light")
    watched.page.wait_for_selector("#search-results li a", timeout=10_000)
    found = watched.page.eval_on_selector_all("#search-results li a", "links => links.map(link => link.href)")
    assert any("notebooks/linear/linear.html" in link for link in found)
    assert watched.strangers(address) == []
    assert watched.complaints == []


def test_the_download_button_hands_out_the_student_notebook(watch, address):
    watched = opened(watch, address + "notebooks/linear/linear.html", 1280, "light")
    link = watched.page.eval_on_selector("a.btn-download-source-button", "link => link.href")
    body = watched.page.evaluate("async url => await (await fetch(url)).text()", link)
    assert body == (SITE.parents[1] / "notebooks" / "linear" / "linear.ipynb").read_text(encoding="utf-8")
