"""Test the released notebook in JupyterLab: the stub, a wrong attempt and its message, then a right answer.

`make test-long` works through every exercise of every chapter. `make test` takes the first exercise of a tenth of the
chapters, each day of another tenth, because it runs the same cells of every chapter outside JupyterLab.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import nbformat
import pytest
from own_lab import Lab, open_notebook, opened

from authoring.notebooks.release import release
from autograder.model import Exercise
from autograder.recording.gradebook import grade_cell_name
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from tests.root import ROOT

ALL = {path.stem: list(chapters.load(path.stem).exercises) for path in sorted(ROOT.glob("notebooks/*/*.ipynb"))}
EXERCISES = {name: exercises for name, exercises in ALL.items() if exercises}
CHAPTERS = list(EXERCISES)
TURNS = 10
TODAY = CHAPTERS[date.today().toordinal() % TURNS :: TURNS]  # the chapters whose turn it is
# The chapters of a turn, and those of the long tests, alternate between two processes.
DESKS = {name: pytest.mark.xdist_group(f"desk {index // TURNS % 2}") for index, name in enumerate(CHAPTERS)}
LATER = {name: () if name in TODAY else (pytest.mark.long,) for name in CHAPTERS}
FIRST = [pytest.param(name, EXERCISES[name][:1], id=name, marks=(DESKS[name], *LATER[name])) for name in CHAPTERS]
REST = [
    pytest.param(name, EXERCISES[name][1:], id=f"{name}, the rest", marks=(DESKS[name], pytest.mark.long))
    for name in CHAPTERS
]

# Writes a cell and runs it as Shift+Enter does.
RUN_CELL = """([id, source]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const cell = notebook.widgets.find((cell) => cell.model.id === id);
  notebook.activeCellIndex = notebook.widgets.indexOf(cell);
  notebook.deselectAll();
  if (source !== null) cell.model.sharedModel.setSource(source);
  cell.model.executionCount = null;
  window.running = window.jupyterapp.commands.execute("notebook:run-cell");
}"""

# A cell has run when it has an execution number and its kernel is idle.
HAS_RUN = """(id) => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cell = panel.content.widgets.find((cell) => cell.model.id === id);
  return cell.model.executionCount !== null && panel.sessionContext.session.kernel.status === "idle";
}"""

OUTPUTS = """(id) => window.jupyterapp.shell.currentWidget.content.widgets
  .find((cell) => cell.model.id === id).model.outputs.toJSON()"""


@dataclass
class Desk:
    """A notebook open in JupyterLab, with its kernel."""

    page: Any
    cells: list[nbformat.NotebookNode]
    read_to: int = 0  # index of the first cell that has not run yet

    def read(self, answer: str) -> None:
        """Run the code cells above an answer, like a student who reads the chapter from the top."""
        end = [cell.id for cell in self.cells].index(answer)
        for cell in self.cells[self.read_to : end]:
            if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
                assert self.run(cell.id)[1] == "", cell.source
        self.read_to = end

    def run(self, cell: str, source: str | None = None) -> tuple[str, str]:
        """Run a cell by its id, with a new source if given; return the text that it shows, and the error or ""."""
        self.page.evaluate(RUN_CELL, [cell, source])
        self.page.wait_for_function(HAS_RUN, arg=cell)
        outputs = self.page.evaluate(OUTPUTS, cell)
        texts = [out.get("text") or out.get("data", {}).get("text/plain", "") for out in outputs]
        errors = [out["evalue"] for out in outputs if out["output_type"] == "error"]
        return "\n".join("".join(text) for text in texts), errors[0] if errors else ""


@pytest.fixture(scope="module")
def page(lab: Lab, chromium: Any) -> Iterator[Any]:
    """Yield a JupyterLab page that is loaded once for all chapters, whose released notebooks are in its folder."""
    for name in CHAPTERS:
        shutil.copy(ROOT / "notebooks" / name / f"{name}.ipynb", lab.folder)
    with opened(chromium, lab.address) as page:
        yield page


@pytest.fixture
def desk(page: Any, request: pytest.FixtureRequest) -> Desk:
    """Return the chapter's released notebook, open with its own kernel."""
    name = request.node.callspec.params["name"]
    cells = nbformat.read(ROOT / "notebooks" / name / f"{name}.ipynb", as_version=4).cells
    open_notebook(page, f"{name}.ipynb")
    return Desk(page, cells)


def work(desk: Desk, name: str, exercise: Exercise) -> None:
    """Work through one exercise like a student who begins by running the stub."""
    ids = {cell.metadata["nbgrader"]["grade_id"]: cell.id for cell in desk.cells if "nbgrader" in cell.metadata}
    answer, test = ids[exercise.name], ids[grade_cell_name(exercise.name)]

    desk.read(answer)
    assert desk.run(answer)[1] == "", exercise.name
    printed, message = desk.run(test)
    if "NotImplementedError" in exercise.stub:
        assert "not implemented yet" in printed, exercise.name
        assert message == "", exercise.name

    wrong = variant_file.load(chapters.load(name, ROOT)).wrong(exercise.name)
    said = desk.run(answer, wrong[0].source)[1] or desk.run(test)[1]
    assert said, f"{exercise.name}: the notebook calls a known mistake right"

    assert desk.run(answer, exercise.solution)[1] == "", exercise.name
    printed, message = desk.run(test)
    assert message == "", exercise.name
    assert "as expected" in printed, exercise.name
    assert f"{exercise.points} of {exercise.points} points" in printed, exercise.name


@pytest.mark.parametrize(("name", "exercises"), [*FIRST, *REST])
def test_exercises_can_be_solved_in_jupyterlab(desk, name, exercises):
    for exercise in exercises:
        work(desk, name, exercise)


RUN_ALL = """() => { window.running = window.jupyterapp.commands.execute("notebook:run-all-cells"); }"""

# The outputs of each code cell, by its id, once the kernel is idle; null until then.
ALL_RAN = """(last) => {
  const panel = window.jupyterapp.shell.currentWidget;
  const code = panel.content.widgets.filter((cell) => cell.model.type === "code");
  const isOver = code.find((cell) => cell.model.id === last).model.executionCount !== null;
  if (!isOver || panel.sessionContext.session.kernel.status !== "idle") return null;
  return Object.fromEntries(code.map((cell) => [cell.model.id, cell.model.outputs.toJSON()]));
}"""


@pytest.mark.parametrize("name", ["containers"])  # it has stubs and a debug-this exercise
def test_run_all_finishes_an_untouched_notebook(page, lab, name):
    reference = nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", as_version=4)
    notebook = release(reference)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[-1].source = "print('the last cell')"  # replaces the points, which need a grader
    nbformat.write(notebook, lab.folder / "untouched.ipynb")
    open_notebook(page, "untouched.ipynb")
    page.evaluate(RUN_ALL)
    shown = page.wait_for_function(ALL_RAN, arg=code[-1].id, timeout=300_000).json_value()
    assert "the last cell" in str(shown[code[-1].id])
    unfinished = {exercise.name for exercise in EXERCISES[name] if "NotImplementedError" in exercise.stub}
    for exercise in unfinished:
        assert "not implemented yet" in str(shown[grade_cell_name(exercise)]), exercise
