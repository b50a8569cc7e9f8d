"""Test that explorers in a built page show the same values as torch, without a kernel."""

import re
from collections.abc import Iterator
from itertools import chain

import explorers
import numpy as np
import pytest
import torch
from explorers import alive, explorer, number, violations

from tests.browser.visits import PAGES, WIDE
from tests.served import served

NAMES = explorers.NAMES
CHAPTERS = [page for page in PAGES if re.fullmatch(r"notebooks/(\w+)/\1\.html", page)]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(explorers.site()) as site:
        yield f"{site}explorers.html"


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


def test_curves_match_torch_with_keyboard(opened):
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
    watched = opened("#collapse=weight:-1.5,bias:0.5,activation:relu&shear=shear:2")
    page, root = watched.page, explorer(watched.page, "collapse")
    np.testing.assert_allclose(table(root), collapse(-1.5, 0.5, "relu")[0], atol=6e-4)
    slider(root, "weight").press("ArrowRight")
    assert page.evaluate("location.hash") == "#shear=shear:2&collapse=weight:-1,bias:0.5,activation:relu"
    page.reload()
    page.wait_for_selector(".lab-explorer")
    np.testing.assert_allclose(table(explorer(page, "collapse")), collapse(-1.0, 0.5, "relu")[0], atol=6e-4)


def test_setting_off_the_grid_uses_the_nearest(opened):
    root = explorer(opened("#collapse=weight:1.37").page, "collapse")
    np.testing.assert_allclose(table(root), collapse(1.5, 0.0, "none")[0], atol=6e-4)
    assert "weight 1.37, bias 0" in root.get_by_role("status").inner_text()
    assert "nearest" in root.get_by_role("status").inner_text()


@pytest.mark.parametrize(
    "broken", ["#collapse=", "#collapse=weight:abc", "#collapse=%E0:1", "#collapse=nobody:1", "#title"]
)
def test_malformed_url_fragment_changes_nothing(opened, broken):
    watched = opened(broken)
    np.testing.assert_allclose(table(explorer(watched.page, "collapse")), collapse(1.0, 0.0, "none")[0], atol=6e-4)
    assert watched.complaints == []


def test_single_status_reports_setting_and_values(opened):
    root = explorer(opened().page, "collapse")
    slider(root, "weight").press("ArrowRight")
    assert root.get_by_role("status").count() == 1
    assert root.get_by_role("status").inner_text() == "weight 1.5, bias 0, activation none. largest 3.1."


