"""Run `make course`, `make test`, and `make test-long` step by step: `python -m authoring.setup.make COMMAND`.

This module uses only the standard library, and syntax no newer than Python 3.7, because it starts with the system's
Python, prepares `.venv`, and runs every step in `.venv`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from authoring.setup import install as setup
from authoring.setup.stages import Outcome, Screen, Stage, Workplace, duration, run, summary
from autograder import keys
from autograder.benchmark.workload import seconds

MODULE = ("python", "-m")

GRADED = ("solutions/**/*.ipynb", "book/chapters/*/answers.md", "requirements*.txt", *keys.GRADES)

# The chapters for which `make course` makes and grades a class: one about layers that is quick to grade, and one with
# claims of every kind. `make sample CHAPTERS="…"` makes classes for other chapters.
SAMPLE = ("linear", "convolution")

# nbval executes the notebooks; the plugin decides whether an output agrees.
COMPARING = "authoring.outputs.nbval_plugin"
NBVAL = (*MODULE, "pytest", "-p", COMPARING, "--nbval", "--nbval-current-env", "--nbval-cell-timeout", "120")

COURSE = (
    Stage("notebooks", "executing the chapters whose text changed", (*MODULE, "authoring", "notebooks")),
    Stage("book", "rendering the pages", (*MODULE, "authoring", "book")),
    Stage(
        "sample",
        "making a class of submissions out of the variants",
        (*MODULE, "autograder", "sample", *SAMPLE),
        reads=GRADED,
        makes=("submitted/*/*", "reports/*/sample.json"),
    ),
    Stage(
        "grade",
        "grading what is new in submitted/",
        (*MODULE, "autograder", "grade"),
        reads=(*GRADED, "submitted/**/*"),
        makes=("gradebook.db", "reports/*/class.html", "autograded/*/*", "feedback/*/*"),
    ),
    Stage(
        "marks",
        "has every sample the mark its answers must get",
        (*MODULE, "autograder", "sample", "--check"),
        reads=(*GRADED, "reports/*/sample.json", "reports/*/results.jsonl"),
    ),
)

# The files that `make course` creates, and their purpose.
RESULTS = (
    ("_build/html/index.html", "the book: open it in a browser, no server needed"),
    ("reports", "the report on the class"),
    ("gradebook.db", "nbgrader's gradebook, which formgrader and the exporters read"),
)

# Two processes, each with its own processor; tests that share a fixture run in the same process (`tests/conftest.py`).
SIDE_BY_SIDE = ("-n", "2", "--dist", "loadgroup", "-v", "--durations", "25")
BY_FILE = ("-n", "2", "--dist", "loadfile", "-v")  # a notebook's cells run in one kernel
ONE_THREAD = (("OMP_NUM_THREADS", "1"), ("MKL_NUM_THREADS", "1"))  # two processes on two processors

TESTS = (
    Stage("lint", "ruff over every module", ("ruff", "check", ".")),
    Stage("format", "is every module formatted", ("ruff", "format", "--check", ".")),
    Stage("scripts", "oxlint over every script", ("oxlint",)),
    Stage("style", "is every script formatted", ("oxfmt", "--check")),
    Stage("types", "mypy over the packages and the corpus", (*MODULE, "mypy")),
    Stage(
        "unit tests",  # pytest also loads the long tests before it deselects them: one that fails to load fails here
        "pytest, without the browser",
        (*MODULE, "pytest", "tests", "--ignore", "tests/browser", *SIDE_BY_SIDE),
        sets=ONE_THREAD,
    ),
    Stage("staleness", "was every notebook made from today's text and pins", (*MODULE, "authoring", "check")),
    Stage(
        "nbval",
        "executing the reference notebooks again and comparing their outputs",
        (*NBVAL, *BY_FILE, "solutions"),
        reads=("solutions/**/*.ipynb", "requirements*.txt", "authoring/outputs/*", *keys.NOTEBOOKS),
        sets=ONE_THREAD,  # as in the first run
    ),
    Stage(
        "validate", "the tests of what changed, and of a tenth in turn", (*MODULE, "autograder", "validate", "--due")
    ),
    Stage("book", "rendering the pages, a warning is an error", (*MODULE, "authoring", "book")),
    Stage("leaks", "looking for solutions in notebooks, pages and search index", (*MODULE, "authoring", "leaks")),
)
BROWSER = (
    Stage(
        "browser",
        "looking at the pages in Chromium",
        (*MODULE, "pytest", "tests/browser", "-m", "not long and not serial", *SIDE_BY_SIDE),
        sets=ONE_THREAD,
    ),
    Stage("frames", "measuring time, nothing beside it", (*MODULE, "pytest", "tests/browser", "-m", "serial", "-v")),
)


# The parts that take minutes to hours. `soak` takes hours for all chapters, so it runs only on named chapters
# or, by default, on a different part of the chapters each night, so that `TURNS` nights cover all of them.
TURNS = 7
LONG = (
    Stage("book", "rendering the pages, which some parts look at", (*MODULE, "authoring", "book")),
    Stage(
        "tests",
        "pytest, the long tests, without the browser",
        (*MODULE, "pytest", "tests", "--ignore", "tests/browser", "-m", "long", *SIDE_BY_SIDE),
        sets=ONE_THREAD,
    ),
    Stage(
        "browser",
        "the long tests in Chromium",
        (*MODULE, "pytest", "tests/browser", "-m", "long", *SIDE_BY_SIDE),
        sets=ONE_THREAD,
    ),
    Stage("leaks", "solutions in a book built without them", (*MODULE, "authoring", "leaks", "--switched-off")),
    Stage("soak", "the tests of the exercises, under many seeds", (*MODULE, "autograder", "validate", "--soak")),
    Stage("corpus", "every attack and habit, beside stock nbgrader", (*MODULE, "tests.corpus", "--nbgrader")),
    Stage("places", "clones in unusual places", (*MODULE, "tests.clones")),
)
SOAKED = ("book/chapters/*/text.md", "tests/kinds/*/text.md")

# The first has no window and needs half the time per page; Debian has a package for it.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str:
    """Return the path of Chromium: $CHROMIUM if it is set, or one on PATH, or "" for Playwright's own."""
    named = os.environ.get("CHROMIUM", "")
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")


