"""Test how explorers are used: by keyboard, mouse, and links, on a phone, and without a script."""

import re

import numpy as np
import pytest
import torch
from explorers import NAMES, alive, explorer, number

from tests.browser.visits import CHAPTERS, NARROW, SITE, WIDE

MOVING = [page for page in CHAPTERS if "data-lab-model" in (SITE / page).read_text(encoding="utf-8")]


def table(root) -> np.ndarray:
    """Return the values of an explorer's table without row headers; empty cells are nan."""
    rows = root.locator("tbody tr").evaluate_all("rows => rows.map(r => [...r.cells].slice(1).map(c => c.textContent))")
    return np.array([[number(cell) if cell else np.nan for cell in row] for row in rows])


def slider(root, label):
    return root.get_by_role("slider", name=label, exact=True)


def reads(root) -> float:
    return number(root.locator("[data-number]").first.inner_text())


# -- the same values, by torch -----------------------------------------------------------------------------------------


def collapse(weight, bias, activation):
    x = torch.linspace(-3, 3, 31)
    one = weight * x + bias
    two = 0.8 * (one.clamp(min=0) if activation == "relu" else one) - 0.5
    shown = np.unique(np.linspace(0, 30, 9).round().astype(int))
    return torch.stack([one, two], 1)[shown].numpy(), float(two.max())


def test_curves_match_torch_and_answer_opens_with_keyboard(opened):
    root = explorer(opened().page, "collapse")
    weight, bias = slider(root, "weight"), slider(root, "bias")
    relu = root.get_by_role("radio", name="relu")
    steps = [
        (lambda: None, (1.0, 0.0, "none")),
        (lambda: weight.press("ArrowRight"), (1.5, 0.0, "none")),
        (lambda: bias.press("Home"), (1.5, -1.0, "none")),
        (lambda: root.get_by_role("radio", name="none").press("ArrowRight"), (1.5, -1.0, "relu")),
        (lambda: weight.press("Home"), (-2.0, -1.0, "relu")),
        (lambda: bias.press("PageUp"), (-2.0, -0.5, "relu")),
    ]
    for act, setting in steps:
        act()
        values, largest = collapse(*setting)
        np.testing.assert_allclose(table(root), values, atol=6e-4, err_msg=str(setting))
        assert reads(root) == pytest.approx(largest, abs=6e-4)
        assert number(weight.get_attribute("aria-valuetext")) == setting[0]
        assert relu.is_checked() == (setting[2] == "relu")
    assert root.get_by_role("status").inner_text() == "weight −2, bias −0.5, activation relu. largest 3.9."
    answer = root.locator("details.answer")
    assert answer.get_attribute("open") is None
    answer.locator("summary").press("Enter")
    assert answer.locator("p").inner_html() == "No: without one, <code>two layers</code> stay straight."
    assert answer.locator("p").is_visible()


def test_drawn_line_matches_its_values_with_mouse(opened):
    root = explorer(opened().page, "collapse")
    weight = slider(root, "weight")
    box = weight.bounding_box()
    weight.click(position={"x": box["width"] - 1, "y": box["height"] / 2})
    path = root.locator('path[data-series="one layer"]').get_attribute("d")
    points = np.array([[float(v) for v in pair.split()] for pair in path.removeprefix("M").split("L")])
    x = np.linspace(-3, 3, 31)
    rows = root.locator("svg .tick[text-anchor=end]").evaluate_all(
        "labels => labels.map(label => [label.textContent, label.getAttribute('y') - 4])"
    )
    value, pixel = np.array([[number(label), y] for label, y in rows]).T
    slope, at_zero = np.polyfit(value, pixel, 1)  # The axis labels map values to pixels.
    np.testing.assert_allclose(points[:, 1], at_zero + slope * 2 * x, atol=0.05)


