"""The instructor's reports on a class: ``reports/<chapter>/class.html``, ``grades.csv``, and ``results.jsonl``."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from autograder.model import Chapter, ExerciseResult, Result, State
from autograder.plain import as_cell
from autograder.recording.class_figures import distribution, legend, overview
from autograder.recording.class_numbers import ClassNumbers, numbers
from autograder.recording.gradebook import course_directory, step_folder
from autograder.recording.page_parts import environment, heading, points, tone
from autograder.recording.results import json_line
from autograder.recording.totals import Mark
from autograder.recording.whole_files import replace_text


@dataclass(frozen=True)
class Gradebook:
    """What the gradebook knows about a class beyond the grader's results."""

    marks: Mapping[str, Mark] = field(default_factory=dict)  # by student
    absent: Sequence[str] = ()  # students on the roster who submitted nothing

    def of(self, result: Result) -> Mark:
        """Return a student's mark, or the grader's points if the gradebook has none."""
        return self.marks.get(result.student) or Mark(float(result.earned))


ABSENT = "not submitted"  # the state of a student without a submission


def write(chapter: Chapter, results: list[Result], root: Path, gradebook: Gradebook = Gradebook()) -> dict[str, Path]:
    """Write the reports of one chapter and return their paths by "html", "csv" and "jsonl".

    Raises:
        ValueError: if a student appears in ``results`` twice.
    """
    students = [result.student for result in results]
    twice = sorted({student for student in students if students.count(student) > 1})
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
    """Return the class page: one file, no script, nothing loaded from elsewhere.

    Args:
        links: the address of each student's feedback page.
    """
    totals = {result.student: gradebook.of(result).score for result in results}
    found: ClassNumbers = numbers(chapter, results, totals)
    return (
        environment()
        .get_template("class.html")
        .render(
            heading=heading(chapter),
            chapter=chapter,
            results=results,
            found=found,
            links=links,
            totals=totals,
            gradebook=gradebook,
            overview=overview(chapter, results),
            legend=legend(results),
            tone=tone,
            part_of=part_of,
            changes=changes,
            ABSENT=ABSENT,
            distribution=distribution(chapter.points, [totals[result.student] for result in found.counted]),
        )
    )


def part_of(result: Result, exercise: str) -> ExerciseResult | None:
    """Return a result's part for one exercise, or None if the submission did not get that far."""
    return next((part for part in result.exercises if part.name == exercise), None)


def changes(mark: Mark, result: Result) -> str:
    """Say what a person or a penalty changed in a result's points."""
    said = [f"graded {result.earned}"] if mark.changed or mark.penalty else []
    said += [f"late −{points(mark.penalty)}"] if mark.penalty else []
    return ", ".join([*said, *(["commented"] if mark.comments else [])])


def grades_csv(chapter: Chapter, results: Iterable[Result], gradebook: Gradebook = Gradebook()) -> str:
    """Return one row per student in the format of RFC 4180, safe to open in a spreadsheet.

    The points are those that count, the same as in nbgrader's export. Text that a spreadsheet would take for a formula
    starts with an added apostrophe.
    """
    buffer = io.StringIO(newline="")
    rows = csv.writer(buffer)
    names = [exercise.name for exercise in chapter.exercises]
    rows.writerow(["student", "state", "earned", "points", *names, "seconds", "peak_mb", "sentence", "late_penalty"])
    for result in results:
        mark = gradebook.of(result)
        earned = {exercise.name: exercise.earned for exercise in result.exercises} | mark.changed
        is_ours = result.state is State.INFRASTRUCTURE  # without a score, the cells are empty, not 0
        rows.writerow(
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
            ]
        )
    for student in gradebook.absent:
        rows.writerow([as_cell(student), ABSENT, 0, chapter.points, *(0 for _ in names), "", "", "", 0])
    return buffer.getvalue()


def _feedback_links(chapter: Chapter, results: Iterable[Result], root: Path) -> dict[str, str]:
    """Return the addresses of the feedback pages, relative to the class page."""
    course = course_directory(root)
    here = report_folder(root, chapter.name).resolve()
    links = {}
    for result in results:
        page = step_folder(course, "feedback", result.student, chapter.name) / f"{chapter.name}.html"
        links[result.student] = quote(os.fsencode(Path(os.path.relpath(page, here)).as_posix()))
    return links
