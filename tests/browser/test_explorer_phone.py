"""Test explorers on a phone: controls and figure are visible together, and numbers fit in their cells."""

import pytest

from tests.browser.visits import NARROW, PAGES

CHAPTERS = [page for page in PAGES if page.startswith("notebooks/") and "solution" not in page]
HIGH = 844


@pytest.fixture
def alive(watch, book):
    """Return a function that opens a chapter's page on a phone and skips the predictions."""

    def open_page(chapter: str):
        page = watch(width=NARROW).page
        page.set_viewport_size({"width": NARROW, "height": HIGH})
        page.goto(book + chapter)
        page.wait_for_function("document.querySelectorAll('[data-lab-model]').length === 0")
        skip = page.get_by_role("button", name="Skip (Esc)")
        while skip.count():
            skip.first.click()
        return page

    return open_page


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_controls_stay_visible_with_the_whole_figure(alive, chapter):
    page = alive(chapter)
    for root in page.locator(".lab-explorer").all():
        name = root.get_attribute("data-explorer")
        controls, picture = root.locator(".controls"), root.locator(".picture > svg")
        assert controls.bounding_box()["height"] <= 0.4 * HIGH, f"{name}: the controls fill the screen"
        bottom = picture.evaluate("svg => svg.getBoundingClientRect().bottom + scrollY")
        page.evaluate("y => scrollTo({ top: y, behavior: 'instant' })", bottom - HIGH + 8)
        box, seen = controls.bounding_box(), picture.bounding_box()
        assert 0 <= box["y"] <= HIGH - box["height"], f"{name}: the controls have left the screen"
        assert seen["y"] + seen["height"] <= HIGH + 1
        top = controls.evaluate(
            """e => { const { x, bottom } = e.getBoundingClientRect();
              return e.contains(document.elementFromPoint(x + 5, bottom - 5)); }"""
        )
        assert top, f"{name}: something lies over the controls"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_step_buttons_and_slider_share_one_line(alive, chapter):
    page = alive(chapter)
    for steps in page.locator(".lab-explorer .steps").all():
        tops = steps.locator("button").evaluate_all("all => all.map(b => Math.round(b.getBoundingClientRect().top))")
        assert len(set(tops)) == 1
        box = steps.locator("input").bounding_box()
        assert box["width"] > 40
        assert abs(box["y"] + box["height"] / 2 - tops[0] - 16) < 8, "the slider stands beside them"


@pytest.mark.parametrize(("chapter", "name"), [("linear", "rank"), ("convolution", "receptive")])
def test_numbers_fit_in_their_cells(alive, chapter, name):
    page = alive(f"notebooks/{chapter}/{chapter}.html")
    picture = page.locator(f"[data-explorer={name}] .picture > svg")
    sizes = picture.locator(".number").evaluate_all("all => all.map(t => parseFloat(t.style.fontSize))")
    assert len(sizes) == picture.locator("rect.cell").count()
    assert min(sizes) >= 8.5
    apart = picture.evaluate(
        """svg => [...svg.querySelectorAll('.number')].filter(t => {
            const inner = t.getBoundingClientRect(), outer = t.previousElementSibling.getBoundingClientRect();
            return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 3
              || inner.bottom > outer.bottom + 3;
        }).length"""
    )
    assert apart == 0


def test_plane_lines_differ_in_dash_pattern(alive):
    page = alive("notebooks/containers/containers.html")
    dashes = page.locator("[data-explorer=order] path[data-series]").evaluate_all(
        "paths => paths.map(path => getComputedStyle(path).strokeDasharray)"
    )
    assert len(dashes) == 3
    assert len(set(dashes)) == 3
