"""Test that every command in a document, page, chapter, or `make` runs, or that everything that it names exists."""

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from authoring.author_commands import main as authoring_commands
from authoring.book import offline
from authoring.setup import install as setup
from authoring.setup import make
from autograder import practicing
from autograder.cli import main as autograder_commands
from layerlab.__main__ import main as layerlab_commands
from tests.root import COURSE, ROOT

LINEAR = ROOT / "notebooks" / "linear" / "linear.ipynb"
DOCUMENTS = ("*.md", "book/*.md", "book/parts/*.md", "book/chapters/*/text.md")
SHELL = ("", "sh", "{course-sh}")  # languages of blocks that contain commands
WHEEL = practicing.wheel_name()
STARTS = re.compile(r"(?:make|(?:\S*/)?python|dask|nbgrader|source|pip|git|jupyter|\$|%pip)(?: |$)")
BARE = ("python", "dask", "source")  # These are words in a sentence or names, not commands.
# Placeholders that a reader replaces, with an example of each.
STANDS_FOR = {
    "STUDENT": "s01", "CHAPTER": "linear", "NOTEBOOK": "linear.ipynb", "EXERCISE": "own_linear", "FOLDER": "tests",
    "<that address>": "x",
}  # fmt: skip
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def of_text(text: str) -> Iterator[str]:
    """Yield the commands in Markdown: lines of terminal blocks and inline code."""
    block = re.compile(r"^(`{3,}) *(\S*)[^\n]*\n(.*?)^\1`*$", re.MULTILINE | re.DOTALL)
    lines = [line for found in block.finditer(text) if found[2] in SHELL for line in found[3].splitlines()]
    if "```" not in text:  # In plain text, commands are indented.
        lines += re.findall(r"^    (\S.*)$", text, re.MULTILINE)
    for line in lines + re.findall(r"`([^`\n]+)`", block.sub("", text)):
        command = re.sub(r"\s+# .*", "", line.strip()).replace("{wheel}", WHEEL)
        if STARTS.match(command) and command not in BARE:
            yield command


def printed() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for pattern in DOCUMENTS for path in ROOT.glob(pattern)]
    texts += [offline.READ_ME.format(book=offline.BOOK, wheel=WHEEL), practicing.points("linear")]
    goals = re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)
    return sorted({command for text in texts for command in of_text(text)} | {f"make {goal}" for goal in goals})


COMMANDS = printed()


def words(command: str) -> list[str]:
    for name, example in STANDS_FOR.items():
        command = re.sub(rf"(?<!\w){name}(?![\w=])", example, command)
    return shlex.split(command)


def run(arguments: list[str], folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)


def test_commands_are_extracted_from_documents() -> None:
    assert "make mine NOTEBOOK=notebooks/linear/linear.ipynb" in COMMANDS
    assert f"python -m pip install jupyterlab notebooks/{WHEEL}" in COMMANDS
    assert list(of_text("Say `make it`.\n\n```sh\nmake  # alone\n```\n\n```python\nmake there\n```\n")) == [
        "make",
        "make it",
    ]
    assert len(COMMANDS) > 40


