"""Read the variants of a chapter's solutions: right and wrong answers, oracles, equivalent mutants, and edges.

CONTRIBUTING.md shows the file's format. The paragraph below a variant's heading is the sentence for the student. A
`diff` fence contains a change (`variant_change`) to the solution or to the right answer that it names, which must come
earlier in the file; a `python` fence, the whole cell or, below `### edges`, the domains of the exercise's arguments.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from autograder.course import ANSWERS, TEXT, Course
from autograder.model import Chapter, Exercise
from autograder.texts.parser import syntax_tree
from autograder.texts.regions import solved
from autograder.texts.variant_change import ChangeError, applied

RIGHT, WRONG, ORACLE = "right", "wrong", "oracle"
EQUIVALENT, FAULTY_START, EDGES = "equivalent", "faulty start", "edges"
KINDS = (RIGHT, WRONG, ORACLE, EQUIVALENT, FAULTY_START, EDGES)
ONCE = (ORACLE, FAULTY_START, EDGES)  # at most once for each exercise
NEEDS_TITLE = (RIGHT, WRONG, EQUIVALENT)
NEEDS_SENTENCE = (WRONG, EQUIVALENT, FAULTY_START)
NEEDS_CODE = (RIGHT, WRONG, ORACLE)

CHANGE, WHOLE = "diff", "python"  # the two fences
SHAPE = "`## <exercise>` and below it `### <kind>: <title>`, where the kind is one of " + ", ".join(KINDS)
PACKAGED = Course(Path(__file__).resolve().parents[2])  # the course that this grader belongs to


class VariantError(ValueError):
    """A variants file that cannot be used; the message names the file, the line, and what to do."""


@dataclass(frozen=True)
class Variant:
    """One entry of a variants file."""

    exercise: str
    kind: str  # one of KINDS
    title: str  # for an equivalent mutant: the mutated line, stripped
    sentence: str  # for the student; for an equivalent mutant, and for edges without code, the reason
    source: str  # the whole solution cell, or the domains of edges; empty for an equivalent mutant or a faulty start
    line: int  # of the heading in the file
    change: str = ""  # as written; empty if the whole cell is given
    base: str = ""  # the title of the right answer to change; empty if the solution is changed

    @property
    def label(self) -> str:
        """The name of this variant in a table, such as "wrong: weight stored as (in, out)"."""
        return f"{self.kind}: {self.title}" if self.title else self.kind


@dataclass(frozen=True)
class Variants:
    """All entries of one variants file, in the order of the file."""

    path: Path
    cells: tuple[Variant, ...]

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises in the file, each of them once, in order of first mention."""
        return tuple(dict.fromkeys(cell.exercise for cell in self.cells))

    def right(self, exercise: str) -> list[Variant]:
        """Return the exercise's right answers besides its solution."""
        return self._of(exercise, RIGHT)

    def wrong(self, exercise: str) -> list[Variant]:
        """Return the exercise's mistakes, each with its sentence for the student."""
        return self._of(exercise, WRONG)

    def oracle(self, exercise: str) -> Variant | None:
        """Return the answer that uses torch's own operation or a slow loop, or None if the file has none."""
        return next(iter(self._of(exercise, ORACLE)), None)

    def equivalents(self, exercise: str) -> list[Variant]:
        """Return the listed mutants that compute the same function; each title is the mutated line."""
        return self._of(exercise, EQUIVALENT)

    def faulty_start(self, exercise: str) -> Variant | None:
        """Return the entry for the faulty code that a debug-this exercise releases, or None for other exercises."""
        return next(iter(self._of(exercise, FAULTY_START)), None)

    def mistakes(self, exercise: Exercise) -> list[Variant]:
        """Return an exercise's wrong variants and, if it releases faulty code, that code."""
        faulty = [replace(one, source=exercise.stub) for one in self._of(exercise.name, FAULTY_START)]
        return self.wrong(exercise.name) + faulty

    def edges(self, exercise: str) -> Variant | None:
        """Return the entry for the domains on which right answers must agree, or None if the file has none."""
        return next(iter(self._of(exercise, EDGES)), None)

    def where(self, variant: Variant) -> str:
        """Return "file:line" of a variant's heading."""
        return f"{self.path}:{variant.line}"

    def _of(self, exercise: str, kind: str) -> list[Variant]:
        return [cell for cell in self.cells if cell.exercise == exercise and cell.kind == kind]


