"""Read a chapter's text (jupytext ``md:myst``), and expand its marks; mistakes name their file and line."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path

import nbformat
from jupytext.myst import MystMetadataParsingError, myst_to_notebook
from nbformat import NotebookNode

from autograder.course import name_of
from autograder.texts import facts, quiz, reading_time, statements
from autograder.texts.chapter import ChapterError
from autograder.texts.claims import ClaimMark, claims, is_claim
from autograder.texts.headings import EXERCISE, Heading, first_lines, headings
from autograder.texts.parser import bound_names, syntax_tree
from autograder.texts.regions import (
    BEGIN_ANSWER,
    BEGIN_HIDDEN,
    BEGIN_SOLUTION,
    END_HIDDEN,
    END_SOLUTION,
    STARTER,
    answer_mistakes,
    kept_metadata,
    nbgrader_entry,
    released,
    released_text,
    split_test,
)

PLACEHOLDER = re.compile(r"\{\{ (?P<code>[^{}]+?) \}\}")
HALF_PLACEHOLDER = re.compile(r"\{\{ .{0,30}|.{0,30} \}\}")  # for example, with one bracket missing
DIRECTIVE = re.compile(r"^\s*(:::|(```+|~~~+)\s*\{)|\{[a-zA-Z][\w:-]*\}`", re.MULTILINE)
NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")

OF_SOLUTIONS = ("rules", facts.BY_HAND, *facts.MARKS)
ANSWERS = {"solution", "test", *OF_SOLUTIONS}  # only cells of exercises have one of these
MARKS = {"alt", "tags", *ANSWERS}
TAGS = {f"{a}-{b}" for a in ("hide", "remove") for b in ("input", "output", "cell")} | {"raises-exception", "pictures"}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


@dataclass
class Text:
    """A chapter's text as read: the expanded notebook, and the line of the file where each cell's source begins."""

    path: Path
    notebook: NotebookNode
    lines: list[int]  # 1-based line of the first source line of each cell
    added: dict[int, range] = field(default_factory=dict)  # cell -> the lines that its author did not write

    def error(self, index: int, message: str, offset: int = 0) -> ChapterError:
        """Return an error for the line that is ``offset`` lines after the start of cell ``index``."""
        written = offset - sum(line < offset for line in self.added.get(index, ()))
        return ChapterError(self.path, self.lines[index] + written, message)


@dataclass
class _Exercise:
    """One exercise as found in the text; the numbers are indices of cells."""

    name: str
    heading: Heading
    above: int  # the Markdown cell that contains its heading
    solution: int
    test: int | None = None
    points: int = 0
    claims: tuple[str, ...] = ()


def read(path: Path) -> NotebookNode:
    """Return the chapter at ``path`` as an expanded notebook that has not been executed, or raise ChapterError."""
    return parse(path).notebook


def parse(path: Path) -> Text:
    """Return the chapter at ``path`` with the line of each cell; see `read` for the errors."""
    path = Path(path)
    content = path.read_text(encoding="utf-8")
    try:
        notebook = myst_to_notebook(content, add_source_map=True)
    except MystMetadataParsingError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise ChapterError(path, int(found[1]) if found else 1, f"the options are not YAML: {error}") from error
    text = Text(path, notebook, first_lines(content.splitlines(), notebook))
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": KERNEL, "language_info": {"name": "python"}, "layerlab": {"chapter": name_of(path)}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    _check_prose(text)
    exercises = _exercises(text)
    for exercise in exercises.values():
        _expand(text, exercise)
    _drop_claims(text, sum(_read_bullets(text, exercise) for exercise in exercises.values()))
    for exercise in exercises.values():
        _say_facts(text, exercise)
    _mark_others(text)
    _fill_points(text, exercises)
    statements.drop_stated(notebook)
    reading_time.fill_time(notebook)
    nbformat.validate(notebook)
    return text


def _check_prose(text: Text) -> None:
    """Reject Markdown that a notebook viewer would show as raw markup, and quizzes that cannot be answered."""
    for index, cell in enumerate(text.notebook.cells):
        if cell.cell_type != "markdown":
            continue
        if found := DIRECTIVE.search(cell.source):
            mark, offset = found[0].strip(), cell.source.count("\n", 0, found.end())
            raise text.error(index, f"{mark!r} is a role or directive, which a notebook cannot show", offset)
        broken = HALF_PLACEHOLDER.search(PLACEHOLDER.sub(lambda found: " " * len(found[0]), cell.source))
        if broken:
            offset = cell.source.count("\n", 0, broken.start())
            raise text.error(index, f"{broken[0].strip()!r} is not a placeholder: write {{{{ name }}}}", offset)
        lines = cell.source.split("\n")
        for heading, following in pairwise([*headings(cell.source), Heading(len(lines), 1, "")]):
            if heading.level == 2 and heading.title == "Quiz":
                for offset, message in quiz.mistakes("\n".join(lines[heading.line : following.line])):
                    raise text.error(index, message, heading.line + offset)


def _exercises(text: Text) -> dict[str, _Exercise]:
    """Find every exercise's cells and heading, in the order of their solution cells."""
    found: dict[str, _Exercise] = {}
    above: tuple[Heading, int] | None = None
    for index, cell in enumerate(text.notebook.cells):
        if cell.cell_type == "markdown" and BEGIN_ANSWER not in cell.source and not ANSWERS & cell.metadata.keys():
            for heading in headings(cell.source):
                if heading.level <= 3:
                    above = (heading, index) if heading.is_exercise else None
            continue
        _check_marks(text, index)
        if "solution" in cell.metadata:
            name = cell.metadata.solution
            if name in found:
                raise text.error(index, f"exercise {name!r} has two solution cells")
            if above is None:
                raise text.error(index, f"the solution cell of {name!r} is not under an '### Exercise: ...' heading")
            found[name] = _Exercise(name, *above, index)
            above = None
        elif "test" in cell.metadata:
            name = cell.metadata.test
            if name not in found:
                raise text.error(index, f"the test {name!r} has no solution cell above it")
            if found[name].test is not None:
                raise text.error(index, f"exercise {name!r} has two test cells")
            found[name].test = index
    for name, exercise in found.items():
        if exercise.test is None and facts.BY_HAND not in text.notebook.cells[exercise.solution].metadata:
            raise text.error(exercise.solution, f"exercise {name!r} has no test cell; or mark it by_hand, with points")
    _check_headings(text, {(exercise.above, exercise.heading.line) for exercise in found.values()})
    return found


