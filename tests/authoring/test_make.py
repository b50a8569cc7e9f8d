"""Test the steps and the output of `make course` and `make test`, and the Makefile itself."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from authoring.setup import install as setup
from authoring.setup import make, stages
from tests.conftest import OF_THE_COURSE
from tests.root import COURSE, ROOT


def step(name: str, code: str) -> stages.Stage:
    return stages.Stage(name, "says what it does", (sys.executable, "-c", code))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("....F..s   [ 17%]\n", ""),
        ("linear: 40 cells\n", "linear: 40 cells"),
        ("\n", ""),
        ("tests/browser/test_axe.py::test_axe[a b.html] PASSED   [  7%]\n", "test_axe"),
        ("[gw1] [ 41%] PASSED solutions/linear/linear.ipynb::ipynb::Cell 3 \n", "linear"),
        ("chapter 2 of 4, linear: 6 of 24 graded [ 31%]\n", "chapter 2 of 4, linear: 6 of 24 graded"),
    ],
)
def test_line_is_shown_without_pytest_decoration(line: str, shown: str) -> None:
    assert stages.brief(line) == shown


def test_progress_line_shows_position_percentage_and_time_left() -> None:
    progress = stages.Progress()
    progress.take("collecting\n")
    assert progress.words(1.0) == "collecting"
    progress.take("chapter 2 of 4, linear: 6 of 24 graded [ 25%]\n")
    assert progress.words(1.0) == "chapter 2 of 4, linear: 6 of 24 graded, 25%"
    assert progress.words(60.0).endswith(", 25%, 3 min 00 s left")
    progress.take("a line of a table\n")
    assert progress.words(60.0).startswith("chapter 2 of 4, linear")


def test_sample_class_uses_chapters_with_exercises() -> None:
    (command,) = [stage.command for stage in make.COURSE if stage.name == "sample"]
    assert command[-len(make.SAMPLE) :] == make.SAMPLE
    for name in make.SAMPLE:
        assert ":solution:" in COURSE.text(name).read_text(encoding="utf-8")


@pytest.fixture
def screen() -> stages.Screen:
    return stages.Screen(io.StringIO())


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """Return a checkout with every requirement installed."""
    for name in ("requirements.txt", "requirements-torch.txt", "pyproject.toml"):
        (tmp_path / name).write_text("")
    setup.venv_python(tmp_path).parent.mkdir(parents=True)
    setup.venv_python(tmp_path).touch()
    setup.stamp(tmp_path).write_text(setup.fingerprint(tmp_path))
    return tmp_path


def test_stages_run_after_failure_and_are_counted(
    ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (step("good", "print('fine')"), step("bad one", "print('it broke here'); raise SystemExit(3)"))
    monkeypatch.setattr(make, "TESTS", (*steps, step("later", "print('still runs')")))
    monkeypatch.setattr(make, "BROWSER", (step("browser", "import os; print(os.environ['CHROMIUM'])"),))
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")
    assert make.test(ready, screen, "", ()) == 1
    lines = screen.out.getvalue().splitlines()
    assert lines[-1] == "4 passed, 1 failed"
    assert any("it broke here" in line for line in lines)
    (row,) = [line for line in lines if line.startswith("  bad one")]
    log = row.split()[-1]
    assert "FAILED" in row
    assert (ready / log).read_text() == "it broke here\n"
    table = lines[lines.index(row) :]
    assert table[table.index("  last lines of bad one:") + 1] == "    it broke here", "said again at the end"
    assert (ready / "_build/logs/test/5-browser.log").read_text() == "/opt/chromium\n"


def test_chapters_option_narrows_stages() -> None:
    commands = {stage.name: stage.command for stage in make.about((*make.TESTS, *make.BROWSER), ["linear", "lazy"])}
    assert commands["unit tests"][-2:] == commands["browser"][-2:] == ("--chapters", "linear lazy")
    assert commands["nbval"][-2:] == ("solutions/linear/linear.ipynb", "solutions/lazy/lazy.ipynb")
    assert commands["staleness"][-2:] == commands["leaks"][-2:] == ("linear", "lazy")
    assert commands["validate"][-3:] == ("--due", "linear", "lazy")
    assert "book" in commands


def test_chapters_option_keeps_chapter_and_course_tests() -> None:
    def collected(chapters: str) -> set[str]:
        options = ("--collect-only", "-q", "-p", "no:cacheprovider", "--chapters", chapters)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "tests/course/test_path.py",
            "tests/classroom/test_handout.py",
            *options,
        ]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return {line for line in found.stdout.splitlines() if "::" in line}

    every, linear = collected(""), collected("linear")
    assert linear < every
    assert any("[linear" in name for name in linear)
    assert not any("[softmax" in name or "test_handout" in name for name in linear)
    assert {name for name in every if "test_path" in name and "[" not in name} <= linear
    assert collected("linaer") == set()


def test_listed_tests_of_the_course_exist() -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    functions = set(re.findall(r"^def (test_\w+)\(", "\n".join(files.values()), re.MULTILINE))
    assert OF_THE_COURSE - files.keys() - functions == set()


def test_long_parts_continue_after_failure(ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = (
        step("soak", "import sys; print(sys.argv[1:]); raise SystemExit(3)"),
        step("corpus", "print('still runs')"),
    )
    monkeypatch.setattr(make, "LONG", (step("tests", "raise SystemExit(1)"), *parts))
    monkeypatch.setenv("SEEDS", "20")
    assert make.test_long(ready, screen, "", ["soak", "corpus", "--", "linear"]) == 1
    said = screen.out.getvalue().rstrip().splitlines()
    assert said[-1] == "2 passed, 1 failed"  # set-up, corpus
    assert "['--seeds', '20', 'linear']" in (ready / "_build" / "logs" / "test-long" / "2-soak.log").read_text()


def test_every_chapter_has_its_turn_in_the_long_tests() -> None:
    texts = []
    for day in range(make.TURNS):
        (soak,) = make.long_parts(ROOT, ["soak"], [], "5", day)
        texts += [word for word in soak.command if word.endswith(".md")]
    assert sorted(texts) == sorted(str(path.relative_to(ROOT)) for glob in make.SOAKED for path in ROOT.glob(glob))


def test_unknown_long_part_is_named(ready: Path, screen: stages.Screen) -> None:
    with pytest.raises(setup.SetupError, match="no part corps"):
        make.test_long(ready, screen, "", ["corps"])


def unit_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the unit-test stage on a folder instead of `tests`."""
    (stage,) = [stage for stage in make.TESTS if stage.name == "unit tests"]
    words = [str(folder) if word == "tests" else word for word in stage.command[1:]]
    command = [sys.executable, *words, "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_two_test_files_may_share_a_name(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "browser"):
        folder.mkdir(exist_ok=True)
        (folder / "test_same.py").write_text("def test_it():\n    pass\n")
    done = unit_tests(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_long_test_import_error_fails_unit_tests(tmp_path: Path) -> None:
    (tmp_path / "test_long.py").write_text(
        "import pytest\npytestmark = pytest.mark.long\nimport gone_since\n\n\ndef test_it():\n    pass\n"
    )
    done = unit_tests(tmp_path)
    assert done.returncode != 0
    assert "gone_since" in done.stdout


@pytest.mark.parametrize(
    ("in_ci", "status", "last"), [("true", 1, "1 passed, 1 failed"), ("", 0, "1 passed, 0 failed, 1 skipped")]
)
def test_missing_browser_fails_only_in_ci(
    ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch, in_ci: str, status: int, last: str
) -> None:
    monkeypatch.setattr(make, "TESTS", ())
    monkeypatch.setattr(make, "BROWSER", (step("browser", "pass"),))
    monkeypatch.setattr(make, "ensure_browser", lambda *_: (False, ""))
    monkeypatch.setenv("CI", in_ci)
    assert make.test(ready, screen, "", ()) == status
    assert screen.out.getvalue().splitlines()[-1] == last
    assert "no Chromium" in screen.out.getvalue()


def test_course_stops_at_first_failure(ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "COURSE", (step("bad", "raise SystemExit(2)"), step("later", "open('ran', 'w')")))
    assert make.course(ready, screen, "") == 1
    assert not (ready / "ran").exists()


def test_interruption_ends_the_running_step(ready: Path) -> None:
    code = f"""
import pathlib, sys
from authoring.setup import make, stages
make.setup.ROOT = pathlib.Path({str(ready)!r})
interrupting = "import os, time; os.kill(os.getppid(), 2); time.sleep(60); open('ran', 'w')"
make.COURSE = (stages.Stage("one", "says", (sys.executable, "-c", interrupting)),)
sys.exit(make.main(["course"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 130, done.stderr
    assert done.stdout.splitlines()[-1].startswith("Interrupted")
    assert "FAILED" not in done.stdout
    assert not (ready / "ran").exists()


def test_step_with_unchanged_files_is_skipped(ready: Path, screen: stages.Screen) -> None:
    code = "open('ran', 'a').write('x'); open('made', 'w')"
    stage = stages.Stage("s", "says", (sys.executable, "-c", code), reads=("in/*.txt",), makes=("made",))
    (ready / "in").mkdir()
    changes = (
        lambda: None,
        lambda: None,  # Nothing changed.
        lambda: (ready / "in" / "a.txt").write_text("new"),
        lambda: (ready / "in" / "a.txt").write_text("other"),
        lambda: (ready / "made").unlink(),
    )
    place = stages.Workplace(ready, dict(os.environ), screen, ready / "logs")
    runs = []
    for change in changes:
        change()
        assert not stages.run(stage, 1, 1, place).failed
        runs.append(len((ready / "ran").read_text()))
    assert runs == [1, 1, 2, 3, 4]


def test_failed_step_runs_again(ready: Path, screen: stages.Screen) -> None:
    code = "import os; open('ran', 'a').write('x'); raise SystemExit(os.path.getsize('ran') < 2)"
    stage = stages.Stage("s", "says", (sys.executable, "-c", code), reads=("in/*.txt",))
    place = stages.Workplace(ready, dict(os.environ), screen, ready / "logs")
    ended = [stages.run(stage, 1, 1, place).status for _ in range(3)]
    assert ended == [1, 0, 0]
    assert (ready / "ran").read_text() == "xx"


def test_course_ends_with_result_locations(ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import pathlib\n"
        "for name in ('_build/html/index.html', 'reports/linear/class.html', 'gradebook.db'):\n"
        "    pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True); pathlib.Path(name).touch()"
    )
    monkeypatch.setattr(make, "COURSE", (step("all", code),))
    assert make.course(ready, screen, "") == 0
    end = screen.out.getvalue().splitlines()[-3:]
    assert [line.split()[0] for line in end] == ["_build/html/index.html", "reports/linear/class.html", "gradebook.db"]


def test_course_reports_missing_result(ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "COURSE", (step("all", "pass"),))
    assert make.course(ready, screen, "") == 1
    assert "gradebook.db is not there" in screen.out.getvalue()


class Machine:
    """A fake machine for `ensure_browser`, with installed programs, a user, and simulated installers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, programs: set[str], root: bool, playwright_status: int) -> None:
        self.programs, self.ran, self.playwright_status = programs, [], playwright_status
        self.packages = {"chromium-headless-shell", "chromium"}
        monkeypatch.delenv("CHROMIUM", raising=False)
        monkeypatch.setattr(make.sys, "platform", "linux")
        monkeypatch.setattr(make.os, "geteuid", lambda: 0 if root else 1000)
        monkeypatch.setattr(make.shutil, "which", lambda name: f"/bin/{name}" if name in self.programs else None)
        monkeypatch.setattr(make, "_log", self.run)

    def run(self, command: list[str], *_: object) -> int:
        self.ran.append(" ".join(command))
        if command[-1] in self.packages and command[0] == "apt-get":
            self.programs.add(command[-1])
        return self.playwright_status if "playwright" in command else 0


def test_installed_chromium_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, screen: stages.Screen) -> None:
    machine = Machine(monkeypatch, {"apt-get", "google-chrome"}, root=True, playwright_status=1)
    assert make.ensure_browser(tmp_path, screen, tmp_path) == (True, "/bin/google-chrome")
    assert machine.ran == []


