"""Test that a submission loses only the points that it should, however its process ends."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import psutil
import pytest

from autograder.model import Batch, Cell, Limits, State
from autograder.sandbox.driver.run import Branch, Runner
from autograder.sandbox.inside import steps
from autograder.texts.claims import claims, without_claims
from tests.changed_answers import with_answer
from tests.layerlab.test_ranks import is_running

HELD = {"values": "held", "ints": "held", "learned": "held"}
SHORT = Limits(cell_seconds=1.5, total_seconds=20)


def servers_of(runner) -> list:
    """Return a runner's idle servers: first the original server, then its copies."""
    return sorted(runner._idle.queue, key=lambda server: server.process is None)


def outcome(run):
    """Map each claim's name to the way in which the claim ended."""
    return {c.name: c.stop or (c.raised_type or ("held" if c.finished else "open")) for c in run.claims}


def test_reference_runs_are_reproducible(runner, two_exercises, batch):
    first, second = (runner.run(two_exercises.cells, batch) for _ in range(2))
    assert outcome(first) == HELD
    assert [c.error for c in first.cells] == [None] * len(two_exercises.cells)
    values = [[o.values for c in run.claims for o in c.observed] for run in (first, second)]
    assert repr(values[0]) == repr(values[1])
    assert first.fault is None
    assert first.peak_mb > 0


def test_different_seeds_give_different_inputs(runner, two_exercises, batch):
    runs = [runner.run(two_exercises.cells, b) for b in (batch, Batch(6, 77))]
    one, other = (run.claim("double", "ints").observed[0].values for run in runs)
    assert one != other


@pytest.mark.parametrize(
    ("body", "values", "ints"),
    [
        ("while True: pass", State.TIMED_OUT, State.TIMED_OUT),
        ("import ctypes; ctypes.string_at(0)", State.CRASHED, State.CRASHED),
        ("import os; os._exit(0)", State.CRASHED, State.CRASHED),
        ("return torch.zeros(2**29)", "RuntimeError", "RuntimeError"),
        ("return bytearray(2**31)", "MemoryError", "MemoryError"),
        ("raise SystemExit", "SystemExit", "SystemExit"),
        ("return double(x)", "RecursionError", "RecursionError"),
        ("while isinstance(x, int): pass\n    return x + x", "held", State.TIMED_OUT),
        ("import os; isinstance(x, int) or os.abort()\n    return x + x", State.CRASHED, "held"),
    ],
    ids=["hang", "segfault", "os._exit", "2 GB tensor", "2 GB bytes", "SystemExit", "recursion", "one", "other"],
)
def test_bad_ending_costs_only_its_own_claims(runner, two_exercises, batch, body, values, ints):
    run = runner.run(with_answer(two_exercises, "double", f"def double(x):\n    {body}"), batch, SHORT)
    assert outcome(run) == {"values": values, "ints": ints, "learned": "held"}
    assert run.fault is None


def with_own_cell(chapter, source: str) -> list[Cell]:
    """Return the chapter's cells with a student's own cell after the first one."""
    return [*chapter.cells[:1], Cell("own-1", "own", source), *chapter.cells[1:]]


@pytest.mark.parametrize("stop", ["while True: pass", "import os; os._exit(3)", "import os; os.abort()"])
def test_crashing_or_hanging_cell_is_left_out(runner, two_exercises, batch, stop):
    run = runner.run(with_own_cell(two_exercises, stop), batch, SHORT)
    assert outcome(run) == HELD
    assert next(c for c in run.cells if c.id == "own-1").stop in (State.TIMED_OUT, State.CRASHED)


def test_changes_from_earlier_cells_do_not_reach_tests(runner, two_exercises, batch):
    habits = """
import os, warnings, random
lab = F = np = inputs = draw = x = 3
list = len = print = sum = "mine"
torch.set_default_dtype(torch.float64); torch.set_grad_enabled(False); torch.manual_seed(0)
os.chdir("/"); warnings.simplefilter("error"); random.seed(1)
"""
    run = runner.run(with_own_cell(two_exercises, habits), batch)
    plain = runner.run(two_exercises.cells, batch)
    assert outcome(run) == outcome(plain)
    assert [repr(c.observed) for c in run.claims[:2]] == [repr(c.observed) for c in plain.claims[:2]]


