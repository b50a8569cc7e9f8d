"""Test that explorers ask for a prediction, store it, and then show torch's value."""

import json
import re

import pytest
from explorers import alive, explorer, violations
from test_progress_page import REFUSES

KEY = "layerlab/1/predict/moved/asked"


def kept(page) -> dict | None:
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}') ?? 'null'"))


def again(page) -> None:
    page.reload()
    alive(page)


def say(root, words: str) -> None:
    field = root.get_by_role("textbox")
    field.fill(words)
    field.press("Enter")


def test_controls_and_values_are_hidden_before_a_number_is_predicted(opened):
    page = opened("moved.html").page
    root = explorer(page, "asked")
    assert not root.get_by_role("slider").is_visible()
    assert not root.get_by_text("As the slope says.").is_visible()
    assert root.locator(".gap").count() == 0
    assert root.get_by_text("With a slope of 1, where is the line at 6?").is_visible()
    assert not re.search(r"\b6\b", root.locator(".predict").inner_text().replace("at 6?", ""))
    assert root.get_by_role("textbox", name="With a slope of 1, where is the line at 6?").is_visible()
    say(root, "about six")
    assert root.get_by_role("textbox").get_attribute("aria-invalid") == "true"
    assert root.get_by_text("Type a number, such as 12 or 0.5.").is_visible()
    assert kept(page) is None


def test_predicted_number_is_locked_compared_and_stored(opened):
    page = opened("moved.html").page
    root = explorer(page, "asked")
    for typed, gap, right in (
        ("8", "You said 8, torch says 6. Off by 2.", False),
        ("6", "You said 6, torch says 6. Right.", True),
        ("5,75", "You said 5.75, torch says 6. Close enough.", True),
        ("−6", "You said −6, torch says 6. Off by 12.", False),
        ("6,000.5", "You said 6001, torch says 6. Off by 5990.", False),
    ):
        say(root, typed)
        assert root.locator(".gap").inner_text() == gap
        assert page.evaluate("document.activeElement.className") == "gap", "the focus is on what is said"
        assert root.get_by_role("textbox").count() == 0
        slider = root.get_by_role("slider")
        assert slider.get_attribute("aria-valuetext") == "1", "the setting that answers is shown"
        slider.press("ArrowRight")
        assert root.locator("[data-number]").inner_text() == "12"
        record = kept(page)
        assert (record["right"], record["asked"]) == (right, "With a slope of 1, where is the line at 6?")
        again(page)
        assert root.locator(".gap").inner_text() == gap
        assert root.get_by_role("slider").is_visible()
        page.evaluate("localStorage.clear()")
        again(page)


@pytest.mark.parametrize(
    ("chosen", "gap"),
    [
        ("slope 1", "You said “slope 1”, torch says “slope 2” and “slope 3”: 2. With yours the height is 1."),
        ("slope 3", "You said “slope 3”, and so does torch. The height (largest) is 2."),
    ],
)
def test_choice_works_with_keyboard_only(opened, chosen, gap):
    page = opened("moved.html").page
    root = explorer(page, "chosen")
    button = root.get_by_role("button", name=chosen)
    for _ in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("b => b === document.activeElement"):
            break
    page.keyboard.press("Enter")
    assert root.locator(".gap").inner_text() == gap
    assert root.get_by_role("slider").get_attribute("aria-valuetext") == "2"


@pytest.mark.parametrize("by", ["Escape", "button"])
def test_skipping_shows_controls_without_a_comparison(opened, by):
    page = opened("moved.html").page
    root = explorer(page, "asked")
    if by == "Escape":
        root.get_by_role("textbox").press("Escape")
    else:
        root.get_by_role("button", name="Skip (Esc)").click()
    assert root.locator(".gap").inner_text() == "You made no prediction."
    assert root.get_by_role("slider").get_attribute("aria-valuetext") == "0", "nothing moved by itself"
    assert kept(page)["skipped"] is True
    again(page)
    assert root.get_by_role("slider").is_visible()