def ensure_browser(root: Path, screen: Screen, logs: Path) -> tuple[bool, str]:
    """Find Chromium, or install it: install Debian's package if we are root on Debian, otherwise Playwright's build.

    Returns:
        Whether Chromium is installed now, and its path ("" for Playwright's own).
    """
    found = find_browser()
    if found:
        return True, found
    env = setup.environment(root / ".venv")
    if sys.platform.startswith("linux") and shutil.which("apt-get") and os.geteuid() == 0:
        env["DEBIAN_FRONTEND"] = "noninteractive"
        _log(["apt-get", "update", "-q"], logs / "chromium.log", root, env)
        for package in CHROMIUM_NAMES[:2]:
            screen.line(f"    installing Chromium (apt-get install {package})")
            install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", package]
            _log(install, logs / "chromium.log", root, env)
            found = find_browser()
            if found:
                return True, found
    screen.line("    installing Chromium (playwright install chromium)")
    status = _log(["python", "-m", "playwright", "install", "chromium"], logs / "chromium.log", root, env)
    return status == 0, ""


def _log(command: list[str], log: Path, root: Path, env: dict[str, str]) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as kept:
        return subprocess.run(command, cwd=root, env=env, stdout=kept, stderr=subprocess.STDOUT, check=False).returncode


def set_up(root: Path, screen: Screen, of: int, torch_index: str) -> Outcome:
    """Prepare `.venv`, and report it as step 1 of ``of`` steps."""
    label = f"[1/{of}] {'set-up':<12}"
    begin = time.monotonic()
    screen.line(f"{label} Python, .venv and the packages of requirements.txt")
    did = setup.ensure(root, screen, label, torch_index)
    outcome = Outcome("set-up", 0, time.monotonic() - begin)
    screen.line(f"{label} {'done' if did else 'nothing to do, ready'} in {duration(outcome.seconds)}")
    return outcome


def workplace(root: Path, screen: Screen, command: str) -> Workplace:
    """Return the folder, environment, screen, and logs for a command's steps."""
    return Workplace(root, setup.environment(root / ".venv"), screen, root / "_build" / "logs" / command)


def course(root: Path, screen: Screen, torch_index: str) -> int:
    """Build the book, make a sample class, and grade it; stop at the first step that fails."""
    of = len(COURSE) + 1
    begin = time.monotonic()
    set_up(root, screen, of, torch_index)
    place = workplace(root, screen, "course")
    for number, stage in enumerate(COURSE, start=2):
        if run(stage, number, of, place).failed:
            return 1
    missing = [path for path, _ in RESULTS if not (root / path).exists()]
    if missing:
        screen.line(f"Every step ended well, but {', '.join(missing)} is not there: that is a fault of ours.")
        return 1
    screen.line(f"\nThe course is ready ({duration(time.monotonic() - begin)}):")
    for path, words in RESULTS:
        for found in sorted(root.glob(f"{path}/*/class.html")) or [root / path]:
            screen.line(f"  {found.relative_to(root)!s:<34} {words}")
    return 0


def about(stages: Iterable[Stage], chapters: Sequence[str]) -> list[Stage]:
    """Return the stages that a change to chapters can break; if possible, each stage checks only these chapters."""
    of_these = ("--chapters", " ".join(chapters))
    references = [f"solutions/{name}/{name}.ipynb" for name in chapters]
    commands = {
        "unit tests": lambda command: (*command, *of_these),
        "staleness": lambda command: (*command, *chapters),
        "nbval": lambda command: (*command[:-1], *references),
        "validate": lambda command: (*command, *chapters),
        "book": lambda command: command,
        "leaks": lambda command: (*command, *chapters),
        "browser": lambda command: (*command, *of_these),
    }
    return [
        replace(stage, command=commands[stage.name](stage.command), reads=())
        for stage in stages
        if stage.name in commands
    ]


