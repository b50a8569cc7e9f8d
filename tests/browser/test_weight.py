"""Test that pages stay small, contact no other server, and store nothing about readers.

A page weighs what a server sends for all files that a browser requests for it; it compresses text.
"""

import gzip
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser.visits import EACH, PAGES, SITE

PACKED = {".html", ".css", ".js", ".mjs", ".json", ".svg", ".txt"}  # other files (fonts, PNG) are already compressed
GZIP_LEVEL = 6

# The most a page may weigh, in kB of 1,000 bytes, by its heaviest kind of content.
CEILINGS = {"text": 120, "mathematics": 250, "figures": 270}

# The theme stores only the color mode (light, dark, or system) and reads it before it paints a page.
KEPT_BY_THE_THEME = {"mode", "theme"}


def sizes(urls: list[str], address: str, site: Path, page: str) -> dict[str, int]:
    """Return the size of each file of a site that is served at ``address``, if a page requests these addresses.

    Raises:
        ValueError: if the page requests something that is not in the site.
    """
    files = {}
    for url in urls:
        if url.startswith(("data:", "blob:", "about:")):
            continue
        path = site / unquote(urlsplit(url).path.lstrip("/"))
        if not url.startswith(address) or not path.is_file():
            raise ValueError(f"{page} asks for {url}, which is not in the site")
        data = path.read_bytes()
        is_packed = path.suffix in PACKED
        files[path.relative_to(site).as_posix()] = len(gzip.compress(data, GZIP_LEVEL) if is_packed else data)
    return files


def of_page(visitor, page: str) -> dict[str, int]:
    """Return the size of each file that a page of the book requests on a first visit."""
    return sizes(visitor.visits(page)[0].loaded, visitor.address, SITE, page)


def holds(page: str) -> str:
    """Return a page's heaviest kind of content: figures or explorers, mathematics, or only text."""
    html = (SITE / page).read_text(encoding="utf-8")
    if "data-lab-model" in html or ('class="cell_output' in html and "<img" in html):
        return "figures"
    return "mathematics" if 'class="math' in html else "text"


@pytest.mark.parametrize("page", EACH)
def test_page_stays_below_its_size_limit(visitor, page):
    files = of_page(visitor, page)
    heaviest = sorted(files.items(), key=lambda file: -file[1])[:8]
    assert sum(files.values()) <= 1000 * CEILINGS[holds(page)], heaviest
    assert len(files) > 1 or page == "404.html"


def test_every_kind_of_page_is_included():
    assert {"text", "figures"} <= set(map(holds, PAGES))


@pytest.mark.parametrize("page", ["notebooks/linear/linear.html"])
def test_formula_fonts_are_counted(visitor, page):
    files = of_page(visitor, page)
    assert "_static/math/MathJax_Math-Italic.woff2" in files
    assert not any("mathjax" in name.lower() and name.endswith(".js") for name in files)


@pytest.mark.parametrize("page", ["search.html"])
def test_search_loads_no_index_before_first_query(visitor, page):
    assert not any(name.startswith("search/") or name.endswith("lunr.js") for name in of_page(visitor, page))


def test_request_for_a_missing_file_is_reported(tmp_path):
    with pytest.raises(ValueError, match=r"missing\.png, which is not in the site"):
        sizes(["http://here/missing.png"], "http://here/", tmp_path, "page.html")


@pytest.mark.parametrize("page", EACH)
def test_page_stores_nothing_about_its_reader(visitor, page):
    for visit in visitor.visits(page):
        assert set(visit.kept["local"]) <= KEPT_BY_THE_THEME, visit.way
        others = {what: found for what, found in visit.kept.items() if what != "local"}
        assert others == {"cookie": "", "cookies": [], "session": [], "databases": [], "workers": 0}, visit.way


def test_stored_data_is_detected(shown):
    page = shown("book/licenses.html").page
    page.evaluate("() => { document.cookie = 'a=b'; sessionStorage.c = 1; localStorage.d = 1 }")
    page.evaluate("() => new Promise(done => { indexedDB.open('e').onsuccess = () => done(true) })")
    kept = page.evaluate("look.kept()")
    assert (kept["cookie"], kept["session"], [one["name"] for one in kept["databases"]]) == ("a=b", ["c"], ["e"])
    assert "d" in kept["local"]


def test_only_the_chosen_theme_is_stored(shown):
    watched = shown("notebooks/linear/linear.html", wait_until="networkidle")
    watched.page.click("button.theme-switch-button")
    kept = watched.page.evaluate("Object.fromEntries(Object.entries(localStorage))")
    assert set(kept) == KEPT_BY_THE_THEME
    assert set(kept.values()) <= {"light", "dark", "auto"}
    assert watched.page.context.cookies() == []


def test_copied_formula_is_its_source(shown):
    watched = shown("notebooks/linear/linear.html", wait_until="networkidle")
    copied = watched.page.evaluate(_COPY, "mjx-container[display]")
    formula = watched.page.locator("mjx-container[display]").first.get_attribute("data-tex")
    assert copied == f"$${formula}$$"
    sentence = watched.page.evaluate(_COPY, "p:has(mjx-container)")
    assert sentence.count("$") >= 2
    assert sentence.count("$") % 2 == 0


# Select the first element that matches, and return the text that copying it puts on the clipboard.
_COPY = """selector => {
    const range = document.createRange();
    range.selectNode(document.querySelector(selector));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const event = new ClipboardEvent("copy", {clipboardData: new DataTransfer(), cancelable: true, bubbles: true});
    document.dispatchEvent(event);
    return event.clipboardData.getData("text/plain");
}"""