def path_of(chapter: str | Path) -> Path:
    """Return the variants file of a chapter: next to its text if ``chapter`` is that path, or else in the course."""
    path = Path(chapter)
    return path.with_name(ANSWERS) if path.name == TEXT else PACKAGED.answers(path.stem)


def load(chapter: Chapter, path: Path | None = None) -> Variants:
    """Return the variants of a chapter, by default from this grader's own course, or raise VariantError."""
    path = path or path_of(chapter.name)
    with contextlib.suppress(ValueError):  # a file elsewhere keeps its full path
        path = path.relative_to(Path.cwd())
    if not path.is_file() and chapter.exercises and not chapter.tested:
        return Variants(path, ())
    if not path.is_file():
        raise VariantError(f"{path}: there is no variants file; write one that begins with {SHAPE}")
    solutions = {exercise.name: solved(exercise.solution) for exercise in chapter.tested}
    return parse(path.read_text(encoding="utf-8"), path, solutions)


def parse(text: str, path: Path, solutions: Mapping[str, str]) -> Variants:
    """Return the variants written in ``text``; errors name ``path``."""
    cells: list[Variant] = []
    for entry in _entries(text, path, solutions):
        cell = _cell(entry, path, solutions[entry.exercise], cells)
        _refuse_double(cell, cells, path)
        cells.append(cell)
    return Variants(path, tuple(cells))


@dataclass
class _Entry:
    """A level-3 heading and the content below it, as written."""

    exercise: str
    kind: str
    title: str
    line: int
    sentence: str = ""
    fence: SyntaxTreeNode | None = None


def _entries(text: str, path: Path, solutions: Mapping[str, str]) -> Iterator[_Entry]:
    exercise = ""
    seen: set[str] = set()
    entry: _Entry | None = None
    for node in SyntaxTreeNode(MarkdownIt("commonmark").parse(text)).children:
        if node.tag == "h2" or (node.tag == "h3" and not exercise):
            yield from [entry] if entry else []
            entry, exercise = None, _exercise(node, path, seen, solutions)
            seen.add(exercise)
        elif node.tag == "h3":
            yield from [entry] if entry else []
            entry = _headed(exercise, node, path)
        elif entry:
            _add(node, entry, path)
        elif exercise:
            raise _error(path, _line(node), f"this is between `## {exercise}` and a heading", f"Write {SHAPE}.")
        elif node.type not in ("heading", "paragraph"):
            raise _error(path, _line(node), "there is code before the first exercise", f"Begin with {SHAPE}.")
    yield from [entry] if entry else []


def _exercise(node: SyntaxTreeNode, path: Path, seen: set[str], solutions: Mapping[str, str]) -> str:
    name = _words(node)
    if node.tag != "h2":
        raise _error(path, _line(node), f"there is no exercise above {name!r}", f"Write {SHAPE}.")
    if name in seen:
        raise _error(path, _line(node), f"`## {name}` appears here a second time", "Put its variants below the first.")
    if name not in solutions:
        there = ", ".join(solutions) or "none"
        what = f"there is no exercise `{name}` in this chapter; there are: {there}"
        raise _error(path, _line(node), what, "Correct its name.")
    return name


def _headed(exercise: str, node: SyntaxTreeNode, path: Path) -> _Entry:
    words = _words(node)
    kind, _, title = words.partition(":")
    if kind not in KINDS:
        raise _error(path, _line(node), f"this heading is not understood: {words!r}", f"Write {SHAPE}.")
    title = title.strip()
    return _Entry(exercise, kind, title.strip("`") if kind == EQUIVALENT else title, _line(node))


def _add(node: SyntaxTreeNode, entry: _Entry, path: Path) -> None:
    """Add a paragraph or a fence to its entry."""
    if node.type == "fence" and _language(node) not in (CHANGE, WHOLE):
        what = f"a fence `{node.info}` is not a variant's code"
        raise _error(path, _line(node), what, f"Write `{CHANGE}` for a change, `{WHOLE}` for a whole cell.")
    if entry.fence or node.type not in ("paragraph", "fence"):
        what = "only a sentence and one fence with code belong below a heading, and this is neither"
        raise _error(path, _line(node), what, "Make it a sentence above the code, or delete it.")
    if node.type == "fence":
        entry.fence = node
    else:
        entry.sentence = f"{entry.sentence} {_words(node)}".strip()