def test_excess_output_is_truncated_without_cost(runner, two_exercises, batch):
    cells = with_own_cell(two_exercises, "for i in range(300): print('x' * 100_000)")
    run = runner.run(cells, batch, Limits(output_bytes=10_000))
    assert outcome(run) == HELD
    kept = next(c for c in run.cells if c.id == "own-1").outputs
    assert sum(len(str(output)) for output in kept) < 20_000


def test_branches_start_from_prior_state_and_leave_nothing(runner, two_exercises, batch):
    reference = two_exercises.exercise("double").solution
    asked = [
        Branch("double", "reference", reference, batch.seed, record_draws=True),
        Branch("double", "hang", "def double(x):\n    while True: pass", batch.seed, timeout=3.0),
        Branch("double", "crash", "import os; os.abort()", batch.seed),
        Branch("double", "again", reference, batch.seed, before="torch.Tensor.__mul__ = None"),
        Branch("double", "after", reference, batch.seed),
    ]
    runs = [b.run for b in runner.branches(two_exercises, asked, batch)]
    assert [outcome(run) for run in runs[::4]] == [{"values": "held", "ints": "held"}] * 2
    assert (outcome(runs[1]), runs[1].cells[-1].stop) == ({}, State.TIMED_OUT)
    assert outcome(runs[2]) == {}
    assert runs[2].cells[0].stop is State.CRASHED
    assert len(runs[0].claim("double", "values").drawn) == 2  # The two draws are the size and the tensor.
    assert runs[4].claim("double", "values").drawn == []


def test_branch_may_take_ten_times_its_reference(monkeypatch):
    now, limits = itertools.count(step=3), []
    monkeypatch.setattr(steps, "time", SimpleNamespace(monotonic=lambda: next(now)))
    monkeypatch.setattr(steps, "fork_and_wait", lambda work, seconds: limits.append(seconds) or ("exited", b""))
    asked = [("reference", None), ("sum", None), ("product", 2.0)]
    branches = [
        {"exercise": "double", "label": label, "timeout": timeout, "index": i}
        for i, (label, timeout) in enumerate(asked)
    ]
    job = {"cells": [], "branches": branches, "branch_seconds": 5.0}
    channel = SimpleNamespace(send=lambda *message: None)
    steps.Steps.run_branches(SimpleNamespace(job=job, channel=channel, run_branch=print), "double")
    assert limits == [5.0, 30.0, 2.0]


def test_dying_server_gets_no_more_work(two_exercises, batch):
    with Runner(3) as runner:
        first, *copies = servers_of(runner)
        first.kill()
        # The runner has not yet been told that it ended: neither it nor its copies may get work.
        assert not any(server.alive() for server in (first, *copies))
        assert outcome(runner.run(two_exercises.cells, batch))["values"] == "held"


def test_retry_after_fault_uses_another_server(two_exercises, batch):
    with Runner() as runner:
        (server,) = servers_of(runner)
        server.control.close()  # The server is unreachable, but its process is alive.
        run = runner.run(two_exercises.cells, batch)
        assert (run.fault, outcome(run)["values"]) == (None, "held")


@pytest.mark.parametrize("sandbox", [True, False])
def test_server_copies_run_beside_it_and_end_together(two_exercises, batch, sandbox):
    with Runner(3, sandbox=sandbox) as runner:
        servers = servers_of(runner)
        assert [server.process is not None for server in servers] == [True, False, False]
        with ThreadPoolExecutor(3) as pool:
            runs = list(pool.map(lambda _: runner.run(two_exercises.cells, batch), range(6)))
        assert [outcome(run)["values"] for run in runs] == ["held"] * 6
        assert len({server._pid for server in servers}) == 3
    assert not any(is_running(server._pid) for server in servers)


