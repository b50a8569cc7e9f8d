"""On a phone: what is wider than the page scrolls in a box of its own, and the keyboard gets to that box."""

from __future__ import annotations

from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "_build" / "html"
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html") if "_static" not in path.parts)

# Boxes with something to scroll sideways that Tab does not reach, and things that stick out of the window unscrolled.
_LOOK = """() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    const shown = [...document.querySelectorAll("article *")].filter(element => element.checkVisibility());
    const scrolls = element => /auto|scroll/.test(getComputedStyle(element).overflowX);
    const boxes = shown.filter(element => scrolls(element) && element.scrollWidth > element.clientWidth + 1);
    const reached = "a[href], button, input, select, summary, [tabindex='0']";
    const unreached = boxes.filter(box => !box.matches(reached) && !box.querySelector(reached));
    const inBox = element => element && (scrolls(element) || inBox(element.parentElement));
    const clipped = element => element && (getComputedStyle(element).overflow === "hidden"
        || getComputedStyle(element).clipPath !== "none" || clipped(element.parentElement));
    const out = shown.filter(element => element.getBoundingClientRect().right > innerWidth + 1
        && !inBox(element.parentElement) && !clipped(element) && !element.closest(".katex-mathml, mjx-assistive-mml"));
    const say = element => element.outerHTML.slice(0, 120);
    return { boxes: boxes.length, unreached: unreached.map(say), out: out.map(say) };
}"""


@pytest.fixture(scope="module")
def page(chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 900})
    yield context.new_page()
    context.close()


def looked_at(page, name: str) -> dict:
    page.goto((SITE / name).as_uri(), wait_until="load")
    return page.evaluate(_LOOK)


def test_the_book_is_built():
    assert PAGES, "no book to look at: run `python -m authoring book` first"


@pytest.mark.parametrize("name", [name for name in PAGES if name != "index.html"])
def test_what_is_wide_scrolls_by_itself_and_by_keyboard(page, name):
    seen = looked_at(page, name)
    assert seen["unreached"] == []
    assert seen["out"] == []


def test_an_arrow_key_scrolls_code(page):
    seen = looked_at(page, "notebooks/linear/linear.html")
    assert seen["boxes"] > 10, "a chapter has long lines"
    code = page.locator("article pre[tabindex='0']").filter(has_text="class OwnLinear").first
    code.scroll_into_view_if_needed()
    code.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")


def test_a_box_without_a_way_in_and_a_thing_too_wide_are_found(page):
    looked_at(page, "book/intro.html")
    page.evaluate(
        """() => {
            const article = document.querySelector("article");
            const wide = "<p style='width: 900px'>wide</p>";
            article.insertAdjacentHTML("beforeend", `<div style='overflow-x: auto'>${wide}</div>`);
            article.insertAdjacentHTML("beforeend", `<table><tr><td>${wide}</td></tr></table>`);
        }"""
    )
    seen = page.evaluate(_LOOK)
    assert len(seen["unreached"]) == 1
    assert seen["unreached"][0].startswith("<div style")
    assert any(found.startswith("<table") for found in seen["out"])