def test_tab_reaches_every_control_with_visible_focus(opened):
    page = opened().page
    reached = []
    for _ in range(100):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const e = document.activeElement, seen = e.type === 'radio' ? e.nextSibling : e;
            const name = e.closest('.lab-explorer')?.dataset.explorer, again = e.wasHere;
            e.wasHere = true;
            return [again ? null : name, e.type ?? e.tagName, getComputedStyle(seen).outlineStyle] }"""
        )
        if found[0]:
            reached.append(tuple(found))
    kinds = {name: {kind for other, kind, _ in reached if other == name} for name in NAMES}
    assert all({"range", "SUMMARY"} <= found for found in kinds.values()), kinds
    assert {name for name, found in kinds.items() if "radio" in found} >= {"collapse", "pool", "attend", "spread"}
    assert {name for name, found in kinds.items() if "button" in found} == {"slide", "pool", "race"}
    assert len([1 for name, kind, _ in reached if (name, kind) == ("race", "button")]) == 3
    assert len([1 for name, kind, _ in reached if (name, kind) == ("collapse", "SUMMARY")]) == 2  # table and answer
    assert {outline for *_, outline in reached} == {"solid"}


def test_page_makes_no_external_requests_or_errors(opened, address):
    watched = opened()
    slider(explorer(watched.page, "collapse"), "weight").press("End")
    assert len(watched.requests) > 1
    assert watched.strangers(address.removesuffix("explorers.html")) == []
    assert watched.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_overflows_a_phone_screen(opened, theme):
    page = opened(width=390, theme=theme).page
    page.locator("details").evaluate_all("all => all.forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in NAMES:
        outside = explorer(page, name).evaluate(
            """root => { const right = root.getBoundingClientRect().right, left = root.getBoundingClientRect().left;
            return [...root.querySelectorAll('text, rect.cell, circle, label, input')]
              .filter(e => !e.closest('.wide')).map(e => [e.textContent, e.getBoundingClientRect()])
              .filter(([, b]) => b.right > right + 0.5 || b.left < left - 0.5).map(([t]) => t) }"""
        )
        assert outside == []


def test_colors_follow_the_page_theme(opened):
    page = opened(theme="light").page
    ink = "getComputedStyle(document.querySelector('.lab-explorer')).color"
    light = page.evaluate(ink)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark = page.evaluate(ink)
    assert (light, dark) == ("rgb(31, 35, 40)", "rgb(232, 234, 237)")


def test_figure_labels_do_not_overlap(opened):
    page = opened(width=390).page
    for name in NAMES:
        overlaps = (
            explorer(page, name)
            .locator(".picture > svg")
            .evaluate(
                """svg => {
            const all = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
            return all.flatMap(([a, p], i) => all.slice(i + 1).filter(([, q]) => p.left < q.right && q.left < p.right
              && p.top + 3 < q.bottom - 3 && q.top + 3 < p.bottom - 3).map(([b]) => `${a} | ${b}`)) }"""
            )
        )
        assert overlaps == [], name


def test_still_figure_and_values_work_without_javascript(watch, address):
    page = watch(java_script_enabled=False).page
    page.goto(f"{address}#explorer-attend")
    assert page.locator("#explorer-attend").bounding_box()["y"] < 900, "the address leads to the still picture too"
    still = page.locator("[data-lab-model]")
    assert still.count() == len(NAMES)
    assert still.first.locator("img").get_attribute("alt") == "Output of one and of two layers over the input"
    cells = still.first.locator("tbody tr").last.locator("td").all_text_contents()
    np.testing.assert_allclose([number(c) for c in cells], collapse(1.0, 0.0, "none")[0][-1], atol=6e-4)
    assert not still.first.get_by_text("No: without one").is_visible()
    still.first.get_by_text("Answer").click()
    assert still.first.locator("details p").inner_html() == "No: without one, <code>two layers</code> stay straight."


def test_static_tables_match_live_explorers(opened, watch, address):
    read = "tables => tables.map(t => [...t.rows].map(r => [...r.cells].map(c => c.textContent.trim())))"
    still, living = watch(java_script_enabled=False).page, opened().page
    still.goto(address)
    for name in NAMES:
        before = still.locator(f"#explorer-{name} table").evaluate_all(read)
        now = explorer(living, name).locator("table").evaluate_all(read)
        assert len(before) == len(now) >= 1
        for a, b in zip(chain(*before), chain(*now), strict=True):
            for x, y in zip(a, b, strict=True):
                try:
                    assert number(x) == pytest.approx(number(y), rel=6e-3, abs=1e-3), name
                except ValueError:  # Compare words without their numbers.
                    assert [w for w in x.split() if not w[-1].isdigit()] == [
                        w for w in y.split() if not w[-1].isdigit()
                    ]


def test_explorer_works_in_a_local_file(watch):
    watched = watch()
    watched.page.goto((explorers.site() / "explorers.html").as_uri())
    root = explorer(watched.page, "collapse")
    slider(root, "weight").press("ArrowRight")
    np.testing.assert_allclose(table(root), collapse(1.5, 0.0, "none")[0], atol=6e-4)


# -- answers, links, step-throughs -------------------------------------------------------------------------------------


def test_answer_is_folded_and_opens_by_keyboard(opened):
    root = explorer(opened().page, "collapse")
    answer = root.locator("details.answer")
    assert answer.get_attribute("open") is None
    answer.locator("summary").press("Enter")
    assert answer.locator("p").inner_html() == "No: without one, <code>two layers</code> stay straight."
    assert answer.locator("p").is_visible()


def test_links_from_another_page_reach_their_explorers(opened, watch, address):
    page = watch().page
    for link, name in (("setting", "shear"), ("place", "race")):
        page.goto(address.replace("explorers.html", "links.html"))
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
    page = opened("#race=step:1").page
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
    page = opened("#race=step:10").page
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
    root = explorer(opened("#race=step:1", reduced_motion="reduce").page, "race")
    assert root.get_by_role("button", name="step").count() == 2  # Only "previous" and "next"; there is no play button.
    root.get_by_role("button", name="step: next").click()
    assert step_of(root) == "2 of 12"


def test_axe_finds_no_violations_in_explorers(opened):
    """Check the dark theme on a phone; `test_axe.py` checks the book's pages."""
    page = opened(theme="dark", width=390).page
    page.add_style_tag(content="body, div.body { background: #14181e !important; }")
    page.locator("details").evaluate_all("all => all.forEach(d => d.open = true)")
    assert violations(page) == []


# -- choices between numbers, and every control of the book -----------------------------------------------------------


def test_choice_between_numbers_is_linked_and_computed(opened):
    root = explorer(opened("#norm=sample:1").page, "norm")
    assert root.get_by_role("radio", name="1", exact=True).is_checked()
    root.get_by_role("radio", name="0", exact=True).click()
    assert "sample 0" in root.get_by_role("status").inner_text()
    assert "Python" not in root.get_by_role("status").inner_text()


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
