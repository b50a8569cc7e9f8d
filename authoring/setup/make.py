"""Run `make course`, `make test`, or `make test-long`, in `.venv`: `python -m authoring.setup.make COMMAND`."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from authoring.setup import install, passed
from authoring.setup.install import ROOT
from authoring.setup.stages import Outcome, Stage, Workplace, duration, summary
from autograder import keys

GRADED = ("solutions/**/*.ipynb", "book/chapters/*/answers.md", "requirements*.txt", *keys.GRADES)

# The chapters for which `make course` makes and grades a class: one about layers that is quick to grade, and one with
# claims of every kind. `make sample CHAPTERS="…"` makes classes for other chapters.
SAMPLE = "linear convolution"

NOTEBOOKS = Stage("notebooks", "executing the chapters whose text changed", "python -m authoring notebooks")
BOOK = Stage("book", "rendering the pages, a warning is an error", "python -m authoring book", about="")
CLASS = (
    Stage("sample", "making a class of submissions out of the variants", f"python -m autograder sample {SAMPLE}",
          reads=GRADED, makes=("submitted/*/*", "reports/*/sample.json")),
    Stage("grade", "grading what is new in submitted/", "python -m autograder grade",
          reads=(*GRADED, "submitted/**/*"),
          makes=("gradebook.db", "reports/*/class.html", "autograded/*/*", "feedback/*/*")),
    Stage("marks", "has every sample the mark its answers must get", "python -m autograder sample --check",
          reads=(*GRADED, "reports/*/sample.json", "reports/*/results.jsonl")),
)  # fmt: skip

# The files that `make course` creates, and their purpose.
RESULTS = (
    ("_build/html/index.html", "the book: open it in a browser, no server needed"),
    ("reports/*/class.html", "the report on the class"),
    ("gradebook.db", "nbgrader's gradebook, which formgrader and the exporters read"),
)

# Two processes, with one thread each; tests that share a fixture run in the same process (`tests/conftest.py`).
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PYTEST = "python -m pytest -v"
TWO = f"{PYTEST} -n 2 --dist loadgroup --no-loadscope-reorder --durations 25"
ELSEWHERE = " ".join(f"--ignore tests/{name}" for name in ("browser", "system", "sandbox", "course/test_said.py"))

# A reference notebook has a fingerprint of its text, of layerlab, and of the pins, which `authoring check` compares.
NOTEBOOK = "solutions/{0}/{0}.ipynb"
NBVAL = Stage(
    "nbval",  # executes the notebooks, each in one process; the plugin decides whether an output agrees
    "executing the reference notebooks again and comparing their outputs",
    f"{PYTEST} -p authoring.outputs.nbval_plugin --nbval --nbval-current-env --nbval-cell-timeout 120 "
    "-n 2 --dist loadfile",
    about=NOTEBOOK,
    reads=(NOTEBOOK,),
)
SAID = Stage(
    "said",
    "trying what chapters say about torch",
    f"{TWO} tests/course/test_said.py",
    about="--chapters",
    reads=(NOTEBOOK, "tests/course/test_said.py", "tests/said/*.py"),
)
ROOMS = ("class_file", "classroom", "commands", "grading", "hub", "recording", "sample_class", "sandbox", "submissions")
SYSTEM = Stage(
    "system",
    "grading whole classes, and the sandbox",
    f"{TWO} tests/system tests/sandbox",
    reads=(
        *(f"autograder/{room}/**/*" for room in ROOMS),
        *("autograder/preprocessor.py", "tests/system/**/*", "tests/sandbox/**/*"),
        *(f"layerlab/{room}/*.py" for room in ("judging", "rules", "scoring")),
    ),
)

# Two lanes side by side: where kernels and browsers wait, unit tests compute.
TESTS = (
    (
        Stage("lint", "ruff over every module", "ruff check ."),
        Stage("format", "is every module formatted", "ruff format --check ."),
        Stage("scripts", "oxlint over every script", "oxlint"),
        Stage("style", "is every script formatted", "oxfmt --check"),
        # pytest also loads the long tests before it deselects them: one that fails to load fails here.
        Stage("unit tests", "pytest, without the browser",
              f"{TWO} tests {ELSEWHERE} -m 'not long and not serial'", "--chapters"),
        SYSTEM,
        SAID,
        NBVAL,
        Stage("validate", "the tests of exercises that changed", "python -m autograder validate --due", "{0}"),
    ),
    (
        BOOK,
        Stage("browser", "looking at the pages in Chromium",
              f"{TWO} tests/browser -m 'not long and not serial'", "--chapters"),
        Stage("leaks", "looking for solutions in notebooks and pages", "python -m authoring leaks", "{0}"),
        Stage("staleness", "is every notebook made from today's text", "python -m authoring check", "{0}"),
        Stage("types", "mypy over the packages and the corpus", "python -m mypy"),
    ),
)  # fmt: skip
TIMES = Stage("times", "measuring time, nothing beside it", f"{PYTEST} tests -m 'serial and not long'")


def shared(name: str, says: str, command: str, count: int, *patterns: str) -> tuple[Stage, ...]:
    """Return stages that share the texts of many exercises, so that each takes less than an hour on two processors."""
    texts = sorted(str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern))
    return tuple(Stage(f"{name}-{n + 1}", says, " ".join([command, *texts[n::count]])) for n in range(count))


CHAPTERS, KINDS = "book/chapters/*/text.md", "tests/kinds/*/text.md"
SEEDS = os.environ.get("SEEDS") or "20"
LONG = (
    SYSTEM,
    SAID,
    NBVAL,
    Stage("tests", "the long tests, without the browser", f"{TWO} tests --ignore tests/browser -m long"),
    Stage("browser", "the long tests in Chromium", f"{TWO} tests/browser -m long"),
    Stage("leaks", "solutions in a book built without them", "python -m authoring leaks --switched-off"),
    *shared("validate", "the tests of the exercises", "python -m autograder validate --brief", 3, CHAPTERS),
    *shared("soak", "the same, under many seeds",
            f"python -m autograder validate --brief --soak --seeds {SEEDS}", 7, CHAPTERS, KINDS),
    Stage("corpus", "every attack, fault, and habit", "python -m tests.corpus"),
    Stage("places", "clones in unusual places", "python -m tests.sandbox.clones"),
)  # fmt: skip

# The first has no window and needs half the time per page; Debian has a package for it.
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT = "DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends"
CHROMIUM = Stage(
    "chromium",
    "installing Chromium: Debian's package or, without apt-get or its permission, Playwright's build",
    f"sh -c 'apt-get update -q && {{ {APT} {CHROMIUM_NAMES[0]} || {APT} {CHROMIUM_NAMES[1]}; }} || "
    "python -m playwright install chromium'",
)


def find_browser() -> str:
    """Return the path of Chromium: $CHROMIUM if it is set, or one on PATH, or "" for Playwright's own."""
    named = os.environ.get("CHROMIUM", "")
    return named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")


