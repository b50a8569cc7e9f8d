"""Find measured numbers that were typed into prose; these numbers go stale, unlike the values of `{{ name }}`.

The search covers numbers next to words for something measured or counted (parameters, FLOPs, bytes, seconds, %, "times
faster", "a loss of"), and numbers in table columns with one of these words in the heading. A number is allowed if it is
in an exercise's statement or hints (which define it), if it is 0 or 1, or if it is a literal in a code cell of the same
section and not a time or ratio. Any other number needs a comment next to it that explains it:

    The photo has 24 MB. <!-- 24 MB: size -->
    It reached 97 % in 1998. <!-- 97 %: citation -->
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course import front_and_body
from autograder.texts.headings import Heading, headings
from autograder.texts.statements import STATED

REASONS = ("definition", "size", "citation")

NUMBER = r"(?<![\w.,@])[−-]?\d[\d,]*(?:\.\d+)?(?:e[−-]?\d+)?(?![\w.]*[A-Za-z_]\w*\d)"
_SPELLED = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|fifty|hundred|thousand"
_COUNTED = r"parameters?|weights|numbers|FLOPs?|MACs?|multiplications|additions|operations"
_BYTES = r"[kMGT]i?B|bytes|kilobytes|megabytes|gigabytes"
_TIME = r"(?: ?(?:ms|µs|ns)| (?:s|seconds?|milliseconds?|microseconds?))(?![\w/])"  # but not "the 1980s"
_MORE = (
    r"(?:faster|slower|smaller|larger|bigger|fewer|more|less|longer|shorter|higher|lower"
    r"|as (?:many|much|fast|large|slow|small)|the (?:parameters|weights|time|work|memory|cost|size))"
)
_MEASURED = r"accuracy|perplexity|loss|error"
_IS = r"(?:of|is|was|falls to|drops to|reaches|rises to)"
_LINK = r"(?: (?!and\b|or\b|of\b|the\b|in\b)[\w-]+){0,2} "  # "1,200 trainable parameters"

# Each pattern, and whether a literal in nearby code explains the number.
PATTERNS = [
    (re.compile(rf"(?P<number>{NUMBER}) ?(?:%|percent\b|per cent\b)"), True),
    (re.compile(rf"\b(?P<number>{_SPELLED}) (?:percent|per cent)\b"), False),
    (re.compile(rf"(?P<number>{NUMBER})(?:{_LINK})(?:{_COUNTED})\b"), True),
    (re.compile(rf"\b(?:{_COUNTED}): (?P<number>{NUMBER})"), True),
    (re.compile(rf"(?P<number>{NUMBER})(?: (?:million|billion|thousand))? ?(?:{_BYTES})\b"), True),
    (re.compile(rf"(?P<number>{NUMBER}){_TIME}"), False),
    (re.compile(rf"(?P<number>{NUMBER}|\b(?:{_SPELLED})) ?(?:times|×) {_MORE}\b"), False),
    (re.compile(rf"\b(?:{_MEASURED}) {_IS} (?:about )?(?P<number>{NUMBER})"), False),
]
COLUMN = re.compile(rf"\b(?:{_COUNTED}|{_BYTES}|{_MEASURED})\b|%|\bms\b|\bseconds\b", re.IGNORECASE)

_FENCE = re.compile(r"^\s*(```+|~~~+)\s*(?P<info>.*)$")
_LITERAL = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d*)?(?:e-?\d+)?")
_ALWAYS = {0.0, 1.0}


@dataclass(frozen=True)
class Typed:
    """A number typed by hand that should be computed, or a comment that gives a wrong reason for such a number."""

    line: int  # from 1
    sentence: str


@dataclass(frozen=True)
class Block:
    """A paragraph, table, heading, or code cell: its lines, and the number of its first line, from 1."""

    kind: str  # "prose", "heading", "code"
    lines: list[str]
    first: int
    heading: Heading | None = None


def find(text: str) -> Iterator[Typed]:
    """Yield, in order, the numbers typed by hand in the Markdown text of a chapter or a page."""
    is_exercise = False
    found = list(blocks(text))
    for n, block in enumerate(found):
        if block.heading and block.heading.level <= 3:
            is_exercise = block.heading.is_exercise
        if block.kind != "code" and not is_exercise:
            yield from _in_paragraph(block, _literals(_section_around(found, n)))


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a Markdown text. Contents of directives count as prose; other fenced blocks are skipped."""
    lines = text.split("\n")
    titles = {heading.line: heading for heading in headings(text)}
    at = front_and_body(text)[0].count("\n")
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        end = at + 1
        if fence and (fence["info"].startswith("{code-cell") or not fence["info"].startswith("{")):
            end = _end_of_fence(lines, at, fence[1]) + 1
            if fence["info"].startswith("{code-cell"):
                yield Block("code", lines[at + 1 : end - 1], at + 2)
        elif at in titles:
            yield Block("heading", [lines[at]], at + 1, titles[at])
        elif not fence and lines[at].strip():
            while end < len(lines) and lines[end].strip() and not _FENCE.match(lines[end]) and end not in titles:
                end += 1
            yield Block("prose", lines[at:end], at + 1)
        at = end


