"""Test the stages and the output of `make course`, `make test`, and `make test-long`, and the Makefile itself."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from authoring.setup import make, passed, stages
from authoring.setup.passed import Passed
from authoring.setup.stages import Stage, Workplace
from tests import conftest
from tests.root import ROOT


def step(name: str, code: str, **settings: object) -> Stage:
    return Stage(name, "says what it does", shlex.join([sys.executable, "-c", code]), **settings)


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout with two chapters, on a machine with a browser."""
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")
    for name in ("lazy", "linear"):
        (tmp_path / "solutions" / name).mkdir(parents=True)
        (tmp_path / "solutions" / name / f"{name}.ipynb").write_text(name)
    return tmp_path


@pytest.fixture
def place(ready: Path) -> Workplace:
    return Workplace(dict(os.environ), ready / "logs", Passed(ready, passed.FILE), Console(file=io.StringIO()))


def run(place: Workplace, *lanes: list[Stage], stops: bool = False) -> list[stages.Outcome]:
    return list(place.run(lanes, stops=stops))


def test_progress_line_shows_time_percentage_and_latest_output() -> None:
    for line, shown in (
        ("....F..s   [ 17%]\n", ""),
        ("linear: 40 cells\n", "linear: 40 cells"),
        ("tests/browser/test_axe.py::test_axe[a b.html] PASSED   [  7%]\n", "test_axe"),
        ("[gw1] [ 41%] PASSED solutions/linear/linear.ipynb::ipynb::Cell 3 \n", "linear"),
    ):
        assert stages.brief(line) == shown
    console = Console(file=io.StringIO(), width=100)
    progress = stages.progress(console)
    task = progress.add_task("grade", total=None, latest="")
    for line in ("linear: 5 of 24 graded [ 21%]\n", "linear: 6 of 24 graded [ 25%]\n", "a line of a table\n"):
        stages.follow(line, progress, task)
    console.print(progress)
    assert re.fullmatch(r"grade 0:00:00  25% \d:\d\d:\d\d linear: 6 of 24 graded *\n", console.file.getvalue())


PRINTS = "import time; print('[ 50%] working', flush=True); time.sleep(2)"


def test_running_stages_are_shown_in_terminals_and_elsewhere(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "HEARTBEAT_SECONDS", 0.0)
    run(place, [step("one", PRINTS)])
    first, *beats, last = place.console.file.getvalue().splitlines()
    assert ("says what it does" in first, "done in " in last) == (True, True)
    assert re.match(r"\[1/1\] one +0:00:0\d +50% .*working", beats[-1])
    place.console = Console(file=io.StringIO(), force_terminal=True, color_system=None)
    run(place, [step("one", PRINTS)], [step("two", PRINTS)])
    assert re.search(r"\[2/3\] one .*50%.*working *\n.*\[3/3\] two .*50%", place.console.file.getvalue())


WAIT = "import pathlib, time\nwhile not pathlib.Path({!r}).exists(): time.sleep(0.01)"


def test_lanes_run_side_by_side_and_continue_after_failure(place: Workplace) -> None:
    first = [step("bad", "print('it broke here'); raise SystemExit(3)"), step("waits", WAIT.format("written"))]
    second = [step("writes", "open('written', 'w')"), step("ends", "pass")]
    outcomes = run(place, first, second)
    assert [(outcome.name, outcome.state) for outcome in outcomes] == [
        ("bad", "FAILED"), ("waits", "passed"), ("writes", "passed"), ("ends", "passed")
    ]  # fmt: skip
    assert "    it broke here\n" in place.console.file.getvalue()
    row, *_, counts = stages.summary(outcomes).splitlines()
    assert row.split()[:2] == ["bad", "FAILED"]
    assert (row.split()[-1], counts) == ("logs/bad.log", "3 passed, 1 failed")
    assert (place.passed.root / outcomes[0].where).read_text() == "it broke here\n"
    assert [outcome.name for outcome in run(place, first, stops=True)] == ["bad"]


