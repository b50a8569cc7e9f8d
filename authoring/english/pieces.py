"""Split a Markdown text into prose, which editors may change, and code, math, and numbers, which they must keep."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
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
# Each kind of piece inside a line, and the word that replaces it so that the sentence stays complete.
_INLINE = (
    ("marks", _COMMENT, " "), ("marks", _ANCHOR, " "), ("math", _MATH, "X"), ("marks", _ROLE, "X"),
    ("spans", _CODE, "CODE"), ("links", _TARGET, "]"),
)  # fmt: skip


@dataclass
class Pieces:
    """The pieces of one text."""

    paragraphs: list[str] = field(default_factory=list)  # as written, without comments
    prose: list[str] = field(default_factory=list)  # the same text without code and math
    alts: list[str] = field(default_factory=list)  # alternative texts and titles of figures
    comments: list[str] = field(default_factory=list)  # comments, docstrings, and other strings in code
    kept: dict[str, Counter[str]] = field(default_factory=dict)  # kind, such as "numbers": how often each occurs


def pieces(source: str) -> Pieces:
    """Return the pieces of a chapter's text or answers, without the front matter."""
    found = Pieces(kept={kind: Counter() for kind in ("code", "options", "math", "marks", "spans", "links", "numbers")})
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
    while lines and (option := _OPTION.match(lines[0])):
        alt = _ALT.match(lines[0])
        if alt:
            found.alts.append(alt["said"].strip("\"'"))
        else:
            found.kept["options"][option[0]] += 1
        lines = lines[1:]
    if kind.startswith("diff"):
        kept, said = _diff(lines)
    elif kind.startswith(("{code-cell}", "python")):
        kept, said = _python("\n".join(lines))
    else:
        kept, said = ["\n".join(lines)], []
    found.kept["code"].update(f"{kind}: {text}" for text in kept)
    found.comments += said


def _python(source: str) -> tuple[list[str], list[str]]:
    """Return code with each string replaced by a placeholder, and the code's comments and strings."""
    said: list[str] = []
    lines: dict[int, list[str]] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and not token.string.startswith(("###", "#~")):
                said.append(token.string)
            elif token.type == tokenize.STRING:
                said.append(token.string)
                lines.setdefault(token.start[0], []).append("TEXT")
            elif token.type not in (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
                lines.setdefault(token.start[0], []).append(token.string)
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return [source], []
    # Line breaks and trailing commas depend on the lengths of strings, so neither is compared.
    text = " ".join(" ".join(line) for line in lines.values() if line)
    text = re.sub(r"TEXT( TEXT)+", "TEXT", text)
    return [re.sub(r" ,(?= [)\]}])", "", text).strip()], said


_STRING = re.compile(r"""(?<![\w])[rbf]{0,2}("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""")


def _diff(lines: list[str]) -> tuple[list[str], list[str]]:
    kept, said = [], []
    for line in lines:
        said += [match[0] for match in _STRING.finditer(line)]
        bare = _STRING.sub("TEXT", line)
        code, mark, comment = bare.partition("  # ")
        said += [comment] if mark else []
        if '"""' in code or re.fullmatch(r"[-+ ]\s*#.*", code):
            said.append(code)
            continue
        kept.append(code.rstrip())
    return kept, said


def _read_prose(text: str, found: Pieces) -> None:
    found.paragraphs = _paragraphs(_TAG.sub(" ", _COMMENT.sub("", text)))
    for kind, pattern, left in _INLINE:
        found.kept[kind].update(" ".join(match[0].split()) for match in pattern.finditer(text))
        text = pattern.sub(left, text)
    text = _TAG.sub(" ", text)
    found.kept["numbers"].update(match[0] for match in _NUMBER.finditer(text))
    found.prose = _paragraphs(text)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=[-*|] |\d+\. )", text) if part.split()]