def _check_headings(text: Text, answered: set[tuple[int, int]]) -> None:
    """Reject an exercise heading that has no solution cell; otherwise, forgotten marks would go unnoticed."""
    for index, cell in enumerate(text.notebook.cells):
        for heading in headings(cell.source) if cell.cell_type == "markdown" else ():
            if heading.is_exercise and (index, heading.line) not in answered:
                raise text.error(index, f"no cell below {heading.title!r} is marked :solution:", heading.line)


def _check_marks(text: Text, index: int) -> None:
    """Reject unknown marks, names that cannot be ids, and regions in the wrong cells."""
    cell = text.notebook.cells[index]
    unknown = sorted(set(cell.metadata) - MARKS)
    if unknown:
        raise text.error(index, f"unknown mark {unknown[0]!r}; known are {', '.join(sorted(MARKS))}")
    if "solution" in cell.metadata and "test" in cell.metadata:
        raise text.error(index, "a cell is a solution or a test, not both")
    strange = sorted(set(cell.metadata.get("tags", [])) - TAGS)
    if strange:
        raise text.error(index, f"unknown tag {strange[0]!r}; known are {', '.join(sorted(TAGS))}")
    for mark in ("solution", "test"):
        name = cell.metadata.get(mark)
        if name is not None and (not isinstance(name, str) or not NAME.fullmatch(name) or name.startswith("test_")):
            raise text.error(index, f"{name!r} cannot name an exercise: lowercase letters, digits and _, not test_...")
    if cell.cell_type == "markdown":
        for message, offset in answer_mistakes(cell.source, "solution" in cell.metadata):
            raise text.error(index, message, offset)
        return
    _check_regions(text, index, BEGIN_SOLUTION, END_SOLUTION, "solution")
    _check_regions(text, index, BEGIN_HIDDEN, END_HIDDEN, "test")
    for mark in OF_SOLUTIONS:
        if mark in cell.metadata and "solution" not in cell.metadata:
            raise text.error(index, f":{mark}: belongs on a solution cell")


