"""Read the instructor's copy of a chapter, which is its executed reference notebook, or its text, which is expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import nbformat

from autograder.course import TEXT, name_of
from autograder.keys import key, without
from autograder.model import Cell, Chapter, Claim, Exercise
from autograder.texts import facts, statements
from autograder.texts.claims import claims as read_claims
from autograder.texts.regions import released, released_text, split_test

PRIVATE = Path("reports") / "private_chapters.txt"  # has the path of the folder that --private named last
NAME = re.compile(r"\w[\w ().-]*")  # names that mean the same to the shell, to a glob, and to nbgrader
_SOLUTION = re.compile(r"""^(?::|\+\+\+.*")solution"?: *"?(\w+)""", re.MULTILINE)


class ChapterNotFound(FileNotFoundError):
    """There is no chapter with that name; the message lists the existing chapters."""


class ChapterError(ValueError):
    """A mistake in a chapter's text, with its file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path, self.line, self.message = path, line, message


def load(source: str | Path | nbformat.NotebookNode, root: Path | None = None) -> Chapter:
    """Return a chapter; ``source`` is its name, the path of its file, or its notebook node."""
    if isinstance(source, nbformat.NotebookNode):
        return from_notebook(source, source.metadata.get("layerlab", {}).get("chapter", "notebook"))
    path = find(source, root or Path.cwd())
    return from_notebook(notebook(path), name_of(path))


def notebook(path: Path) -> nbformat.NotebookNode:
    """Return the notebook at ``path``; if ``path`` is a chapter's text, expand it to a notebook."""
    if path.suffix == ".md":
        from autograder.texts import text  # needs packages that only authors install

        return text.read(path)
    return nbformat.read(path, as_version=4)


def find(source: str | Path, root: Path) -> Path:
    """Return a chapter's file by its path or name, private or from `solutions`, or raise ChapterNotFound."""
    given = Path(source)
    if given.suffix in (".md", ".ipynb"):
        if not given.exists():
            raise ChapterNotFound(f"there is no file {given}")
        return given
    if own := private_chapters(root).get(str(source)):
        check_name(own, root)
        return own
    path = root / "solutions" / str(source) / f"{source}.ipynb"
    if not path.exists():
        there = ", ".join(names(root)) or "none yet: run `make notebooks`"
        raise ChapterNotFound(f"there is no chapter {source!r} in {root / 'solutions'}; there are: {there}")
    return path


def names(root: Path, private: bool = False) -> list[str]:
    """Return the names of all chapters that have exercises and a reference notebook below ``root``, or are private."""
    own = [*private_chapters(root)] if private else []
    found = [path for path in (root / "solutions").glob("*/*.ipynb") if path.stem == path.parent.name]
    return own + sorted(path.stem for path in found if '"nbgrader"' in path.read_text(encoding="utf-8"))


def private_chapters(root: Path) -> dict[str, Path]:
    """Return the texts, by chapter, in the folder of unpublished chapters that --private named last."""
    kept = root / PRIVATE
    found = sorted(Path(kept.read_text(encoding="utf-8")).glob(f"*/{TEXT}")) if kept.exists() else []
    return {text.parent.name: text for text in found}


def keep_private(folder: Path, root: Path) -> None:
    """Let commands, class.yml, and nbgrader find the chapters in a folder; raise ChapterNotFound or another OSError."""
    for text in folder.glob(f"*/{TEXT}"):
        check_name(text, root)
    (root / PRIVATE).parent.mkdir(exist_ok=True)
    (root / PRIVATE).write_text(str(folder.resolve()), encoding="utf-8")


def check_name(text: Path, root: Path) -> None:
    """Raise ChapterNotFound if the folder of a private chapter's text has a name that the chapter cannot have."""
    name = text.parent.name
    if not NAME.fullmatch(name):
        raise ChapterNotFound(f"no chapter can be called {name!r}: rename its folder, with letters, digits, and _")
    if (root / "solutions" / name).exists():
        raise ChapterNotFound(f"{text} has the name of a chapter of the course: rename its folder")


def is_outdated(reference: Path, chapter: Chapter, text: Path) -> bool:
    """Return whether an exercise or a code cell of a chapter's text, if there is one, changed after its reference."""
    if not text.exists() or text.stat().st_mtime <= reference.stat().st_mtime:  # reading it would take a second
        return False
    try:
        return load(text) != chapter
    except ImportError:  # only authors install the packages that read texts
        return False
    except ValueError:  # the text has mistakes since then
        return True