def workplace(name: str, file: passed.Passed) -> Workplace:
    """Return the environment, logs, and keys for the stages of a command."""
    return Workplace(dict(os.environ), file.root / "_build" / "logs" / name, file)


def course(root: Path) -> int:
    """Build the book and, beside it, make a sample class and grade it; stop at the first step that fails."""
    begin = time.monotonic()
    place = workplace("course", passed.Passed(root, "_build/logs/course/passed.json"))
    if has_failed(place.run([[NOTEBOOKS]], [[BOOK], CLASS], stops=True)):
        return 1
    paths = [(path, says) for pattern, says in RESULTS for path in sorted(root.glob(pattern)) or [root / pattern]]
    missing = [str(path.relative_to(root)) for path, _ in paths if not path.exists()]
    if missing:
        place.say(f"Every step ended well, but {', '.join(missing)} is not there: that is a fault of ours.")
        return 1
    place.say(f"\nThe course is ready ({duration(time.monotonic() - begin)}):")
    place.say(*(f"  {path.relative_to(root)!s:<34} {says}" for path, says in paths))
    return 0


def test(root: Path, *chapters: str) -> int:
    """Run every check, or the checks of some chapters, continuing after a failure; the last line has the counts."""
    place = workplace("test", passed.Passed(root, passed.FILE, chapters))
    lanes = [[stage for stage in lane if not chapters or stage.about is not None] for lane in TESTS]
    outcomes = [*prepare(place), *place.run(*([lanes] if chapters else [lanes, [[TIMES]]]))]
    table, old = place.passed.long_table([stage.name for stage in LONG])
    if old and not chapters:
        outcomes.append(Outcome("long parts", "FAILED", 0.0, f"too long ago: {', '.join(old)}"))
    place.say("", f"A workload of 1 s took {workload():.2f} s.", summary(outcomes, "" if chapters else f"\n{table}"))
    return int(has_failed(outcomes))


def prepare(place: Workplace) -> list[Outcome]:
    """Give each process one thread, and install Chromium if there is none; only CI fails without one."""
    outcomes = []
    place.env.update(ONE_THREAD)
    if not find_browser():
        outcomes = list(place.run([[CHROMIUM]]))
        if has_failed(outcomes) and not os.environ.get("CI"):
            outcomes = [replace(outcomes[0], state="skipped", where="install one, or name it in CHROMIUM")]
    place.env["CHROMIUM"] = find_browser()
    return outcomes


def has_failed(outcomes: Iterable[Outcome]) -> bool:
    """Return whether a stage failed."""
    return any(outcome.state == "FAILED" for outcome in outcomes)


def workload() -> float:
    """Return how many seconds a fixed workload takes now, for comparing times; it takes 1 s on two quiet cores."""
    begin = time.monotonic()
    sum(number * number for number in range(13_500_000))
    return time.monotonic() - begin


def test_long(root: Path, *names: str) -> int:
    """Run the long parts with these names ("soak" means soak-1, soak-2, …), or all, and store which passed."""
    stages = [stage for stage in LONG if not names or {stage.name, stage.name.partition("-")[0]} & set(names)]
    if not stages:
        sys.exit(f"There are only the parts {', '.join(stage.name for stage in LONG)}.")
    if {"browser", "leaks"} & {stage.name for stage in stages}:
        stages.insert(0, BOOK)
    place = workplace("test-long", passed.Passed(root, passed.FILE, always=True))
    stores = place.passed.is_clean() and not os.environ.get("SEEDS")
    outcomes = prepare(place)
    for outcome in place.run(*([[stage]] for stage in stages)):
        outcomes.append(outcome)
        if stores and outcome.state == "passed" and outcome.name != BOOK.name:
            place.passed.add_long(outcome.name, outcome.seconds)
    table, _ = place.passed.long_table([stage.name for stage in LONG])
    why = "" if stores else "\n  Not stored: committed files have changed, or SEEDS is set."
    place.say("", summary(outcomes, f"{why}\n{table}"))
    return int(has_failed(outcomes))


COMMANDS: dict[str, Callable[..., int]] = {"course": course, "test": test, "test-long": test_long}


def main(command: str, *names: str) -> int:
    """Run a command about chapters or parts with these names, and return the exit status."""
    install.stop_like_control_c()
    try:
        return COMMANDS[command](ROOT, *names)
    except KeyboardInterrupt:
        print(install.INTERRUPTED)
        return 130


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
