"""Find measured numbers that were typed into prose; these numbers go stale, unlike the values of `{{ name }}`.

A measured number is next to a word for something measured or counted (parameters, bytes, seconds, %, "times faster").
It is allowed in an exercise, if it is 0 or 1, or if it is a literal in the section's code and not a time or ratio. Any
other needs a comment in its paragraph: `<!-- 24 MB: size -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from autograder.course import front_and_body
from autograder.texts.headings import headings
from autograder.texts.statements import STATED

REASONS = ("definition", "size", "citation")

_NUMBER = r"(?<![\w.,@])[−-]?\d[\d,]*(?:\.\d+)?(?:e[−-]?\d+)?(?![\w.]*[A-Za-z_]\w*\d)"
_COUNTED = r"parameters?|weights|numbers|FLOPs?|MACs?|multiplications|additions|operations"
_BYTES = r"[kMGT]i?B|bytes"
_MEASURED = r"accuracy|perplexity|loss|error"
_EXPLAINED = re.compile(  # by a literal in the section's code
    rf"({_NUMBER}) ?(?:%|percent\b)"
    rf"|({_NUMBER})(?: (?!and\b|or\b|of\b|the\b|in\b)[\w-]+){{0,2}} (?:{_COUNTED})\b"
    rf"|({_NUMBER})(?: (?:million|billion|thousand))? ?(?:{_BYTES})\b"
)
_MORE = r"(?:faster|slower|smaller|larger|bigger|fewer|more|less|longer|shorter|as (?:many|much|fast|large))\b"
_TIMES = re.compile(
    rf"({_NUMBER})(?: ?[mµn]s| (?:s|(?:milli|micro)?seconds?))(?![\w/])"
    rf"|({_NUMBER}) ?(?:times|×) {_MORE}"
    rf"|\b(?:{_MEASURED}) (?:of|is|was|falls to|drops to|reaches|rises to) (?:about )?({_NUMBER})"
)
# A block of code or of text as it is; the contents of directives are prose.
_FENCE = re.compile(r"^[ ]*(```+|~~~+)(?!\{(?!code-cell))([^\n]*)\n(.*?)^[ ]*\1[ ]*$", re.DOTALL | re.MULTILINE)
_LITERAL = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d*)?(?:e-?\d+)?")


def find(text: str) -> Iterator[tuple[int, str]]:
    """Yield, for each number typed by hand in a Markdown text, the line of its paragraph, from 1, and a sentence."""
    lines, marks = text.split("\n"), [heading for heading in headings(text) if heading.level <= 3]
    cuts = [front_and_body(text)[0].count("\n"), *(heading.line for heading in marks), len(lines)]
    section: list[tuple[int, str]] = []  # the first line and the text of each part without exercises
    for heading, (begin, end) in zip([None, *marks], pairwise(cuts), strict=True):
        if heading and heading.level <= 2:
            yield from _in_section(section)
            section = []
        if not (heading and heading.is_exercise):
            section.append((begin + 1, "\n".join(lines[begin:end])))
    yield from _in_section(section)


def _in_section(parts: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    code = "\n".join(fence[3] for _, part in parts for fence in _FENCE.finditer(part) if "{code-cell" in fence[2])
    code = re.sub(r"^\s*[:#].*$", "", code, flags=re.MULTILINE)
    literals = {float(literal.replace("_", "")) for literal in _LITERAL.findall(code)}
    for first, part in parts:
        prose = _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), part)
        for paragraph in re.finditer(r"(?:.*\S.*\n?)+", prose):
            line = first + prose.count("\n", 0, paragraph.start())
            for sentence in dict.fromkeys(_in_paragraph(paragraph[0], literals)):
                yield line, sentence


def _in_paragraph(paragraph: str, literals: set[float]) -> Iterator[str]:
    reasons = {match["number"]: match["reason"] for match in STATED.finditer(paragraph)}
    words = " ".join(map(_readable, paragraph.split("\n")))
    explained = ((match, _value(match[match.lastindex or 0])) for match in _EXPLAINED.finditer(words))
    typed = [*_TIMES.finditer(words), *(m for m, value in explained if not literals & {value, value / 100})]
    for match in typed:
        said, number = match[0].strip(), match[match.lastindex or 0]
        if _value(number) in (0.0, 1.0):
            continue
        used = next((key for key in reasons if re.match(rf"{re.escape(number)}(?![\d.,])", key)), "")
        if reasons.get(used) not in REASONS:
            reason = f"<!-- {said}: {' | '.join(REASONS)} -->"
            yield f"{said!r} is typed: write {{{{ name }}}}, or say what it is: {reason}"


def _readable(line: str) -> str:
    """Return a line's prose: placeholders, code, and formulas become "@"; link targets and comments are removed."""
    line = re.sub(r"\{\{.*?\}\}", "@", re.sub(r"<!--.*?-->", "", line))
    line = re.sub(r"<[^>]*>", "", re.sub(r"\]\([^)]*\)", "]", line))
    line = re.sub(r"(\$+|`+)\s*([\d.,]+)\s*\1", r"\2", line)  # code or a formula that is only a number stays a number
    line = re.sub(r"(`+)[^`]+\1|\$[^$]+\$", "@", line)
    return line.replace("*", "").replace("\u00a0", " ").replace("\u202f", " ")


def _value(number: str) -> float:
    return float(number.replace(",", "").replace("−", "-"))
