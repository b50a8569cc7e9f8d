"""Run submissions in children of a fork server, and collect their results on the trusted side.

A submission that hangs, crashes, or runs out of memory loses only the cell (or the claim) that caused the failure. The
submission runs again without that cell, with the same seed, and the claims of both runs are kept.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from autograder.model import TEST_KINDS, Batch, Cell, Chapter, Limits, Run
from autograder.sandbox.driver.link import Hearing, Job, Message, Stop, play, read_branch
from autograder.sandbox.driver.patience import MOST
from autograder.sandbox.driver.server_process import ForkServer, ServerFault
from autograder.texts.claims import without_claims

MAX_RERUNS = 8
MAX_FAULTS = 2
LEAST = 0.5  # seconds that must be left for another attempt
BRANCH_SECONDS = 10.0  # limit for a branch whose reference is quick; it leaves time to notice a few deadlocks
Modules = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Branch:
    """Another answer to one exercise, run from the state just before that exercise. A branch must be trusted code."""

    exercise: str
    label: str  # "reference", or the answer's name in a table
    solution: str
    seed: int
    before: str = ""  # code run before the solution, as a student's earlier cells might
    record_draws: bool = False
    timeout: float | None = None


@dataclass
class BranchRun:
    """The result of one branch."""

    branch: Branch
    run: Run


class Runner:
    """A pool of fork servers; you may call `run` and `branches` from as many threads as there are workers.

    Use it as a context manager. Starting a server imports torch (2 to 3 s); each submission after that costs only a
    fork. If you have other modules to import, call `start` first, so that both imports happen at the same time. Without
    the sandbox's walls, a submission runs with the privileges of the user who grades: only for trusted code.
    """

    def __init__(self, workers: int = 1, limits: Limits | None = None, *, sandbox: bool = True) -> None:
        self.workers = workers
        self.limits = limits or Limits()
        self.sandbox = sandbox
        self._starting: list[ForkServer] = []
        self._idle: queue.Queue[ForkServer] = queue.Queue()
        self._turns = threading.Semaphore(workers)  # With a spare server, there are more servers than turns.
        self._is_started = self._has_spare = False

    def start(self) -> None:
        """Start the first server without waiting for it; the other servers are copies of it."""
        if not self._is_started and not self._starting:
            self._starting = [ForkServer.start(self.sandbox)]

    def ready(self, *, spare: bool = False) -> Runner:
        """Wait until all servers have started, and return this runner; raise ServerFault if one does not start.

        A spare server prepares the next submission inside its walls while others run and finish.
        """
        if not self._is_started:
            self._start_all()
        if spare and not self._has_spare:
            with self._server() as server:
                self._idle.put(server.copy())
            self._has_spare = True
        return self

    def _start_all(self) -> None:
        self.start()
        try:
            self._starting[0].wait_until_ready()
            while len(self._starting) < self.workers:
                self._starting.append(self._starting[0].copy())
        except ServerFault:
            self.close()
            raise
        while self._starting:
            self._idle.put(self._starting.pop())
        self._is_started = True

    def close(self) -> None:
        """End the servers."""
        self._is_started = self._has_spare = False
        while self._starting:  # kill these, because they would notice a closed socket only after all imports
            server = self._starting.pop()
            server.kill()
            server.close()
        while not self._idle.empty():
            self._idle.get().close()

    def __enter__(self) -> Runner:
        return self.ready()

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        cells: Sequence[Cell],
        batch: Batch,
        limits: Limits | None = None,
        modules: Modules = (),
        *,
        after: Run | None = None,
        hearing: Hearing | None = None,
    ) -> Run:
        """Run cells in order in a new child, even if some fail; the limits include the run ``after`` which it comes."""
        limits, hearing = limits or self.limits, hearing or Hearing()
        run = Run(seed=batch.seed)
        if after is not None:
            run.counted, run.received, run.seconds = after.counted, after.received, after.seconds
        remaining: Sequence[Cell] = cells
        for _ in range(MAX_RERUNS):
            left = limits.total_seconds - run.counted
            if left < LEAST or run.seconds > MOST * limits.total_seconds:
                run.is_over = True
                break
            within = replace(limits, total_seconds=left)
            job = _job(_claims_first(remaining), batch, within, modules=dict(modules), record_draws=hearing.draws)
            stopped_in = self._attempt(job, run, hearing)
            if stopped_in is None or run.fault:
                break
            remaining = _without(remaining, stopped_in, run)
        return run

    def branches(
        self,
        chapter: Chapter,
        branches: Sequence[Branch],
        batch: Batch,
        kinds: Sequence[str] = TEST_KINDS,
    ) -> list[BranchRun]:
        """Run each branch from the state just before its exercise, and return the results in the order of ``branches``.

        Raise ServerFault if the chapter's own cells do not run to the end, which is an author's error.
        """
        from autograder.submissions.needed_cells import needed  # it imports torch: see `start`

        asked = [asdict(branch) | {"index": index} for index, branch in enumerate(branches)]
        wanted = {branch.exercise for branch in branches}
        last = max((i for i, cell in enumerate(chapter.cells) if cell.exercise in wanted), default=-1)
        # Run only the tests that branches need, so that a reference that is known to run does not run again.
        tests = [c for c in chapter.cells if c.kind in kinds and c.exercise in wanted]
        cells = needed([c for c in chapter.cells[: last + 1] if c.kind not in TEST_KINDS or c in tests])
        found: dict[int, BranchRun] = {}
        run = Run(seed=batch.seed)

        def take(message: Message) -> None:  # while the others run
            index = message[0]["index"]
            found[index] = BranchRun(branches[index], read_branch(message, batch.seed))

        limits = replace(self.limits, cell_seconds=3600.0, total_seconds=3600.0, result_bytes=2**31)
        more = {"branches": asked, "secret": batch.secret, "branch_seconds": BRANCH_SECONDS}
        job = _job(cells, batch, limits, **more)
        with self._server() as server:
            outcome = play(server, self._turns, job, run, Hearing(take_branch=take))
        if outcome is not None or len(found) < len(asked):
            where = f" in cell {outcome.cell!r} ({outcome.state})" if outcome else ""
            raise ServerFault(f"the chapter {chapter.name} stopped{where} while its branches ran")
        return [found[index] for index in range(len(branches))]

    def _attempt(self, job: Job, run: Run, hearing: Hearing) -> Stop | None:
        for fault in range(MAX_FAULTS + 1):
            known = (len(run.cells), len(run.claims), len(run.checks))
            try:
                with self._server() as server:
                    return play(server, self._turns, job, run, hearing)
            except ServerFault as error:
                del run.cells[known[0] :], run.claims[known[1] :], run.checks[known[2] :]
                if fault == MAX_FAULTS:
                    run.fault = str(error)
        return None

    @contextlib.contextmanager
    def _server(self) -> Iterator[ForkServer]:
        if not self._is_started:
            raise RuntimeError(
                "this Runner has no fork servers: they live inside `with Runner() as runner:`, so call it in that block"
            )
        server = self._idle.get()
        try:
            if not server.alive():
                server.close()
                server = ForkServer.start(self.sandbox)
                server.wait_until_ready()
            yield server
        except ServerFault:
            server.kill()  # the next attempt gets another one, even if this one ends slowly
            raise
        finally:
            self._idle.put(server)


def _job(cells: Sequence[Cell], batch: Batch, limits: Limits, **more: Any) -> Job:
    sent = {"seed": batch.seed, "cells": [asdict(cell) for cell in cells], "output_bytes": limits.output_bytes} | more
    return Job(sent, limits, batch.secret)


def _claims_first(cells: Sequence[Cell]) -> list[Cell]:
    """Put visible checks after all other cells, so that no check affects a claim."""
    return sorted(cells, key=lambda cell: cell.kind == "visible")


def _without(cells: Sequence[Cell], stop: Stop, run: Run) -> list[Cell]:
    """Return the cells left to run after a stop, without the cell that caused the stop and without finished tests.

    If a claim in a test cell caused the stop, keep that cell, but remove the claims that have already run.
    """
    over = {cell.id for cell in run.cells if cell.kind in TEST_KINDS and cell.stop is None}
    left = []
    for cell in cells:
        if cell.id in over:
            continue
        if cell.id == stop.cell:
            known = {claim.name for claim in run.claims if claim.exercise == cell.exercise}
            if cell.kind != "hidden" or not known:
                continue
            cell = replace(cell, source=without_claims(cell.source, known))
        left.append(cell)
    return left
