"""Set-up, with a stand-in for pip: what it says when something is missing, and that it does nothing twice."""

from __future__ import annotations

import ast
import io
import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from authoring import make, setup, stages

ROOT = Path(__file__).resolve().parents[1]

# A stand-in for .venv/bin/python: notes what pip was asked, says what it was told to, and fails if it was told to.
FAKE_PYTHON = """\
#!/bin/sh
here="$(dirname "$0")"
case "$1 $2" in
  "-c "*metadata*) cat "$here/torch" 2>/dev/null || exit 1 ;;
  "-c "*) exit 0 ;;
  "-m pip") echo "$*" >> "$here/asked"; cat "$here/says" 2>/dev/null; [ ! -e "$here/fails" ] || exit 1 ;;
esac
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with pins and a .venv whose Python is the stand-in."""
    (tmp_path / "requirements.txt").write_text("numpy==2.4.6\ntorch==2.13.0  # the CPU build fits too\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").write_text(FAKE_PYTHON)
    (folder / "python").chmod(0o755)
    return tmp_path


def asked(root: Path) -> list[str]:
    path = root / ".venv" / "bin" / "asked"
    return path.read_text().splitlines() if path.exists() else []


def pip_says(root: Path, text: str, fails: bool = True) -> None:
    (root / ".venv" / "bin" / "says").write_text(text)
    if fails:
        (root / ".venv" / "bin" / "fails").write_text("")


@pytest.fixture
def screen() -> stages.Screen:
    return stages.Screen(io.StringIO())


@pytest.mark.parametrize("found", [(3, 10, 13), (3, 12, 1), (3, 13, 0), (4, 11, 0)])
def test_a_wrong_python_gets_a_sentence(found: tuple[int, int, int]) -> None:
    with pytest.raises(setup.SetupError) as raised:
        setup.check_python(found, "/opt/python")
    said = str(raised.value)
    assert "needs Python 3.11" in said
    assert ".".join(map(str, found)) in said
    assert "make course PYTHON=" in said


@pytest.mark.parametrize("found", [(3, 11, 0), (3, 11, 15)])
def test_the_right_python_is_taken(found: tuple[int, int, int]) -> None:
    setup.check_python(found)


@pytest.mark.parametrize("name", ["__init__", "make", "setup", "stages"])
def test_what_runs_first_can_be_read_by_an_old_python(name: str) -> None:
    source = (ROOT / "authoring" / f"{name}.py").read_text()
    tree = ast.parse(source, feature_version=(3, 7))
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    third_party = {module for module in imported if module.split(".")[0] not in sys.stdlib_module_names | {"authoring"}}
    assert not third_party


def test_no_venv_module_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(setup.SetupError, match=r"apt install python3\.11-venv"):
        setup.check_modules()


def test_a_full_disk_is_noticed_before_anything_is_installed(
    root: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10 * 1024**3, 7 * 1024**3, 3 * 1024**3))
    with pytest.raises(setup.SetupError, match=r"3\.0 GB free.*needs 4 GB"):
        setup.ensure(root, screen)
    assert asked(root) == []


def test_installs_pins_then_our_packages_and_does_nothing_twice(root: Path, screen: stages.Screen) -> None:
    assert setup.ensure(root, screen)
    pins, ours = asked(root)
    assert "--requirement requirements.txt" in pins
    assert "--no-deps --no-build-isolation --editable ." in ours
    assert not setup.ensure(root, screen)
    assert len(asked(root)) == 2


@pytest.mark.parametrize("changed", ["requirements.txt", "pyproject.toml"])
def test_a_changed_pin_installs_again(root: Path, screen: stages.Screen, changed: str) -> None:
    setup.ensure(root, screen)
    (root / changed).write_text((root / changed).read_text() + "\n# changed\n")
    assert not setup.is_ready(root)
    assert setup.ensure(root, screen)
    assert len(asked(root)) == 4


@pytest.mark.parametrize(
    ("pip", "sentence"),
    [
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)'\n"
            "ERROR: Could not find a version that satisfies the requirement numpy==2.4.6 (from versions: none)\n"
            "ERROR: No matching distribution found for numpy==2.4.6\n",
            "no network",
        ),
        ("ERROR: No matching distribution found for numpy==2.4.6\n", "offers numpy==2.4.6 for this Python"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n", "disk is full"),
        ("ERROR: something nobody foresaw\n", "something nobody foresaw"),
        ("", "it gave no reason"),
    ],
)
def test_pips_failure_becomes_one_sentence(root: Path, screen: stages.Screen, pip: str, sentence: str) -> None:
    pip_says(root, pip)
    with pytest.raises(setup.SetupError) as raised:
        setup.ensure(root, screen)
    first, log = str(raised.value).split("\n  What pip said: ")
    assert sentence in first
    assert (root / log).read_text() == pip
    assert not setup.is_ready(root)


def test_an_interrupted_install_goes_on(root: Path, screen: stages.Screen) -> None:
    pip_says(root, "Collecting numpy\n")
    with pytest.raises(setup.SetupError):
        setup.ensure(root, screen)
    (root / ".venv" / "bin" / "fails").unlink()
    assert setup.ensure(root, screen)
    assert setup.is_ready(root)


