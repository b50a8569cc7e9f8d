"""Run the cells of a submission in a forked child, and report the start and end of each cell.

A job is a dict with the keys ``seed``, ``cells`` (id, kind, source, exercise), ``output_bytes``, and, for trusted code
only, ``branches`` and ``secret``. A *branch* is another answer to one exercise. A branch is forked from the state just
before its exercise, runs its own solution and the test cells, and changes nothing in its parent.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import torch

from layerlab.graded import observation, tasks
from layerlab.rules import watch
from layerlab.scoring import kernel_state
from layerlab.scoring.kernel_state import SUPPLIED

from . import messages, passed_over
from .shell import Outputs, Shell, Sink, error_output

_BUILTIN_NAMES = frozenset(vars(builtins))
_TEST_KINDS = ("visible", "hidden")


class PipeChannel:
    """A channel to the driver: `send` returns immediately, and `ask` waits for an answer."""

    def __init__(self, result_fd: int, job_fd: int) -> None:
        self._result_fd, self._job_fd, self._pid = result_fd, job_fd, os.getpid()

    def send(self, kind: str, header: dict[str, Any], payload: bytes = b"") -> None:
        if os.getpid() == self._pid:  # a forked rank or loader worker sends nothing itself
            messages.write(self._result_fd, {"kind": kind, "at": time.monotonic()} | header, payload)

    def ask(self, header: dict[str, Any]) -> bytes:
        if os.getpid() != self._pid:  # another process would read the answer that the notebook's process is waiting for
            raise RuntimeError("only the notebook's own process can ask for data")
        self.send("ask", header)
        return messages.read_one(self._job_fd)[1]


class MemoryChannel(PipeChannel):
    """A channel for a branch: it writes to a temporary file, whose contents survive if the branch is killed."""

    def __init__(self, fd: int, secret: int) -> None:
        super().__init__(fd, -1)
        self._secret = secret

    def ask(self, header: dict[str, Any]) -> bytes:
        return tasks.part(self._secret, str(header["exercise"]), header)


class Steps:
    """One job: the shell, the outputs of the running cell, and the channel that receives the job's messages."""

    def __init__(self, shell: Shell, job: dict[str, Any], channel: Any) -> None:
        self.shell, self.job, self.channel = shell, job, channel
        self.outputs = Outputs(job["output_bytes"])
        self.folder = os.getcwd()
        self.filters = list(warnings.filters)
        self.own_names: set[str] = set()
        self.names: dict[str, dict[str, Any]] = {}  # exercise -> the namespace after its claims
        shell.display_pub.outputs = shell.displayhook.outputs = self.outputs
        sys.stdout, sys.stderr = Sink(self.outputs, "stdout"), Sink(self.outputs, "stderr")
        notes = passed_over.Notes(self.note, shell.user_ns)
        shell.tell = notes.tell
        passed_over.be_harmless(notes)
        self.imports = passed_over.Imports(notes)
        self.offer_modules()
        self.rebind()

    def run(self) -> None:
        observation.listen(self.channel, self.job["seed"], self.job.get("record_draws", False))
        kernel_state.seed_everything(self.job["seed"])
        for cell in self.job["cells"]:
            if cell["kind"] == "solution":
                self.run_branches(cell["exercise"])
            if cell["kind"] in _TEST_KINDS and self.job.get("branches"):
                continue  # only branches run tests
            if cell["kind"] == "visible" and cell["exercise"] in self.names:  # these run last
                self.shell.user_ns.clear()
                self.shell.user_ns.update(self.names[cell["exercise"]])
            self.run_cell(cell)
            if cell["exercise"] and cell["kind"] != "visible":
                self.names[cell["exercise"]] = dict(self.shell.user_ns)
        self.channel.send("end", {})

    def run_cell(self, cell: dict[str, Any]) -> None:
        self.channel.send("cell", {"id": cell["id"]} | _worked())
        self.outputs.clear()
        is_test = cell["kind"] in _TEST_KINDS
        lines = None if is_test else cell.get("reached", ())
        with watch.watching(cell.get("rules", ()), self.report_rule(cell), lines, self.shell.user_ns):
            error = self.run_test(cell) if is_test else self.run_own(cell)
        kept = [] if is_test else self.outputs.items
        header = {"id": cell["id"], "error": None, "error_type": None} | _worked()
        if error is not None:
            kept = kept if is_test else [*kept, error_output(error)]
            header |= {"error": _one_line(error), "error_type": type(error).__name__}
            header |= {"lines": observation.lines_of(error)}
        self.channel.send("cell_end", header, as_json(kept))

    def run_own(self, cell: dict[str, Any]) -> BaseException | None:
        """Run a cell that the student may have written, as Jupyter would.

        Before an answer, rebind `F`, `nn`, and the other supplied names to the chapter's imports, even if earlier cells
        changed them. A supplied name that the answer itself rebinds keeps the answer's value in later test cells.
        """
        if cell["kind"] == "solution":
            self.rebind()
        sys.path_importer_cache.pop(self.folder, None)  # a cell may have just written a module there
        with self.chapters_own() if cell["kind"] == "provided" else self.students():
            result = self.shell.run_cell(cell["source"], store_history=True)
        if cell["kind"] == "solution":
            self.own_names = {n for n, value in SUPPLIED.items() if self.shell.user_ns.get(n) is not value}
        error = result.error_before_exec or result.error_in_exec
        if type(error).__name__ == "_IncompleteInputError":  # in Python 3.13, a SyntaxError by a private name
            error = SyntaxError(*error.args)
        return error

    @contextlib.contextmanager
    def chapters_own(self) -> Iterator[None]:
        """Let a chapter's own cell use Python's builtins, such as `sum`, even after ``from torch import *``."""
        names = self.shell.user_ns
        covered = _BUILTIN_NAMES & names.keys() - self.shell.user_ns_hidden.keys()
        taken = {name: names.pop(name) for name in covered}
        yield
        for name, value in taken.items():
            names.setdefault(name, value)

    @contextlib.contextmanager
    def students(self) -> Iterator[None]:
        """Let a student's cell import missing packages, as long as the cell does not use them."""
        self.shell.ast_transformers.append(self.imports)
        yield
        with contextlib.suppress(ValueError):  # the cell removed it
            self.shell.ast_transformers.remove(self.imports)

    def offer_modules(self) -> None:
        """Let cells import modules that were submitted or that cells write; Python searches for these last."""
        sys.dont_write_bytecode = True  # otherwise, a file rewritten within a second would load as the old version
        sys.path.append(self.folder)
        for name, source in self.job.get("modules", {}).items():
            Path(self.folder, f"{name}.py").write_text(source, encoding="utf-8")

    def note(self, fields: dict[str, Any]) -> None:
        """Report which code was skipped, both to the driver and in the cell's outputs."""
        self.channel.send("note", fields)
        self.outputs.stream("stderr", f"passed over: {fields['text']}\n")

    def report_rule(self, cell: dict[str, Any]) -> watch.Report:
        return lambda rule, _: self.channel.send("forbidden", {"exercise": cell["exercise"], "rule": rule})

    def rebind(self, but: Collection[str] = ()) -> None:
        self.shell.user_ns.update({name: value for name, value in SUPPLIED.items() if name not in but})

    def run_test(self, cell: dict[str, Any]) -> BaseException | None:
        """Run a test cell in its own namespace, so that a student's ``list = [1]`` or ``F = 3`` costs no points."""
        self.restore()
        self.rebind(but=self.own_names)
        own = {k: v for k, v in self.shell.user_ns.items() if k not in _BUILTIN_NAMES}
        namespace = own | SUPPLIED | {"__builtins__": builtins}
        observation.enter(cell["exercise"])
        try:
            with torch.inference_mode(False):  # an earlier cell may have entered inference mode and never left it
                exec(compile(cell["source"], f"<{cell['id']}>", "exec"), namespace)
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            return error
        return None

    def restore(self) -> None:
        """Undo global changes that earlier cells may have made."""
        os.chdir(self.folder)
        vars(warnings)["filters"][:] = self.filters  # in place: C reads the same list
        plt.close("all")
        kernel_state.set_defaults(self.job["seed"])

    # Branches: trusted code only, one at a time.

    def run_branches(self, exercise: str) -> None:
        # No rules here: the text of a trusted answer shows which rules it breaks, and watching halves the speed.
        tests = [
            cell | {"rules": ()}
            for cell in self.job["cells"]
            if cell["exercise"] == exercise and cell["kind"] in _TEST_KINDS
        ]
        branches = [branch for branch in self.job.get("branches", []) if branch["exercise"] == exercise]
        slowest = 0.0
        for branch in branches:
            limit = branch["timeout"] or max(self.job["branch_seconds"], 10 * slowest)
            started = time.monotonic()
            status, data = fork_and_wait(partial(self.run_branch, branch, tests), limit)
            seconds = time.monotonic() - started
            if branch["label"] == "reference":
                slowest = max(slowest, seconds)
            self.channel.send("branch", {"index": branch["index"], "status": status, "seconds": seconds}, data)

    def run_branch(self, branch: dict[str, Any], tests: list[dict[str, Any]], fd: int) -> None:
        self.channel = MemoryChannel(fd, self.job["secret"])
        self.job = self.job | {"seed": branch["seed"], "branches": []}
        observation.listen(self.channel, branch["seed"], branch["record_draws"])
        if branch["before"]:
            self.run_own({"kind": "own", "source": branch["before"]})
        solution = {"id": branch["exercise"], "kind": "solution", "exercise": branch["exercise"]}
        self.run_cell(solution | {"source": branch["solution"]})
        for test in tests:
            self.run_cell(test)
        self.channel.send("end", {})


