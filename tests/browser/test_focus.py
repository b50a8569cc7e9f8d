"""Test keyboard use of the book: the order of Tab stops, the visible focus, and the way out of each element."""

import pytest

from tests.browser.visits import EACH, LOOK, PAGES, SAMPLE, go, is_searched, stops

LINEAR = "notebooks/linear/linear.html"


@pytest.mark.parametrize("page", EACH)
def test_tab_follows_document_order_with_visible_focus(visitor, page):
    """Check pages in a wide window with the light theme, and the sample in a narrow window with the dark theme, too."""
    checked = [visit for visit in visitor.visits(page) if visit.stops is not None]
    assert checked or not is_searched(page)
    for visit in checked:
        found = visit.stops
        assert len(found) >= 2, visit.way
        assert [stop["element"] for stop in found if not stop["order"]] == [], "against the order of the document"
        assert [stop["element"] for stop in found if stop["outline"] < 2] == [], "no outline"
        faint = [(stop["element"], stop["contrast"]) for stop in found if stop["contrast"] < 3]
        assert faint == [], f"{visit.way}: a faint outline"
        assert [stop["element"] for stop in found if not stop["seen"]] == [], "covered, or outside of the window"


@pytest.mark.parametrize("page", SAMPLE)
def test_sampled_page_is_searched_at_both_widths_and_in_both_themes(visitor, page):
    assert page in PAGES
    visits = visitor.visits(page)
    assert [list(visit.seen) for visit in visits] == [["light", "dark"]] * 2
    assert ["Skip to main content" in visit.stops[0]["element"] for visit in visits] == [True, True]


FAULTS = """<!DOCTYPE html><html lang="en"><head><title>Faults</title></head><body style="background: #fff"><main>
<button>first</button><button style="outline: none">no outline</button>
<button style="outline: 3px solid #eee">faint</button>
<div style="height: 40px; overflow: hidden"><button style="position: absolute; left: -900px">outside</button></div>
<button tabindex="2">before its turn</button></main></body></html>"""


def test_focus_checks_detect_planted_faults(watch):
    page = watch().page
    page.set_content(FAULTS)
    page.evaluate(LOOK)
    found = {stop["element"].partition(">")[2].partition("<")[0]: stop for stop in stops(page)}
    assert list(found) == ["before its turn", "first", "no outline", "faint", "outside"]
    assert not found["first"]["order"]
    assert found["no outline"]["outline"] == 0
    assert found["faint"]["contrast"] < 3
    assert not found["outside"]["seen"]
    assert found["first"]["outline"] > 0


@pytest.mark.parametrize("width", [1280, 390])
def test_skip_link_leads_past_the_sidebar(shown, width):
    page = shown(LINEAR, width=width).page
    page.keyboard.press("Tab")
    assert "Skip to main content" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


def test_copy_button_is_focusable_only_at_its_block(shown):
    page = shown(LINEAR).page
    count = "document.querySelectorAll('button.copybtn').length"
    stops_ = "document.querySelectorAll('button.copybtn:not([tabindex=\"-1\"])').length"
    page.wait_for_function(f"{stops_} === 0 && {count} > 10")
    block = page.locator("div.highlight:has(button.copybtn)").first
    block.locator("pre").click(position={"x": 5, "y": 5})
    page.mouse.move(0, 0)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('button.copybtn')")
    assert page.evaluate(stops_) == 1
    page.keyboard.press("Tab")
    page.wait_for_function(f"{stops_} === 0")


def test_theme_switches_by_keyboard_and_persists(shown, book):
    page = shown(LINEAR, theme="light").page
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


def test_phone_sidebar_opens_and_closes_by_keyboard(shown):
    page = shown(LINEAR, width=390, reduced_motion="reduce").page
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


def test_reduced_motion_disables_all_motion(watch, book):
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


def test_forced_colors_keep_everything_legible(shown):
    """Forced colors remove backgrounds, so text and lines must show everything."""
    page = shown(LINEAR, forced_colors="active", theme="dark").page
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