def parsed(package: str, arguments: list[str]) -> None:
    """Parse a command's arguments without running it; of layerlab's commands, only the name."""
    if package == "layerlab":
        with pytest.raises(SystemExit, match=r"^0$"):
            layerlab_commands([arguments[0], "--help"])
        return
    group = {"autograder": autograder_commands, "authoring": authoring_commands}[package]
    name, *rest = arguments
    command = group.get_command(click.Context(group), name)
    assert command is not None, f"there is no command {name}"
    command.make_context(name, rest)


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.split()[0] == "make"])
def test_make_command_names_existing_goal_files_and_commands(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    said = run(["make", "--dry-run", f"NOTEBOOK={LINEAR}", *words(command)[1:]])
    assert said.returncode == 0, said.stderr
    for package, arguments in re.findall(r" -m (autograder|authoring|layerlab) (.*)", said.stdout):
        parsed(package, shlex.split(arguments))
    for variable, value in (word.split("=", 1) for word in words(command) if "=" in word):
        assert re.search(rf"\$\({variable}\)|^export {variable}$", MAKEFILE, re.MULTILINE), variable
        if variable == "NOTEBOOK":
            assert (ROOT / value).is_file()
        if variable == "CHAPTERS":
            assert all(COURSE.text(name).is_file() for name in value.split())


STAGES = {stage.command for stage in (make.NOTEBOOKS, make.BOOK, *make.CLASS, *sum(make.TESTS, ()), *make.LONG)}
PYTHON = [command for command in COMMANDS if re.match(r"\S*python -m ", command)]
PYTHON += sorted(command for command in STAGES if re.match(r"python -m (autograder |authoring |tests\.)", command))


@pytest.mark.parametrize("command", [c for c in PYTHON if "-m layerlab" in c])
def test_layerlab_command_runs_beside_notebook(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(LINEAR, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert layerlab_commands(words(command)[3:]) == 0
    assert "own_linear" in capsys.readouterr().out


@pytest.mark.parametrize("command", [c for c in PYTHON if re.search("-m (autograder|authoring) ", c)])
def test_course_command_accepts_its_arguments(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    package, *rest = words(command)[2:]
    parsed(package, rest)
    for path in (word for word in rest if word.startswith("notebooks/")):
        assert (ROOT / path).is_file()


def test_unknown_argument_or_command_is_rejected() -> None:
    with pytest.raises(click.UsageError, match="--all-of-it"):
        parsed("autograder", ["grade", "--all-of-it"])
    with pytest.raises(AssertionError, match="no command begin"):
        parsed("autograder", ["begin"])


@pytest.mark.parametrize("command", [c for c in PYTHON if re.search(r"-m (tests|authoring)\.", c)])
def test_command_of_a_module_exists_and_has_its_options(command: str) -> None:
    """Read the command's source instead of running it, which would take minutes."""
    module, *options = words(command)[2:]
    folder = ROOT.joinpath(*module.split("."))
    path = folder / "__main__.py" if folder.is_dir() else folder.with_suffix(".py")
    source = path.read_text(encoding="utf-8")
    assert [option for option in options if option.startswith("--") and f'"{option}"' not in source] == []
    assert [word for word in options if "/" in word and not (ROOT / word).exists()] == []


OTHERS = [c for c in PYTHON if not re.search(r"-m ((autograder|authoring|layerlab)( |$)|(tests|authoring)\.)", c)]
OTHERS += [f"python -m {command}" for command in COMMANDS if command.startswith("dask ")]


@pytest.mark.parametrize("command", OTHERS)
def test_other_command_is_installed_with_its_options(command: str) -> None:
    module, *rest = words(command)[2:]
    assert importlib.util.find_spec(module), module
    said = run([sys.executable, "-m", module, *(rest[:1] if module in ("pip", "dask") else ()), "--help"])
    assert said.returncode == 0, said.stderr
    assert [option for option in rest if option.startswith("--") and option not in said.stdout] == []


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("nbgrader ")])
def test_nbgrader_command_exists(command: str) -> None:
    from nbgrader.apps.nbgraderapp import NbGraderApp

    assert command.split()[1] in NbGraderApp.subcommands


def test_environment_is_in_documented_folder() -> None:
    assert "source .venv/bin/activate" in COMMANDS
    assert setup.venv_python(ROOT).with_name("activate") == ROOT / ".venv" / "bin" / "activate"


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("python -W")])
def test_warnings_as_errors_stop_at_deprecated_name(command: str, tmp_path: Path) -> None:
    _, *options, program = words(command)
    lines = ("from torch import nn", "nn.utils.clip_grad_norm(nn.Linear(1, 1).parameters(), 1)", "print('went on')")
    (tmp_path / program).write_text("\n".join(lines), encoding="utf-8")
    said = run([sys.executable, *options, program], tmp_path)
    assert said.returncode == 1
    assert said.stdout == ""
    assert "clip_grad_norm_" in said.stderr.splitlines()[-1]


def test_every_printed_command_is_tried() -> None:
    tried = ("make", "dask ", "nbgrader ", "git ", "source .venv/bin/activate", "python -W")
    assert [c for c in COMMANDS if c not in PYTHON and not c.startswith(tried)] == []
