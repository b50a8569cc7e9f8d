"""Split a Markdown text into prose, what code says, and the facts that a translation must keep, such as numbers."""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass, field

_FENCE = re.compile(r"^(?P<mark>`{3,}|:{3,})(?P<kind>[^\n`]*)$")
_ALT = re.compile(r"^:(alt|title): ?(?P<said>.*)$")
_OPTION = re.compile(r"^:[a-z-]+:( .*)?$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MATH = re.compile(r"\$\$.+?\$\$|(?<![\\$\w])\$(?! )[^$\n]+?(?<! )\$(?![\d$])", re.DOTALL)
_ROLE = re.compile(r"\{\{.*?\}\}|\{[a-z]+\}(?=`)")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_ANCHOR = re.compile(r"^\([\w-]+\)=$", re.MULTILINE)
_TARGET = re.compile(r"\]\([^)\s]*\)|<https?://[^>]*>")
_NUMBER = re.compile(r"(?<![\w.])[-\u2212+]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w])")
_TAG = re.compile(r"</?[a-z][^>\n]*>")
_PARAGRAPHS = re.compile(r"\n\s*\n|\n(?=[-*|] |\d+\. )")
_STRING = re.compile(r"""(?<![\w])[rbf]{0,2}("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""")
# Each kind of piece inside a line, and the word that replaces it so that the sentence stays complete.
_INLINE = (
    ("marks", _COMMENT, " "), ("marks", _ANCHOR, " "), ("math", _MATH, "X"), ("marks", _ROLE, "X"),
    ("spans", _CODE, "CODE"), ("links", _TARGET, "]"),
)  # fmt: skip


@dataclass
class Pieces:
    """The pieces of one text."""

    prose: list[str] = field(default_factory=list)  # paragraphs without comments, code, and math
    alts: list[str] = field(default_factory=list)  # alternative texts and titles of figures
    comments: list[str] = field(default_factory=list)  # comments, docstrings, and other strings in code
    kept: dict[str, set[str]] = field(default_factory=dict)  # by kind, such as "numbers"


def pieces(source: str) -> Pieces:
    """Return the pieces of a chapter's text or answers, without the front matter."""
    found = Pieces(kept={kind: set() for kind in ("math", "marks", "spans", "links", "numbers")})
    outside: list[str] = []
    lines, at = _body(source), 0
    while at < len(lines):
        mark = _FENCE.match(lines[at])
        if not mark or not mark["mark"].startswith("`"):
            outside.append(lines[at])
            at += 1
            continue
        end = next((i for i in range(at + 1, len(lines)) if lines[i].rstrip() == mark["mark"]), len(lines))
        _read_fence(mark["kind"].partition(" by ")[0].strip(), lines[at + 1 : end], found)
        outside.append("")
        at = end + 1
    _read_prose("\n".join(outside), found)
    return found


def _body(source: str) -> list[str]:
    lines = source.split("\n")
    if lines and lines[0] == "---":
        return lines[lines.index("---", 1) + 1 :]
    return lines


def _read_fence(kind: str, lines: list[str], found: Pieces) -> None:
    while lines and _OPTION.match(lines[0]):
        if alt := _ALT.match(lines[0]):
            found.alts.append(alt["said"].strip("\"'"))
        lines = lines[1:]
    if kind.startswith("diff"):
        found.comments += [text for line in lines for text in _said_in_diff(line)]
    elif kind.startswith(("{code-cell}", "python")):
        found.comments += _said_in_python("\n".join(lines))


def _said_in_python(source: str) -> list[str]:
    """Return the comments and strings of code, or nothing if Python cannot read it."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return []
    comments = [t.string for t in tokens if t.type == tokenize.COMMENT and not t.string.startswith(("###", "#~"))]
    return [*comments, *(token.string for token in tokens if token.type == tokenize.STRING)]


def _said_in_diff(line: str) -> list[str]:
    """Return the strings and the comment of one line of a diff, and a whole line of a docstring or comment."""
    said = [match[0] for match in _STRING.finditer(line)]
    code, mark, comment = _STRING.sub("TEXT", line).partition("  # ")
    said += [comment] if mark else []
    return [*said, code] if '"""' in code or re.fullmatch(r"[-+ ]\s*#.*", code) else said


def _read_prose(text: str, found: Pieces) -> None:
    for kind, pattern, left in _INLINE:
        found.kept[kind].update(" ".join(match[0].split()) for match in pattern.finditer(text))
        text = pattern.sub(left, text)
    text = _TAG.sub(" ", text)
    found.kept["numbers"].update(match[0] for match in _NUMBER.finditer(text))
    found.prose = [" ".join(part.split()) for part in _PARAGRAPHS.split(text) if part.split()]