def test_a_package_cut_short_is_installed_again(root: Path, screen: stages.Screen) -> None:
    packages = root / ".venv" / "lib" / "python3.11" / "site-packages"
    for name, files in {"whole-1.dist-info": ("METADATA", "RECORD"), "half-1.dist-info": ("METADATA",)}.items():
        (packages / name).mkdir(parents=True)
        for file in files:
            (packages / name / file).write_text("")
    setup.ensure(root, screen)
    assert [path.name for path in packages.iterdir()] == ["whole-1.dist-info"]


def test_a_half_made_venv_is_made_again(root: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (root / ".venv" / "left over").write_text("")
    real = subprocess.run

    def venv_or_real(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        if command[1:3] != ["-m", "venv"]:
            return real(command, **options)
        folder = Path(command[3]) / "bin"
        folder.mkdir(parents=True)
        (folder / "python").write_text(FAKE_PYTHON)
        (folder / "python").chmod(0o755)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(setup.subprocess, "run", venv_or_real)
    assert setup.ensure(root, screen)
    assert not (root / ".venv" / "left over").exists()
    assert len(asked(root)) == 2


def test_a_venv_that_cannot_be_made_gets_a_sentence(
    root: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(root / ".venv")
    failed = subprocess.CompletedProcess([], 1, "Error: ensurepip is not available\n", "")
    monkeypatch.setattr(setup.subprocess, "run", lambda *_, **__: failed)
    monkeypatch.setattr(setup, "_works", lambda _: False)
    with pytest.raises(setup.SetupError, match="ensurepip is not available"):
        setup.ensure(root, screen)


def test_torch_alone_comes_from_the_index_that_was_named(root: Path, screen: stages.Screen) -> None:
    setup.ensure(root, screen, torch_index="https://index.invalid/cpu")
    torch, rest, _ = asked(root)
    assert "--no-deps torch==2.13.0 --index-url https://index.invalid/cpu" in torch
    assert "--index-url" not in rest


def test_a_cpu_build_that_is_there_satisfies_the_pin(root: Path, screen: stages.Screen) -> None:
    (root / ".venv" / "bin" / "torch").write_text("2.13.0+cpu\n")
    setup.ensure(root, screen, torch_index="https://index.invalid/cpu")
    assert len(asked(root)) == 2


def test_progress_counts_packages_and_pip_is_not_echoed(root: Path) -> None:
    pip_says(root, "Collecting numpy==2.4.6\n  Downloading numpy (20 MB)\nCollecting torch==2.13.0\n", fails=False)
    packages = setup._Packages(2)
    lines = (root / ".venv" / "bin" / "says").read_text().splitlines()
    assert [packages.describe(line) for line in lines] == ["1 of 2 packages: numpy", "", "2 of 2 packages: torch"]
    out = io.StringIO()
    setup.ensure(root, stages.Screen(out))
    assert len(out.getvalue().splitlines()) < 6
    assert "Downloading" not in out.getvalue()


# --- the steps ------------------------------------------------------------------------------------------------------


def step(name: str, code: str) -> stages.Stage:
    return stages.Stage(name, "says what it does", (sys.executable, "-c", code))


@pytest.mark.parametrize(
    ("line", "shown"),
    [("....F..s   [ 17%]\n", "17%"), ("linear: 40 cells\n", "linear: 40 cells"), ("\n", "")],
)
def test_of_pytests_dots_only_the_percentage_is_shown(line: str, shown: str) -> None:
    assert stages.brief(line) == shown


@pytest.fixture
def ready(root: Path, screen: stages.Screen) -> Path:
    setup.ensure(root, screen)
    return root


def test_every_stage_runs_after_a_failure_and_the_last_line_counts(
    ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (step("good", "print('fine')"), step("bad one", "print('it broke here'); raise SystemExit(3)"))
    monkeypatch.setattr(make, "TESTS", (*steps, step("later", "print('still runs')")))
    monkeypatch.setattr(make, "BROWSER", step("browser", "import os; print(os.environ['CHROMIUM'])"))
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")
    assert make.test(ready, screen, "") == 1
    lines = screen.out.getvalue().splitlines()
    assert lines[-1] == "4 passed, 1 failed"
    assert any("it broke here" in line for line in lines)
    (row,) = [line for line in lines if line.startswith("  bad one")]
    log = row.split()[-1]
    assert "FAILED" in row
    assert (ready / log).read_text() == "it broke here\n"
    assert (ready / "_build/logs/test/5-browser.log").read_text() == "/opt/chromium\n"


def test_all_stages_passing_exits_zero(ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "TESTS", (step("good", "print('fine')"),))
    monkeypatch.setattr(make, "BROWSER", step("browser", "pass"))
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")
    assert make.test(ready, screen, "") == 0
    assert screen.out.getvalue().splitlines()[-1] == "3 passed, 0 failed"


@pytest.mark.parametrize(
    ("in_ci", "status", "last"), [("true", 1, "1 passed, 1 failed"), ("", 0, "1 passed, 0 failed, 1 skipped")]
)
def test_a_missing_browser_is_a_failure_under_ci_alone(
    ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch, in_ci: str, status: int, last: str
) -> None:
    monkeypatch.setattr(make, "TESTS", ())
    monkeypatch.setattr(make, "ensure_browser", lambda *_: (False, ""))
    monkeypatch.setenv("CI", in_ci)
    assert make.test(ready, screen, "") == status
    assert screen.out.getvalue().splitlines()[-1] == last
    assert "no Chromium" in screen.out.getvalue()


def test_the_course_stops_at_the_first_failure(
    ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "COURSE", (step("bad", "raise SystemExit(2)"), step("later", "open('ran', 'w')")))
    assert make.course(ready, screen, "") == 1
    assert not (ready / "ran").exists()


def test_the_course_ends_by_saying_where_things_are(
    ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import pathlib\n"
        "for name in ('_build/html/index.html', 'reports/linear/class.html', 'gradebook.db'):\n"
        "    pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True); pathlib.Path(name).touch()"
    )
    monkeypatch.setattr(make, "COURSE", (step("all", code),))
    assert make.course(ready, screen, "") == 0
    end = screen.out.getvalue().splitlines()[-3:]
    assert [line.split()[0] for line in end] == ["_build/html/index.html", "reports/linear/class.html", "gradebook.db"]


def test_the_course_says_so_when_a_result_is_not_there(
    ready: Path, screen: stages.Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "COURSE", (step("all", "pass"),))
    assert make.course(ready, screen, "") == 1
    assert "gradebook.db is not there" in screen.out.getvalue()


def test_an_interruption_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "course", interrupted)
    assert make.main(["course"]) == 130
    assert "goes on from here" in capsys.readouterr().out


class Machine:
    """What `ensure_browser` may ask of a machine: which programs there are, who runs it, and what installing does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, programs: set[str], root: bool, playwright_status: int) -> None:
        self.programs, self.ran, self.playwright_status = programs, [], playwright_status
        monkeypatch.delenv("CHROMIUM", raising=False)
        monkeypatch.setattr(make.sys, "platform", "linux")
        monkeypatch.setattr(make.os, "geteuid", lambda: 0 if root else 1000)
        monkeypatch.setattr(make.shutil, "which", lambda name: f"/bin/{name}" if name in self.programs else None)
        monkeypatch.setattr(make, "_log", self.run)

    def run(self, command: list[str], *_: object) -> int:
        self.ran.append(" ".join(command))
        if command[-1] == "chromium" and command[0] == "apt-get":
            self.programs.add("chromium")
        return self.playwright_status if "playwright" in command else 0


def test_chromium_that_is_there_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, screen: stages.Screen) -> None:
    machine = Machine(monkeypatch, {"apt-get", "google-chrome"}, root=True, playwright_status=1)
    assert make.ensure_browser(tmp_path, screen, tmp_path) == (True, "/bin/google-chrome")
    assert machine.ran == []


def test_root_on_debian_installs_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, screen: stages.Screen
) -> None:
    machine = Machine(monkeypatch, {"apt-get"}, root=True, playwright_status=1)
    assert make.ensure_browser(tmp_path, screen, tmp_path) == (True, "/bin/chromium")
    assert [command.split()[1] for command in machine.ran] == ["update", "install"]


@pytest.mark.parametrize(("status", "there"), [(0, True), (1, False)])
def test_others_get_playwrights_build_or_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, screen: stages.Screen, status: int, there: bool
) -> None:
    machine = Machine(monkeypatch, {"apt-get"}, root=False, playwright_status=status)
    assert make.ensure_browser(tmp_path, screen, tmp_path) == (there, "")
    assert machine.ran == ["python -m playwright install chromium"]


# --- the Makefile -----------------------------------------------------------------------------------------------------


def test_make_alone_prints_every_command() -> None:
    said = subprocess.run(["make", "-C", str(ROOT), "--no-print-directory"], capture_output=True, text=True, check=True)
    documented = set(re.findall(r"^  make ([a-z-]+) ", said.stdout, re.MULTILINE))
    wanted = "course test notebooks book serve lab validate sample grade check lint format clean test-long"
    assert set(wanted.split()) <= documented


@pytest.mark.parametrize("goal", ["course", "test", "book"])
def test_make_without_a_python_says_what_is_needed(goal: str) -> None:
    command = ["make", "-C", str(ROOT), "--no-print-directory", goal, "PYTHON=no-such-python"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode != 0
    assert "needs Python 3.11" in said.stdout


def test_the_makefile_keeps_to_what_make_3_81_knows() -> None:
    text = (ROOT / "Makefile").read_text()
    newer = [".ONESHELL", "$(file", "!=", "::=", "private ", "undefine "]
    recipes_removed = "\n".join(line for line in text.splitlines() if not line.startswith("\t"))
    assert [word for word in newer if word in recipes_removed] == []


def test_ci_runs_the_readmes_test_command() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make test"]
