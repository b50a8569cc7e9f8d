"""Test the feedback page and the class report in a browser: without errors, in both themes, and on a phone."""

from pathlib import Path

import pytest
from made_results import CHAPTER, partly, solved, unreadable

from autograder.recording import class_report, feedback


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("course")
    results = [
        partly("ada"),
        solved("bo"),
        unreadable("cy"),
        *(partly(f"student-{number:03d}") for number in range(60)),
    ]
    for result in results:
        feedback.write(result, CHAPTER, root / "feedback" / result.student / "numbers")
    return {
        "class": class_report.write(CHAPTER, results, root)["html"],
        "feedback": root / "feedback" / "ada" / "numbers" / "numbers.html",
    }


@pytest.mark.parametrize("name", ["class", "feedback"])
@pytest.mark.parametrize("width", [1280, 390])
def test_page_makes_no_requests_and_fits_its_window(pages, watch, name: str, width: int) -> None:
    watched = watch(width=width)
    watched.page.goto(pages[name].as_uri())
    assert watched.requests == [pages[name].as_uri()]
    assert watched.complaints == []
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["class", "feedback"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_enough_contrast(pages, watch, name: str, theme: str) -> None:
    """Require WCAG's contrast ratio of at least 4.5 between each text and the nearest painted background."""
    watched = watch(theme=theme)
    watched.page.goto(pages[name].as_uri())
    faint = watched.page.evaluate("""() => {
        const parts = color => color.match(/[\\d.]+/g).map(Number);
        const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
        const light = color => {
            const [r, g, b] = parts(color).map(v => linear(v / 255));
            return .2126 * r + .7152 * g + .0722 * b;
        };
        const ground = node => {
            for (let n = node; n; n = n.parentElement) {
                const color = getComputedStyle(n).backgroundColor;
                if (parts(color)[3] !== 0) return color;
            }
        };
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
        while (walker.nextNode()) {
            const node = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || node.closest("svg, style")) continue;
            const [a, b] = [light(getComputedStyle(node).color), light(ground(node))].sort((x, y) => y - x);
            if ((a + .05) / (b + .05) < 4.5) found.push(walker.currentNode.data.trim());
        }
        return found;
    }""")
    assert faint == []


def test_themes_have_different_backgrounds(pages, watch) -> None:
    grounds = set()
    for theme in ("light", "dark"):
        page = watch(theme=theme).page
        page.goto(pages["class"].as_uri())
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


def test_student_name_links_to_their_feedback_page(pages, watch) -> None:
    page = watch().page
    page.goto(pages["class"].as_uri())
    page.get_by_role("link", name="ada", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Numbers"
    assert page.get_by_text("Feedback for ada").is_visible()


def test_figures_have_labels_and_tables_have_headings(pages, watch) -> None:
    page = watch().page
    page.goto(pages["class"].as_uri())
    figures = page.locator("[role=img]")
    assert figures.count() == 2  # points by student and exercise, and how many students have how many points
    for number in range(figures.count()):
        assert len(figures.nth(number).get_attribute("aria-label")) > 30
    assert page.locator("svg").count() == page.locator("[role=img] svg, svg[role=img]").count()
    assert page.locator("table").count() == page.locator("table:has(thead th)").count() == 5


def test_solved_exercises_are_folded_and_open_by_keyboard(pages, watch) -> None:
    page = watch().page
    path = pages["feedback"].parents[2] / "bo" / "numbers" / "numbers.html"
    page.goto(path.as_uri())
    claim = page.get_by_text("any whole number")
    assert not claim.is_visible()
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert claim.is_visible()