def _section_around(found: list[Block], at: int) -> list[str]:
    """Return the lines of code in the level-2 section that contains block ``at``, without cells of exercises."""
    code: list[str] = []
    is_exercise, is_here = False, False
    for n, block in enumerate(found):
        if block.heading and block.heading.level <= 2:
            if is_here:
                break
            code = []
        if block.heading and block.heading.level <= 3:
            is_exercise = block.heading.is_exercise
        if block.kind == "code" and not is_exercise:
            code += block.lines
        is_here = is_here or n == at
    return code


def _in_paragraph(block: Block, literals: set[float]) -> Iterator[Typed]:
    """Yield the numbers typed by hand in one paragraph or table; ``literals`` are the numbers in nearby code."""
    lines, first = block.lines, block.first
    comments = [(first + n, match) for n, line in enumerate(lines) for match in STATED.finditer(line)]
    stated = {match["number"]: (line, match["reason"]) for line, match in comments}
    used: set[str] = set()
    found = list(_in_table(lines, first)) if len(lines) > 1 and lines[0].lstrip().startswith("|") else []
    # A sentence may wrap, so search the whole paragraph and count lines up to the match.
    joined = "\n".join(map(_readable, lines))
    for pattern, code_explains in PATTERNS:
        for match in pattern.finditer(joined.replace("\n", " ")):
            value = _value(match["number"])
            if value in _ALWAYS or (code_explains and literals & {value, value / 100}):
                continue
            found.append((first + joined.count("\n", 0, match.start()), match[0], match["number"]))
    for line, words, number in dict.fromkeys(found):
        begins = re.compile(rf"{re.escape(number)}(?![\d.,])")  # a comment's words may have a unit after the number
        said = next(filter(begins.match, stated), None)
        if said is None:
            mend = f"write {{{{ name }}}}, or say what it is: <!-- {words.strip()}: {' | '.join(REASONS)} -->"
            yield Typed(line, f"{words.strip()!r} is typed: {mend}")
        else:
            used.add(said)
    for key, (line, reason) in stated.items():
        if reason not in REASONS:
            yield Typed(line, f"{reason!r} is no reason for a typed number; known are {', '.join(REASONS)}")
        if key not in used:
            yield Typed(line, f"the comment mentions {key!r}, which needs no reason in this paragraph: delete it")


def _in_table(lines: list[str], first: int) -> Iterator[tuple[int, str, str]]:
    """Yield the line, words, and value of each bare number in a column whose heading announces measured values."""
    rows = [[cell.strip() for cell in _readable(line).strip().strip("|").split("|")] for line in lines]
    measured = [n for n, title in enumerate(rows[0]) if COLUMN.search(title)]
    for offset, row in enumerate(rows[2:], start=2):
        for n in measured:
            cell = row[n] if n < len(row) else ""
            match = re.match(rf"(?:about |≈ ?)?(?P<number>{NUMBER})(?: ?\w+)?$", cell)
            if match and _value(match["number"]) not in _ALWAYS:
                yield first + offset, f"{cell} in the column {rows[0][n]!r}", match["number"]


def _readable(line: str) -> str:
    """Return a line's prose: placeholders, code, and formulas become "@"; link targets and comments are removed."""
    line = re.sub(r"<!--.*?-->", "", line)
    line = re.sub(r"\{\{.*?\}\}", "@", line)
    line = re.sub(r"\]\([^)]*\)", "]", line)
    line = re.sub(r"<[^>]*>", "", line)
    line = re.sub(r"(\$+|`+)\s*([\d.,]+)\s*\1", r"\2", line)  # code or a formula that is only a number stays a number
    line = re.sub(r"(`+)[^`]+\1", "@", line)
    line = re.sub(r"\$[^$]+\$", "@", line)
    return line.replace("*", "").replace("\u00a0", " ").replace("\u202f", " ")


def _value(number: str) -> float:
    cleaned = number.replace(",", "").replace("−", "-")
    return float(cleaned) if re.match(r"-?\d", cleaned) else float("nan")


def _literals(lines: list[str]) -> set[float]:
    code = [line for line in lines if not line.lstrip().startswith((":", "#"))]
    return {float(literal.replace("_", "")) for literal in _LITERAL.findall("\n".join(code))}


def _end_of_fence(lines: list[str], at: int, marks: str) -> int:
    closing = re.compile(rf"^\s*{re.escape(marks[0])}{{{len(marks)},}}\s*$")
    return next((n for n in range(at + 1, len(lines)) if closing.match(lines[n])), len(lines) - 1)