def from_notebook(notebook: nbformat.NotebookNode, name: str) -> Chapter:
    """Return the chapter that an expanded notebook contains."""
    cells: list[Cell] = []
    exercises: list[Exercise] = []
    solutions: dict[str, nbformat.NotebookNode] = {}
    asked: dict[str, str] = {}
    above = ""
    for cell in notebook.cells:
        exercise = cell.metadata.get("layerlab", {}).get("exercise", "")
        mark = cell.metadata.get("nbgrader", {})
        if exercise and mark.get("solution") and mark.get("grade"):
            exercises.append(_by_hand(exercise, cell, above))
        if cell.cell_type != "code":
            is_prose = cell.cell_type == "markdown" and not exercise
            above = statements.statement(above, cell.source) if is_prose else above
            continue
        rules = tuple(cell.metadata.get("layerlab", {}).get("rules", ()))
        if exercise and mark.get("solution"):
            solutions[exercise], asked[exercise] = cell, above
            cells.append(Cell(cell.id, "solution", cell.source, exercise, rules))
        elif exercise and mark.get("grade"):
            visible, hidden = split_test(cell.source)
            rules = tuple(solutions[exercise].metadata.get("layerlab", {}).get("rules", ()))
            cells.append(Cell(f"{cell.id}/visible", "visible", visible, exercise, rules))
            cells.append(Cell(f"{cell.id}/hidden", "hidden", hidden, exercise, rules))
            exercises.append(_exercise(exercise, solutions[exercise], asked[exercise], visible, hidden))
        else:
            cells.append(Cell(cell.id, "provided", cell.source))
    fingerprint = notebook.metadata.get("layerlab", {}).get("fingerprint", "")
    return Chapter(name, tuple(cells), tuple(exercises), _digest(name, cells, exercises), fingerprint)


def _by_hand(name: str, solution: nbformat.NotebookNode, asked: str) -> Exercise:
    """Return an exercise that has no test because a person grades it."""
    is_text = solution.cell_type == "markdown"
    return replace(
        _exercise(name, solution, asked, "", ""),
        stub=released_text(solution.source) if is_text else released(solution.source),
        by_hand=int(solution.metadata.nbgrader.points),
        is_text=is_text,
    )


def _exercise(name: str, solution: nbformat.NotebookNode, asked: str, visible: str, hidden: str) -> Exercise:
    known = facts.of(solution) or facts.Facts(name, facts.MORE, difficulty=0, minutes=0, points=0)
    layerlab, marks = solution.metadata.get("layerlab", {}), read_claims(hidden)
    return Exercise(
        name=name,
        title=known.title,
        solution=solution.source,
        stub=released(solution.source),
        visible=visible,
        hidden=hidden,
        claims=tuple(Claim(mark.name, mark.points) for mark in marks),
        rules=tuple(layerlab.get("rules", ())),
        tier=known.tier,
        difficulty=known.difficulty,
        minutes=known.minutes,
        bullets=statements.kept(asked, layerlab.get("bullets", ()), [mark.name for mark in marks]),
    )


def _digest(name: str, cells: list[Cell], exercises: list[Exercise]) -> str:
    """Return a hash of everything in the chapter that can affect a result, leaving out prose, tiers, and minutes."""
    others = ("tier", "difficulty", "minutes", "bullets")
    decisive = [without(asdict(exercise), *others) for exercise in exercises]
    return key(name=name, cells=[asdict(cell) for cell in cells], exercises=decisive)


def release(exercise: Exercise) -> str:
    """Return a short hash of what a statement asks and a test observes."""
    bullets = [bullet.text for bullet in exercise.bullets]
    return key(stub=exercise.stub, test=exercise.hidden, rules=exercise.rules, bullets=bullets)[:6]


def used_elsewhere(chapter: str, names: Sequence[str], texts: Sequence[Path]) -> Iterator[str]:
    """Yield a sentence for each exercise whose name, under which points and links are stored, another text uses."""
    for path in texts:
        if name_of(path) != chapter:
            for name in exercise_names(path):
                if name in names:
                    yield f"an exercise of {name_of(path)} is called {name}, too: names are the course's, rename one"


def exercise_names(text: Path) -> list[str]:
    """Return the names of the exercises of one chapter's text."""
    return _SOLUTION.findall(text.read_text(encoding="utf-8"))
