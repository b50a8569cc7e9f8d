"""Make a sample class from a chapter's variants: submissions whose grades are known in advance.

Submissions go to ``submitted/``, and their required grades to ``reports/<chapter>/sample.json``, which ``check`` reads.
"""

from __future__ import annotations

import copy
import json
import random
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.model import Chapter, Exercise, State
from autograder.recording.class_report import report_folder
from autograder.recording.gradebook import course_directory, step_folder
from autograder.recording.whole_files import replace_bytes, replace_text
from autograder.sample_class.check import SAMPLE_FILE
from autograder.sample_class.honest_habits import BREAKAGES, HABITS, NOTE, Breakage, place_of
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.regions import solved
from autograder.texts.variants import Variant
from autograder.validation import lost_claims
from autograder.validation.lost_claims import Lost

RIGHT, WRONG, UNTOUCHED = "right", "wrong", "untouched"
HONEST = 3  # students with every exercise right
TRIES = 500  # attempts to draw a submission that differs from the others


class SampleError(click.ClickException):
    """A sample class cannot be made; the message says what is missing."""


@dataclass(frozen=True)
class Answer:
    """One sample student's answer to one exercise, and the result that it must get."""

    kind: str  # RIGHT, WRONG or UNTOUCHED
    source: str
    expected: dict[str, object]  # "exactly" these points (None: unknown); of a "mistake", its title and "source"


@dataclass(frozen=True)
class SampleStudent:
    """One submission of the sample class, and the result that it must get."""

    student: str
    what: str
    file: str  # relative to the root of the course
    state: State
    why: str  # what its sentence or one of its notes must contain
    expected: dict[str, dict]  # by exercise; with "states" if only some states are allowed


def make(chapter_name: str, root: Path, students: int = 24, seed: int = 1) -> list[SampleStudent]:
    """Write a class of different submissions for one chapter, replacing an earlier sample class of that chapter.

    The class has three submissions with everything right, one with nothing done, and one for each way to break a
    notebook. The others mix right, wrong, and untouched answers. All but the one with nothing done can also show
    harmless habits. Raise ChapterNotFound, VariantError, or SampleError.
    """
    chapter = chapters.load(chapter_name, root)
    chapter = replace(chapter, exercises=chapter.tested)  # a person's points are not known in advance
    if not chapter.exercises:
        raise SampleError(f"{chapter.name} has no exercises, so there is nothing to hand in")
    draw = random.Random(f"{chapter.name}/{seed}")
    maker = _Maker(chapter, root, draw)
    kinds = _kinds(students, draw)
    _remove_earlier(chapter.name, root)
    made = []
    for number, kind in enumerate(kinds, start=1):
        student = f"student-{number:02d}"
        what, content, expected = maker.submission(kind)
        breakage = kind if isinstance(kind, Breakage) else Breakage("", State.PASSED)
        folder = step_folder(course_directory(root), "submitted", student, chapter.name)
        path = replace_bytes(folder / breakage.file_name.format(chapter=chapter.name), content)
        file, why = path.relative_to(root.resolve()).as_posix(), breakage.why.format(chapter=chapter.name)
        made.append(SampleStudent(student, what, file, breakage.state, why, expected))
    listed = {"chapter": chapter.name, "seed": seed, "students": list(map(asdict, made))}
    replace_text(report_folder(root, chapter.name) / SAMPLE_FILE, json.dumps(listed, indent=1) + "\n")
    return made


def _kinds(students: int, draw: random.Random) -> list[Breakage | str]:
    """Return the kind of each student: a way to break a notebook, RIGHT, UNTOUCHED, or "mixed"."""
    always: list[Breakage | str] = [*BREAKAGES, *[RIGHT] * HONEST, UNTOUCHED, "mixed"]
    if students < len(always):
        raise SampleError(f"a sample class has at least {len(always)} students, one of each kind of submission")
    kinds = always + ["mixed"] * (students - len(always))
    draw.shuffle(kinds)
    return kinds


