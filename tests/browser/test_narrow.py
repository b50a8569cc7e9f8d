"""Test that on a phone, wide content scrolls in a box that the keyboard can reach."""

import pytest

from tests.browser.visits import CHAPTERS, EACH, NARROW, WIDE

LINEAR = "notebooks/linear/linear.html"


@pytest.mark.parametrize("page", EACH)
def test_wide_content_scrolls_separately_and_by_keyboard(visitor, page):
    seen = visitor.visit(page, NARROW).sideways
    assert seen["unreached"] == []
    assert seen["out"] == []


@pytest.mark.parametrize("page", CHAPTERS)
def test_code_fits_the_column_on_a_desktop(visitor, page):
    """In a 1280 px window, the column holds about 76 characters; unfolded parts count, too."""
    assert visitor.visit(page, WIDE).sideways["code"] == 0


def test_wide_window_has_a_wider_column(shown):
    page, widths = shown(LINEAR).page, {}
    for width in (WIDE, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        widths[width] = page.locator("article p").first.bounding_box()["width"]
    assert widths[1440] == widths[1920] >= widths[WIDE] + 60


def test_overflowing_formula_shows_an_edge_shadow(shown):
    page = shown(LINEAR, width=NARROW).page
    formula = page.locator("mjx-container[display=true]").first
    formula.evaluate("formula => { formula.style.width = '60px'; }")
    edge = "e => getComputedStyle(e).backgroundAttachment"
    assert formula.evaluate(edge) == "local, local, scroll, scroll"


def test_arrow_key_scrolls_code(shown, visitor):
    assert visitor.visit(LINEAR, NARROW).sideways["boxes"] > 10, "a chapter has long lines"
    page = shown(LINEAR, width=NARROW).page
    page.evaluate("look.unfold()")
    code = page.locator("article pre[tabindex='0']").filter(has_text="class OwnLinear").first
    code.scroll_into_view_if_needed()
    code.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")


def test_unreachable_box_and_too_wide_element_are_found(shown):
    page = shown("book/intro.html", width=NARROW).page
    page.evaluate(
        """() => {
            const article = document.querySelector("article");
            const wide = "<p style='width: 900px'>wide</p>";
            article.insertAdjacentHTML("beforeend", `<div style='overflow-x: auto'>${wide}</div>`);
            article.insertAdjacentHTML("beforeend", `<table><tr><td>${wide}</td></tr></table>`);
        }"""
    )
    seen = page.evaluate("look.sideways()")
    assert len(seen["unreached"]) == 1
    assert seen["unreached"][0].startswith("<div style")
    assert any(found.startswith("<table") for found in seen["out"])
