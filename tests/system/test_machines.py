"""Test a class that several machines grade; each has its own network and folder, and knows only an address.

Each machine is a network namespace; a bridge in the driver's namespace connects all of them. On the helpers, the grader
is installed from its wheel, and this repository is not on the path.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from authoring.book import wheel
from autograder.classroom.grade_class import grade_class
from autograder.classroom.ledger import LEDGER
from autograder.model import State
from autograder.sample_class import make_class
from tests.graded_class import files, lines, rows, write
from tests.nbgraders import CONFIG
from tests.root import ROOT

NAME = "lazy"  # cheap, and with known mistakes, which a helper cannot read from its own disk
STUDENTS = 24
DRIVER, SCHEDULER, FIRST, SECOND = "driver", "scheduler", "first", "second"
HOST = {DRIVER: "10.77.0.1", SCHEDULER: "10.77.0.2", FIRST: "10.77.0.3", SECOND: "10.77.0.4"}
ADDRESS = f"tcp://{HOST[SCHEDULER]}:8786"
# A submission that begins with this code earns its points only if nothing answers the call.
CALL = f"import socket; socket.create_connection({(HOST[SCHEDULER], 8786)}, timeout=5).close()"
SPY = f"""try:
    {CALL}
except OSError:
    pass
else:
    raise SystemExit("somebody answers")
"""
LOST_AFTER = 4  # results: then the first machine is switched off
PATIENCE = 300  # seconds for a process to start

pytestmark = pytest.mark.long


class Machines:
    """Network namespaces on one bridge, with their processes; leaving the context removes all of them."""

    def __init__(self, folder: Path, python: Path) -> None:
        self.folder, self.python = folder, python
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Machines:
        try:
            for name in HOST:
                _ip("netns", "add", _space(name))
                self.ip(name, "link", "set", "lo", "up")
            self.ip(DRIVER, "link", "add", "bridge", "type", "bridge")
            self.ip(DRIVER, "link", "set", "bridge", "up")
            self.ip(DRIVER, "addr", "add", f"{HOST[DRIVER]}/24", "dev", "bridge")
            for name in (SCHEDULER, FIRST, SECOND):
                self.ip(DRIVER, "link", "add", name, "type", "veth", "peer", "name", "net0", "netns", _space(name))
                self.ip(DRIVER, "link", "set", name, "master", "bridge", "up")
                self.ip(name, "addr", "add", f"{HOST[name]}/24", "dev", "net0")
                self.ip(name, "link", "set", "net0", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in HOST:
            self.switch_off(name)
            subprocess.run(["ip", "netns", "delete", _space(name)], capture_output=True, check=False)

    def ip(self, name: str, *words: str) -> None:
        _ip("-n", _space(name), *words)

    def inside(self, name: str, *command: str | Path) -> list[str]:
        """Return a command line that runs a command on a machine."""
        return ["ip", "netns", "exec", _space(name), *map(str, command)]

    def start(self, name: str, *words: str, ready: str) -> None:
        """Start `dask` on a machine, in an empty folder, and wait until it reports that it is ready."""
        home, log = self.folder / name, self.folder / f"{name}.log"
        home.mkdir()
        with log.open("w") as said:
            self._started[name] = subprocess.Popen(
                self.inside(name, self.python, "-m", "dask", *words),
                cwd=home,
                env={"HOME": str(home), "PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1"},
                stdout=said,
                stderr=said,
            )
        until = time.monotonic() + PATIENCE
        while ready not in log.read_text():
            assert self._started[name].poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)

    def switch_off(self, name: str) -> None:
        found = subprocess.run(["ip", "netns", "pids", _space(name)], capture_output=True, text=True, check=False)
        for pid in map(int, found.stdout.split()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if process := self._started.pop(name, None):
            process.wait()


def _space(name: str) -> str:
    return f"machines-{os.getpid()}-{name}"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], capture_output=True, text=True, check=True)


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    """Skip the tests if network namespaces cannot be made; in CI, skip only if the user is not root."""
    if os.getuid():
        pytest.skip("only root can make network namespaces that have names")
    try:
        _ip("netns", "add", _space("try"))
        _ip("netns", "delete", _space("try"))
    except (OSError, subprocess.CalledProcessError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"network namespaces need Debian's package iproute2, and permission: {error}")


@pytest.fixture(scope="module")
def helper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the Python interpreter of a helper, on which the grader is installed from its wheel."""
    folder = tmp_path_factory.mktemp("helper")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "python")], check=True)
    (packages,) = (folder / "python").glob("lib/python*/site-packages")
    others = shutil.ignore_patterns("*layer_by_layer*", "*.pth")  # without the link to the repository
    shutil.copytree(sysconfig.get_path("purelib"), packages, copy_function=linked, ignore=others, dirs_exist_ok=True)
    with zipfile.ZipFile(wheel.of_repository(folder)) as archive:
        archive.extractall(packages)
    shutil.rmtree(folder / "repository")
    yield folder / "python" / "bin" / "python"
    shutil.rmtree(folder)


