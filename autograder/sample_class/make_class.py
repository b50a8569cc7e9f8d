"""Make a sample class from a chapter's variants: submissions whose grades are known in advance.

``make`` writes the submissions to ``submitted/``, and writes their required grades to
``reports/<chapter>/sample.json``. After grading, ``check`` compares the required grades with the actual ones. The same
seed makes the same class.
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

from autograder.model import Chapter, Exercise, State
from autograder.recording.class_report import report_folder
from autograder.recording.gradebook import course_directory, step_folder
from autograder.recording.whole_files import replace_bytes, replace_text
from autograder.sample_class.check import SAMPLE_FILE
from autograder.sample_class.honest_habits import BREAKAGES, HABITS, Breakage, add_habit, add_note, place_of
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.regions import BEGIN_SOLUTION, END_SOLUTION, STARTER
from autograder.texts.variants import Variants

RIGHT, WRONG, UNTOUCHED = "right", "wrong", "untouched"
HONEST = 3  # students with every exercise right
TRIES = 500  # attempts to draw a submission that differs from the others


class SampleError(click.ClickException):
    """A sample class cannot be made; the message says what is missing."""


@dataclass(frozen=True)
class Answer:
    """One sample student's answer to one exercise."""

    kind: str  # RIGHT, WRONG or UNTOUCHED
    title: str
    source: str


@dataclass(frozen=True)
class SampleStudent:
    """One submission of the sample class, and the result that it must get.

    ``expected`` maps each exercise to ``{"exactly": points}``, with ``"states"`` if only some states are allowed. For a
    wrong variant, it maps the exercise to ``{"less_than": points, "variant": title}``.
    """

    student: str
    what: str
    file: str  # relative to the root of the course
    state: State
    why: str  # what its sentence or one of its notes must contain
    expected: dict[str, dict]


