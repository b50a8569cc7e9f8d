"""Make untrusted text safe to show in a terminal, on a page, in a Markdown comment, or in a spreadsheet cell.

Folder names and output of students can contain escape sequences, markup, and formulas.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

# C0 and C1 control characters except tabs and line ends, and characters that change the direction of text.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAK = re.compile(r"[\t\n\u2028\u2029]")
# A spreadsheet treats text that begins with one of these as a formula; East Asian keyboards type the wide forms.
_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r\n]")
_LINK, _CODE = re.compile(r"(?<!!)\[([^\]]*)\]\([^)]*\)"), re.compile(r"`([^`\n]+)`")
# Code is skipped as a whole; emphasis may contain code.
_EMPHASIS = re.compile(r"`[^`\n]+`|(?<![\w*`])(\*{1,2})(?=\S)((?:`[^`\n]+`|[^*`])+?)(?<=\S)\1(?![\w*`])")
_FORMULA_IN_TEXT = re.compile(r"\$([^$\n]+)\$")
_WORD_AS_INDEX = re.compile(r"(?<=[_^])\{(\\text\{[^{}]*\})\}")
_INSIDE = re.compile(r"[({][^(){}]*[)}]")  # the terms in these have parentheses already
_SUM_OR_PRODUCT = re.compile(r"[-+·×]|(?<=\w) +(?=\w)")
_MATH_HTML = re.compile(r"\\(?=(?:href|class|cssId|style|require|unicode|mmlToken|html)(?![A-Z]))", re.IGNORECASE)
MOST_ANSWER = 100_000  # characters of an answer that a person reads
_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›", "$": "＄"})


def plain(value: Any, most: int | None = None) -> str:
    """Return a value as text, cut to ``most`` characters, with each control character replaced by U+FFFD."""
    return _CONTROL.sub("\ufffd", str(value)[:most])


def printable(text: str) -> str:
    """Replace control characters with U+FFFD, and what has no UTF-8 form, as in some folders' names, with escapes."""
    return plain(text.encode("utf-8", errors="backslashreplace").decode("utf-8"))


def named(text: str) -> str:
    """Return a name without tabs or line breaks, so that it is safe in one line of a list."""
    return _BREAK.sub("\ufffd", printable(text))


def without_markdown(text: str) -> str:
    """Return a Markdown sentence as plain text, without emphasis or links, and with formulas in plain characters."""
    words = _EMPHASIS.sub(lambda found: found[2] if found[1] else found[0], _LINK.sub(r"\1", text))
    return _FORMULA_IN_TEXT.sub(lambda found: formula(found[1]), words)


def in_terminal(text: str) -> str:
    """Return a sentence that is safe in a terminal, without the `backticks` that mark code."""
    return _CODE.sub(r"\1", plain(text))


@cache
def formula(tex: str) -> str:
    """Return a TeX formula in plain characters, as close to the original as possible, such as "x_(i+1)/2"."""
    # imported here, because few sentences have a formula
    from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

    known = get_default_latex_context_db()
    known.add_context_category("fractions", macros=[MacroTextSpec("frac", _fraction)], prepend=True)
    words = re.sub(r"\\(?:texttt|operatorname)\b", r"\\text", tex).replace(r" \text{", r"\ \text{")
    words = _WORD_AS_INDEX.sub(r"\1", re.sub(r"\\[dt]frac\b", r"\\frac", words))
    # longer indices keep their braces
    reader = LatexNodes2Text(known, math_mode="text", keep_braced_groups=True, keep_braced_groups_minlen=2)
    return reader.latex_to_text(words).strip().replace("{", "(").replace("}", ")")


def _fraction(node: Any, l2tobj: Any) -> str:
    """Return a fraction on one line, with parentheses around sums and products."""
    parts = [l2tobj.nodelist_to_text(getattr(part, "nodelist", None) or [part]) for part in node.nodeargd.argnlist]
    return "/".join(f"({part})" if _SUM_OR_PRODUCT.search(_INSIDE.sub("", part)) else part for part in parts)


def as_comment(text: str) -> str:
    """Return a text that looks the same in formgrader, as plain text, and in nbgrader's feedback.

    nbgrader's page renders Markdown with HTML and formulas, so characters that start markup become look-alikes.
    """
    safe = printable(text).translate(_LOOK_ALIKES).replace("](", "] (").replace("]:", "] :").replace("://", ": //")
    return re.sub(r"\\(?=[(\[])", "∖", safe)


def as_answer(text: str) -> str:
    """Return a student's Markdown with everything disabled except plain Markdown and formulas.

    Formgrader and JupyterLab also render HTML, remote images, links to scripts, and MathJax's HTML commands. The
    characters that start these become look-alikes everywhere, because programs parse Markdown differently.
    """
    lines = text[:MOST_ANSWER].replace("\r\n", "\n")
    safe = printable(lines).replace("](", "] (").replace("]:", "] :")
    return _MATH_HTML.sub("∖", re.sub(r"<(?=[A-Za-z/!?])", "‹", safe))


def as_csv(rows: Iterable[Iterable[Any]], **form: Any) -> str:
    """Return a table as CSV in the format of RFC 4180; ``form`` contains options for `csv.writer`."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, **form).writerows(rows)
    return buffer.getvalue()


def as_cell(value: str) -> str:
    """Return a string that a spreadsheet never evaluates as a formula, even if a program splits it at separators."""
    shown = printable(value)
    parts = re.split(r"([;\t|])", shown)
    return "".join(f"'{part}" if _FORMULA.match(part.lstrip(" \"'\u00a0\u3000")) else part for part in parts)
