"""Test what feedback tells a student, and what it hides."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_results import CHAPTER, HALVE, HIDDEN_TEXT, exercise_result, fault, partly, result, solved, unreadable

from autograder.grading.result_key import feedback_key
from autograder.model import Bullet, Check, Result, State
from autograder.recording import feedback

TOLD = "The number is rounded: // keeps whole numbers only."


class Page(HTMLParser):
    """The visible words of a page, its tags, and every address in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self.tags, self.addresses, self._silent = "", [], [], False
        self.feed(text)
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href") and value]
        self._silent = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        self.words += "" if self._silent else data


def words_of(found: Result) -> tuple[str, str]:
    """Return the words of the feedback page, and the feedback as text."""
    return Page(feedback.html(found, CHAPTER)).words, feedback.text(found, CHAPTER)


def test_page_shows_points_states_and_sentences() -> None:
    words, text = words_of(partly("ada"))
    for said in ("2 of 5 points", TOLD, "any whole number", "not attempted yet", "half of four"):
        assert said in words
        assert said in text
    assert "0 of 2 exercises solved. Look next at Half of a number." in words
    assert f"× {TOLD}\n    Costs 1 point: negative numbers." in text
    assert "✓ any whole number" in text
    assert 'Visible check "half of four": expected 2, got 1' in text
    page = Page(feedback.html(partly("ada"), CHAPTER))
    assert all(address.startswith("#") for address in page.addresses)
    assert not {"script", "link"} & {*page.tags}, "it loads and runs nothing"


@pytest.mark.parametrize("make", [partly, solved, unreadable])
def test_feedback_hides_tests_answers_and_instructor_details(make) -> None:
    for text in (feedback.html(make("ada"), CHAPTER), feedback.text(make("ada"), CHAPTER)):
        for secret in (*HIDDEN_TEXT, "3.14159", HALVE.solution.splitlines()[2].strip()):
            assert secret not in text


def test_submission_output_is_escaped_and_truncated() -> None:
    script = "<script>alert(1)</script>"
    exercise = exercise_result(HALVE, [State.WRONG, State.WRONG], sentence=script)
    exercise.checks = [Check("halve", script, False, script)]
    exercise.verdicts[0].cause = f"`{script}`"
    found = Result(script, "numbers", State.PASSED, 5, 0, [exercise], sentence=script, notes=[script])
    assert "script" not in Page(feedback.html(found, CHAPTER)).tags
    exercise.checks = [Check("halve", "half", False, "x" * 5000)]
    assert "x" * 700 not in feedback.text(found, CHAPTER)


def test_unreadable_file_gets_one_sentence_without_exercise_list() -> None:
    found = unreadable("ada", "the file is empty")
    found.exercises = [exercise_result(HALVE, [State.SKIPPED, State.SKIPPED], sentence="the file is empty")]
    page = Page(feedback.html(found, CHAPTER))
    assert page.words.count("The file is empty.") == 1
    assert "Half of a number" not in page.words


def test_infrastructure_fault_is_not_zero_points() -> None:
    for words in words_of(fault("ada")):
        assert "Not graded yet. The fork server died." in words
        assert "of 5 points" not in words


def test_next_exercise_prefers_begun_ones() -> None:
    untouched_first = result("ada", [State.NOT_IMPLEMENTED] * 2, [State.WRONG])
    assert feedback.next_exercise(untouched_first).name == "double"
    assert feedback.next_exercise(solved("ada")) is None


def test_unattempted_exercise_shows_no_details() -> None:
    untouched = exercise_result(HALVE, [State.NOT_IMPLEMENTED, State.NOT_IMPLEMENTED], sentence="as it was released")
    untouched.checks = [Check("halve", "half of four", False, "not implemented yet")]
    found = Result("ada", "numbers", State.PASSED, 5, 0, [untouched])
    for words in words_of(found):
        assert "not attempted yet" in words
        for more in ("any whole number", "half of four", "as it was released", "The values differ"):
            assert more not in words


def test_mistake_is_shown_once_with_lost_claims() -> None:
    found = result("ada", [State.WRONG, State.WRONG], [State.PASSED])
    words = Page(feedback.html(found, CHAPTER)).words
    assert words.count(TOLD) == 1
    assert words.count("Costs 3 points: any whole number (2); negative numbers (1).") == 1
    found.exercises[0].verdicts[1].mistake = ""
    words = Page(feedback.html(found, CHAPTER)).words
    assert words.count("Costs 2 points: any whole number.") == words.count("Costs 1 point: negative numbers.") == 1
    assert words.count("The values differ from index (0, 1) on.") == 1


def test_regrade_replaces_files_whatever_the_name(tmp_path: Path) -> None:
    feedback.write(partly("ada"), CHAPTER, tmp_path)
    paths = feedback.write(replace(solved("ada"), student="ad\udc80a"), CHAPTER, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["numbers.html", "numbers.txt"]
    assert "5 of 5 points" in paths["txt"].read_text()
    assert "ad?a" in paths["txt"].read_text()


DEMANDS = (
    Bullet(
        "Any **number** [there is](https://example.org), $x \\le \\text{in\\_features}$ of them.", ("any whole number",)
    ),
    Bullet("Negative ones <b>too</b>; and", ("negative numbers",)),
)
ASKING = replace(CHAPTER, exercises=(replace(HALVE, bullets=DEMANDS), *CHAPTER.exercises[1:]))


def test_lost_claim_quotes_its_requirement() -> None:
    found = result("ada", [State.PASSED, State.WRONG], [State.NOT_IMPLEMENTED])
    html, text = feedback.html(found, ASKING), feedback.text(found, ASKING)
    assert "Asked: Negative ones <b>too</b>" in Page(html).words
    assert "b" not in Page(html).tags
    assert "Asked: Negative ones <b>too</b>\n" in text
    assert "Any number" not in Page(html).words + text
    assert feedback_key(ASKING) == feedback_key(replace(ASKING))
    assert feedback_key(ASKING) != feedback_key(CHAPTER)


def test_requirement_formula_and_markup_are_rendered() -> None:
    found = result("ada", [State.RAISED, State.PASSED], [State.PASSED])
    page = Page(feedback.html(found, ASKING))
    assert {"math", "strong"} <= set(page.tags)
    assert "in_features" in page.words
    assert "Asked: Any number there is, x" in feedback.text(found, ASKING)


@pytest.mark.parametrize("state", [State.PASSED, State.NOT_IMPLEMENTED, State.SKIPPED])
def test_no_requirement_for_passed_or_unanswered_exercises(state) -> None:
    found = result("ada", [state, state], [State.PASSED])
    assert "Asked:" not in feedback.text(found, ASKING)
