"""Test that answers, checkboxes, and the last section survive a reload, another tab, and a new build."""

import itertools
import json
import re
from pathlib import Path

import pytest

from tests.browser.visits import SITE, dress, go, violations

LINEAR = "notebooks/linear/linear.html"
AGAIN = "book/again.html"
THEMES = ("light", "dark")
REFUSES = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"

# For each question of a quiz: [its name, the indices of its open options, the text that marks the first answer].
QUIZ = """() => [...Map.groupBy(document.querySelectorAll("details[data-question]"), o => o.dataset.question)].map(
    ([name, options]) => [name, options.flatMap((o, i) => o.open ? [i] : []),
        options.map(o => o.querySelector(".course-said")?.textContent.trim() ?? "").join("")])"""
EVERYTHING = "labStore.all()"


def quiz_of(page) -> list[list]:
    return page.evaluate(QUIZ)


def option(page, question: int, right: bool):
    """Return the right option of a quiz question on the page, or the question's first wrong option."""
    name = quiz_of(page)[question][0]
    return page.locator(f'details[data-question="{name}"].course-{"right" if right else "wrong"} > summary').first


def answer(page, question: int, right: bool) -> int:
    """Open an option and return its index."""
    option(page, question, right).click()
    page.wait_for_function("name => labStore.get('quiz', labStore.chapter(), name)", arg=quiz_of(page)[question][0])
    return quiz_of(page)[question][1][-1]


def tick(page, name: str):
    return page.locator(f'section[data-exercise="{name}"] .course-tick input')


SIDEBAR = """() => Object.fromEntries([...document.querySelectorAll("#pst-primary-sidebar .course-done")].map(
    note => [note.parentElement.firstChild.textContent.split(":")[0].trim(), note.innerText.trim()]))"""


def sidebar(page) -> dict[str, str]:
    """Map the first words of each page title in the sidebar to the page's progress note, if it has one."""
    page.wait_for_selector("#pst-primary-sidebar .course-done", state="attached")
    return page.evaluate(SIDEBAR)


def wait_for_sidebar(page, title: str, begin: str) -> None:
    """Wait until the sidebar note of the page with this title begins with this text."""
    page.wait_for_function(f"([title, begin]) => ({SIDEBAR})()[title]?.startsWith(begin)", arg=[title, begin])


def serve(page, name: str, body: str) -> None:
    """Serve this text as the response when the page requests one of the site's scripts."""
    page.route(f"**/_static/{name}", lambda route: route.fulfill(body=body, content_type="text/javascript"))


# -- without any progress ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [LINEAR, "book/intro.html", "book/parts/layers.html"])
def test_fresh_reader_sees_loads_and_stores_nothing(shown, name):
    watched = shown(name, wait_until="networkidle")
    assert watched.page.locator(".course-done, .course-back, .course-said").count() == 0
    assert not any("course-map" in url or "questions/" in url for url in watched.requests)
    assert watched.page.evaluate(EVERYTHING) == []


# -- a quiz ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("from_disk", [False, True], ids=["served", "disk"])
def test_first_opened_option_counts_and_options_survive_reload(watch, book, from_disk):
    page = watch().page
    address = (SITE / LINEAR).as_uri() if from_disk else book + LINEAR
    go(page, address)
    answer(page, 1, right=True)
    option(page, 1, right=True).click()
    page.wait_for_function("labStore.all('quiz')[0].value.open.length === 0")
    wrong = answer(page, 0, right=False)
    option(page, 0, right=True).click()
    right = answer(page, 2, right=True)
    page.wait_for_function("labStore.all('quiz').length === 3")
    go(page, address)
    found = quiz_of(page)
    assert found[0][1:] == [sorted([wrong, found[0][1][1 - found[0][1].index(wrong)]]), "your first answer"]
    assert found[1][1:] == [[], "your first answer"], "it was closed again"
    assert found[2][1:] == [[right], "your first answer"]
    assert [one[1:] for one in found[3:]] == [[[], ""]] * len(found[3:])
    kept = {one["name"]: one["value"] for one in page.evaluate("labStore.all('quiz')")}
    assert [kept[found[n][0]]["right"] for n in (0, 2)] == [False, True]


def test_scripted_opening_or_printing_records_no_answer(shown, tmp_path):
    page = shown(LINEAR).page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    page.pdf(path=tmp_path / "page.pdf")
    page.wait_for_timeout(200)
    assert page.evaluate(EVERYTHING) == []


