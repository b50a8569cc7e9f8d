"""The book by keyboard: where Tab leads, what it shows there, and that everything can be left again."""

from __future__ import annotations

import pytest

from tests.browser.visits import PAGES, go

LINEAR = "notebooks/linear/linear.html"
STEPS = 4_000  # more than any page here has stops; a page that holds the focus reaches it


def stops(page) -> list[dict]:
    """Press Tab until the focus leaves the page or comes back to where it began; return every stop."""
    found = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        stop = page.evaluate("look.stop()")
        if stop is None or stop["again"]:
            return found
        found.append(stop)
    raise AssertionError(f"after {STEPS} presses of Tab the focus is still going: {found[-1]['element']}")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_tab_goes_through_a_page_in_order_and_shows_where_it_is(watch, book, name, width, theme):
    page = watch(width=width, theme=theme, reduced_motion="reduce").page
    go(page, book + name)
    found = stops(page)
    assert len(found) >= 2
    assert [stop["element"] for stop in found if not stop["order"]] == [], "against the order of the document"
    assert [stop["element"] for stop in found if stop["outline"] < 2] == [], "no outline"
    assert [(stop["element"], stop["contrast"]) for stop in found if stop["contrast"] < 3] == [], "a faint outline"
    assert [stop["element"] for stop in found if not stop["seen"]] == [], "covered, or outside of the window"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_skip_link_leads_past_the_sidebar(watch, book, width):
    page = watch(width=width).page
    go(page, book + LINEAR)
    page.keyboard.press("Tab")
    assert "Skip to main content" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


def test_the_theme_is_switched_by_keyboard_and_kept(watch, book):
    page = watch(theme="light").page
    go(page, book + LINEAR)
    page.locator("button.theme-switch-button").first.focus()
    seen = []
    for _ in range(3):
        page.keyboard.press("Enter")
        seen.append(page.evaluate("[document.documentElement.dataset.mode, document.documentElement.dataset.theme]"))
    assert sorted(mode for mode, _ in seen) == ["auto", "dark", "light"]
    assert all(theme == ("light" if mode == "auto" else mode) for mode, theme in seen)
    while page.evaluate("document.documentElement.dataset.mode") != "dark":
        page.keyboard.press("Enter")
    go(page, book + "book/intro.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark", "forgotten on the next page"


def test_the_sidebar_of_a_phone_opens_and_closes_by_keyboard(watch, book):
    page = watch(width=390, reduced_motion="reduce").page
    go(page, book + LINEAR)
    toggle = page.locator("button.primary-toggle")
    chapter = page.locator("#pst-primary-sidebar-modal a", has_text="Linear").first
    assert not chapter.is_visible()
    toggle.focus()
    page.keyboard.press("Enter")
    chapter.wait_for(state="visible")
    assert page.evaluate("!!document.activeElement.closest('#pst-primary-sidebar-modal')"), "the focus stayed outside"
    page.keyboard.press("Escape")
    chapter.wait_for(state="hidden")
    assert toggle.evaluate("button => button === document.activeElement"), "the focus is lost"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")


def test_a_reader_who_wants_no_motion_gets_none(watch, book):
    page = watch(reduced_motion="reduce").page
    for name in (LINEAR, "book/intro.html"):
        go(page, book + name)
        moving = page.evaluate(
            """() => [...document.querySelectorAll("*")].filter(element => {
                const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
                return animationName !== "none" || /[1-9]/.test(transitionDuration) || scrollBehavior === "smooth";
            }).map(element => element.outerHTML.slice(0, 120))"""
        )
        assert moving == []


def test_the_readers_own_colours_keep_everything_legible(watch, book):
    """With forced colours a picture drawn by background alone is gone: words and lines must be there."""
    page = watch(forced_colors="active", theme="dark").page
    go(page, book + LINEAR)
    exercise = page.locator("section[id^='exercise-']").first
    assert "Difficulty" in exercise.locator(".course-difficulty").inner_text()
    border, text, line = exercise.evaluate(
        "e => ['borderTopColor', 'color', 'borderTopStyle'].map(name => getComputedStyle(e)[name])"
    )
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert line == "solid"
    assert len({border, ground}) == 2
    assert len({text, ground}) == 2
    page.keyboard.press("Tab")
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
