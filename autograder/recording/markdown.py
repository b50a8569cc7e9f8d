"""A sentence of a chapter in Markdown, for a feedback page: formulas become MathML, no script."""

from __future__ import annotations

from functools import cache, lru_cache

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin


@lru_cache(maxsize=1000)  # the bullets and titles of a chapter stand in every page of a class
def as_html(sentence: str) -> Markup:
    """Return what the author of a statement wrote as HTML; a formula that cannot be set stays TeX."""
    return Markup(_markdown().renderInline(sentence))  # of the reference: nothing of a student's comes here


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, renderer=_formula)


def _formula(tex: str, options: dict[str, bool]) -> str:
    try:
        made = convert(tex, display="block" if options.get("display_mode") else "inline")
        return made.replace("\\_", "_")  # in \text, the library leaves the backslash of \_
    except Exception:  # of many kinds, none of them documented
        return str(Markup("<code>{}</code>").format(tex))