def test_another_tab_shows_progress_at_once(watch, book):
    page = watch().page
    other = page.context.new_page()
    go(other, book + LINEAR)
    go(page, book + LINEAR)
    answer(page, 0, right=True)
    tick(page, "own_linear").check()
    wait_for_sidebar(other, "Linear", "2 of ")
    assert quiz_of(other) == quiz_of(page)
    assert tick(other, "own_linear").is_checked()
    tick(other, "own_linear").uncheck()
    page.wait_for_function("!document.querySelector('[data-exercise=own_linear] .course-tick input').checked")


def test_new_build_resets_only_changed_questions(shown, book):
    page = shown(LINEAR).page
    answer(page, 0, right=True)
    answer(page, 1, right=False)
    moved, changed = (quiz_of(page)[n] for n in (0, 1))
    wait_for_sidebar(page, "Linear", "2 of ")

    def rebuilt(route):
        """Serve a later build of the page, in which question 2 is new and comes before question 1."""
        html = route.fetch().text().replace(changed[0], "0badcafe")
        quiz = re.search(r"(<p><strong>1\. .*?)(<p><strong>2\. .*?)(?=<p><strong>3\. )", html, re.DOTALL)
        route.fulfill(body=html.replace(quiz[0], quiz[2] + quiz[1]), content_type="text/html")

    def remapped(route):
        route.fulfill(body=route.fetch().text().replace(changed[0], "0badcafe"), content_type="text/javascript")

    page.route("**/linear.html*", rebuilt)
    page.route("**/course-map.js*", remapped)
    go(page, book + LINEAR)
    assert quiz_of(page)[:2] == [["0badcafe", [], ""], moved]
    wait_for_sidebar(page, "Linear", "1 of ")


# -- exercises ---------------------------------------------------------------------------------------------------------


def test_manual_tick_survives_reload_and_can_be_undone(shown, book):
    page = shown(LINEAR).page
    box = tick(page, "own_linear")
    assert box.get_attribute("aria-label").startswith("Done: ")
    box.focus()
    page.keyboard.press("Space")
    go(page, book + LINEAR)
    assert box.is_checked()
    assert page.locator(".course-tick input:checked").count() == 1
    box.uncheck()
    go(page, book + LINEAR)
    assert not box.is_checked()


# -- shown progress ----------------------------------------------------------------------------------------------------


def test_cover_part_and_sidebar_show_progress(shown, book):
    watched = shown(LINEAR)
    page = watched.page
    page.evaluate("courseDone.load('course-map.js')")
    works = page.evaluate("courseMap")["chapters"]["linear"]
    answer(page, 0, right=True)
    tick(page, "own_linear").check()
    tick(page, "own_bilinear_layer").check()
    page.evaluate("asked => labStore.set('predict', 'linear', 'gone', { said: 1, right: true, asked, at: 1 })", "What?")
    go(page, book + "book/parts/start.html")
    page.wait_for_selector(".course-list .course-done")
    (said,) = page.locator(".course-list .course-done").all_inner_texts()
    exercises, questions = len(works["exercise"]), len(works["quiz"])
    core = len(works["core"])
    assert 0 < core < exercises
    assert said.strip().startswith(f"1 of {core} core exercises, 2 of {exercises} exercises, 1 of {questions} quiz")
    everything = exercises + questions + len(works["predict"])
    assert sidebar(page) == {"Linear": f"3 of {everything} done"}
    go(page, book + "book/intro.html")
    page.wait_for_selector(".course-list .course-done")
    (said,) = page.locator(".course-list .course-done").all_inner_texts()
    assert re.fullmatch(r"1 of \d+ core exercises, 3 of \d+ done", said.strip())
    assert watched.strangers(book) == []
    assert watched.complaints == []


def test_prediction_counts_while_its_question_is_unchanged(watch, book):
    page = watch().page
    script = (SITE / "_static" / "course-map.js").read_text("utf-8")
    asked = "Größer oder kleiner? ∂"
    serve(page, "course-map.js", f"{script}courseMap.chapters.linear.predict = {json.dumps({'rank': asked})};")
    go(page, book + LINEAR)
    keep = "asked => labStore.set('predict', 'linear', 'rank', { said: 1, right: true, asked, at: 1 })"
    page.evaluate(keep, asked)
    wait_for_sidebar(page, "Linear", "1 of ")
    page.evaluate(keep, "Another question?")
    page.wait_for_function("!document.querySelector('#pst-primary-sidebar .course-done')")


