"""Test that declared dependencies match the imports, and that the lock has exactly the packages that they need."""

import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from authoring.setup import install as setup
from autograder import keys
from tests.house.test_house import imports
from tests.root import ROOT
from tests.typed import typed

OURS = {".", "layerlab", "autograder", "authoring", "benchmarks", "tests", "inside", "coursebook"}

# The folders that import each group. A group may build on those above it.
FOLDERS = {
    "practice": ("layerlab",),
    "grader": ("autograder",),
    "authoring": ("authoring", "book/_ext"),
    "classroom": (),  # programs that `autograder classroom` starts, and a driver that SQLAlchemy loads
    "test": ("tests",),
}
BUILDS_ON = {group: list(FOLDERS)[: at + 1] for at, group in enumerate(FOLDERS)}
# Modules shipped with the grader that only an author runs (for `validate` and for texts not yet executed), and a
# module that is a test plugin.
OTHERS_OWN = {
    "domains.py": "authoring", "suite.py": "authoring", "text.py": "authoring",
    "nbval_plugin.py": "test",
}  # fmt: skip

# Packages that are declared although none of our modules imports them.
NOT_IMPORTED = {
    "brotli": "fonttools looks for it when it writes WOFF2",
    "codespell": "a command of tests/course/test_english.py",
    "configurable-http-proxy": "a command that JupyterHub runs",
    "ipykernel": "the kernel in which notebooks are executed",
    "jupyterhub": "a command of make classroom",
    "jupyterlab": "make lab",
    "mkdocs": "brings lunr.js, which the book serves",
    "oxfmt": "a command of make lint and make format",
    "oxlint": "a command of make lint",
    "pre-commit": "a command, for those who want its hooks",
    "psycopg": "SQLAlchemy loads it for a gradebook in PostgreSQL",
    "pytest-xdist": "a plugin of pytest: tests on several processors",
    "mypy": "a command of make lint",
    "ruff": "a command of make lint and make format",
    "sphinx-mathjax-offline": "the files of MathJax, served with the book",
    "types-docutils": "mypy reads it",
    "types-psutil": "mypy reads it",
    "types-pyyaml": "mypy reads it",
    "types-tqdm": "mypy reads it",
    "uv": "a command of make lock",
}

