"""Test that `lab.claims` and `lab.points` judge as the grader does, whatever the notebook did before."""

import importlib
import os
import random
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import layerlab as lab
from autograder.grading.known_mistakes import scored_exercises
from autograder.model import State, Told
from autograder.texts import chapter as chapters
from autograder.texts.chapter import release
from autograder.texts.variants import Variant, Variants
from layerlab.graded import observation
from layerlab.graded.wire import Array
from layerlab.judging.claim_model import ClaimState, SentenceKind
from layerlab.scoring import exercise_file, run_claims, shown
from layerlab.scoring.notebook import ClaimsLost, Stopped
from layerlab.scoring.result import Scored, Stage
from tests.recording.test_feedback import Page
from tests.root import FIXTURES, ROOT

IMPORTS = """import math
import layerlab as lab
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
"""
TRIPLED = "You multiply by 3 instead of 2."
MISTAKES = (
    Variant("double", "wrong", "tripled", TRIPLED, "def double(x):\n    return 3 * x", 1),
    Variant("double", "wrong", "squared", "You square.", "def double(x):\n    return x * x", 1),
    Variant("double", "wrong", "a list", "You return a list.", "def double(x):\n    return [2 * x]", 1),
)
RIGHT = "def double(x):\n    return x + x"


@pytest.fixture(scope="module")
def content(two_exercises, runner) -> bytes:
    listed = Variants(FIXTURES / "two_exercises.md", MISTAKES)
    return exercise_file.dumps(scored_exercises(runner, two_exercises, listed, two_exercises.tested), "a key")


@pytest.fixture
def run(content, tmp_path, monkeypatch) -> Callable[[str], str]:
    """Return a function that runs a cell in a notebook's kernel, and returns its output or raises its exception."""
    (tmp_path / f"two_exercises{exercise_file.ENDING}").write_bytes(content)
    monkeypatch.setattr(exercise_file, "FOLDER", tmp_path)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    exercise_file._archives.cache_clear()
    shell = InteractiveShell()
    for module in ("run_claims", "notebook"):
        monkeypatch.setattr(f"layerlab.scoring.{module}.get_ipython", lambda: shell)

    shown = []
    monkeypatch.setattr("layerlab.scoring.notebook.show", shown.append)

    def run(cell: str, stops: type[BaseException] | None = None) -> str:
        shown.clear()
        with capture_output() as printed:
            ran = shell.run_cell(cell)
        assert type(ran.error_in_exec or ran.error_before_exec) is (stops or type(None)), printed.stdout
        if stops:
            assert ran.error_in_exec._render_traceback_() == [str(ran.error_in_exec)]
        run.pages = [what._repr_html_() for what in shown]
        return "\n".join(map(repr, shown)) or printed.stdout

    run.shell = shell
    run(IMPORTS)
    yield run
    exercise_file._archives.cache_clear()


def test_right_answer_takes_one_line(run):
    run(RIGHT)
    assert run('lab.claims("double")').strip() == "3 of 3 points"


@pytest.mark.parametrize("answer", ["3 * x", "x + x + x", "x / (1 / 3)"])
def test_lost_claim_names_the_mistake_then_the_values(run, answer):
    run(f"def double(x):\n    return {answer}")
    text = run('lab.claims("double")', ClaimsLost)
    (page,) = run.pages
    lines = [line.strip() for line in text.split("\n")]
    assert lines[0] == "0 of 3 points"
    if answer.startswith(("3", "x +")):  # the third answer returns floats for integers, which is another mistake
        assert lines[2] == TRIPLED
        assert TRIPLED in Page(page).words
    assert "expected" in text
    assert "got" in text
    assert {"table", "caption", "th", "tr"} <= set(Page(page).tags)
    assert not {"script", "style"} & set(Page(page).tags)
    assert Page(page).addresses == []


def test_other_mistake_is_explained_by_its_values(run):
    run("def double(x):\n    return -2 * x")
    text = run('lab.claims("double")', ClaimsLost)
    assert "Likely cause: the sign is flipped" in text or "wrong sign" in text or "-1 times" in text
    assert not any(mistake.sentence in text for mistake in MISTAKES)


