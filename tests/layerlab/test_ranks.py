"""Test that ranks may answer, raise, hang, or die, but never outlive `lab.ranks`."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import torch
import torch.distributed as dist

import layerlab as lab
from autograder.model import Limits
from autograder.texts import chapter as chapters
from tests.root import KINDS

KIND = KINDS / "several_processes" / "text.md"


def test_values_are_returned_in_rank_order_and_changes_stay():
    weight, values = torch.ones(2, requires_grad=True), [0]

    def work(rank):
        values[0] = rank + 1
        total = torch.full((2,), float(rank + 1))
        dist.all_reduce(total)
        return {"rank": rank, "total": total * weight, "pair": (values[0], [dist.get_world_size(), "text"])}

    answers = lab.ranks(work, world=3)
    assert [a["rank"] for a in answers] == [0, 1, 2]
    assert all(torch.equal(a["total"], torch.full((2,), 6.0)) for a in answers)
    assert [a["pair"] for a in answers] == [(n, [3, "text"]) for n in (1, 2, 3)]
    assert values == [0], "a rank changes only what is in its process"
    assert not dist.is_initialized(), "the caller stays outside the group"


def fail(error: Exception):
    raise error


@pytest.mark.parametrize(
    ("end", "meanwhile", "error", "said"),
    [
        (lambda: fail(ValueError("no such share")), dist.barrier, lab.RankError, "rank 1: ValueError: no such share"),
        (lambda: fail(NotImplementedError()), dist.barrier, NotImplementedError, "rank 1"),
        (lambda: os._exit(3), lambda: time.sleep(30), lab.RankError, "rank 1 ended without an answer"),
        (object, lambda: time.sleep(30), lab.RankError, "rank 1 returned something other than tensors"),
    ],
    ids=["raises", "is not implemented", "dies", "returns an object"],
)
def test_failing_rank_is_reported_without_waiting_for_others(end, meanwhile, error, said):
    began = time.monotonic()
    with pytest.raises(error, match=said):
        lab.ranks(lambda rank: end() if rank == 1 else meanwhile(), seconds=40)
    assert time.monotonic() - began < 10
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how long another process has worked")
@pytest.mark.parametrize(
    ("work", "waiting"),
    [
        (lambda rank: dist.barrier() if rank == 0 else None, "rank 0"),
        (lambda rank: dist.irecv(torch.zeros(1), 1 - rank).wait(), "rank 0, 1"),
    ],
    ids=["one more call", "delayed wait"],
)
def test_deadlocked_ranks_are_stopped_before_the_time_limit(monkeypatch, work, waiting):
    monkeypatch.setattr(sys.modules["layerlab.ranks"], "_idle_seconds", 0.4)
    began = time.monotonic()
    with pytest.raises(lab.RankError, match=f"{waiting} waits forever for another"):
        lab.ranks(work, seconds=30)
    assert 0.4 < time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("pause", "idle_seconds"),
    [(None, 1.0), (1.5, 4.0), (1.5, None)],
    ids=["computes", "sleeps", "sleeps in a notebook"],
)
def test_ranks_waiting_for_a_slow_rank_are_kept(monkeypatch, pause, idle_seconds):
    def late(rank):
        over = time.monotonic() + 1.5 * rank
        while time.monotonic() < over:
            if pause:
                time.sleep(pause)
        dist.barrier()

    if idle_seconds:
        monkeypatch.setattr(sys.modules["layerlab.ranks"], "_idle_seconds", idle_seconds)
    assert lab.ranks(late, seconds=30) == [None, None]


def test_time_limit_starts_after_all_ranks_have_started(monkeypatch):
    module = sys.modules["layerlab.ranks"]
    join = module._join

    def late(rank, *args):
        time.sleep(2.0 * rank)
        join(rank, *args)

    monkeypatch.setattr(module, "_join", late)
    assert lab.ranks(lambda rank: rank, seconds=1.5) == [0, 1]


def test_caller_can_fork_after_multithreaded_computation():
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        torch.ones(400, 400).matmul(torch.ones(400, 400)).sin().sum()

        def work(rank):
            x = torch.full((400, 400), 0.01 * (rank + 1), requires_grad=True)
            (x @ x).sin().sum().backward()
            return x.grad.isfinite().all().item()

        assert lab.ranks(work) == [True, True]
    finally:
        torch.set_num_threads(threads)


# -- every way to end -------------------------------------------------------------------------------------------------


def is_running(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_ended(pids: list[int], seconds: float) -> None:
    over = time.monotonic() + seconds
    while any(map(is_running, pids)):
        assert time.monotonic() < over, "processes are left behind"
        time.sleep(0.05)


def pids_in(folder: Path, count: int) -> list[int]:
    """Wait until ``count`` files named after process ids exist, and return these ids."""
    over = time.monotonic() + 30
    while len(found := [int(path.name) for path in folder.iterdir() if path.name.isdigit()]) < count:
        assert time.monotonic() < over, "the ranks have not begun"
        time.sleep(0.05)
    return found


def test_rank_killed_during_all_reduce_ends_the_call(tmp_path):
    def work(rank):
        (tmp_path / str(os.getpid())).touch()
        for step in range(100_000):
            dist.all_reduce(torch.ones(100_000))
            if rank == 1 and step == 20:
                os.kill(os.getpid(), signal.SIGKILL)

    began = time.monotonic()
    with pytest.raises(lab.RankError, match=r"rank (1 ended without an answer|0: RuntimeError|2: RuntimeError)"):
        lab.ranks(work, world=3, seconds=30)
    assert time.monotonic() - began < 15, "nobody waits for a rank that is gone"
    wait_until_ended(pids_in(tmp_path, 3), 2)


def stubborn(rank):
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    while True:
        pass


@pytest.mark.parametrize("forever", [lambda rank: time.sleep(600), stubborn], ids=["sleeps", "ignores signals"])
def test_unresponsive_rank_is_stopped_with_the_others(forever):
    def work(rank):
        return forever(rank) if rank == 1 else rank

    began = time.monotonic()
    with pytest.raises(lab.RankError, match="no answer from rank 1 in time"):
        lab.ranks(work, seconds=2)
    assert time.monotonic() - began < 8
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("end", ["return", "die"])
def test_child_processes_of_a_rank_end_with_it(tmp_path, end):
    def work(rank):
        if os.fork() == 0:
            (tmp_path / str(os.getpid())).touch()
            time.sleep(600)
        pids_in(tmp_path, 2)
        if end == "die" and rank == 1:
            os._exit(1)
        return rank

    if end == "return":
        assert lab.ranks(work, seconds=10) == [0, 1]
    else:
        with pytest.raises(lab.RankError, match="rank 1"):
            lab.ranks(work, seconds=3)
    wait_until_ended(pids_in(tmp_path, 2), 2)


def test_ranks_end_after_their_caller_is_killed(tmp_path):
    source = (
        "import os, pathlib, layerlab as lab\n"
        "def work(rank):\n"
        f"    pathlib.Path({str(tmp_path)!r}, str(os.getpid())).touch()\n"
        "    while True: pass\n"
        "lab.ranks(work, seconds=60)\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", source])
    pids = pids_in(tmp_path, 2)
    caller.kill()
    caller.wait()
    wait_until_ended(pids, 2 if sys.platform.startswith("linux") else 75)


# -- ranks in a submission --------------------------------------------------------------------------------------------

OTHER = "with lab.claim('of another exercise', points=1):\n    lab.observe('a number', float(lab.inputs().randn(1)))\n"
HURT = {
    "dies": "os.kill(os.getpid(), 9) if dist.get_rank() == 1 else dist.barrier()",
    "raises": "raise ValueError('no')",
    "hangs": "dist.barrier() if dist.get_rank() == 0 else time.sleep(600)",
    "forks": "[os.fork() for _ in range(3)]",
    "ends its group": "os.killpg(0, 9)",
    "kills its parent": "os.kill(os.getppid(), 9)",
}


@pytest.mark.parametrize("end", HURT)
def test_failing_rank_costs_only_its_own_exercise(runner, batch, end):
    chapter = chapters.load(KIND)
    answer = (
        f"import os, time\nimport torch.distributed as dist\n\n\ndef share_gradients(model, rows):\n    {HURT[end]}\n"
    )
    cells = [replace(cell, source=answer) if cell.id == "share_gradients" else cell for cell in chapter.cells]
    (test,) = [cell for cell in cells if cell.kind == "hidden"]
    other = replace(test, id="test_other/hidden", exercise="other", source=OTHER)
    began = time.monotonic()
    run = runner.run([*cells, other], batch, Limits(cell_seconds=4, total_seconds=30))
    assert time.monotonic() - began < 60
    assert run.fault is None
    hurt, other = run.claims
    assert (other.finished, other.stop, other.raised_type) == (True, None, None)
    quiet = end in ("forks", "kills its parent")  # a PID namespace's first process can't be killed from inside
    assert quiet or hurt.stop is not None or hurt.raised_type == "RankError"
