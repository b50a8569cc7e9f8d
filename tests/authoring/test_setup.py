"""Test, with a fake pip, that the setup explains what is missing and installs nothing twice."""

from __future__ import annotations

import ast
import io
import re
import sys
from pathlib import Path

import pytest

from authoring.setup import install as setup
from authoring.setup.stages import Screen
from autograder import keys
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


@pytest.fixture
def screen() -> Screen:
    return Screen(io.StringIO())


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 12, 1), (4, 11, 0)])
def test_wrong_python_is_explained(version: tuple[int, int, int]) -> None:
    with pytest.raises(setup.SetupError, match=r"needs Python 3\.11[^~]*make course PYTHON=") as raised:
        setup.check_python(version, "/opt/python")
    assert ".".join(map(str, version)) in str(raised.value)
    setup.check_python((3, 11, 15))


FIRST = [
    *("authoring/__init__.py", "autograder/__init__.py", "autograder/keys.py"),
    *(path.relative_to(ROOT).as_posix() for path in (ROOT / "authoring" / "setup").glob("*.py")),
]


@pytest.mark.parametrize("name", FIRST)
def test_first_modules_parse_on_old_python(name: str) -> None:
    source = (ROOT / name).read_text()
    tree = ast.parse(source, feature_version=(3, 7))
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    known = sys.stdlib_module_names | {"authoring", "autograder"}
    first = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in FIRST}
    if name != "autograder/__init__.py":  # which imports lazily, when a name is used
        assert not {module for module in imported if module.split(".")[0] not in known}
        assert {module for module in imported if module.split(".")[0] in ("authoring", "autograder")} <= first


def test_environment_ignores_settings_of_other_pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(name, "1")
        assert name not in setup.environment(ROOT / ".venv")


def test_missing_venv_module_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(setup.SetupError, match=r"apt install python3\.11-venv"):
        setup.check_python()


def test_pins_and_our_packages_are_installed_until_they_change(root: Path, screen: Screen) -> None:
    assert not setup.is_ready(root)
    setup.ensure(root, screen)
    pins, torch, ours = asked(root)
    assert "--no-deps --require-hashes --requirement requirements.txt" in pins
    assert torch.endswith("--requirement requirements-torch.txt")
    assert "--no-deps --no-build-isolation --editable ." in ours
    assert setup.is_ready(root)
    assert "perhaps with CUDA" in screen.out.getvalue()
    for name in (setup.LOCK, setup.TORCH, "pyproject.toml"):
        was = (root / name).read_text()
        (root / name).write_text("# changed\n")
        assert not setup.is_ready(root)
        (root / name).write_text(was)
    setup.ensure(root, screen, torch_index="https://index.invalid/cpu")
    rest, torch, ours = asked(root)[3:]
    assert torch.endswith("--requirement requirements-torch.txt --index-url https://index.invalid/cpu")
    assert "--index-url" not in rest + ours


def test_every_pin_has_a_hash() -> None:
    lock = (ROOT / setup.LOCK).read_text()
    assert len(keys.pins(lock)) > 100
    assert len(re.findall(r"^\S+==\S+.*\\\n    --hash", lock, re.MULTILINE)) == len(keys.pins(lock))


@pytest.mark.parametrize(
    ("pip", "sentence"),
    [
        ("Retrying after connection broken by 'NewConnectionError(...)'\n", "seems to be no network"),
        ("ERROR: [Errno 28] No space left on device\n", "disk is full"),
        ("ERROR: something nobody foresaw\n", "failed. Nothing is lost"),
    ],
)
def test_pip_failure_is_shown_and_the_install_resumes(root: Path, screen: Screen, pip: str, sentence: str) -> None:
    for name in ("says", "fails"):
        (root / ".venv" / "bin" / name).write_text(pip)
    with pytest.raises(setup.SetupError, match=sentence):
        setup.ensure(root, screen)
    assert pip in screen.out.getvalue()
    assert not setup.is_ready(root)
    (root / ".venv" / "bin" / "fails").unlink()
    setup.ensure(root, screen)
    assert setup.is_ready(root)


def test_incomplete_package_is_removed(root: Path, screen: Screen) -> None:
    packages = root / ".venv" / "lib" / "python3.11" / "site-packages"
    for name, files in {"whole-1.dist-info": ("METADATA", "RECORD"), "half-1.dist-info": ("METADATA",)}.items():
        (packages / name).mkdir(parents=True)
        for file in files:
            (packages / name / file).write_text("")
    setup.ensure(root, screen)
    assert [path.name for path in packages.iterdir()] == ["whole-1.dist-info"]


def test_incomplete_venv_is_rebuilt(root: Path, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (root / ".venv" / "left over").write_text("")
    maker = root / "python"  # stands for the Python that runs `python -m venv .venv`
    maker.write_text(f"#!/bin/sh\nmkdir -p $3/bin && cp {root}/fake $3/bin/python\n")
    (root / "fake").write_text(FAKE_PYTHON)
    for path in (maker, root / "fake"):
        path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(maker))
    setup.ensure(root, screen)
    assert not (root / ".venv" / "left over").exists()
    assert len(asked(root)) == 3