def _worked() -> dict[str, float]:
    """Return the total CPU seconds used so far, and those used by child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    forked = usage.ru_utime + usage.ru_stime
    return {"worked": time.process_time() + forked, "forked": forked}


def fork_and_wait(work: Callable[[int], None], seconds: float) -> tuple[str, bytes]:
    """Run ``work(fd)`` in a fork; return "exited", "timed out", or "crashed", and the bytes that it wrote to ``fd``."""
    fd, name = tempfile.mkstemp(dir=os.environ["TMPDIR"])
    os.unlink(name)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setpgid(0, 0)
            work(fd)
            code = 0
        finally:
            os._exit(code)
    with contextlib.suppress(OSError):  # the child did it first or is already gone
        os.setpgid(pid, pid)
    handle = os.pidfd_open(pid)
    ready, _, _ = select.select([handle], [], [], seconds)
    os.close(handle)
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        ready = ready or [handle]  # the group has no process left, so the child ended on its own
    _, status = os.waitpid(pid, 0)
    size = os.lseek(fd, 0, os.SEEK_END)
    data = os.pread(fd, size, 0)
    os.close(fd)
    if not ready:
        return "timed out", data
    return ("crashed" if os.WIFSIGNALED(status) else "exited"), data


def as_json(outputs: list[dict[str, Any]]) -> bytes:
    """Return outputs as JSON, with images in base64 and objects as text, or else only the parts that are text."""
    try:
        return json.dumps(outputs, default=_as_text).encode()
    except Exception:  # a key that is not a string, or a dict that contains itself
        return json.dumps([_texts(output) for output in outputs]).encode()


def _as_text(value: Any) -> str:
    return base64.b64encode(value).decode() if type(value) is bytes else observation.text_of(value)


def _texts(output: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of an output that are text, including its traceback and its data."""
    kept: dict[str, Any] = {k: v for k, v in output.items() if isinstance(k, str) and isinstance(v, str)}
    if isinstance(output.get("data"), dict):
        kept["data"] = _texts(output["data"])
    return kept | ({"traceback": [kept["evalue"]]} if "evalue" in kept else {})


def _one_line(error: BaseException) -> str:
    text = " ".join(observation.text_of(error).split())
    return f"{type(error).__name__}: {text}"[:500]