def test_cover_links_back_to_last_section_read(shown, book):
    page = shown("notebooks/softmax/softmax.html#quiz").page
    page.wait_for_function("labStore.all('place').length === 1")
    go(page, book + LINEAR)
    exercise = page.locator('section[data-exercise="own_linear"]')
    exercise.evaluate("section => section.scrollIntoView()")
    page.wait_for_function("labStore.all('place').length === 2")
    go(page, book + "book/intro.html")
    link = page.locator(".course-begin a").first
    link.wait_for()
    page.wait_for_selector(".course-back")
    assert re.match(r"Go on where you were: Linear: Exercise: ", page.locator(".course-back").text_content())
    page.locator(".course-back").click()
    page.wait_for_url(f"**/linear.html#{exercise.get_attribute('id')}")


# -- Again -------------------------------------------------------------------------------------------------------------


def at_day(page, day: str) -> None:
    page.clock.set_fixed_time(f"{day}T07:30:00")


def due(page) -> str:
    page.wait_for_function("document.querySelector('.course-due').textContent")
    return page.locator(".course-due").text_content()


def missed(page, book: str, *questions: int) -> None:
    """Answer these questions of the `linear` quiz incorrectly."""
    go(page, book + LINEAR)
    for number in questions:
        answer(page, number, right=False)


def ask_again(page, book: str) -> list[str]:
    """Open the Again page and return the questions that it asks."""
    go(page, book + AGAIN)
    due(page)
    page.wait_for_load_state("networkidle")
    return page.locator(".course-again > ol > li").all_inner_texts()


def test_again_page_explains_itself_with_nothing_missed(shown, book):
    watched = shown(LINEAR)
    answer(watched.page, 0, right=True)
    assert ask_again(watched.page, book) == []
    assert due(watched.page).startswith("Nothing to ask yet. When the first option")
    assert "1 day" in due(watched.page)
    assert watched.complaints == []


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_missed_question_returns_at_growing_intervals(watch, book, zone):
    page = watch(timezone_id=zone).page
    at_day(page, "2026-03-27")
    missed(page, book, 0)
    assert ask_again(page, book) == []
    assert due(page) == "Nothing is due today. The next question comes on Saturday 28 March 2026."
    days = ["2026-03-28", "2026-03-31", "2026-04-07", "2026-04-23", "2026-05-28", "2026-08-11", "2026-10-25"]
    for day, following in itertools.pairwise(days):
        at_day(page, day)
        (asked,) = ask_again(page, book)
        assert "Linear" in asked
        page.locator(".course-again .course-right > summary").click()
        page.wait_for_function("document.querySelector('.course-again li [role=status]').textContent")
        (kept,) = page.evaluate("labStore.all('again')")
        assert kept["value"]["due"] == following
    at_day(page, days[-1])
    ask_again(page, book)
    page.locator(".course-again .course-wrong > summary").first.click()
    page.wait_for_function(
        "document.querySelector('.course-again li [role=status]').textContent.startsWith('Not right')"
    )
    (kept,) = page.evaluate("labStore.all('again')")
    assert (kept["value"]["due"], kept["value"]["step"]) == ("2026-10-26", 0)


def test_review_counts_first_option_and_asks_once_daily(watch, book):
    page = watch().page
    at_day(page, "2026-11-20")
    missed(page, book, 0, 1)
    assert "Again" not in sidebar(page)
    at_day(page, "2026-11-21")
    go(page, book + "book/intro.html")
    wait_for_sidebar(page, "Again", "2 due")
    assert len(ask_again(page, book)) == 2
    assert due(page) == "2 of 2 missed questions are due today."
    first = page.locator(".course-again > ol > li").first
    first.locator(".course-wrong > summary").first.click()
    first.locator(".course-right > summary").click()
    assert first.locator("[role=status]").text_content() == "Not right. It comes again on Sunday 22 November 2026."
    assert page.locator(".course-again > ol > li").count() == 2, "its reasons stay visible"
    assert len(ask_again(page, book)) == 1


PREDICTIONS = {
    "rank": {
        "question": "Which rank is enough?", "number": "error", "choices": ["one", "two"], "settings": [{}, {}],
        "torch": [0.5, 0.001], "right": [1], "within": 0,
    },
    "count": {
        "question": "How many parameters?", "number": "parameters", "choices": [], "settings": [{}],
        "torch": [1200], "right": [], "within": 10,
    },
}  # fmt: skip