@pytest.mark.parametrize(("package", "tries"), [("chromium-headless-shell", 1), ("chromium", 2)])
def test_root_on_debian_installs_chromium_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, screen: stages.Screen, package: str, tries: int
) -> None:
    machine = Machine(monkeypatch, {"apt-get"}, root=True, playwright_status=1)
    machine.packages = {package}
    assert make.ensure_browser(tmp_path, screen, tmp_path) == (True, f"/bin/{package}")
    assert [command.split()[1] for command in machine.ran] == ["update", *["install"] * tries]


@pytest.mark.parametrize(("status", "there"), [(0, True), (1, False)])
def test_other_users_get_playwright_build_or_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, screen: stages.Screen, status: int, there: bool
) -> None:
    machine = Machine(monkeypatch, {"apt-get"}, root=False, playwright_status=status)
    assert make.ensure_browser(tmp_path, screen, tmp_path) == (there, "")
    assert machine.ran == ["python -m playwright install chromium"]


# --- the Makefile -----------------------------------------------------------------------------------------------------


def test_make_without_goal_prints_every_command() -> None:
    said = subprocess.run(["make", "-C", str(ROOT), "--no-print-directory"], capture_output=True, text=True, check=True)
    documented = set(re.findall(r"^  make ([a-z-]+) ", said.stdout, re.MULTILINE))
    wanted = "course test notebooks book serve lab validate sample grade check lint format clean test-long"
    assert set(wanted.split()) <= documented


@pytest.mark.parametrize("goal", ["course", "test", "book"])
def test_make_without_python_names_required_version(goal: str) -> None:
    command = ["make", "-C", str(ROOT), "--no-print-directory", goal, "PYTHON=no-such-python"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode != 0
    assert "needs Python 3.11" in said.stdout


def test_makefile_uses_only_make_3_81_features() -> None:
    text = (ROOT / "Makefile").read_text()
    newer = [".ONESHELL", "$(file", "!=", "::=", "private ", "undefine "]
    recipes_removed = "\n".join(line for line in text.splitlines() if not line.startswith("\t"))
    assert [word for word in newer if word in recipes_removed] == []


def test_tests_sharing_costly_fixtures_use_one_process(request):
    """Require the group that pytest-xdist appends to a test's id.

    Without a group, each process would rebuild the shared fixtures.
    """
    if getattr(request.config.option, "loadgroup", False):  # as in `make test`
        assert request.node.nodeid.endswith(f"@{request.path}")
