"""Test the feedback page and the class report in a browser: without errors, in both themes, and on a phone."""

from dataclasses import replace
from pathlib import Path

import pytest
from made_results import CHAPTER, partly, solved, unreadable

from autograder.recording import class_report, feedback
from tests.browser.visits import LOOK, violations

LARGE = replace(CHAPTER, exercises=CHAPTER.exercises * 8)  # as many exercises as the largest chapters have
CHART = "Chart of students and exercises"  # only as wide as its students
SCROLLED = {1280: {CHART}, 390: {CHART, "Table of exercises", "Table of all students"}}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("course")
    results = [
        replace(partly("ada"), notes=["x" * 80]),
        solved("bo"),
        unreadable("cy"),
        *(partly(f"student-{number:03d}") for number in range(60)),
    ]
    for result in results:
        feedback.write(result, CHAPTER, root / "feedback" / result.student / "numbers")
    return {
        "class": class_report.write(LARGE, results, root)["html"],
        "feedback": root / "feedback" / "ada" / "numbers" / "numbers.html",
    }


@pytest.mark.parametrize("name", ["class", "feedback"])
@pytest.mark.parametrize("width", [1280, 390])
def test_page_is_accessible_makes_no_requests_and_fits_its_window(pages, watch, name: str, width: int) -> None:
    watched = watch(width=width)
    watched.page.goto(pages[name].as_uri())
    assert watched.requests == [pages[name].as_uri()]
    assert watched.complaints == []
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    wide = "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.getAttribute('aria-label'))"
    assert set(watched.page.locator(".wide").evaluate_all(wide)) <= SCROLLED[width]
    watched.page.evaluate(LOOK)
    assert violations(watched.page, ("light", "dark")) == {"light": [], "dark": []}


def test_themes_have_different_backgrounds(pages, watch) -> None:
    grounds = set()
    for theme in ("light", "dark"):
        page = watch(theme=theme).page
        page.goto(pages["class"].as_uri())
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


def test_figures_have_labels_and_tables_have_headings(pages, watch) -> None:
    page = watch().page
    page.goto(pages["class"].as_uri())
    figures = page.locator("[role=img]")
    assert figures.count() == 2  # points by student and exercise, and how many students have how many points
    for number in range(figures.count()):
        assert len(figures.nth(number).get_attribute("aria-label")) > 30
    assert page.locator("svg").count() == page.locator("[role=img] svg, svg[role=img]").count()
    assert page.locator("table").count() == page.locator("table:has(thead th)").count() == 6
    assert page.locator("table").last.locator("th").all_inner_texts()[:2] == ["Student", "Total\nof 40"]


def test_solved_exercises_are_folded_and_open_by_keyboard(pages, watch) -> None:
    page = watch().page
    path = pages["feedback"].parents[2] / "bo" / "numbers" / "numbers.html"
    page.goto(path.as_uri())
    claim = page.get_by_text("any whole number")
    assert not claim.is_visible()
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert claim.is_visible()
