"""Play cases against stock nbgrader: the same submissions and exercises, but with plain asserts as tests.

nbgrader runs submissions with the rights of the person who grades. The cases are harmless enough for this: each case
uses few resources, ends on its own or at nbgrader's time limit, and touches only the temporary course in which it is
graded.
"""

import ast
import contextlib
import copy
import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
from nbgrader.utils import determine_grade, is_grade

from autograder.texts import text
from tests.corpus.case import CHAPTER, Case, Notebook, Scene, honest, write
from tests.corpus.play import SECRET_NAME, TEXTS, Listener, Outcome

_TIMEOUT = 8  # seconds per cell
_AT_ONCE = 2  # courses: as many as the CPUs of the machine for which the budgets were set
_ONE_RUN = 40  # submissions for each `nbgrader autograde`
_SILENCE = 30.0  # seconds without a new line in nbgrader's log, after which it is assumed to hang outside any cell
_FILE = 64 * 2**20  # bytes of a file that nbgrader may write; without a limit, it would copy a device endlessly


def play(cases: Sequence[Case]) -> list[Outcome]:
    """Return each case's outcome in ``nbgrader autograde``; an accomplice's submission is graded just before its case.

    nbgrader mostly waits for kernels, so several courses are graded at once, each with some of the cases.
    """
    shares = [cases[first::_AT_ONCE] for first in range(_AT_ONCE)]
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            played = list(pool.map(_play, shares))
    finally:
        subprocess.run(["ipcrm", "-M", "0x1234abc"], stderr=subprocess.DEVNULL, check=False)  # left by a replay
        for left in (Path("/tmp/corpus-left"), Path("/dev/shm/corpus-left")):
            left.unlink(missing_ok=True)
    return [played[number % _AT_ONCE][number // _AT_ONCE] for number in range(len(cases))]


def _play(cases: Sequence[Case]) -> list[Outcome]:
    if not cases:
        return []
    with _course() as (root, released):
        secret, listeners = secrets.token_hex(8), [Listener() for _ in cases]
        marks = [root / "marks" / str(number) for number in range(len(cases))]
        scenes = [
            Scene(root, one.port, secret, mark, one.was_called) for one, mark in zip(listeners, marks, strict=True)
        ]
        for number, (case, scene) in enumerate(zip(cases, scenes, strict=True)):
            if case.before is not None:
                write(case.before(honest(released), scene), _submitted(root, number, "accomplice"))
            write(case.make(honest(released), scene), _submitted(root, number, "student"), case.beside)
        _autograde(root, secret)
        _once_more(root)
        _autograde(root, secret)
        outcomes = [_outcome(root, number, case, scenes[number]) for number, case in enumerate(cases)]
        for listener in listeners:
            listener.close()
        return outcomes


@contextlib.contextmanager
def _course() -> Iterator[tuple[Path, Notebook]]:
    """Yield the root of an nbgrader course, and the released notebook."""
    root = Path(tempfile.mkdtemp(prefix="corpus-"))
    try:
        (root / "marks").mkdir()
        notebook = _as_nbgrader_has_it(text.read(TEXTS / "in_process.md"))
        for folder in ("source", "solutions"):
            path = root / folder / CHAPTER / f"{CHAPTER}.ipynb"
            path.parent.mkdir(parents=True)
            nbformat.write(notebook, path)
        (root / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.root = {str(root)!r}\n")
        _nbgrader(root, "", "generate_assignment", CHAPTER, "--create")
        released = json.loads(json.dumps(nbformat.read(root / "release" / CHAPTER / f"{CHAPTER}.ipynb", 4)))
        write(honest(released), root / "submitted" / "neighbour" / CHAPTER / f"{CHAPTER}.ipynb")
        yield root, released
    finally:
        _end_what_is_left(root)
        shutil.rmtree(root, ignore_errors=True)


def _as_nbgrader_has_it(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Turn each claim into its own test cell of plain statements and asserts, worth the claim's points."""
    cells: list[nbformat.NotebookNode] = []
    for cell in notebook.cells:
        cell.metadata.pop("layerlab", None)
        cells += _tests(cell) if is_grade(cell) else [cell]
    notebook.cells = cells
    return notebook


def _tests(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    visible, _, hidden = cell.source.partition("### BEGIN HIDDEN TESTS")
    made = []
    for number, claim in enumerate(ast.parse(hidden.replace("### END HIDDEN TESTS", "")).body, 1):
        test = copy.deepcopy(cell)
        statements = [ast.unparse(node) for node in claim.body]
        plain = [line for line in statements if not line.startswith("lab.observe")]
        head = visible if number == 1 else ""
        test.source = "\n".join([f"{head}### BEGIN HIDDEN TESTS", *plain, "### END HIDDEN TESTS"])
        call = claim.items[0].context_expr
        test.metadata.nbgrader.points = call.keywords[0].value.value if call.keywords else 1
        if number > 1:
            test.id = test.metadata.nbgrader.grade_id = f"{cell.id}_{number}"
        made.append(test)
    return made


def _submitted(root: Path, number: int, who: str) -> Path:
    return root / "submitted" / f"case-{number:04}-{who}" / CHAPTER / f"{CHAPTER}.ipynb"


def _once_more(root: Path) -> None:
    """Resubmit ungraded submissions, because the cause may be a busy machine or another case's leftovers."""
    for path in (root / "graded").iterdir():
        if not (root / "autograded" / path.name / CHAPTER / f"{CHAPTER}.ipynb").exists():
            shutil.move(path, root / "submitted" / path.name)


def _autograde(root: Path, secret: str) -> None:
    """Grade everything; if a run ends early, continue with the next submission."""
    waiting = sorted(path.name for path in (root / "submitted").iterdir() if path.name.startswith("case-"))
    kept = root / "waiting"
    kept.mkdir(exist_ok=True)
    for name in waiting:
        (root / "submitted" / name).rename(kept / name)
    while waiting:
        now = waiting[:_ONE_RUN]
        for name in now:
            (kept / name).rename(root / "submitted" / name)
        _nbgrader(root, secret, "autograde", CHAPTER, f"--Execute.timeout={_TIMEOUT}")
        done = [name for name in now if (root / "autograded" / name / CHAPTER / f"{CHAPTER}.ipynb").exists()]
        # Submissions after the last graded one may never have been tried; the first of them ended the run.
        tried = now.index(done[-1]) + 2 if done else 1
        for name in now:
            moved = kept if name in now[tried:] else root / "graded"
            moved.mkdir(exist_ok=True)
            shutil.move(root / "submitted" / name, moved / name)
        waiting = sorted(path.name for path in kept.iterdir())
        _end_what_is_left(root)
        print(f"nbgrader: {len(waiting)} submissions left", file=sys.stderr, flush=True)


def _nbgrader(root: Path, secret: str, *arguments: str) -> None:
    python = Path(sys.executable).parent
    environment = {**os.environ, SECRET_NAME: secret, "PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}
    environment |= {name: str(root / "jupyter") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    with (root / "nbgrader.log").open("a") as log:
        os.utime(log.fileno())  # its last line may be from an earlier run
        process = subprocess.Popen(
            [sys.executable, "-m", "nbgrader", *arguments], cwd=root, env=environment, stdout=log, stderr=log
        )
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (_FILE, _FILE))
        while process.poll() is None:
            time.sleep(0.2)
            if time.time() - os.fstat(log.fileno()).st_mtime > _SILENCE:
                process.kill()


def _end_what_is_left(root: Path) -> None:
    """Kill leftover kernels of a killed nbgrader, and forks that outlive their kernels."""
    for process in psutil.process_iter(["cmdline"]):
        if any(str(root) in part for part in process.info["cmdline"] or ()):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def _outcome(root: Path, number: int, case: Case, scene: Scene) -> Outcome:
    outcome = Outcome(case)
    path = root / "autograded" / f"case-{number:04}-student" / CHAPTER / f"{CHAPTER}.ipynb"
    if not path.exists():
        outcome.stopped = "it was not graded"
    else:
        for cell in nbformat.read(path, 4).cells:
            if is_grade(cell):
                name = cell.metadata.nbgrader.grade_id.split("_")[1]
                outcome.earned[name] = outcome.earned.get(name, 0) + int(determine_grade(cell)[0] or 0)
    told = path.read_text(encoding="utf-8") if path.exists() else ""
    outcome.harmed = case.harm is not None and case.harm(scene, told)
    return outcome