def with_predictions(page) -> None:
    """Make the explorers of `linear` ask for `PREDICTIONS`, and record both as missed at the page's current time."""
    asked = {name: one["question"] for name, one in PREDICTIONS.items()}
    for name, more in (
        ("course-map.js", f"courseMap.chapters.linear.predict = {json.dumps(asked)};"),
        ("questions/linear.js", f"courseQuestions.linear.predict = {json.dumps(PREDICTIONS)};"),
    ):
        body = (SITE / "_static" / name).read_text("utf-8") + more
        serve(page, name, body)
    for name, one in PREDICTIONS.items():
        record = "asked => ({ said: 7, right: false, asked, at: Date.now() })"
        page.evaluate(f"asked => labStore.set('predict', 'linear', '{name}', ({record})(asked))", one["question"])


def test_missed_predictions_return_as_choice_and_number_questions(watch, book):
    page = watch().page
    at_day(page, "2026-11-20")
    go(page, book + LINEAR)
    with_predictions(page)
    page.evaluate("labStore.set('predict', 'linear', 'gone', { said: 1, right: false, asked: 'Old?', at: 1 })")
    at_day(page, "2026-11-21")
    count, rank = sorted(ask_again(page, book), key=lambda text: "rank" in text)
    assert "How many parameters?" in count
    assert "Which rank is enough?" in rank
    page.get_by_text("two", exact=True).click()
    assert page.get_by_text("Yes. torch: error 0.001.").is_visible()
    page.get_by_label("parameters").fill("1150")
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_text("You say 1150, torch says 1200.").is_visible()
    kept = {one["name"]: one["value"]["step"] for one in page.evaluate("labStore.all('again')")}
    assert kept == {"predict:rank": 1, "predict:count": 0}


def test_questions_from_disk_render_their_formulas(watch):
    watched = watch()
    page = watched.page
    at_day(page, "2026-11-21")
    go(page, (SITE / LINEAR).as_uri())
    names = [one[0] for one in quiz_of(page)]
    names = [name for name in names if page.locator(f'details[data-question="{name}"] mjx-container').count()]
    assert names, "no question of this chapter has a formula: take another chapter"
    go(page, (SITE / AGAIN).as_uri())
    for name in names:  # Browsers differ in what storage `file://` pages share, so write the records on this page.
        page.evaluate(
            "name => labStore.set('quiz', 'linear', name, "
            "{ said: 1, right: false, open: [1], at: Date.parse('2026-11-20T07:30:00') })",
            name,
        )
    page.wait_for_function(
        f"document.querySelector('.course-due').textContent.startsWith('{len(names)} of {len(names)} missed')"
    )
    page.wait_for_selector(".course-again mjx-container", state="attached")
    page.wait_for_function("[...document.styleSheets].some(sheet => sheet.href?.endsWith('math.css'))")
    assert watched.strangers("file://") == []
    assert watched.complaints == []


# -- saving and loading ------------------------------------------------------------------------------------------------


def hand_in(page, place: str, content: str) -> str:
    """Upload a file in this part of the page and return the message that the page shows."""
    page.locator(f"{place} input[type=file]").set_input_files(
        {"name": "file.json", "mimeType": "application/json", "buffer": content.encode()}
    )
    status = page.locator(f"{place} [role=status]")
    page.wait_for_function("s => s.textContent.length > 0", arg=status.element_handle())
    said = status.text_content()
    status.evaluate("s => { s.textContent = '' }")
    return said


def saved(page, tmp_path: Path) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save what I did").click()
    path = tmp_path / "saved.json"
    download.value.save_as(path)
    assert re.fullmatch(r"layer-by-layer-\d{4}-\d\d-\d\d\.json", download.value.suggested_filename)
    return path.read_text("utf-8")


# A record of an earlier release, which took points from a file; saved progress may contain it.
EARLIER = """labStore.set("exercise", "linear", "keep_spread",
    { done: false, earned: 2, points: 6, by: "points", at: Date.now() })"""


def furnished(page, book: str) -> list[dict]:
    """Record progress of every kind, open the Again page, and return all records."""
    at_day(page, "2026-11-20")
    missed(page, book, 0)
    tick(page, "own_linear").check()
    page.evaluate(EARLIER)
    page.evaluate("labStore.set('predict', 'linear', 'rank', { skipped: true, asked: 'Which?', at: 5 })")
    page.locator("section#quiz").evaluate("section => section.scrollIntoView()")
    page.wait_for_function("labStore.all('place').length")
    at_day(page, "2026-11-21")
    ask_again(page, book)
    page.locator(".course-again .course-right > summary").click()
    records = page.evaluate(EVERYTHING)
    assert {one["kind"] for one in records} == {"quiz", "exercise", "predict", "place", "again"}
    return records


