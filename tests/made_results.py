"""Make a chapter, its reference, and results by hand, for tests of records and reports."""

from dataclasses import asdict

import nbformat
from nbformat import NotebookNode

from autograder.model import Check, Exercise, ExerciseResult, Result, State, Verdict
from autograder.texts.chapter import from_notebook
from autograder.texts.facts import Facts

HALVE_CELL = """def halve(x):
    ### BEGIN SOLUTION
    return x / 2  # the reference's own line
    ### END SOLUTION"""
HALVE_TEST = """lab.compare(lambda: halve(4), 2, 'half of four')
### BEGIN HIDDEN TESTS
with lab.claim('any whole number', points=2):
    lab.observe('secret label', halve(lab.inputs().size(2, 99)))
with lab.claim('negative numbers', points=1):
    lab.observe('other secret label', halve(-lab.inputs().size(2, 99)))
### END HIDDEN TESTS"""
DOUBLE_CELL = """def double(x):
    ### BEGIN SOLUTION
    return x * 2  # the reference's other line
    ### END SOLUTION"""
DOUBLE_TEST = """### BEGIN HIDDEN TESTS
with lab.claim('whole numbers', points=2):
    lab.observe('third secret label', double(lab.inputs().size(2, 99)))
### END HIDDEN TESTS"""


def reference() -> NotebookNode:
    """Return the instructor's notebook of `CHAPTER`, not executed."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# Numbers", id="title"),
        nbformat.v4.new_code_cell("import layerlab as lab", id="imports"),
        nbformat.v4.new_markdown_cell("### Exercise: Half of a number", id="say-halve"),
        _solution("halve", HALVE_CELL, Facts("Half of a number", "core", difficulty=1, minutes=5, points=3)),
        _cell("test_halve", HALVE_TEST, {"grade": True, "solution": False, "locked": True, "points": 3}),
        nbformat.v4.new_markdown_cell("### Exercise: Twice a number", id="say-double"),
        _solution("double", DOUBLE_CELL, Facts("Twice a number", "more", difficulty=1, minutes=5, points=2)),
        _cell("test_double", DOUBLE_TEST, {"grade": True, "solution": False, "locked": True, "points": 2}),
    ]
    return notebook


def _solution(name: str, source: str, facts: Facts) -> NotebookNode:
    cell = _cell(name, source, {"grade": False, "solution": True, "locked": False})
    cell.metadata["layerlab"]["facts"] = asdict(facts)
    return cell


def _cell(grade_id: str, source: str, marks: dict) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(source, id=grade_id)
    cell.metadata["nbgrader"] = {"grade_id": grade_id, "task": False, "cell_type": "code", "schema_version": 3} | marks
    cell.metadata["layerlab"] = {"exercise": grade_id.removeprefix("test_")}
    return cell


CHAPTER = from_notebook(reference(), "numbers")
HALVE, DOUBLE = CHAPTER.exercises
HIDDEN_TEXT = ("secret label", "lab.observe", "lab.inputs", "BEGIN HIDDEN TESTS", "the reference's")


def exercise_result(exercise: Exercise, states: list[State], **details) -> ExerciseResult:
    """Return an exercise's result from the state of each of its claims."""
    verdicts = [
        Verdict(
            exercise.name,
            claim.name,
            claim.points,
            claim.points if state is State.PASSED else 0,
            state,
            cause="" if state is State.PASSED else "The values differ from index (0, 1) on.",
            detail="expected 3.14159, got 2.0",
        )
        for claim, state in zip(exercise.claims, states, strict=True)
    ]
    earned = sum(verdict.earned for verdict in verdicts)
    worst = next((state for state in states if state is not State.PASSED), State.PASSED)
    details = {"is_untouched": set(states) == {State.NOT_IMPLEMENTED}} | details
    if "mistake" in details:  # one mistake that explains everything that is wrong
        for verdict in verdicts:
            verdict.mistake = details["sentence"] if verdict.state is State.WRONG else ""
    return ExerciseResult(exercise.name, exercise.title, exercise.points, earned, worst, verdicts, **details)


def result(student: str, halve: list[State], double: list[State], **details) -> Result:
    """Return a submission's result from the states of its claims."""
    lost = {"sentence": "The number is rounded: `//` keeps whole numbers only.", "mistake": "floor division"}
    exercises = [
        exercise_result(
            HALVE,
            halve,
            checks=[Check("halve", "half of four", State.WRONG not in halve, "expected 2, got 1")],
            **(lost if State.WRONG in halve else {}),
        ),
        exercise_result(DOUBLE, double),
    ]
    earned = sum(exercise.earned for exercise in exercises)
    details = {"seconds": 0.25, "peak_mb": 210.0, "seed": 7, "key": f"key-{student}"} | details
    return Result(student, CHAPTER.name, State.PASSED, CHAPTER.points, earned, exercises, **details)


def solved(student: str) -> Result:
    """Return a result with every claim passed."""
    return result(student, [State.PASSED, State.PASSED], [State.PASSED])


def partly(student: str) -> Result:
    """Return a result with 2 of 5 points: one claim of the first exercise is lost, and the second is not started."""
    return result(student, [State.PASSED, State.WRONG], [State.NOT_IMPLEMENTED])


def unreadable(student: str, sentence: str = "The file is not a notebook: line 1 is no JSON.") -> Result:
    """Return the result of a file that could not be read."""
    return Result(student, CHAPTER.name, State.SKIPPED, CHAPTER.points, 0, [], sentence=sentence, seed=7, key="k")


def fault(student: str) -> Result:
    """Return the result of a submission that could not be graded because of a fault of the grader."""
    return Result(student, CHAPTER.name, State.INFRASTRUCTURE, CHAPTER.points, 0, [], sentence="The fork server died.")