def _cell(entry: _Entry, path: Path, solution: str, before: list[Variant]) -> Variant:
    _refuse_incomplete(entry, path)
    fence = entry.fence
    cell = Variant(entry.exercise, entry.kind, entry.title, entry.sentence, "", entry.line)
    if fence is None:
        return cell
    written, first = fence.content.removesuffix("\n"), _line(fence) + 1
    if _language(fence) == WHOLE:
        source, change, base = written.strip("\n"), "", ""
    else:
        change, base = written, fence.info.strip().removeprefix(CHANGE).strip()
        text = _right(base, cell, before, _line(fence), path) if base else solution
        try:
            source = applied(change, text)
        except ChangeError as error:
            raise _error(path, first + error.line, error.what, error.to_do) from None
    cell = Variant(cell.exercise, cell.kind, cell.title, cell.sentence, source, cell.line, change, base)
    _refuse_unparsable(cell, first, path)
    return cell


def _right(title: str, cell: Variant, before: list[Variant], line: int, path: Path) -> str:
    found = [v for v in before if (v.exercise, v.kind, v.title) == (cell.exercise, RIGHT, title)]
    if not found:
        what = f"no `### {RIGHT}: {title}` of {cell.exercise} precedes this change to it"
        raise _error(path, line, what, f"Correct the title after `{CHANGE}`, or delete it to change the solution.")
    return found[0].source


def _refuse_incomplete(entry: _Entry, path: Path) -> None:
    name = f"{entry.exercise} {entry.kind}"
    if entry.kind in NEEDS_TITLE and not entry.title:
        is_mutant = entry.kind == EQUIVALENT
        what = "the mutated line between backticks" if is_mutant else "a few words that distinguish it from the others"
        raise _error(path, entry.line, f"`{name}` has no title", f"Put {what} after the kind: `### {entry.kind}: …`.")
    if entry.kind in NEEDS_SENTENCE and not entry.sentence:
        what = "why this mutant is the same function" if entry.kind == EQUIVALENT else "what to tell a student"
        raise _error(path, entry.line, f"`{name}` has no sentence", f"Say {what} below its heading.")
    if entry.kind in NEEDS_CODE and not (entry.fence and entry.fence.content.strip()):
        to_do = f"Put a `{CHANGE}` fence with a change to the solution below it, or a `{WHOLE}` fence with a cell."
        raise _error(path, entry.line, f"`{name}` has no code", to_do)
    if entry.kind == EDGES:
        if not (entry.fence or entry.sentence):
            to_do = (
                "Put a `python` fence with domains and `run` below it, or a sentence that says why there is no edge."
            )
            raise _error(path, entry.line, f"`{name}` is empty", to_do)
    elif entry.kind not in NEEDS_CODE and entry.fence:
        where = "the `#~ ` lines of the chapter" if entry.kind == FAULTY_START else "the mutated solution"
        raise _error(path, entry.line, f"`{name}` has code", f"Delete it: its code is taken from {where}.")


def _refuse_unparsable(cell: Variant, first_line: int, path: Path) -> None:
    try:
        syntax_tree(cell.source)
    except SyntaxError as error:
        number = (error.lineno or 1) - 1
        what = f"{error.msg} in `{cell.label}` of {cell.exercise}"
        if not cell.change:
            raise _error(path, first_line + number, what, "Fix the code.") from None
        wrong = cell.source.split("\n")[number].strip()
        raise _error(path, first_line, f"{what}, changed: `{wrong}`", "Fix the change.") from None


def _refuse_double(cell: Variant, before: list[Variant], path: Path) -> None:
    for other in before:
        if (other.exercise, other.kind, other.title) == (cell.exercise, cell.kind, cell.title):
            what = f"`{cell.exercise} {cell.label}` appears here and in line {other.line}"
            raise _error(path, cell.line, what, "Give one of them another title, or delete it.")
        if other.exercise == cell.exercise and other.kind == cell.kind and cell.kind in ONCE:
            what = f"{cell.exercise} has two entries `{cell.kind}`, here and in line {other.line}"
            raise _error(path, cell.line, what, "Keep one of them.")


def _words(node: SyntaxTreeNode) -> str:
    """Return the text of a heading or a paragraph as written, on one line."""
    return " ".join(line.strip() for child in node.children for line in child.content.split("\n")).strip()


def _language(fence: SyntaxTreeNode) -> str:
    return fence.info.strip().partition(" ")[0]


def _line(node: SyntaxTreeNode) -> int:
    return node.map[0] + 1 if node.map else 1


def _error(path: Path, line: int, what: str, to_do: str) -> VariantError:
    return VariantError(f"{path}:{line}: {what}. {to_do}")