STATES = {
    "dtype": "torch.set_default_dtype(torch.float64)",
    "gradients off": "torch.set_grad_enabled(False)",
    "deterministic": "torch.use_deterministic_algorithms(True)",
    "threads": "torch.set_num_threads(2)",
    "seeds": "torch.manual_seed(5); np.random.seed(5); import random; random.seed(5)",
    "names": "F = torch = np = nn = None; x = draw = values = 7; sum = list = None",
    "errors": "np.seterr(all='raise')",
    "folder": "import os; os.chdir('/')",
    "precision": "torch.set_float32_matmul_precision('medium')",
    "forkserver": "import multiprocessing; multiprocessing.set_start_method('forkserver', force=True)",
    "spawn": "import multiprocessing; multiprocessing.set_start_method('spawn', force=True)",
}
DEFAULTS = "torch.get_default_dtype() == torch.float32 and torch.multiprocessing.get_start_method() == 'fork'"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("answer", ["2 * x", "3 * x"])
def test_result_does_not_depend_on_the_kernel_and_leaves_it_unchanged(run, state, answer, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    run(f"def double(x):\n    assert {DEFAULTS}\n    return {answer}")
    defaults = global_state()
    try:
        run(STATES[state])
        judge = 'import layerlab; layerlab.claims("double")'
        before, names = global_state(), dict(run.shell.user_ns)
        if answer == "2 * x":
            assert run(judge) == "3 of 3 points"
        else:
            assert TRIPLED in run(judge, ClaimsLost)
        assert global_state() == before
        kept = {name: value for name, value in names.items() if not name.startswith(("_", "In", "Out"))}
        assert all(run.shell.user_ns[name] is value for name, value in kept.items())
    finally:
        restore(defaults)


def global_state() -> tuple:
    settings = (setting.read() for setting in importlib.import_module("layerlab.scoring.kernel_state").SETTINGS)
    drawn = random.getstate(), str(np.random.get_state()), tuple(torch.get_rng_state().tolist())
    return (*settings, torch.get_num_threads(), os.getcwd(), *drawn)


def restore(state: tuple) -> None:
    for setting, value in zip(importlib.import_module("layerlab.scoring.kernel_state").SETTINGS, state, strict=False):
        setting.write(value)
    torch.set_num_threads(state[-5])


def test_unfinished_and_unknown_answers_say_so_and_stop_only_validation(run, monkeypatch):
    assert (
        run('lab.claims("double")')
        .strip()
        .endswith("there is no `double` yet; run the cell with your answer, then this one")
    )
    run("def double(x):\n    raise NotImplementedError")
    assert run('lab.claims("double")').strip() == "Double: not implemented yet"
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    run('lab.claims("double")', ClaimsLost)
    assert "judged by your instructor's tests" in run('lab.claims("another")')


def test_every_chapter_with_exercises_has_a_file():
    stored = {name.removesuffix(exercise_file.ENDING) for name, _ in exercise_file._archives()}
    assert stored == set(chapters.names(ROOT))


def test_other_release_says_what_to_update(run, two_exercises):
    run(RIGHT)
    assert "3 of 3" in run(f'lab.claims("double", "{release(two_exercises.exercise("double"))}")')
    assert "of different releases" in run('lab.claims("double", "000000")')


def test_forbidden_call_is_named_with_its_line(run):
    run("def learn(x, y):\n    F.elu(x)\n    return nn.Sequential(nn.Flatten(), nn.Linear(64, 4))")
    text = run('lab.claims("learn")', ClaimsLost)
    assert text == "0 of 1 points; not allowed: F.elu, line 2"


def test_network_is_judged_with_public_data(run, two_exercises):
    run(two_exercises.exercise("learn").solution)
    assert run('lab.claims("learn")').strip() == "1 of 1 points"


def test_interrupt_stops_and_loses_nothing(run):
    run("def double(x):\n    raise KeyboardInterrupt")
    before = global_state(), run.shell.user_ns["double"]
    run('lab.claims("double")', Stopped)
    assert (global_state(), run.shell.user_ns["double"]) == before
    assert observation._session.channel is None


def test_points_sum_up_the_notebook_and_name_the_next_exercise(run):
    run("def double(x):\n    return 3 * x if isinstance(x, torch.Tensor) else 2 * x")
    text = run('lab.points("two_exercises")')
    (page,) = run.pages
    assert text.startswith("1 of 4 points")
    for words in ("1 of 3", "Double: points lost", "Double, values", "Not begun: Learn.", "Next: Double, points lost."):
        assert words in text
    assert "your instructor's tests" in run('lab.points("nowhere")')
    assert {"table", "caption", "details", "summary"} <= set(Page(page).tags)


def test_class_without_claims_leaves_judging_to_instructor(run, monkeypatch, tmp_path):
    """Such a class's layerlab has no folder of files."""
    monkeypatch.setattr(exercise_file, "FOLDER", tmp_path / "none")
    exercise_file._archives.cache_clear()
    assert "your instructor's tests" in run('lab.points("two_exercises")')
    assert "judged by your instructor's tests" in run('lab.claims("double")')


def test_nothing_runs_under_a_grader(run, monkeypatch):
    run("def double(x):\n    raise SystemExit")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert run('lab.claims("double"); lab.points("two_exercises")') == ""
    monkeypatch.delenv("NBGRADER_EXECUTION")
    monkeypatch.setattr(observation, "is_graded", lambda: True)
    assert lab.claims("double") is None


def test_layerlabs_states_and_kinds_are_the_graders():
    for mine, graders in ((ClaimState, State), (SentenceKind, Told)):
        assert {one.name: one.value for one in mine}.items() <= {one.name: one.value for one in graders}.items()


# --- the file ---------------------------------------------------------------------------------------------------------


def test_file_has_no_answer_and_the_same_bytes_each_time(content, two_exercises, runner):
    again = exercise_file.dumps(
        scored_exercises(
            runner, two_exercises, Variants(FIXTURES / "two_exercises.md", MISTAKES), two_exercises.tested
        ),
        "a key",
    )
    assert again == content
    archive = exercise_file.zipfile.ZipFile(exercise_file.io.BytesIO(content))
    whole = b"\n".join(archive.read(name) for name in archive.namelist()).decode("utf-8", errors="replace")
    assert "lab.observe" in whole
    for line in ("return 2 * x", "return 3 * x", "nn.GELU()"):
        assert line not in whole


def test_stored_values_differ_by_less_than_a_share_of_the_tolerance():
    values = np.random.default_rng(1).normal(size=1000).astype(np.float32)
    values[:3] = np.inf, np.nan, 0.0
    rounded = exercise_file._rounded(Array("tensor", "float32", values), None).data
    assert str(rounded[:3]) == "[inf nan  0.]"
    assert (np.abs(rounded[3:] / values[3:] - 1) <= 1e-4 / 16).all()
    assert len(np.unique(rounded.view(np.uint32) & 15)) == 1
    assert (exercise_file._rounded(Array("tensor", "float32", values), 1e-9).data[3:] == values[3:]).all()
    assert run_claims.SUPPLIED.keys() >= {"torch", "lab"}


@pytest.mark.serial
def test_exercises_of_the_largest_chapter_load_within_a_third_of_a_second():
    largest = max(exercise_file.FOLDER.iterdir(), key=lambda path: path.stat().st_size).name
    begin = time.process_time()
    for name in exercise_file.names(largest.removesuffix(exercise_file.ENDING)):
        exercise_file.read(name)
    assert time.process_time() - begin < 0.3


def test_stars_are_markup_outside_code_only():
    text = "**at least `x**2`, and** `y**3`"
    code = "<strong>at least <code>x&#42;&#42;2</code>, and</strong> <code>y&#42;&#42;3</code>"
    assert (shown.prose(text), shown._plain(text)) == (code, "at least `x**2`, and `y**3`")


def test_next_exercise_is_a_core_one_before_others_and_a_begun_one_first():
    rows = [
        Scored("a", "A", Stage.SOLVED, tier="core"),
        Scored("b", "B", Stage.LOST, tier="more"),
        Scored("c", "C", Stage.STUB, tier="core"),
        Scored("d", "D", Stage.LOST, tier="core"),
    ]
    order = [rows[3], rows[2], rows[1]]
    for at, one in enumerate(order):
        left = [row for row in rows if row not in order[:at]]
        assert shown.next_exercise(left) == f"Next: {one.title}, {one.stage}."
    assert shown.next_exercise(rows[:1]) == "Every exercise of this notebook is solved."
