"""Test that known mistakes are observed once for a batch, and again when anything that determines them changes."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from autograder.grading import mistake_observations
from autograder.grading.grader import Grader
from autograder.grading.mistake_observations import FOLDER, KnownMistakes
from autograder.grading.mistakes import same_run
from autograder.model import Batch, State
from autograder.sandbox.driver.events import MAX_SEEN, Seen
from autograder.texts.variants import WRONG, Variant, Variants
from layerlab.graded import wire
from tests.changed_answers import notebook

BATCH = Batch(3, 4)
SOURCES = {"three times": "def double(x):\n    return 3 * x", "it ends": "import os\nos._exit(1)"}


@pytest.fixture
def variants():
    found = [Variant("double", WRONG, title, "", source, 1) for title, source in SOURCES.items()]
    return Variants(Path("two_exercises.md"), tuple(found))


@pytest.fixture
def known(runner, two_exercises, variants, tmp_path):
    """Return a function that returns the known mistakes of `double`, as the class's next grader sees them."""

    def find(batch=BATCH, listed=variants, folder=tmp_path):
        return KnownMistakes(runner, two_exercises, listed, batch, folder).of("double")

    return find


@pytest.fixture
def count(runner, monkeypatch):
    """Return a list that grows each time the mistakes are run."""
    runs, really = [], runner.branches
    monkeypatch.setattr(runner, "branches", lambda *a, **k: runs.append(a) or really(*a, **k))
    return runs


def test_next_grader_reuses_recorded_observations(known, count):
    first, second = known(), known()
    assert len(count) == 1
    assert [variant.title for variant, _ in second] == list(SOURCES)
    for (_, run), (_, again) in zip(first, second, strict=True):
        assert same_run("double", run, again)
        assert [claim.stop for claim in run.claims] == [claim.stop for claim in again.claims]
        assert [cell.stop for cell in run.cells] == [cell.stop for cell in again.cells]


def test_changed_seed_secret_or_mistake_is_run_again(known, count, variants, monkeypatch):
    known()
    known(Batch(4, 4))
    assert len(count) == 2
    known(Batch(4, 5))
    assert len(count) == 2, "no task is asked for: its secret decides nothing"
    with monkeypatch.context() as patch:
        patch.setattr(mistake_observations, "_TASK", "def double")
        known(Batch(4, 5))
        known(Batch(4, 6))
    assert len(count) == 4
    changed = [replace(one, source=one.source + "\n") for one in variants.wrong("double")]
    known(Batch(4, 5), Variants(Path("two_exercises.md"), tuple(changed)))
    assert len(count) == 5


def test_unreadable_or_unwritable_records_are_run_again(known, count, tmp_path):
    known()
    (kept,) = (tmp_path / FOLDER).iterdir()
    kept.write_bytes(kept.read_bytes()[:-5])
    known()
    kept.write_bytes(b"something else")
    known()
    assert len(count) == 3
    whole = kept.read_bytes()
    for damaged in (
        whole.replace(b'"seconds"', b'"second_"'),
        whole.replace(b'"index"', b'"indox"'),
        whole[:-1] + b"x",
    ):
        assert damaged != whole
        kept.write_bytes(damaged)
        known()
    assert len(count) == 6
    kept.unlink()
    kept.symlink_to("/dev/zero")
    known()
    assert len(count) == 7
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert len(known(folder=in_the_way)) == 2
    assert len(known(folder=None)) == 2
    assert len(count) == 9


def test_oversized_records_are_not_stored(known, count, tmp_path, monkeypatch):
    monkeypatch.setattr(mistake_observations, "MOST", 1_000)
    known()
    known()
    assert len(count) == 2
    assert not (tmp_path / FOLDER).exists()


# --- observations of the reference ------------------------------------------------------------------------------------


def sent(*values) -> bytes:
    return wire.encode({"values": values, "options": {}})


def test_identical_bytes_are_decoded_once():
    seen = Seen()
    first = seen.read(sent(torch.ones(3), "ones"))
    assert seen.read(sent(torch.ones(3), "ones")) is first
    assert seen.read(sent(torch.ones(3, 1), "ones")) is not first


def test_large_or_late_observations_are_not_cached():
    seen, large = Seen(), sent(torch.ones(MAX_SEEN))
    assert seen.read(large) is not seen.read(large)
    seen.is_closed = True
    assert seen.read(sent(2)) is not seen.read(sent(2))
    with pytest.raises(wire.WireError):
        seen.read(b"no observation")


def test_verdicts_do_not_depend_on_the_cache(runner, two_exercises, monkeypatch):
    answers = ["def double(x):\n    return x + x", "def double(x):\n    return 3 * x"]

    def verdicts() -> list:
        grader = Grader(two_exercises, BATCH, runner)
        results = [grader.grade(notebook(double=answer), "ada") for answer in answers]
        return [[(v.state, v.cause, v.detail, v.told) for e in r.exercises for v in e.verdicts] for r in results]

    found = verdicts()
    assert {state for one in found for state, *_ in one} == {State.PASSED, State.WRONG}
    monkeypatch.setattr(Seen, "read", lambda self, payload: wire.decode(payload))
    assert verdicts() == found