class _Maker:
    """A maker of submissions for one class; it remembers them so that no two are equal."""

    def __init__(self, chapter: Chapter, root: Path, draw: random.Random) -> None:
        self.chapter, self.released, self.draw = chapter, _released(chapter.name, root), draw
        variants, recorded = variant_file.load(chapter), lost_claims.read(variant_file.PACKAGED.tried(chapter.name))
        self.seen: set[tuple[str, ...]] = set()
        self.right = {e.name: [solved(e.solution), *(v.source for v in variants.right(e.name))] for e in chapter.tested}
        self.wrong = {
            e.name: [_wrong(e, v, recorded[e.name].lost if e.name in recorded else {}) for v in variants.wrong(e.name)]
            for e in chapter.tested
        }
        self.next_wrong = {e.name: draw.randrange(1000) for e in chapter.exercises}

    def submission(self, kind: Breakage | str) -> tuple[str, bytes, dict[str, dict]]:
        """Return a description of a new submission, the content of its file, and the result that it must get."""
        for _ in range(TRIES):
            answers = {exercise.name: self._answer(kind, exercise) for exercise in self.chapter.exercises}
            notebook = copy.deepcopy(self.released)
            for name, answer in answers.items():
                notebook.cells[place_of(notebook, name)].source = answer.source
            habits = self._habits(notebook) if kind != UNTOUCHED else []
            code = tuple(cell.source for cell in notebook.cells)
            if code not in self.seen:
                break
        else:
            raise SampleError(f"{self.chapter.name} has too few variants for a class of this size: no two are alike")
        self.seen.add(code)
        expected = {name: answer.expected for name, answer in answers.items()}
        if not isinstance(kind, Breakage):
            return ", ".join([_words(kind, answers), *habits]), _content(notebook), expected
        spoiled = self._break(notebook, kind, expected)
        content = kind.encode(_content(notebook))
        if kind.state is State.SKIPPED:
            return kind.what, content, expected
        said = f"{kind.what} ({spoiled})" if kind.spoils else kind.what
        shown = {name: answer for name, answer in answers.items() if not (kind.spoils and name == spoiled)}
        return ", ".join(filter(None, [said, _words(kind, shown), *habits])), content, expected

    def _answer(self, kind: Breakage | str, exercise: Exercise) -> Answer:
        drawn = kind if kind in (RIGHT, UNTOUCHED) else self.draw.choices((RIGHT, WRONG, UNTOUCHED), (5, 4, 1))[0]
        if drawn == WRONG and self.wrong[exercise.name]:
            # Use the mistakes in turn, so that a class has as many different mistakes as possible.
            self.next_wrong[exercise.name] += 1
            wrong = self.wrong[exercise.name]
            return wrong[self.next_wrong[exercise.name] % len(wrong)]
        if drawn == UNTOUCHED:
            return Answer(UNTOUCHED, exercise.stub, {"exactly": 0})
        return Answer(RIGHT, self.draw.choice(self.right[exercise.name]), {"exactly": exercise.points})

    def _habits(self, notebook: NotebookNode) -> list[str]:
        habits = self.draw.sample(sorted(HABITS), self.draw.choice((0, 1, 1, 2)))
        names = [exercise.name for exercise in self.chapter.exercises]
        for habit in habits:  # right after an answer, where it could do the most harm
            cell = new_code_cell(HABITS[habit], id=f"my-{habit.replace(' ', '-')}")
            notebook.cells.insert(place_of(notebook, self.draw.choice(names)) + 1, cell)
        if self.draw.random() < 0.3:
            cell = new_markdown_cell(NOTE, id="my-notes")
            notebook.cells.insert(place_of(notebook, self.draw.choice(names)), cell)
            habits.append("writes notes")
        return habits

    def _break(self, notebook: NotebookNode, kind: Breakage, expected: dict[str, dict]) -> str:
        """Break the notebook, update the result that it must get, and return the randomly chosen exercise."""
        exercise = self.draw.choice(self.chapter.exercises)
        index = place_of(notebook, exercise.name)
        if kind.in_answer:
            notebook.cells[index].source = f"{kind.in_answer}\n\n{solved(exercise.solution)}"
        if kind.in_scratch:
            notebook.cells.insert(index, new_code_cell(kind.in_scratch, id="my-scratch"))
        if kind.change:
            kind.change(notebook, exercise.name)
        states = kind.spoils or (State.SKIPPED,)
        for name in expected if kind.state is State.SKIPPED else [exercise.name] if kind.spoils else []:
            expected[name] = {"exactly": 0, "states": [state.value for state in states]}
        return exercise.name


def _wrong(exercise: Exercise, variant: Variant, recorded: Lost) -> Answer:
    lost = recorded.get(variant.label)
    points = None if lost is None else sum(claim.points for claim in exercise.claims if claim.name not in lost)
    return Answer(WRONG, variant.source, {"exactly": points, "mistake": variant.title, "source": variant.source})


def _words(kind: Breakage | str, answers: dict[str, Answer]) -> str:
    if kind in (RIGHT, UNTOUCHED):
        return "everything right" if kind == RIGHT else "nothing done"
    counts = {kind: sum(answer.kind == kind for answer in answers.values()) for kind in (RIGHT, WRONG, UNTOUCHED)}
    return " and ".join(f"{count} {kind}" for kind, count in counts.items() if count)


def _released(chapter: str, root: Path) -> NotebookNode:
    path = step_folder(course_directory(root), "release", ".", chapter) / f"{chapter}.ipynb"
    if not path.exists():
        raise SampleError(f"{path} is missing: the student's notebook of {chapter} is made by `make notebooks`")
    return nbformat.read(path, as_version=4)


def _content(notebook: NotebookNode) -> bytes:
    # Do not use nbformat.writes, which would give copied cells new random ids.
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def _remove_earlier(chapter: str, root: Path) -> None:
    """Delete the submissions of an earlier sample class of this chapter, and nothing else."""
    path = report_folder(root, chapter) / SAMPLE_FILE
    if path.exists():
        for sample in json.loads(path.read_text(encoding="utf-8"))["students"]:
            shutil.rmtree((root / sample["file"]).parent, ignore_errors=True)