# Packages that torch's CUDA build installs; the lock leaves them to torch.
CUDA = ("nvidia-", "cuda-", "triton")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def declared() -> dict[str, list[Requirement]]:
    """Map each group to its requirements in pyproject.toml, without the groups that it builds on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"practice": project["dependencies"], **project["optional-dependencies"]}
    asked = {group: [Requirement(line) for line in lines] for group, lines in groups.items()}
    return {group: [line for line in lines if line.name != "layer-by-layer"] for group, lines in asked.items()}


@cache
def pins() -> dict[str, Requirement]:
    """Map each package to its pin, if the pin applies to this machine."""
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in (setup.LOCK, setup.TORCH))
    lines = [line.rstrip(" \\") for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    found = {normal(pin.name): pin for pin in map(Requirement, lines) if pin.marker is None or pin.marker.evaluate()}
    assert {normal(name) for name in keys.pins(ROOT)} >= set(found)
    return found


def version(name: str) -> str:
    (specifier,) = pins()[name].specifier
    return specifier.version


@cache
def imported() -> dict[str, set[str]]:
    """Map each group to the distributions that its folders import."""
    by_module = metadata.packages_distributions()
    local = OURS | {
        path.stem for folder in ("tests", "book/_ext", "autograder/sandbox/inside") for path in python(folder)
    }
    found: dict[str, set[str]] = {group: set() for group in FOLDERS}
    for group, folders in FOLDERS.items():
        for path in (path for folder in folders for path in python(folder)):
            for module in imports(path) - local - set(sys.stdlib_module_names):
                assert module in by_module, f"{path.relative_to(ROOT)} imports {module}, which nothing installed offers"
                found[OTHERS_OWN.get(path.name, group)] |= {normal(name) for name in by_module[module]}
    return found


def python(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def uv_settings() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]


def needed(names: list[Requirement]) -> set[str]:
    """Return all distributions that these requirements install on this machine, including those that they name."""
    todo, seen, uv = list(names), set(), uv_settings()
    while todo:
        requirement = todo.pop()
        key = (normal(requirement.name), frozenset(requirement.extras))
        if key in seen or key[0] in uv["exclude-dependencies"]:
            continue
        try:
            lines = metadata.requires(key[0]) or []
        except metadata.PackageNotFoundError:
            assert key[0].startswith(CUDA), f"{key[0]} is required and not installed"  # torch's CPU build has none
            continue
        seen.add(key)
        for asked in map(Requirement, lines):
            extras = ("", *requirement.extras)
            if asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(asked)
    return {name for name, _ in seen}


# --- pyproject.toml ---------------------------------------------------------------------------------------------------


def test_groups_are_known_and_build_on_each_other() -> None:
    assert set(declared()) == set(FOLDERS)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert "layer-by-layer[grader]" in extras["authoring"]
    assert "layer-by-layer[authoring]" in extras["classroom"]
    assert "layer-by-layer[classroom]" in extras["test"]


@pytest.mark.parametrize("group", FOLDERS)
def test_every_import_is_declared_for_its_group(group: str) -> None:
    offered = {normal(line.name) for below in BUILDS_ON[group] for line in declared()[below]}
    assert imported()[group] - offered == set()


@pytest.mark.parametrize("group", FOLDERS)
def test_every_declared_package_is_used(group: str) -> None:
    names = {normal(line.name) for line in declared()[group]}
    assert names - imported()[group] - set(NOT_IMPORTED) == set()


def test_only_unimported_packages_have_a_reason() -> None:
    names = {normal(line.name) for lines in declared().values() for line in lines}
    assert set(NOT_IMPORTED) <= names
    assert set(NOT_IMPORTED) & set().union(*imported().values()) == set()


def test_no_package_is_declared_twice() -> None:
    names = [normal(line.name) for lines in declared().values() for line in lines]
    assert sorted(set(names)) == sorted(names)


def test_every_declaration_has_a_comment() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for lines in declared().values():
        for line in lines:
            assert re.search(rf'^  "{re.escape(line.name)}[^"\n]*", +# .{{5,}}', text, re.MULTILINE), line.name


# --- the lock ---------------------------------------------------------------------------------------------------------


def test_every_pin_is_exact_and_installed() -> None:
    for pin in pins().values():
        assert [specifier.operator for specifier in pin.specifier] == ["=="], pin
        assert pin.url is None, pin
    wrong = {
        name: metadata.version(name)
        for name in pins()
        if Version(metadata.version(name).split("+")[0]) != Version(version(name))
    }
    assert wrong == {}


def test_lock_has_exactly_the_needed_packages() -> None:
    asked = [line for lines in declared().values() for line in lines]
    assert {name for name in needed(asked) if not name.startswith(CUDA)} == set(pins())


def test_pins_satisfy_the_declared_requirements() -> None:
    for line in (line for lines in declared().values() for line in lines):
        assert line.specifier.contains(version(normal(line.name))), line


def test_lock_metadata_matches_torch_requirements() -> None:
    (torch,) = uv_settings()["dependency-metadata"]
    asked = [Requirement(line) for line in metadata.requires("torch") or []]
    mandatory = {normal(line.name) for line in asked if line.marker is None or line.marker.evaluate({"extra": ""})}
    assert set(torch["requires-dist"]) == {name for name in mandatory if not name.startswith(CUDA)}


# --- grading without the authoring group ------------------------------------------------------------------------------


def test_grading_needs_no_authoring_package(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {normal(line.name) for line in declared()["authoring"]} - needed(
        [line for group in BUILDS_ON["grader"] for line in declared()[group]]
    )
    assert {"hypothesis", "jupytext"} <= own
    monkeypatch.setitem(sys.modules, "hypothesis", None)  # makes an import of it fail
    typed("grade", "--help")
    assert "needs hypothesis: pip install 'layer-by-layer[authoring]'" in typed("validate", "linear", status=1)