def test_setting_is_stored_in_the_url_and_restored(opened):
    watched = opened("explorers.html#collapse=weight:-1.5,bias:0.5,activation:relu&shear=shear:2")
    page, root = watched.page, explorer(watched.page, "collapse")
    np.testing.assert_allclose(table(root), collapse(-1.5, 0.5, "relu")[0], atol=6e-4)
    slider(root, "weight").press("ArrowRight")
    assert page.evaluate("location.hash") == "#shear=shear:2&collapse=weight:-1,bias:0.5,activation:relu"
    page.reload()
    page.wait_for_selector(".lab-explorer")
    np.testing.assert_allclose(table(explorer(page, "collapse")), collapse(-1.0, 0.5, "relu")[0], atol=6e-4)


def test_setting_off_the_grid_uses_the_nearest_and_choice_may_be_a_number(opened):
    page = opened("explorers.html#collapse=weight:1.37&norm=sample:1").page
    root = explorer(page, "collapse")
    np.testing.assert_allclose(table(root), collapse(1.5, 0.0, "none")[0], atol=6e-4)
    assert "weight 1.37, bias 0" in root.get_by_role("status").inner_text()
    assert "nearest" in root.get_by_role("status").inner_text()
    root = explorer(page, "norm")
    assert root.get_by_role("radio", name="1", exact=True).is_checked()
    root.get_by_role("radio", name="0", exact=True).click()
    assert "sample 0" in root.get_by_role("status").inner_text()
    assert "Python" not in root.get_by_role("status").inner_text()


def test_malformed_url_fragment_changes_nothing(watch, address):
    watched = watch()
    for broken in ("#collapse=", "#collapse=weight:abc", "#collapse=%E0:1", "#collapse=nobody:1", "#title"):
        watched.page.goto("about:blank")
        watched.page.goto(f"{address}explorers.html{broken}")
        alive(watched.page)
        root = explorer(watched.page, "collapse")
        np.testing.assert_allclose(table(root), collapse(1.0, 0.0, "none")[0], atol=6e-4, err_msg=broken)
    assert watched.complaints == []


