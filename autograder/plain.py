r"""Text from outside as text, wherever it is shown: a terminal, a page, a comment in Markdown, a cell of a spreadsheet.

Names of folders and whatever a student's process says can hold escape sequences, markup and formulas. Pages of ours
escape what they show (`autograder/recording/page_parts.py`); here is what else there is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

# C0 and C1 control characters but for tabs and line ends, and what turns the direction of the text around it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAK = re.compile(r"[\t\n\u2028\u2029]")
# A spreadsheet takes what begins with one of these for a formula, the wide forms of East Asian keyboards too.
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r\n]")
_LINK, _CODE = re.compile(r"(?<!!)\[([^\]]*)\]\([^)]*\)"), re.compile(r"`([^`\n]+)`")
# Code is passed over as a whole; emphasis may hold some.
_EMPHASIS = re.compile(r"`[^`\n]+`|(?<![\w*`])(\*{1,2})(?=\S)((?:`[^`\n]+`|[^*`])+?)(?<=\S)\1(?![\w*`])")
_FORMULA_IN_TEXT = re.compile(r"\$([^$\n]+)\$")
_GROUP = re.compile(r"([_^])\{|\\[dt]?frac\{")  # what loses its braces
_ONE_WORD = re.compile(r"\\text\w*\{[^{}]*\}")
_SUM_OR_PRODUCT = re.compile(r"[+-]|\\cdot|\\times|\\,")
_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›", "$": "＄"})


def plain(value: Any, most: int | None = None) -> str:
    """Return a text, cut to ``most`` characters, without what a terminal would obey."""
    return _CONTROL.sub("\ufffd", str(value)[:most])


def printable(text: str) -> str:
    r"""Return a text with ``\udce9`` spelled out for what UTF-8, a database and a terminal cannot hold.

    A folder's name that is no UTF-8 has such characters, and a student can make them.
    """
    return plain(text.encode("utf-8", errors="backslashreplace").decode("utf-8"))


def named(text: str) -> str:
    """Return a name as it may stand in a line of a list: in one piece, and in that line."""
    return _BREAK.sub("\ufffd", printable(text))


def without_markdown(text: str) -> str:
    """Return a sentence of Markdown without marks of emphasis and addresses, its formulas as nearly as letters can."""
    words = _EMPHASIS.sub(lambda found: found[2] if found[1] else found[0], _LINK.sub(r"\1", text))
    return _FORMULA_IN_TEXT.sub(lambda found: formula(found[1]), words)


def in_terminal(text: str) -> str:
    """Return a sentence in which `backticks` mark code as a terminal shows it: plain, without them."""
    return _CODE.sub(r"\1", plain(text))


@cache
def formula(tex: str) -> str:
    """Return a formula in TeX as nearly as letters can: "x_(i+1)/2"."""
    from pylatexenc.latex2text import LatexNodes2Text  # few sentences have a formula

    words = tex.replace(r"\texttt", r"\text").replace(r" \text{", r"\ \text{")
    return LatexNodes2Text(math_mode="text").latex_to_text(_grouped(words)).strip()


def _grouped(tex: str) -> str:
    """Return TeX with parentheses around long indices, and around sums and products in a fraction."""
    found = _GROUP.search(tex)
    if found is None:
        return tex
    first, end = _braced(tex, found.end())
    if found[1]:
        is_short = len(first) < 2 or _ONE_WORD.fullmatch(first)
        made = f"{found[1]}{{{first}}}" if is_short else f"{found[1]}{{({_grouped(first)})}}"
    else:
        is_whole = tex[end : end + 1] == "{"
        second, end = _braced(tex, end + 1) if is_whole else ("", end)
        made = rf"\frac{{{_operand(first)}}}" + (f"{{{_operand(second)}}}" if is_whole else "")
    return tex[: found.start()] + made + _grouped(tex[end:])


def _operand(tex: str) -> str:
    level, outside = 0, ""
    for letter in tex:
        level += (letter in "{(") - (letter in "})")
        outside += letter if not level else ""
    return f"({_grouped(tex)})" if _SUM_OR_PRODUCT.search(outside) else _grouped(tex)


def _braced(tex: str, at: int) -> tuple[str, int]:
    """Return what stands from ``at`` to the brace that closes it, and the place behind that."""
    level = 1
    for end in range(at, len(tex)):
        level += (tex[end] == "{") - (tex[end] == "}")
        if not level:
            return tex[at:end], end + 1
    return tex[at:], len(tex)


def as_comment(text: str) -> str:
    """Return a text that is the same in formgrader, which shows it as it is, and in nbgrader's feedback.

    That page reads a comment as Markdown, with HTML and formulas in it, so what begins them is replaced by characters
    that look alike.
    """
    safe = printable(text).translate(_LOOK_ALIKES).replace("](", "] (").replace("]:", "] :").replace("://", ": //")
    return re.sub(r"\\(?=[(\[])", "∖", safe)


def as_cell(value: str) -> str:
    """Return a text so that a spreadsheet shows it instead of computing it.

    A program that was told another separator begins a cell behind it, so no part may begin a formula either.
    """
    shown = printable(value)
    parts = re.split(r"([;\t|])", shown)
    return "".join(f"'{part}" if _FORMULA.match(part.lstrip(" \"'\u00a0\u3000")) else part for part in parts)