def _check_regions(text: Text, index: int, begin: str, end: str, mark: str) -> None:
    cell = text.notebook.cells[index]
    opened: int | None = None
    regions = 0
    for offset, line in enumerate(cell.source.split("\n")):
        if begin in line:
            if opened is not None:
                raise text.error(index, f"{begin!r} inside a region that is already open", offset)
            if mark not in cell.metadata:
                raise text.error(index, f"{begin!r} in a cell that is not marked :{mark}:", offset)
            opened, regions = offset, regions + 1
        elif end in line:
            if opened is None:
                raise text.error(index, f"{end!r} without a beginning", offset)
            opened = None
        elif line.lstrip().startswith(STARTER) and "solution" not in cell.metadata:
            raise text.error(index, f"a {STARTER!r} line belongs in a solution cell", offset)
    if opened is not None:
        raise text.error(index, f"{begin!r} is never closed", opened)
    if mark in cell.metadata and regions == 0:
        raise text.error(index, f"the {mark} cell of {cell.metadata[mark]!r} has no {begin!r}")


def _read_bullets(text: Text, exercise: _Exercise) -> int:
    """Store in the solution cell which claims each bullet names; return how many bullets name claims."""
    found = []
    for index in range(exercise.above, exercise.solution):
        cell, begin = text.notebook.cells[index], exercise.heading.line if index == exercise.above else 0
        for bullet in statements.bullets(cell.source) if cell.cell_type == "markdown" else ():
            if bullet.line < begin:
                continue
            for name in set(bullet.claims) - set(exercise.claims):
                there_are = "; ".join(exercise.claims) or "none, because a person grades it"
                message = f"{exercise.name!r} has no claim {name!r}; there are: {there_are}"
                raise text.error(index, message, bullet.line)
            found.append(statements.numbered(bullet.claims, exercise.claims))
    text.notebook.cells[exercise.solution].metadata.layerlab.bullets = found
    return sum(map(bool, found))


def _drop_claims(text: Text, named: int) -> None:
    """Remove the comments that name claims; reject comments beyond ``named``, the number of bullets with claims."""
    for index, cell in enumerate(text.notebook.cells):
        if cell.cell_type == "markdown":
            found = list(statements.CLAIMS.finditer(cell.source))
            named -= len(found)
            if named < 0:
                offset = cell.source.count("\n", 0, found[named].start())
                raise text.error(index, "a comment that names claims belongs after a bullet of a statement", offset)
            cell.source = statements.without_claims(cell.source)


def _expand(text: Text, exercise: _Exercise) -> None:
    """Replace the short marks of an exercise's solution and test cells with nbgrader's metadata."""
    solution = text.notebook.cells[exercise.solution]
    is_text, has_test = solution.cell_type == "markdown", exercise.test is not None
    for message in filter(None, facts.mistakes(is_text, has_test, solution.metadata)):
        raise text.error(exercise.solution, f"{exercise.name!r}: {message}")
    as_released = released_text(solution.source) if is_text else released(solution.source)
    for code, what in () if is_text else ((solution.source, "solution"), (as_released, "released solution")):
        try:
            syntax_tree(code)
        except SyntaxError as error:
            message = f"the {what} of {exercise.name!r} is not Python: {error.msg}"
            raise text.error(exercise.solution, message) from error
    if exercise.test is None:
        exercise.points = solution.metadata[facts.BY_HAND]
    else:
        marks = _claims(text, exercise.test)
        exercise.points, exercise.claims = sum(mark.points for mark in marks), tuple(mark.name for mark in marks)
    last = exercise.solution if exercise.test is None else exercise.test
    known = facts.Facts(
        title=exercise.heading.title.removeprefix(EXERCISE),
        points=exercise.points,
        minutes=reading_time.exercise_minutes(text.notebook.cells[exercise.above : last + 1]),
        **{mark: solution.metadata[mark] for mark in facts.MARKS},
    )
    rules = solution.metadata.get("rules", [])
    solution.id = exercise.name
    solution.metadata = nbformat.from_dict(
        {
            **kept_metadata(solution),
            "nbgrader": nbgrader_entry(solution, exercise.name, points=None if has_test else exercise.points),
            "layerlab": {
                "exercise": exercise.name,
                "rules": rules.split() if isinstance(rules, str) else list(rules),
                "released": as_released,
                "facts": asdict(known),
            },
        }
    )
    if exercise.test is None:
        return
    test = text.notebook.cells[exercise.test]
    test.id = f"test_{exercise.name}"
    test.metadata = nbformat.from_dict(
        {
            **kept_metadata(test),
            "nbgrader": nbgrader_entry(test, f"test_{exercise.name}", points=exercise.points),
            "layerlab": {"exercise": exercise.name},
        }
    )