def test_interruption_ends_every_lane_and_its_processes(ready: Path) -> None:
    (ready / "child.py").write_text("import time; open('began', 'w'); time.sleep(3); open('ran', 'w')")
    (ready / "interrupt.py").write_text(f"{WAIT.format('began')}\nimport os; os.kill(os.getppid(), 2); time.sleep(60)")
    code = f"""
import pathlib, sys
from authoring.setup import make
make.ROOT = pathlib.Path({str(ready)!r})
child = make.Stage("one", "says", "sh -c '{sys.executable} child.py; true'")
make.TESTS = ((child, child), (make.Stage("two", "says", "{sys.executable} interrupt.py"),))
sys.exit(make.main("test"))
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 130, done.stderr
    assert done.stdout.splitlines()[-1].startswith("Interrupted")
    assert "FAILED" not in done.stdout
    time.sleep(3)
    assert (ready / "began").exists()
    assert not (ready / "ran").exists()


# --- what passed ------------------------------------------------------------------------------------------------------


def test_stage_runs_again_only_after_a_change_or_a_failure(place: Workplace) -> None:
    root = place.passed.root
    code = "open('ran', 'a').write('x'); open('made', 'w'); import os; raise SystemExit(os.path.exists('in/bad'))"
    stage = step("s", code, reads=("in/*",), makes=("made",))
    (root / "in").mkdir()
    runs = []
    for change in (
        lambda: None,
        lambda: None,
        lambda: (root / "in" / "a.txt").write_text("new"),
        lambda: (root / "made").unlink(),
        lambda: (root / "in" / "bad").touch(),
        lambda: None,  # it failed
    ):
        change()
        run(place, [stage])
        runs.append(len((root / "ran").read_text()))
    assert runs == [1, 1, 2, 3, 4, 5]


def test_stage_checks_the_chapters_that_changed(ready: Path, place: Workplace) -> None:
    stage = step("s", "import sys; print(*sys.argv[1:], file=open('ran', 'w'))", about="{0}", reads=(make.NOTEBOOK,))

    def ran(file: Passed = place.passed) -> str:
        (ready / "ran").write_text("nothing\n")
        place.passed = file
        run(place, [stage])
        return (ready / "ran").read_text()

    assert [ran(), ran()] == ["lazy linear\n", "nothing\n"]
    before = (ready / passed.FILE).read_bytes()
    assert ran(Passed(ready, passed.FILE, always=True)) == "lazy linear\n"
    assert ran(Passed(ready, passed.FILE, ["lazy"])) == "lazy\n"
    assert (ready / passed.FILE).read_bytes() == before
    (ready / make.NOTEBOOK.format("linear")).write_text("new")
    assert ran() == "linear\n"


def test_long_parts_are_listed_with_the_age_of_their_commit(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@localhost")
        subprocess.run(["git", *identity, *arguments], cwd=ready, check=True, capture_output=True)

    git("init")
    git("add", "--all")
    git("commit", "--message", "first")
    file = Passed(ready, passed.FILE)
    file.add_long("soak", 120)
    git("add", "--all")
    git("commit", "--message", "second")
    file.add("long parts", {"corpus": {**file.of("long parts")["soak"], "commit": "f" * 40}})
    assert file.is_clean()
    (ready / make.NOTEBOOK.format("linear")).write_text("changed")
    assert not file.is_clean()
    table, old = file.long_table(["soak", "corpus", "tests"])
    assert re.search("soak .*, 1 commits ago, in 2 min\n .*corpus .*not in this clone.*\n .*tests +never", table)
    assert old == []
    monkeypatch.setattr(passed, "MOST_COMMITS", 0)
    assert file.long_table(["soak", "corpus", "tests"])[1] == ["soak"]


def test_committed_file_names_stages_chapters_and_parts() -> None:
    content = json.loads((ROOT / passed.FILE).read_text())
    assert content.keys() <= {"long parts", "nbval", "said", "system"}
    assert content["long parts"].keys() <= {stage.name for stage in make.LONG}
    chapters = {*content.get("nbval", ()), *content.get("said", ())}
    assert chapters <= {path.stem for path in ROOT.glob("solutions/*/*.ipynb")}


# --- the commands -----------------------------------------------------------------------------------------------------


def played(monkeypatch: pytest.MonkeyPatch, *lane: Stage) -> None:
    monkeypatch.setattr(make, "TESTS", (lane,))
    monkeypatch.setattr(make, "TIMES", step("times", "import os; print(os.environ['OMP_NUM_THREADS'])"))
    monkeypatch.setattr(make, "workload", lambda: 1.0)


Captured = pytest.CaptureFixture[str]


def test_tests_end_with_table_and_counts(ready: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    played(monkeypatch, step("good", "import os; print(os.environ['CHROMIUM'])"), step("bad", "raise ValueError"))
    assert make.test(ready) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "2 passed, 1 failed"
    assert sum(line.endswith(" never") for line in lines) == len(make.LONG)
    assert (ready / "_build/logs/test/good.log").read_text() == "/opt/chromium\n"
    assert (ready / "_build/logs/test/times.log").read_text() == "1\n"
    played(monkeypatch, step("good", "pass"))
    monkeypatch.setattr(Passed, "long_table", lambda *_: ("a table", ["soak-1"]))
    assert make.test(ready) == 1
    assert "too long ago: soak-1" in capsys.readouterr().out


@pytest.mark.parametrize(("in_ci", "last"), [("1", "2 passed, 1 failed"), ("", "2 passed, 0 failed, 1 skipped")])
def test_missing_browser_fails_only_in_ci(
    ready: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, in_ci: str, last: str
) -> None:
    played(monkeypatch, step("good", "pass"))
    monkeypatch.setattr(make, "CHROMIUM", step("chromium", "raise SystemExit(1)"))
    monkeypatch.setattr(make, "find_browser", lambda: "")
    monkeypatch.setenv("CI", in_ci)
    assert make.test(ready) == bool(in_ci)
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_chapters_option_narrows_stages() -> None:
    commands = {stage.name: stage.words(["linear", "lazy"]) for lane in make.TESTS for stage in lane}
    assert commands["unit tests"][-2:] == commands["browser"][-2:] == ["--chapters", "linear lazy"]
    assert commands["nbval"][-2:] == ["solutions/linear/linear.ipynb", "solutions/lazy/lazy.ipynb"]
    assert commands["leaks"][-2:] == ["linear", "lazy"]
    assert commands["book"] == ["python", "-m", "authoring", "book"]
    assert {stage.name for lane in make.TESTS for stage in lane if stage.about is not None} == {
        *("unit tests", "said", "nbval", "validate", "book", "browser", "leaks", "staleness")
    }


def test_chapters_option_keeps_chapter_and_course_tests() -> None:
    for params, mark, runs in (
        ({"chapter": "linear"}, None, True),
        ({"page": "chapters/linear/linear.html"}, None, True),
        ({"chapter": "softmax"}, "course", False),
        ({"number": 3}, "course", True),
        ({}, None, False),
    ):
        item = SimpleNamespace(callspec=SimpleNamespace(params=params), get_closest_marker=lambda _, mark=mark: mark)
        assert conftest.is_about(item, {"linear"}, {"linear", "softmax"}) is runs
    with pytest.raises(pytest.UsageError, match="no chapter 'linaer'"):
        conftest.pytest_configure(SimpleNamespace(getoption=lambda _: "linear linaer"))


def test_long_parts_continue_and_store_what_passed(
    ready: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        make, "LONG", (step("soak-1", "raise SystemExit(3)"), step("soak-2", "pass"), step("x", "pass"))
    )
    monkeypatch.setattr(Passed, "add_long", lambda self, part, seconds: self.add("long parts", {part: 1}))
    monkeypatch.setattr(Passed, "long_table", lambda *_: ("a table", []))
    monkeypatch.setattr(Passed, "is_clean", lambda _: True)
    monkeypatch.delenv("SEEDS", raising=False)
    assert make.test_long(ready, "soak") == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed"
    assert Passed(ready, passed.FILE).of("long parts") == {"soak-2": 1}
    with pytest.raises(SystemExit, match="only the parts soak-1, soak-2, x"):
        make.test_long(ready, "corps")


def test_long_parts_share_every_text() -> None:
    words = [word for stage in make.LONG if "-" in stage.name for word in stage.words([]) if word.endswith(".md")]
    chapters, kinds = ({str(path.relative_to(ROOT)) for path in ROOT.glob(p)} for p in (make.CHAPTERS, make.KINDS))
    assert sorted(words) == sorted([*chapters, *chapters, *kinds])


def test_course_stops_at_first_failure_or_ends_with_result_locations(
    ready: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "NOTEBOOKS", step("bad", "raise SystemExit(2)"))
    monkeypatch.setattr(make, "BOOK", step("later", "open('ran', 'w')"))
    assert make.course(ready) == 1
    assert not (ready / "ran").exists()
    for name in ("NOTEBOOKS", "BOOK"):
        monkeypatch.setattr(make, name, step(name, "pass"))
    monkeypatch.setattr(make, "CLASS", [step("class", "pass")])
    names = ["_build/html/index.html", "reports/linear/class.html", "gradebook.db"]
    for name in names[:2]:
        (ready / name).parent.mkdir(parents=True)
        (ready / name).touch()
    assert make.course(ready) == 1
    assert "gradebook.db is not there" in capsys.readouterr().out
    (ready / "gradebook.db").touch()
    assert make.course(ready) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[-3:]] == names


APT = '#!/bin/sh\necho "$@" >> ran\ncase "$1 $*" in update*) ;; *" {}") touch {} ;; *) exit 1 ;; esac\n'


@pytest.mark.parametrize("package", ["chromium-headless-shell", "chromium", "none of Debian"])
def test_chromium_comes_from_debian_or_playwright(place: Workplace, package: str) -> None:
    programs = place.passed.root / "programs"
    programs.mkdir()
    for name, code in {"apt-get": APT.format(package, "here"), "python": "#!/bin/sh\ntouch playwright\n"}.items():
        (programs / name).write_text(code)
        (programs / name).chmod(0o755)
    place.env["PATH"] = f"{programs}:{place.env['PATH']}"
    (outcome,) = run(place, [make.CHROMIUM])
    assert outcome.state == "passed"
    assert (place.passed.root / "here").exists() != (place.passed.root / "playwright").exists()
    assert (place.passed.root / "here").exists() == package.startswith("chromium")


# --- the Makefile -----------------------------------------------------------------------------------------------------


def test_make_without_goal_prints_every_command() -> None:
    done = subprocess.run(["make", "-C", str(ROOT), "--no-print-directory"], capture_output=True, text=True, check=True)
    documented = set(re.findall(r"^  make ([a-z-]+) ", done.stdout, re.MULTILINE))
    wanted = "course test notebooks book serve lab validate sample grade check lint format clean test-long"
    assert set(wanted.split()) <= documented


@pytest.mark.parametrize("goal", ["course", "test", "book"])
def test_make_without_python_names_required_version(goal: str) -> None:
    command = ["make", "-C", str(ROOT), "--no-print-directory", goal, "PYTHON=no-such-python"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "needs Python 3.11 to 3.14" in done.stdout


def test_makefile_uses_only_make_3_81_features() -> None:
    text = (ROOT / "Makefile").read_text()
    newer = [".ONESHELL", "$(file", "!=", "::=", "private ", "undefine "]
    recipes_removed = "\n".join(line for line in text.splitlines() if not line.startswith("\t"))
    assert [word for word in newer if word in recipes_removed] == []
