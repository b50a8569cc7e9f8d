"""Test, with a fake pip, that the setup explains what is missing and installs nothing twice."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from authoring.setup import install as setup
from tests.house.test_house import imports
from tests.root import ROOT

# A fake .venv/bin/python: it records the arguments of pip, prints the text it was given, and can be told to fail.
FAKE_PYTHON = """\
#!/bin/sh
here="$(dirname "$0")"
case "$1 $2" in
  "-c "*) exit 0 ;;
  "-m pip") echo "$*" >> "$here/asked"; cat "$here/says" 2>/dev/null; [ ! -e "$here/fails" ] || exit 1 ;;
esac
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a checkout with pins and a .venv that contains the fake Python."""
    (tmp_path / "requirements.txt").write_text("numpy==2.4.6\n")
    (tmp_path / "requirements-torch.txt").write_text("# the CPU build fits too\ntorch==2.13.0\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").write_text(FAKE_PYTHON)
    (folder / "python").chmod(0o755)
    return tmp_path


def asked(root: Path) -> list[str]:
    path = root / ".venv" / "bin" / "asked"
    return path.read_text().splitlines() if path.exists() else []


PYTHONS = [f"3.{minor}" for minor in range(setup.OLDEST[1], setup.NEWEST[1] + 1)]


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 15, 0), (4, 12, 0)])
def test_wrong_python_is_explained(version: tuple[int, int, int]) -> None:
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 to 3\.14[^~]*make course PYTHON=") as raised:
        setup.check_python(version, "/opt/python")
    assert ".".join(map(str, version)) in str(raised.value)
    for right in PYTHONS:
        setup.check_python((*map(int, right.split(".")), 1))


def test_make_takes_the_newest_python() -> None:
    lines = (ROOT / "Makefile").read_text()
    assert f"python{' python'.join(reversed(PYTHONS))} python3 python;" in lines
    assert f"{setup.OLDEST} <= sys.version_info[:2] <= {setup.NEWEST})" in lines


def test_free_threaded_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.sysconfig, "get_config_var", lambda name: name == "Py_GIL_DISABLED")
    with pytest.raises(SystemExit, match="free-threaded"):
        setup.check_python()


FIRST = [f"authoring/{name}" for name in ("__init__.py", "setup/__init__.py", "setup/install.py")]
FIRST += [f"autograder/{name}.py" for name in ("__init__", "keys")]


@pytest.mark.parametrize("name", FIRST)
def test_first_modules_parse_on_old_python(name: str) -> None:
    source = (ROOT / name).read_text()
    ast.parse(source, feature_version=(3, 7))
    ours = set(re.findall(r"^ *(?:from|import) ((?:authoring|autograder)\b[\w.]*)", source, re.MULTILINE))
    first = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in FIRST}
    if name != "autograder/__init__.py":  # which imports lazily, when a name is used
        assert imports(ROOT / name) <= sys.stdlib_module_names | {"authoring", "autograder"}
        assert ours <= first


def test_commands_ignore_settings_of_other_pythons() -> None:
    names = ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE")
    command = ["make", "--no-print-directory", "--eval", "show:; @env", "show", f"PYTHON={sys.executable}"]
    env = {**os.environ, **dict.fromkeys(names, "0")}
    shown = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
    assert re.findall(rf"^(?:{'|'.join(names)})=.*", shown, re.MULTILINE) == ["PYTHONNOUSERSITE=1"]
    assert f"\nPATH={ROOT}/.venv/bin:" in f"\n{shown}"


def test_missing_venv_module_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(SystemExit, match=r"apt install python3-venv"):
        setup.check_python()


def test_pins_and_our_packages_are_installed_until_they_change(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not setup.is_ready(root)
    setup.ensure(root)
    pins, torch, ours = asked(root)
    assert "--no-deps --require-hashes --requirement requirements.txt" in pins
    assert torch.endswith("--requirement requirements-torch.txt")
    assert "--no-deps --no-build-isolation --editable ." in ours
    assert setup.is_ready(root)
    assert "perhaps comes with CUDA" in capsys.readouterr().out
    for name in (setup.LOCK, setup.TORCH, "pyproject.toml"):
        was = (root / name).read_text()
        (root / name).write_text("# changed\n")
        assert not setup.is_ready(root)
        (root / name).write_text(was)
    setup.ensure(root, torch_index="https://index.invalid/cpu")
    rest, torch, ours = asked(root)[3:]
    assert torch.endswith("--requirement requirements-torch.txt --index-url https://index.invalid/cpu")
    assert "--index-url" not in rest + ours


def test_pip_failure_is_shown_and_the_install_resumes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pip = "ERROR: [Errno 28] No space left on device\n"
    for name in ("says", "fails"):
        (root / ".venv" / "bin" / name).write_text(pip)
    with pytest.raises(SystemExit, match=r"packages\.log\. Nothing is lost"):
        setup.ensure(root)
    assert pip in capsys.readouterr().out
    assert (root / "_build" / "logs" / "set-up" / "packages.log").read_text() == pip
    assert not setup.is_ready(root)
    (root / ".venv" / "bin" / "fails").unlink()
    setup.ensure(root)
    assert setup.is_ready(root)


def test_incomplete_package_is_removed(root: Path) -> None:
    packages = root / ".venv" / "lib" / "python3" / "site-packages"
    for name, files in {"whole-1.dist-info": ("METADATA", "RECORD"), "half-1.dist-info": ("METADATA",)}.items():
        (packages / name).mkdir(parents=True)
        for file in files:
            (packages / name / file).write_text("")
    setup.ensure(root)
    assert [path.name for path in packages.iterdir()] == ["whole-1.dist-info"]


def test_incomplete_venv_is_rebuilt(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (root / ".venv" / "left over").write_text("")
    maker = root / "python"  # stands for the Python that runs `python -m venv .venv`
    maker.write_text(f"#!/bin/sh\nmkdir -p $3/bin && cp {root}/fake $3/bin/python\n")
    (root / "fake").write_text(FAKE_PYTHON)
    for path in (maker, root / "fake"):
        path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(maker))
    setup.ensure(root)
    assert not (root / ".venv" / "left over").exists()
    assert len(asked(root)) == 3