def test_dead_copy_or_first_server_is_replaced(two_exercises, batch):
    with Runner(2) as runner:
        first, copy = servers_of(runner)
        copy.kill()
        assert outcome(runner.run(two_exercises.cells, batch))["values"] == "held"
        assert first.alive()
        first.process.kill()
        first.process.wait()
        for _ in range(3):
            assert outcome(runner.run(two_exercises.cells, batch))["values"] == "held"


def test_submission_process_is_not_confused_with_server_copy(two_exercises, batch):
    """Server copies and submissions are both child processes of the first server."""
    busy = Cell("own-1", "own", "import time\nend = time.process_time() + 1.5\nwhile time.process_time() < end: pass")
    with Runner(2) as runner:
        first = next(s for s in [runner._idle.get() for _ in range(2)] if s.process is not None)
        runner._idle.put(first)
        with ThreadPoolExecutor() as pool:
            running = pool.submit(runner.run, [busy, *two_exercises.cells], batch)
            time.sleep(0.7)
            found = first.submission()
            assert found is not None
            assert found not in first._copies
            assert outcome(running.result())["values"] == "held"
        assert first.submission() is None


def test_rank_cpu_time_counts_toward_starting_cell(runner, two_exercises, batch):
    work = "end = time.process_time() + 0.3\n    while time.process_time() < end: pass"
    source = f"import time\ndef work(rank):\n    {work}\nlab.ranks(work, world=2)"
    run = runner.run([Cell("own-1", "own", source), *two_exercises.cells], batch)
    assert run.cells[0].cpu_seconds > run.cells[0].forked_seconds > 0.6
    assert not any(cell.forked_seconds for cell in run.cells[1:])


@pytest.mark.parametrize(
    "opened",
    [
        'with lab.claim(points=2, name="one"):\n    b = a',
        'with torch.no_grad(), lab.claim("one"):\n    b = a',
        'with torch.no_grad():\n    with lab.claim("one"):\n        b = a',
        'with lab.claim("one", points=2):\n    b = a\n    c = b',
    ],
)
def test_claim_is_removed_in_every_spelling(opened):
    source = f'a = 1\n{opened}\nwith lab.claim("two"):\n    d = a'
    left = without_claims(source, {"one"})
    assert "b = a" not in left
    assert [(claim.name, claim.line) for claim in claims(left)] == [("two", source.count("\n") - 1)]
    assert without_claims(source, {"other"}) == source


def test_submission_killed_from_outside_runs_again(two_exercises, batch):
    own = Cell("own-1", "own", "import time; time.sleep(1.5)")
    with Runner() as runner, ThreadPoolExecutor() as pool:
        (server,) = servers_of(runner)
        running = pool.submit(runner.run, [own, *two_exercises.cells], batch)
        time.sleep(0.7)
        psutil.Process(server.process.pid).children(recursive=True)[-1].kill()
        run = running.result()
    assert run.fault is None
    assert outcome(run) == HELD


def test_spare_server_prepares_next_run_without_overlap_or_cost(batch):
    cell = Cell("own-1", "own", "import time; a = time.monotonic(); time.sleep(0.6); print(a, time.monotonic())")
    with Runner().ready(spare=True) as runner, ThreadPoolExecutor(3) as pool:
        assert len(servers_of(runner.ready(spare=True))) == 2
        running = [pool.submit(runner.run, [cell], batch) for _ in range(4)]
        assert runner._idle.qsize() == 0  # Both servers are busy: one runs, and one waits for its turn.
        runs = [future.result() for future in running]
    times = sorted(tuple(map(float, run.cells[0].outputs[0]["text"].split())) for run in runs)
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(times))
    assert max(run.seconds for run in runs) < 1.1, "waiting for its turn uses none of a submission's time"


def test_invalid_test_cell_raises_syntax_error_when_run(runner, two_exercises, batch):
    hidden = next(cell for cell in two_exercises.cells if cell.kind == "hidden")
    cells = [replace(cell, source="6 *") if cell is hidden else cell for cell in two_exercises.cells]
    run = runner.run(cells, batch)
    assert [cell.error_type for cell in run.cells if cell.error] == ["SyntaxError"]
    assert outcome(run) == {"learned": "held"}
