"""Test an instructor's report on a class: the HTML page, the CSV file, and the JSON Lines file."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_results import CHAPTER, HIDDEN_TEXT, fault, partly, result, solved, unreadable

from autograder.model import Result, State
from autograder.recording import class_report
from autograder.recording import results as results_json
from autograder.recording.class_figures import distribution, overview
from autograder.recording.class_numbers import numbers
from autograder.recording.whole_files import replace_text
from tests.recording.test_feedback import Page

NOTED = replace(solved("ada"), notes=["=graded 'a.ipynb'", "line 3 asks a question"])
CLASS = [NOTED, partly("bo"), partly("cy"), unreadable("di"), fault("ed")]


def rows(results: list[Result]) -> list[dict]:
    return list(csv.DictReader(io.StringIO(class_report.grades_csv(CHAPTER, results), newline="")))


def page(results: list[Result]) -> Page:
    return Page(class_report.html(CHAPTER, results, {r.student: f"{r.student}.html" for r in results}))


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("conv_transpose2d from scratch", "conv_transpose2d from scratch"),
        ("linear layers", "Linear layers"),
        ("MaxPool2d", "MaxPool2d"),
        ("x" * 50, f"{'x' * 43}…"),
    ],
)
def test_overview_labels_keep_names(title, shown):
    chapter = replace(CHAPTER, exercises=tuple(replace(one, title=title) for one in CHAPTER.exercises))
    picture = overview(chapter, [solved("ada")])
    label = re.search(r"<span>([^<]+)</span><svg", picture)[1]
    assert label.casefold() == shown.casefold()
    assert label[0] == shown[0] or len(title) == 50


def test_csv_has_one_row_per_student() -> None:
    found = rows(CLASS)
    assert [row["student"] for row in found] == ["ada", "bo", "cy", "di", "ed"]
    assert [(row["earned"], row["halve"], row["double"]) for row in found] == [
        ("5", "3", "2"), ("2", "2", "0"), ("2", "2", "0"), ("0", "0", "0"), ("", "", ""),
    ]  # fmt: skip
    assert found[3]["state"] == "skipped"
    assert [row["notes"] for row in found] == ["'=graded 'a.ipynb'. Line 3 asks a question.", "", "", "", ""]
    assert found[3]["sentence"] == "The file is not a notebook: line 1 is no JSON."


@pytest.mark.parametrize("name", ['a,b"c', "line\nbreak", "Ωmega", " space ", "=1+1", "+1", "-1", "@sum", "＝1"])
def test_csv_quotes_special_characters_and_neutralizes_formulas(name: str) -> None:
    shown = f"'{name}" if name[0] in "=+-@＝" else name
    assert [row["student"] for row in rows([solved(name)])] == [shown]
    assert rows([unreadable("ada", sentence=name)])[0]["sentence"] == shown


def test_json_lines_round_trip_without_outputs(tmp_path: Path) -> None:
    kept = partly("bo\udc80")
    kept.outputs = {"imports": [{"output_type": "stream", "text": "x"}]}
    paths = class_report.write(CHAPTER, [kept, solved("ada")], tmp_path)
    lines = paths["jsonl"].read_text().splitlines()
    assert len(lines) == 2
    assert "outputs" not in json.loads(lines[0])
    kept.outputs = {}
    assert results_json.read_results(paths["jsonl"]) == [solved("ada"), kept]
    with pytest.raises(ValueError, match="more than one result for ada"):
        class_report.write(CHAPTER, [solved("ada"), partly("ada")], tmp_path)


@pytest.mark.parametrize("line", ["[]", '{"student": "ada"}', '{"state": "passed", "exercises": [1]}', "not json"])
def test_invalid_result_line_raises_value_error(tmp_path: Path, line: str) -> None:
    (tmp_path / "results.jsonl").write_text(line)
    with pytest.raises(ValueError, match=r"not a result|Expecting value"):
        results_json.read_results(tmp_path / "results.jsonl")


def test_class_numbers_summarize_scores_losses_and_faults() -> None:
    found = numbers(CHAPTER, CLASS, {r.student: r.earned for r in CLASS})
    assert (found.mean, found.median, found.full) == (2.25, 2, 1)  # 5, 2, 2, 0: a fault of the grader does not count.
    assert [(row.exercise.name, row.mean_share, row.solved, row.untouched) for row in found.exercises] == [
        ("double", 2 / 8, 1, 2),
        ("halve", 7 / 12, 1, 0),
    ]
    assert (found.exercises[1].often_lost, found.exercises[1].often_lost_count) == ("negative numbers", 2)
    assert found.exercises[0].often_lost == ""  # No one attempted this exercise and lost a claim.
    assert [(mistake.title, mistake.students) for mistake in found.mistakes] == [("floor division", ("bo", "cy"))]
    assert [result.student for result in found.troubled] == ["di"]
    assert [result.student for result in found.faults] == ["ed"]
    alone = numbers(CHAPTER, [result("ada", [State.RAISED, State.RAISED], [State.WRONG])], {"ada": 0})
    assert alone.exercises[0].often_lost_count == 1, "an attempt without points has lost its claims"


def test_empty_class_has_a_report(tmp_path: Path) -> None:
    paths = class_report.write(CHAPTER, [], tmp_path)
    assert "0 submissions" in Page(paths["html"].read_text()).words
    assert paths["jsonl"].read_text() == ""


def test_page_summarizes_the_class_and_loads_nothing() -> None:
    found = page(CLASS)
    assert set(found.addresses) == {f"{result.student}.html" for result in CLASS}
    assert not {"script", "link"} & {*found.tags}
    for part in (
        "5 submissions",
        "2.2 mean of 5 points",
        "Faults of the grader",
        "The fork server died.",
        "floor division",
        "bo, cy",
        "The file is not a notebook: line 1 is no JSON.",
        "Time and memory",
        "ada=graded 'a.ipynb'.Line 3 asks a question.",
    ):
        assert part in found.words
    text = class_report.html(CHAPTER, CLASS, dict.fromkeys((r.student for r in CLASS), ""))
    for secret in HIDDEN_TEXT:
        assert secret not in text


def test_names_and_sentences_are_escaped() -> None:
    script = "<script>alert(1)</script>"
    troubled = replace(unreadable(script, sentence=script), notes=[script])
    broken = partly("bo")
    broken.exercises[0].mistake = broken.exercises[0].sentence = script
    assert "script" not in page([troubled, broken]).tags


def test_overview_boxes_have_text_titles() -> None:
    svg = str(overview(CHAPTER, CLASS))
    assert "<title>bo, Half of a number: 2 of 3, wrong</title>" in svg
    assert "<title>ed, Twice a number: 0 of 2, infrastructure</title>" in svg
    assert svg.count("<title>") == 10
    assert svg.index("ada, Half") < svg.index("bo, Half") < svg.index("di, Half")
    histogram = str(distribution(33, [0, 3, 4, 33, 33]))
    assert "0–3 points: 2, 4–7 points: 1" in histogram
    assert "32–33 points: 2" in histogram


@pytest.mark.parametrize("students", [1, 40, 400])
def test_overview_size_is_bounded_per_student(students: int) -> None:
    svg = str(overview(CHAPTER, [partly(f"student-{number}") for number in range(students)]))
    assert svg.count("<title>") == 2 * students
    assert len(svg) < 800 * students + 2000


def test_results_share_identical_texts_in_memory():
    line = results_json.json_line(partly("ada"))
    first, second = (results_json.result_from(json.loads(line)) for _ in range(2))
    assert first == second
    pairs = [
        (a, b)
        for one, two in zip(first.exercises, second.exercises, strict=True)
        for a, b in zip(one.verdicts, two.verdicts, strict=True)
    ]
    assert any(a.cause for a, _ in pairs)
    assert all(a.cause is b.cause and a.claim is b.claim for a, b in pairs)


@pytest.mark.parametrize("failing", ["open", "replace"])
def test_failed_write_keeps_only_the_earlier_file(tmp_path: Path, failing: str) -> None:
    def fail(*given: object) -> None:
        raise OSError("the disk is full")

    path = replace_text(tmp_path / "grades.csv", "earlier")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, failing, fail)
        with pytest.raises(OSError, match="the disk is full"):
            replace_text(path, "later")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "earlier"
