"""Test that pages stay small, contact no other server, and store nothing about readers."""

import pytest

from tests.browser import weigh
from tests.browser.visits import EACH, PAGES, SITE
from tests.served import served

# The theme stores only the color mode (light, dark, or system) and reads it before it paints a page.
KEPT_BY_THE_THEME = {"mode", "theme"}


@pytest.mark.parametrize("page", EACH)
def test_page_stays_below_its_size_limit(visitor, page):
    visit = visitor.visits(page)[0]
    weight = weigh.weight_of(visit.loaded, visitor.address, SITE, page)
    heaviest = sorted(weight.files.items(), key=lambda file: -file[1])[:8]
    assert weight.is_light, f"{weight.kilobytes:.1f} of {weigh.CEILINGS[weight.holds]} kB: {heaviest}"
    assert len(weight.files) > 1 or page == "404.html"


def test_every_kind_of_page_is_included():
    kinds = {weigh.holds((SITE / page).read_text(encoding="utf-8")) for page in PAGES}
    assert {"text", "figures"} <= kinds


def test_formula_fonts_are_counted(chromium, book):
    weight = weigh.weigh(chromium, book, SITE, "notebooks/linear/linear.html")
    fonts = {name for name in weight.files if name.startswith("_static/math/")}
    assert "_static/math/MathJax_Math-Italic.woff2" in fonts
    assert not any("mathjax" in name.lower() and name.endswith(".js") for name in weight.files)


def test_request_for_a_missing_file_is_reported(chromium, tmp_path):
    (tmp_path / "page.html").write_text("<!DOCTYPE html><html><body><img src='missing.png'></body></html>")
    with served(tmp_path) as url, pytest.raises(ValueError, match=r"missing\.png, which is not in the site"):
        weigh.weigh(chromium, url, tmp_path, "page.html")


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