def _say_facts(text: Text, exercise: _Exercise) -> None:
    """Insert the line of facts below a heading; a placeholder for the points keeps them out of the cell's id."""
    cell, line = text.notebook.cells[exercise.above], exercise.heading.line
    known = text.notebook.cells[exercise.solution].metadata.layerlab.facts
    said = " ".join(facts.sentences(known | {"points": "{{ points }}"}))
    lines = cell.source.split("\n")
    is_tight = any(row.strip() for row in lines[line + 1 : line + 2])  # the statement follows without a blank line
    text.added[exercise.above] = range(line + 1, line + 4 if is_tight else line + 3)
    lines[line + 1 : line + 1] = ["", said, ""] if is_tight else ["", said]
    cell.source = "\n".join(lines)


def _claims(text: Text, index: int) -> list[ClaimMark]:
    source = text.notebook.cells[index].source
    before = source.partition(BEGIN_HIDDEN)[0].count("\n") + 1
    visible, hidden = split_test(source)
    if source.partition(END_HIDDEN)[2].strip():
        raise text.error(index, f"nothing may follow {END_HIDDEN!r}", source.count("\n"))
    try:
        is_visible = any(is_claim(node) for node in ast.walk(syntax_tree(visible)))
        marks = claims(hidden)
    except SyntaxError as error:
        raise text.error(index, f"the test cell is not Python: {error.msg}", (error.lineno or 1) - 1) from error
    except ValueError as error:
        raise text.error(index, str(error), before) from error
    if is_visible:
        raise text.error(index, "a claim in the visible part earns nothing: it belongs between the hidden marks")
    if names := sorted(bound_names(visible) - {"_"}):
        advice = "put the checks into `@lab.examples` and `def _():`"
        raise text.error(index, f"the checks would overwrite a learner's {', '.join(names)}: {advice}")
    if not marks:
        raise text.error(index, "the hidden part opens no lab.claim, so nothing could be earned", before)
    return marks


def _mark_others(text: Text) -> None:
    """Give every other cell an id that depends only on its text, so that edits elsewhere do not change the id."""
    taken: set[str] = {cell.id for cell in text.notebook.cells if "nbgrader" in cell.metadata}
    for cell in text.notebook.cells:
        if "nbgrader" in cell.metadata:
            continue
        cell.metadata = nbformat.from_dict(kept_metadata(cell))
        stem = f"{cell.cell_type}-{hashlib.sha256(cell.source.encode()).hexdigest()[:10]}"
        copies = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(text.notebook.cells) + 1))
        cell.id = next(candidate for candidate in copies if candidate not in taken)
        taken.add(cell.id)


def _fill_points(text: Text, exercises: dict[str, _Exercise]) -> None:
    """Replace ``{{ points }}`` with an exercise's points below its heading, and with the chapter's total elsewhere."""
    points = total = sum(exercise.points for exercise in exercises.values())
    by_cell = {exercise.above: exercise.points for exercise in exercises.values()}
    for index, cell in enumerate(text.notebook.cells):
        if cell.cell_type != "markdown":
            continue
        found = {heading.line: heading for heading in headings(cell.source) if heading.level <= 3}
        lines = cell.source.split("\n")
        for at, line in enumerate(lines):
            if at in found:
                points = by_cell.get(index, total) if found[at].is_exercise else total
            lines[at] = line.replace("{{ points }}", str(points))
        cell.source = "\n".join(lines)