def linked(source: str, copy: str) -> None:
    """Make a hard link to a file, which takes no space; copy the file if the disk does not allow a link."""
    try:
        os.link(source, copy)
    except OSError:
        shutil.copy2(source, copy)


def made(folder: Path) -> Path:
    """Write a class whose submissions all finish; one student's answer tries to call the scheduler."""
    for part in ("solutions", "notebooks"):
        shutil.copytree(ROOT / part / NAME, folder / part / NAME)
    write(folder / "nbgrader_config.py", CONFIG)
    for student in make_class.make(NAME, folder, STUDENTS):
        if student.state is not State.PASSED:
            shutil.rmtree(folder / "submitted" / student.student)
    notebook = nbformat.read(folder / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
    first = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution"))
    first.source = SPY + first.source
    write(folder / "submitted" / "spy" / NAME / f"{NAME}.ipynb", nbformat.writes(notebook))
    write(folder / "reports" / NAME / "batch.json", json.dumps({"seed": 11}))
    return folder


def grade(machines: Machines, course: Path) -> str:
    """Grade a class with the instructor's command, switch off a machine in between, and return the command's output."""
    command = (sys.executable, "-m", "autograder", "grade", NAME, "--root", course, "--scheduler", ADDRESS)
    said = ""
    with subprocess.Popen(
        machines.inside(DRIVER, *command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as driver:
        for line in driver.stdout or ():
            said += line
            if f": {LOST_AFTER} of " in line:
                machines.switch_off(FIRST)
    assert driver.returncode == 0, said
    return said


def contents(course: Path) -> dict[str, str]:
    """Return a class's records without memory addresses, which appear in some of torch's messages.

    Graded notebooks are left out because a student's `%time` shows a different time in every run.
    """
    reports = course / "reports" / NAME
    found = {name: lines(reports / name) for name in ("results.jsonl", LEDGER)}
    feedback = {path: text for path, text in files(course).items() if path.startswith("feedback/")}
    found |= {"rows": rows(course), "feedback": feedback}
    return {part: re.sub(r"0x[0-9a-f]{6,}", "0x", repr(recorded)) for part, recorded in found.items()}


def test_machine_switched_off_midway_costs_no_submission(tmp_path: Path, helper: Path) -> None:
    here, there = made(tmp_path / "here"), made(tmp_path / "there")
    with Machines(tmp_path, helper) as machines:
        machines.start(SCHEDULER, "scheduler", "--no-dashboard", ready="Scheduler at:")
        for name in (FIRST, SECOND):
            machines.start(name, "worker", ADDRESS, "--nthreads", "1", "--no-dashboard", ready="Registered to:")
        subprocess.run(machines.inside(FIRST, sys.executable, "-c", CALL), check=True)  # outside the walls, it answers
        said = grade(machines, there)
    assert f"tcp://{HOST[FIRST]}" in said
    assert "was lost while it graded" in said
    assert not any(_space("") in name for name in subprocess.check_output(["ip", "netns", "list"], text=True).split())
    grade_class(NAME, here)
    expected, found = contents(here), contents(there)
    for part in expected:
        assert found[part] == expected[part], part
    results = lines(there / "reports" / NAME / LEDGER)
    students = sorted(path.name for path in (there / "submitted").iterdir())
    assert [result["student"] for result in results] == students  # each once
    (spy,) = [result for result in results if result["student"] == "spy"]
    assert spy["earned"] == spy["points"]
    assert any(part["mistake"] for result in results for part in result["exercises"])