def test_saved_records_load_in_another_browser_unless_it_has_newer_ones(watch, book, tmp_path):
    page = watch(accept_downloads=True).page
    records = furnished(page, book)
    saved_file = saved(page, tmp_path)
    other = watch().page
    go(other, book + AGAIN)
    assert hand_in(other, ".course-keep", saved_file) == f"{len(records)} records were taken in."
    assert other.evaluate(EVERYTHING) == records
    content = json.loads(saved_file)
    newer = next(one for one in content["records"] if one["kind"] == "exercise")
    newer["value"]["at"] += 1
    content["records"][0]["value"]["at"] -= 1
    said = hand_in(other, ".course-keep", json.dumps(content))
    assert said == f"1 records were taken in; {len(records) - 1} were here already, as new or newer."
    assert [one for one in other.evaluate(EVERYTHING) if one not in records] == [newer]
    go(other, book + LINEAR)
    assert tick(other, "own_linear").is_checked()


GOOD = {"kind": "place", "chapter": "linear", "name": "last", "value": {"section": "a", "heading": "A", "at": 1}}


def a_file(*records: dict, **other: object) -> str:
    return json.dumps({"format": "layer-by-layer", "version": 1, "day": "2026-11-21", "records": records} | other)


BROKEN = [
    ("", "is broken"),
    ("null", "was not saved by this page"),
    (json.dumps({"chapter": "linear", "exercises": {}}), "was not saved by this page"),
    (a_file(GOOD)[:-4], "is broken"),
    (a_file(GOOD, version=2), "has the format 2, and this book reads format 1"),
    (a_file(GOOD, records=None), "Record 1 of this file cannot be read"),
    (a_file(GOOD, GOOD | {"kind": "constructor"}), "Record 2 of this file cannot be read"),
    (a_file(GOOD, GOOD | {"chapter": "../x"}), "Record 2 of this file cannot be read"),
    (a_file(GOOD, GOOD | {"value": {"section": "a"}}), "Record 2 of this file cannot be read"),
    (a_file(GOOD, GOOD | {"kind": "again"}), "Record 2 of this file cannot be read"),
    (a_file(GOOD, GOOD | {"kind": "quiz", "value": {"said": 0, "right": 1, "open": [], "at": 1}}), "Record 2"),
]


def test_foreign_or_broken_file_is_rejected_with_reason(shown):
    watched = shown(AGAIN)
    for content, reason in BROKEN:
        said = hand_in(watched.page, ".course-keep", content)
        assert reason in said
        assert said.endswith("Nothing was changed.")
    assert watched.page.evaluate(EVERYTHING) == []
    assert watched.complaints == []


def test_page_works_without_browser_storage(watch, book):
    watched = watch()
    page = watched.page
    page.add_init_script(REFUSES)
    go(page, book + LINEAR)
    option(page, 0, right=True).click()
    tick(page, "own_linear").check()
    assert tick(page, "own_linear").is_checked()
    go(page, book + LINEAR)
    assert page.evaluate(EVERYTHING) == []
    go(page, book + AGAIN)
    assert page.get_by_text("This browser keeps nothing for this page").is_visible()
    assert [line for line in watched.complaints if "course" in line.lower() or "labStore" in line] == []


# -- accessibility -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_with_progress_are_accessible(watch, book, width):
    page = watch(width=width, reduced_motion="reduce").page
    at_day(page, "2026-11-20")
    missed(page, book, 0, 1)
    tick(page, "own_linear").check()
    with_predictions(page)
    page.evaluate("labStore.set('place', 'linear', 'last', { section: 'quiz', heading: 'Quiz', at: 1 })")
    at_day(page, "2026-11-21")
    for name in (LINEAR, "book/parts/layers.html", "book/intro.html", AGAIN):
        go(page, book + name, wait_until="networkidle")
        page.wait_for_selector(".course-done", state="attached")
        for theme in THEMES:
            dress(page, theme)
            sizes = page.evaluate("look.sizes()")
            assert sizes["page"] <= sizes["window"], (name, theme)
            assert page.evaluate("look.small()") == [], (name, theme)
        assert violations(page, THEMES) == {"light": [], "dark": []}, name
        dress(page, "light")
