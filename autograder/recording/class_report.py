"""Write the instructor's reports on a class: ``class.html``, ``grades.csv``, and ``results.jsonl`` for each chapter."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from autograder.model import Chapter, Result, State
from autograder.plain import as_cell, as_csv
from autograder.reasons import sentence
from autograder.recording.class_figures import distribution, legend, overview
from autograder.recording.class_numbers import ClassNumbers, numbers
from autograder.recording.gradebook import course_directory, step_folder
from autograder.recording.page_parts import points, rendered
from autograder.recording.results import json_line
from autograder.recording.totals import Mark, outgrown, with_hand_scores
from autograder.recording.whole_files import replace_text


@dataclass(frozen=True)
class Gradebook:
    """The facts about a class that the gradebook has in addition to the grader's results."""

    marks: Mapping[str, Mark] = field(default_factory=dict)  # by student
    absent: Sequence[str] = ()  # students on the roster who submitted nothing

    def of(self, result: Result) -> Mark:
        """Return a student's mark, or the grader's points if the gradebook has no mark."""
        return self.marks.get(result.student) or Mark(float(result.earned))


ABSENT = "not submitted"  # the state of a student without a submission


def write(chapter: Chapter, results: list[Result], root: Path, gradebook: Gradebook = Gradebook()) -> dict[str, Path]:
    """Write the reports of one chapter, with one result per student, and return their paths by kind."""
    students = [result.student for result in results]
    twice = sorted(student for student, count in Counter(students).items() if count > 1)
    if twice:
        raise ValueError(f"more than one result for {', '.join(twice)}")
    results = sorted(results, key=lambda result: result.student)
    folder = report_folder(root, chapter.name)
    return {
        "html": replace_text(
            folder / "class.html", html(chapter, results, _feedback_links(chapter, results, root), gradebook)
        ),
        "csv": replace_text(folder / "grades.csv", grades_csv(chapter, results, gradebook)),
        "jsonl": replace_text(folder / "results.jsonl", "".join(json_line(result) + "\n" for result in results)),
    }


def report_folder(root: Path, chapter: str) -> Path:
    """Return the folder of a chapter's reports."""
    return root / "reports" / chapter


def html(chapter: Chapter, results: list[Result], links: dict[str, str], gradebook: Gradebook = Gradebook()) -> str:
    """Return the class page as a single file that has no scripts and loads nothing except through its links."""
    totals = {result.student: gradebook.of(result).score for result in results}
    results = [with_hand_scores(result, chapter, gradebook.of(result)) for result in results]
    found: ClassNumbers = numbers(chapter, results, totals)
    return rendered(
        "class.html",
        chapter,
        results=results,
        found=found,
        links=links,
        totals=totals,
        gradebook=gradebook,
        outgrown=outgrown(chapter.name, gradebook.marks),
        waiting=sum(part.state is State.BY_HAND for result in results for part in result.exercises),
        overview=overview(chapter, results),
        legend=legend(results),
        changes=changes,
        ABSENT=ABSENT,
        distribution=distribution(chapter.points, [totals[result.student] for result in found.counted]),
    )


def changes(mark: Mark, result: Result) -> str:
    """Describe how a person or a penalty changed a result's points; return "" if neither did."""
    said = [f"graded {result.earned}"] if mark.changed or mark.penalty else []
    said += [f"late −{points(mark.penalty)}" if mark.penalty else "late"] if mark.is_late or mark.penalty else []
    return ", ".join([*said, *(["commented"] if mark.comments else [])])


def grades_csv(chapter: Chapter, results: Iterable[Result], gradebook: Gradebook = Gradebook()) -> str:
    """Return one row per student in the format of RFC 4180, with the points that count, safe for spreadsheets."""
    names = [exercise.name for exercise in chapter.exercises]
    header = ["student", "state", "earned", "points", *names, "seconds", "peak_mb", "sentence", "late_penalty", "notes"]
    rows: list[Sequence[Any]] = [header]
    for result in results:
        mark = gradebook.of(result)
        earned = {exercise.name: exercise.earned for exercise in result.exercises} | mark.changed
        is_ours = result.state is State.INFRASTRUCTURE  # without a score, the cells are empty, not 0
        rows.append(
            [
                as_cell(result.student),
                result.state.value,
                "" if is_ours else points(mark.score),
                result.points,
                *("" if is_ours else points(earned.get(name, 0)) for name in names),
                f"{result.seconds:.3f}",
                f"{result.peak_mb:.0f}",
                as_cell(result.sentence),
                points(mark.penalty),
                as_cell(" ".join(map(sentence, result.notes))),
            ]
        )
    for student in gradebook.absent:
        rows.append([as_cell(student), ABSENT, 0, chapter.points, *(0 for _ in names), "", "", "", 0, ""])
    return as_csv(rows)


def _feedback_links(chapter: Chapter, results: Iterable[Result], root: Path) -> dict[str, str]:
    """Return the addresses of the feedback pages, relative to the class page."""
    course = course_directory(root)
    here = report_folder(root, chapter.name).resolve()
    links = {}
    for result in results:
        page = step_folder(course, "feedback", result.student, chapter.name) / f"{chapter.name}.html"
        links[result.student] = quote(os.fsencode(Path(os.path.relpath(page, here)).as_posix()))
    return links