def make(chapter_name: str, root: Path, students: int = 24, seed: int = 1) -> list[SampleStudent]:
    """Write a class of different submissions for one chapter, replacing an earlier sample class of that chapter.

    The class has three submissions with everything right, one with nothing done, and one for each way to break a
    notebook. The other submissions mix right, wrong, and untouched answers. Any submission except the one with nothing
    done can also show harmless habits.

    Raises:
        ChapterNotFound, VariantError: if there is no such chapter or it has no variants.
        SampleError: if the chapter has no exercises, was not released, or cannot fill a class of this size.
    """
    chapter = chapters.load(chapter_name, root)
    chapter = replace(chapter, exercises=chapter.tested)  # a person's points are not known in advance
    if not chapter.exercises:
        raise SampleError(f"{chapter.name} has no exercises, so there is nothing to hand in")
    draw = random.Random(f"{chapter.name}/{seed}")
    maker = _Maker(chapter, _released(chapter.name, root), variant_file.load(chapter), draw)
    kinds = _kinds(students, draw)
    _remove_earlier(chapter.name, root)
    submitted = course_directory(root)
    made = []
    for number, kind in enumerate(kinds, start=1):
        student = f"student-{number:02d}"
        what, content, expected = maker.submission(kind)
        breakage = kind if isinstance(kind, Breakage) else Breakage("", State.PASSED)
        name = breakage.file_name.format(chapter=chapter.name)
        path = step_folder(submitted, "submitted", student, chapter.name) / name
        replace_bytes(path, content)
        file = path.relative_to(root.resolve()).as_posix()
        why = breakage.why.format(chapter=chapter.name)
        made.append(SampleStudent(student, what, file, breakage.state, why, expected))
    listed = {"chapter": chapter.name, "seed": seed, "students": [asdict(sample) for sample in made]}
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

    def __init__(self, chapter: Chapter, released: NotebookNode, variants: Variants, draw: random.Random) -> None:
        self.chapter, self.released, self.draw = chapter, released, draw
        self.seen: set[tuple[str, ...]] = set()
        self.right = {e.name: _right(e, variants) for e in chapter.exercises}
        self.wrong = {
            e.name: [Answer(WRONG, v.title, v.source) for v in variants.wrong(e.name)] for e in chapter.exercises
        }
        self.next_wrong = {e.name: draw.randrange(1000) for e in chapter.exercises}

    def submission(self, kind: Breakage | str) -> tuple[str, bytes, dict[str, dict]]:
        """Return a description of a new submission, the content of its file, and the result that it must get."""
        for _ in range(TRIES):
            answers = {exercise.name: self._answer(kind, exercise) for exercise in self.chapter.exercises}
            notebook = self._answered(answers)
            habits = self._habits(notebook) if kind != UNTOUCHED else []
            expected = {e.name: _expected(e, answers[e.name]) for e in self.chapter.exercises}
            code = tuple(cell.source for cell in notebook.cells)
            if code not in self.seen:
                break
        else:
            raise SampleError(f"{self.chapter.name} has too few variants for a class of this size: no two are alike")
        self.seen.add(code)
        if not isinstance(kind, Breakage):
            return ", ".join([_words(kind, answers), *habits]), _content(notebook), expected
        spoiled = self._break(notebook, kind, expected)
        content = _content(notebook)
        if kind.encode:
            content = kind.encode(content)
        if kind.state is State.SKIPPED:
            return kind.what, content, expected
        said = [f"{kind.what} ({spoiled})"] if kind.spoils else [kind.what]
        others = {name: answer for name, answer in answers.items() if name != spoiled or not kind.spoils}
        return ", ".join(filter(None, [*said, _words(kind, others), *habits])), content, expected

    def _answer(self, kind: Breakage | str, exercise: Exercise) -> Answer:
        drawn = kind if kind in (RIGHT, UNTOUCHED) else self.draw.choices((RIGHT, WRONG, UNTOUCHED), (5, 4, 1))[0]
        if drawn == WRONG and self.wrong[exercise.name]:
            # Use the mistakes in turn, so that a class has as many different mistakes as possible.
            self.next_wrong[exercise.name] += 1
            wrong = self.wrong[exercise.name]
            return wrong[self.next_wrong[exercise.name] % len(wrong)]
        if drawn == UNTOUCHED:
            return Answer(UNTOUCHED, "", exercise.stub)
        return self.draw.choice(self.right[exercise.name])

    def _answered(self, answers: dict[str, Answer]) -> NotebookNode:
        notebook = copy.deepcopy(self.released)
        for name, answer in answers.items():
            notebook.cells[place_of(notebook, name)].source = answer.source
        return notebook

    def _habits(self, notebook: NotebookNode) -> list[str]:
        habits = self.draw.sample(sorted(HABITS), self.draw.choice((0, 1, 1, 2)))
        names = [exercise.name for exercise in self.chapter.exercises]
        for habit in habits:
            add_habit(notebook, habit, self.draw.choice(names))
        if self.draw.random() < 0.3:
            add_note(notebook, self.draw.choice(names))
            habits.append("writes notes")
        return habits

    def _break(self, notebook: NotebookNode, kind: Breakage, expected: dict[str, dict]) -> str:
        """Break the notebook, update the result that it must get, and return the randomly chosen exercise."""
        exercise = self.draw.choice(self.chapter.exercises)
        index = place_of(notebook, exercise.name)
        if kind.in_answer:
            notebook.cells[index].source = f"{kind.in_answer}\n\n{_without_marks(exercise.solution)}"
        if kind.in_scratch:
            notebook.cells.insert(index, nbformat.v4.new_code_cell(kind.in_scratch, id="my-scratch"))
        if kind.change:
            kind.change(notebook, exercise.name)
        states = kind.spoils or (State.SKIPPED,)
        for name in expected if kind.state is State.SKIPPED else [exercise.name] if kind.spoils else []:
            expected[name] = {"exactly": 0, "states": [state.value for state in states]}
        return exercise.name


def _right(exercise: Exercise, variants: Variants) -> list[Answer]:
    found = [Answer(RIGHT, variant.title, variant.source) for variant in variants.right(exercise.name)]
    return [Answer(RIGHT, "as the reference does it", _without_marks(exercise.solution)), *found]


def _without_marks(solution: str) -> str:
    marks = (BEGIN_SOLUTION, END_SOLUTION, STARTER)
    return "\n".join(line for line in solution.splitlines() if not line.lstrip().startswith(marks))


def _expected(exercise: Exercise, answer: Answer) -> dict:
    if answer.kind == WRONG:
        return {"less_than": exercise.points, "variant": answer.title}
    return {"exactly": exercise.points if answer.kind == RIGHT else 0}


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
