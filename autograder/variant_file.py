"""Reads the variants of a chapter's solutions: right ones, wrong ones, the oracle, equivalent mutants.

The file is Python in percent format, so that an editor shows it as cells:

    # %% own_linear wrong: weight stored as (in, out)
    # The weight is stored as (in, out); torch keeps (out, in).
    class OwnLinear(nn.Module): ...

The header names the exercise, the kind and a title. Comment lines directly below it are the sentence for the student.
The rest is the whole text of the solution cell.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.parser import syntax_tree

RIGHT, WRONG, ORACLE = "right", "wrong", "oracle"
EQUIVALENT, FAULTY_START = "equivalent", "faulty start"
KINDS = (RIGHT, WRONG, ORACLE, EQUIVALENT, FAULTY_START)
NEEDS_TITLE = (RIGHT, WRONG, EQUIVALENT)
NEEDS_SENTENCE = (WRONG, EQUIVALENT, FAULTY_START)
NEEDS_CODE = (RIGHT, WRONG, ORACLE)

HEADER = re.compile(rf"# %% (?P<exercise>\w+) (?P<kind>{'|'.join(KINDS)})(?:: *(?P<title>.*))?")
SHAPE_OF_HEADER = "`# %% <exercise> <kind>[: <title>]`, where the kind is one of " + ", ".join(KINDS)
PACKAGED = Path(__file__).parent / "variants"


class VariantError(ValueError):
    """A variants file that cannot be used; the message names file, line and what to do."""


@dataclass(frozen=True)
class Variant:
    """One cell of a variants file."""

    exercise: str
    kind: str  # one of KINDS
    title: str  # for an equivalent mutant: the mutated line, stripped
    sentence: str  # what a student should be told; for an equivalent mutant: the reason
    source: str  # the whole solution cell; empty for an equivalent mutant and a faulty start
    line: int  # of the header in the file

    @property
    def label(self) -> str:
        """What this variant is called in a table: "wrong: weight stored as (in, out)"."""
        return f"{self.kind}: {self.title}" if self.title else self.kind


@dataclass(frozen=True)
class Variants:
    """All cells of one variants file, in its order."""

    path: Path
    cells: tuple[Variant, ...]

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises that the file speaks of, each once, in order of first mention."""
        return tuple(dict.fromkeys(cell.exercise for cell in self.cells))

    def right(self, exercise: str) -> list[Variant]:
        """Return the other correct solutions."""
        return self._of(exercise, RIGHT)

    def wrong(self, exercise: str) -> list[Variant]:
        """Return the mistakes, each with its sentence."""
        return self._of(exercise, WRONG)

    def oracle(self, exercise: str) -> Variant | None:
        """Return torch's own operation (or the slow loop), None if the file has none."""
        return next(iter(self._of(exercise, ORACLE)), None)

    def equivalents(self, exercise: str) -> list[Variant]:
        """Return the listed mutants that are the same function; their title is the mutated line."""
        return self._of(exercise, EQUIVALENT)

    def faulty_start(self, exercise: str) -> Variant | None:
        """Return what is said of the released faulty code of a debug-this exercise, None elsewhere."""
        return next(iter(self._of(exercise, FAULTY_START)), None)

    def where(self, variant: Variant) -> str:
        """Return "file:line" of a variant's header."""
        return f"{self.path}:{variant.line}"

    def _of(self, exercise: str, kind: str) -> list[Variant]:
        return [cell for cell in self.cells if cell.exercise == exercise and cell.kind == kind]


def path_of(chapter: str | Path) -> Path:
    """Return where the variants of a chapter are kept.

    ``linear``, ``book/chapters/linear.md`` and ``solutions/linear/linear.ipynb`` belong to
    ``autograder/variants/linear.py``; a text elsewhere, ``dir/dropout.md``, to ``dir/variants/dropout.py``.
    """
    path = Path(chapter)
    if path.suffix == ".py":
        return path
    is_elsewhere = path.suffix == ".md" and path.resolve().parent.parts[-2:] != ("book", "chapters")
    folder = path.parent / "variants" if is_elsewhere else PACKAGED
    return folder / f"{path.stem}.py"


