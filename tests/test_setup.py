"""Set-up, with a stand-in for pip: what it says when something is missing, and that it does nothing twice."""

from __future__ import annotations

import ast
import io
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from authoring import setup, stages
from autograder.reach import Sources

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


@pytest.mark.parametrize("name", Sources.of(ROOT).reach("authoring.make"))
def test_what_runs_first_can_be_read_by_an_old_python(name: str) -> None:
    source = (ROOT / name).read_text()
    tree = ast.parse(source, feature_version=(3, 7))
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    known = sys.stdlib_module_names | {"authoring", "autograder"}
    third_party = {module for module in imported if module.split(".")[0] not in known}
    if name != "autograder/__init__.py":  # whose imports are made when a name is asked for
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