def test_damaged_record_or_one_of_another_question_is_ignored(opened):
    watched = opened("moved.html")
    page = watched.page
    of_asked = {"asked": "With a slope of 1, where is the line at 6?"}
    another = {"said": 5, "right": False, "asked": "Something else?", "at": 1}
    for words in ("{", "7", "null", json.dumps({"said": {}} | of_asked), json.dumps(another)):
        page.evaluate("([key, words]) => localStorage.setItem(key, words)", [KEY, words])
        again(page)
        assert explorer(page, "asked").get_by_role("textbox").is_visible(), words
    assert watched.complaints == []


def test_answer_from_another_tab_is_adopted(opened, address):
    first = opened("moved.html").page
    second = first.context.new_page()
    second.goto(address + "moved.html")
    alive(second)
    say(explorer(second, "asked"), "8")
    explorer(first, "asked").get_by_text("You said 8, torch says 6. Off by 2.").wait_for()


def test_prediction_works_without_browser_storage(watch, address):
    watched = watch()
    watched.page.add_init_script(REFUSES)
    for asked in ("**/sphinx_highlight.js*", "**/favicon.ico"):  # only the test page requests them, not the book
        watched.page.route(asked, lambda route: route.fulfill(body=""))
    watched.page.goto(address + "moved.html")
    alive(watched.page)
    root = explorer(watched.page, "asked")
    say(root, "8")
    assert root.locator(".gap").inner_text() == "You said 8, torch says 6. Off by 2."
    assert root.get_by_role("slider").is_visible()
    assert watched.page.evaluate("[labStore.keeps(), labStore.all('predict').length]") == [False, 1]
    again(watched.page)
    assert root.get_by_role("textbox").is_visible()
    assert watched.complaints == []


def test_store_functions_get_set_list_and_notify(opened):
    page = opened("moved.html").page
    found = page.evaluate(
        """() => {
            const heard = [], stop = labStore.on((...parts) => heard.push(parts.join()));
            labStore.set("quiz", "a/b", "1 %", { right: true });
            labStore.set("predict", "x", "y", { said: 1 });
            localStorage.setItem("layerlab/1/broken", "{}");
            localStorage.setItem("other", "{}");
            const all = labStore.all(), quiz = labStore.all("quiz").map((r) => [r.chapter, r.name, r.value.right]);
            labStore.set("predict", "x", "y", null);
            stop();
            labStore.set("predict", "x", "y", { said: 2 });
            const gone = labStore.get("predict", "x", "z");
            return { heard, count: all.length, quiz, gone, chapter: labStore.chapter() };
        }"""
    )
    assert found == {
        "heard": ["quiz,a/b,1 %", "predict,x,y", "predict,x,y"],
        "count": 2,
        "quiz": [["a/b", "1 %", True]],
        "gone": None,
        "chapter": "moved",
    }


def test_print_shows_question_and_figure_without_controls(opened):
    page = opened("moved.html").page
    for answered in (False, True):
        if answered:
            say(explorer(page, "asked"), "8")
        page.emulate_media(media="print")
        root = explorer(page, "asked")
        assert root.get_by_text("With a slope of 1, where is the line at 6?").is_visible()
        assert root.locator(".picture > svg").is_visible()
        assert root.locator(".set").inner_text() == f"Shown: slope {int(answered)}."
        assert root.locator("input:visible, button:visible").count() == 0
        assert explorer(page, "lamp").locator("input:visible, button:visible, select:visible").count() == 0
        page.emulate_media(media="screen")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violations_before_or_after_prediction(opened, theme):
    page = opened("moved.html", theme=theme, width=390).page
    if theme == "dark":
        page.add_style_tag(content="body, div.body { background: #14181e !important; }")
    for answered in (False, True):
        if answered:
            say(explorer(page, "asked"), "8")
            explorer(page, "chosen").get_by_role("button", name="slope 1").click()
        assert violations(page) == []