def test_tab_reaches_every_control(opened):
    page = opened().page
    reached = []
    for _ in range(100):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const e = document.activeElement, again = e.wasHere;
            e.wasHere = true;
            return [again ? null : e.closest('.lab-explorer')?.dataset.explorer, e.type ?? e.tagName] }"""
        )
        if found[0]:
            reached.append(tuple(found))
    kinds = {name: {kind for other, kind in reached if other == name} for name in NAMES}
    assert all({"range", "SUMMARY"} <= found for found in kinds.values()), kinds
    assert {name for name, found in kinds.items() if "radio" in found} >= {"collapse", "pool", "attend", "spread"}
    assert {name for name, found in kinds.items() if "button" in found} == {"slide", "pool", "race"}
    assert len([1 for stop in reached if stop == ("race", "button")]) == 3
    assert len([1 for stop in reached if stop == ("collapse", "SUMMARY")]) == 2  # table and answer


def test_nothing_overflows_or_overlaps_on_a_phone(opened):
    page = opened(width=NARROW).page
    page.locator("details").evaluate_all("all => all.forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    for name in NAMES:
        root = explorer(page, name)
        outside = root.evaluate(
            """root => { const right = root.getBoundingClientRect().right, left = root.getBoundingClientRect().left;
            return [...root.querySelectorAll('text, rect.cell, circle, label, input')]
              .filter(e => !e.closest('.wide')).map(e => [e.textContent, e.getBoundingClientRect()])
              .filter(([, b]) => b.right > right + 0.5 || b.left < left - 0.5).map(([t]) => t) }"""
        )
        assert outside == []
        overlaps = root.locator(".picture > svg").evaluate(
            """svg => {
            const all = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
            return all.flatMap(([a, p], i) => all.slice(i + 1).filter(([, q]) => p.left < q.right && q.left < p.right
              && p.top + 3 < q.bottom - 3 && q.top + 3 < p.bottom - 3).map(([b]) => `${a} | ${b}`)) }"""
        )
        assert overlaps == [], name


def test_still_figure_and_values_work_without_javascript(watch, address):
    page = watch(java_script_enabled=False).page
    page.goto(f"{address}explorers.html#explorer-attend")
    assert page.locator("#explorer-attend").bounding_box()["y"] < 900, "the address leads to the still picture too"
    still = page.locator("[data-lab-model]")
    assert still.count() == len(NAMES)
    assert still.first.locator("img").get_attribute("alt") == "Output of one and of two layers over the input"
    cells = still.first.locator("tbody tr").last.locator("td").all_text_contents()
    np.testing.assert_allclose([number(c) for c in cells], collapse(1.0, 0.0, "none")[0][-1], atol=6e-4)
    assert not still.first.get_by_text("No: without one").is_visible()
    still.first.get_by_text("Answer").click()
    assert still.first.locator("details p").inner_html() == "No: without one, <code>two layers</code> stay straight."


# -- links, step-throughs ----------------------------------------------------------------------------------------------


def test_links_from_another_page_reach_their_explorers(watch, address):
    page = watch().page
    for link, name in (("setting", "shear"), ("place", "race")):
        page.goto(address + "links.html")
        page.click(f"#{link}")
        alive(page)
        page.wait_for_timeout(100)
        top = explorer(page, name).bounding_box()["y"]
        assert -100 < top < 800, f"{name} is at {top}"
        if link == "setting":  # This link sets two explorers.
            np.testing.assert_allclose(table(explorer(page, "collapse")), collapse(0.5, 0.0, "none")[0], atol=6e-4)
            np.testing.assert_allclose(table(explorer(page, "shear"))[3], [-1.0, 1.0], atol=6e-4)


def test_link_within_the_page_sets_its_explorer(opened):
    page = opened().page
    page.evaluate("location.hash = '#collapse=weight:-2'")
    page.wait_for_function("scrollY < 400")
    page.evaluate("location.hash = '#race=step:3'")
    page.wait_for_function("document.querySelector('[data-explorer=race]').getBoundingClientRect().top < innerHeight")
    np.testing.assert_allclose(table(explorer(page, "collapse")), collapse(-2.0, 0.0, "none")[0], atol=6e-4)
    assert slider(explorer(page, "race"), "step").get_attribute("aria-valuetext") == "3 of 12"


def step_of(root) -> str:
    return slider(root, "step").get_attribute("aria-valuetext")


def drawing(root) -> str:
    return re.sub(r"lab-clip-\d+", "", root.get_by_role("img").first.inner_html())


def test_reset_restores_the_initial_setting(opened):
    page = opened().page
    root = explorer(page, "race")
    reset = root.get_by_role("button", name="Reset")
    before, drawn = step_of(root), drawing(root)
    assert not reset.is_visible(), "there is nothing to undo"
    slider(root, "step").press("End")
    assert step_of(root) != before
    reset.click()
    assert (step_of(root), drawing(root)) == (before, drawn)
    assert not reset.is_visible()


def test_step_controls_work_with_buttons_and_keys(opened):
    page = opened("explorers.html#race=step:1").page
    root = explorer(page, "race")
    previous, next_ = (root.get_by_role("button", name=f"step: {word}") for word in ("previous", "next"))
    next_.click()
    next_.press("Enter")
    assert step_of(root) == "3 of 12"
    assert root.get_by_role("status").inner_text().startswith("lr 0.05, step 3. loss of SGD ")
    assert page.evaluate("location.hash") == "#race=lr:0.05,step:3"
    slider(root, "step").press("End")
    assert (step_of(root), next_.get_attribute("aria-disabled")) == ("12 of 12", "true")
    next_.press("Enter")
    assert step_of(root) == "12 of 12"
    slider(root, "step").press("Home")
    previous.press("Space")
    assert (step_of(root), previous.get_attribute("aria-disabled")) == ("0 of 12", "true")


def test_playback_stops_at_the_end_and_on_input(opened):
    page = opened("explorers.html#race=step:10").page
    root = explorer(page, "race")
    page.wait_for_timeout(900)
    assert step_of(root) == "10 of 12", "it plays by itself"
    root.get_by_role("button", name="step: play").click()
    pause = root.get_by_role("button", name="step: pause")
    assert pause.is_visible()
    said = root.get_by_role("status").inner_text()
    page.wait_for_function("document.querySelector('[data-explorer=race] .steps input').value === '11'")
    assert root.get_by_role("status").inner_text() == said, "every step would be read out"
    root.get_by_role("button", name="step: play").wait_for()  # Playback has reached the end.
    assert step_of(root) == "12 of 12"
    assert root.get_by_role("status").inner_text().startswith("lr 0.05, step 12.")
    root.get_by_role("button", name="step: play").click()  # Playback restarts from the beginning.
    page.wait_for_function("['1', '2'].includes(document.querySelector('[data-explorer=race] .steps input').value)")
    pause.click()
    at = step_of(root)
    page.wait_for_timeout(900)
    assert step_of(root) == at
    root.get_by_role("button", name="step: play").click()
    slider(root, "step").press("ArrowRight")
    at = step_of(root)
    assert root.get_by_role("button", name="step: play").is_visible()
    page.wait_for_timeout(900)
    assert step_of(root) == at


def test_reduced_motion_offers_steps_without_playback(opened):
    root = explorer(opened("explorers.html#race=step:1", reduced_motion="reduce").page, "race")
    assert root.get_by_role("button", name="step").count() == 2  # Only "previous" and "next"; there is no play button.
    root.get_by_role("button", name="step: next").click()
    assert step_of(root) == "2 of 12"


# -- every control of the book -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", CHAPTERS)
def test_last_values_of_all_controls_need_no_python(visitor, page):
    assert visitor.visit(page, WIDE).unmoved == []


def test_control_that_needs_python_is_found(shown):
    page = shown(CHAPTERS[0]).page
    page.evaluate(
        """() => document.body.insertAdjacentHTML("beforeend", `<section class="lab-explorer" data-explorer="planted">
            <div class="controls"><input type="radio"></div><p role="status">Asking Python for b 2 …</p></section>`)"""
    )
    assert page.evaluate("look.unmoved()") == ["planted: Asking Python for b 2 …"]


# -- on a phone --------------------------------------------------------------------------------------------------------

HIGH = 844


@pytest.fixture
def on_phone(watch, book):
    """Return a function that opens a chapter's page on a phone and skips the predictions."""

    def open_page(chapter: str):
        page = watch(width=NARROW).page
        page.set_viewport_size({"width": NARROW, "height": HIGH})
        page.goto(book + chapter)
        alive(page)
        skip = page.get_by_role("button", name="Skip (Esc)")
        while skip.count():
            skip.first.click()
        return page

    return open_page


@pytest.mark.parametrize("chapter", MOVING)
def test_controls_stay_in_one_line_with_the_whole_figure(on_phone, chapter):
    page = on_phone(chapter)
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
    for steps in page.locator(".lab-explorer .steps").all():
        tops = steps.locator("button").evaluate_all("all => all.map(b => Math.round(b.getBoundingClientRect().top))")
        assert len(set(tops)) == 1
        box = steps.locator("input").bounding_box()
        assert box["width"] > 40
        assert abs(box["y"] + box["height"] / 2 - tops[0] - 16) < 8, "the slider is beside them"


@pytest.mark.parametrize(("chapter", "name"), [("linear", "rank"), ("convolution", "receptive")])
def test_numbers_fit_in_their_cells(on_phone, chapter, name):
    page = on_phone(f"notebooks/{chapter}/{chapter}.html")
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


def test_plane_lines_differ_in_dash_pattern(on_phone):
    page = on_phone("notebooks/containers/containers.html")
    dashes = page.locator("[data-explorer=order] path[data-series]").evaluate_all(
        "paths => paths.map(path => getComputedStyle(path).strokeDasharray)"
    )
    assert len(dashes) == 3
    assert len(set(dashes)) == 3