def test(root: Path, screen: Screen, torch_index: str, chapters: Sequence[str]) -> int:
    """Run every check, or the checks of some chapters, continuing after a failure; the last line has the counts."""
    tests = about(TESTS, chapters) if chapters else TESTS
    browser = about(BROWSER, chapters) if chapters else BROWSER
    of = len(tests) + len(browser) + 1
    place = workplace(root, screen, "test")
    outcomes = [set_up(root, screen, of, torch_index)]
    outcomes += [run(stage, number, of, place) for number, stage in enumerate(tests, start=2)]
    outcomes += _browser(browser, of, place)
    screen.line(f"\n{workload()}\n{summary(outcomes, root)}")
    return int(any(outcome.failed for outcome in outcomes))


def workload() -> str:
    """Return a sentence that says how long a fixed workload takes now, for comparing times between machines."""
    return f"A workload that takes 1 s on two quiet cores of the faster kind took {seconds():.2f} s."


def long_parts(
    root: Path, parts: Sequence[str], chapters: Sequence[str], seeds: str = "", day: int | None = None
) -> list[Stage]:
    """Return the stages of `make test-long`.

    Args:
        root: the course's root folder.
        parts: the names of the parts; if empty, all parts.
        chapters: the chapters for the part `soak`; if empty, those whose turn it is.
        seeds: how many seeds the soak uses; if empty, the default.
        day: a number that grows by one each day and decides whose turn it is; by default, today's.

    Raises:
        SetupError: if a part does not exist.
    """
    known = {stage.name: stage for stage in LONG}
    unknown = [part for part in parts if part not in known]
    if unknown:
        raise setup.SetupError(f"There is no part {', '.join(unknown)}: the parts are {', '.join(known)}.")
    turn = (date.today().toordinal() if day is None else day) % TURNS
    texts = sorted(str(path.relative_to(root)) for pattern in SOAKED for path in root.glob(pattern))
    under = ("--seeds", seeds) if seeds else ()
    about = {"soak": (*under, *(chapters or texts[turn::TURNS]))}
    chosen = [stage for stage in LONG if not parts or stage.name in parts]
    return [replace(stage, command=stage.command + about.get(stage.name, ())) for stage in chosen]


def test_long(root: Path, screen: Screen, torch_index: str, arguments: Sequence[str]) -> int:
    """Run the long parts, continuing after a failure; ``arguments`` are parts, then optionally ``--`` and chapters."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    stages = long_parts(root, arguments[:split], arguments[split + 1 :], os.environ.get("SEEDS", ""))
    of, place = len(stages) + 1, workplace(root, screen, "test-long")
    outcomes = [set_up(root, screen, of, torch_index)]
    outcomes += [run(stage, number, of, place) for number, stage in enumerate(stages, start=2)]
    screen.line("\n" + summary(outcomes, root))
    return int(any(outcome.failed for outcome in outcomes))


def _browser(stages: Sequence[Stage], of: int, place: Workplace) -> list[Outcome]:
    begin = time.monotonic()
    there, path = ensure_browser(place.root, place.screen, place.logs)
    if not there:
        reason = "no Chromium, and it could not be installed"
        if not os.environ.get("CI"):
            skipped = f"{reason}: install one, or name it in CHROMIUM"
            return [Outcome(stage.name, 0, 0.0, skipped=skipped) for stage in stages]
        place.screen.line(f"[{of}/{of}] {stages[0].name:<12} FAILED: {reason}")
        return [Outcome(stage.name, 1, time.monotonic() - begin, place.logs / "chromium.log") for stage in stages]
    if path:
        place = replace(place, env={**place.env, "CHROMIUM": path})
    first = of - len(stages) + 1
    return [run(stage, number, of, place) for number, stage in enumerate(stages, start=first)]


def main(arguments: list[str]) -> int:
    """Run one of the four commands and return the exit status; print a sentence about a problem that users can fix."""
    screen = Screen()
    torch_index = os.environ.get("TORCH_INDEX", "")
    try:
        if arguments == ["course"]:
            return course(setup.ROOT, screen, torch_index)
        if arguments[:1] == ["test"]:
            return test(setup.ROOT, screen, torch_index, arguments[1:])
        if arguments[:1] == ["test-long"]:
            return test_long(setup.ROOT, screen, torch_index, arguments[1:])
        if arguments == ["setup"]:
            if not setup.is_ready(setup.ROOT):
                set_up(setup.ROOT, screen, 1, torch_index)
            return 0
    except setup.SetupError as error:
        screen.line(str(error))
        return 1
    except KeyboardInterrupt:
        screen.line("Interrupted. Nothing is lost: the same command goes on from here.")
        return 130
    screen.line("usage: python -m authoring.setup.make setup | course | test [CHAPTER ...] |")
    screen.line("       test-long [PART ...] [-- CHAPTER ...]")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