def load(chapter: str | Path) -> Variants:
    """Return the variants of a chapter, given by its name, its text, its notebook or the variants file itself.

    Raises:
        VariantError: if the file is missing or a cell of it cannot be used.
    """
    path = path_of(chapter)
    with contextlib.suppress(ValueError):  # it is elsewhere: named in full
        path = path.relative_to(Path.cwd())
    if not path.is_file():
        raise VariantError(f"{path}: there is no variants file; write one that begins with {SHAPE_OF_HEADER}")
    return parse(path.read_text(encoding="utf-8"), path)


def parse(text: str, path: Path) -> Variants:
    """Return the variants written in ``text``; ``path`` is named in errors.

    Raises:
        VariantError: if a cell cannot be used.
    """
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    for number, line in enumerate(lines[: starts[0] if starts else None]):
        if line.strip() and not line.startswith("#"):
            raise _error(path, number + 1, "code stands before the first cell", f"Begin it with {SHAPE_OF_HEADER}.")
    cells: list[Variant] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        cell = _cell(lines[start:end], start + 1, path)
        _refuse_double(cell, cells, path)
        cells.append(cell)
    return Variants(path, tuple(cells))


def _cell(lines: list[str], number: int, path: Path) -> Variant:
    header = HEADER.fullmatch(lines[0].rstrip())
    if header is None:
        raise _error(path, number, f"this header is not understood: {lines[0]!r}", f"Write {SHAPE_OF_HEADER}.")
    body = lines[1:]
    length = next((at for at, line in enumerate(body) if not line.startswith("#")), len(body))
    sentence = " ".join(line.removeprefix("#").strip() for line in body[:length]).strip()
    source = "\n".join(body[length:]).strip("\n")
    cell = Variant(header["exercise"], header["kind"], (header["title"] or "").strip(), sentence, source, number)
    _refuse_incomplete(cell, path)
    _refuse_unparsable(cell, number + 1 + length + _leading_blank(body[length:]), path)
    return cell


def _refuse_incomplete(cell: Variant, path: Path) -> None:
    name = f"{cell.exercise} {cell.kind}"
    if cell.kind in NEEDS_TITLE and not cell.title:
        what = "the mutated line, stripped" if cell.kind == EQUIVALENT else "a few words that tell it from the others"
        raise _error(path, cell.line, f"`{name}` has no title", f"Put {what} after the kind: `# %% {name}: …`.")
    if cell.kind in NEEDS_SENTENCE and not cell.sentence:
        what = "why this mutant is the same function" if cell.kind == EQUIVALENT else "what a student should be told"
        raise _error(path, cell.line, f"`{name}` has no sentence", f"Say {what} in `# ` lines below its header.")
    if cell.kind in NEEDS_CODE and not cell.source.strip():
        raise _error(path, cell.line, f"`{name}` has no code", "Put the whole text of the solution cell below it.")
    if cell.kind not in NEEDS_CODE and cell.source.strip():
        where = "the `#~ ` lines of the chapter" if cell.kind == FAULTY_START else "the mutated solution"
        raise _error(path, cell.line, f"`{name}` has code", f"Delete it: its code is taken from {where}.")


def _refuse_unparsable(cell: Variant, first_line: int, path: Path) -> None:
    try:
        syntax_tree(cell.source)
    except SyntaxError as error:
        number = first_line + (error.lineno or 1) - 1
        raise _error(path, number, f"{error.msg} in `{cell.label}` of {cell.exercise}", "Mend the code.") from None


def _refuse_double(cell: Variant, before: list[Variant], path: Path) -> None:
    for other in before:
        if (other.exercise, other.kind, other.title) == (cell.exercise, cell.kind, cell.title):
            what = f"`{cell.exercise} {cell.label}` stands here and in line {other.line}"
            raise _error(path, cell.line, what, "Give one of them another title, or delete it.")
        if other.exercise == cell.exercise and other.kind == cell.kind and cell.kind in (ORACLE, FAULTY_START):
            what = f"{cell.exercise} has two cells `{cell.kind}`, here and in line {other.line}"
            raise _error(path, cell.line, what, "Keep one of them.")


def _leading_blank(lines: list[str]) -> int:
    return next((at for at, line in enumerate(lines) if line.strip()), 0)


def _error(path: Path, line: int, what: str, to_do: str) -> VariantError:
    return VariantError(f"{path}:{line}: {what}. {to_do}")
