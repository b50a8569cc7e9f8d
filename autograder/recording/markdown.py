"""Render a Markdown sentence of a chapter for a feedback page: formulas become MathML, with no script."""

from __future__ import annotations

from functools import cache, lru_cache

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin


@lru_cache(maxsize=1000)  # a chapter's bullets and titles appear on every page of a class
def as_html(sentence: str) -> Markup:
    """Return an author's Markdown as HTML; a formula that cannot be converted stays TeX."""
    return Markup(_markdown().renderInline(sentence))  # from the reference notebook: no student's text gets here


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, renderer=_formula)


def _formula(tex: str, options: dict[str, bool]) -> str:
    try:
        made = convert(tex, display="block" if options.get("display_mode") else "inline")
        return made.replace("\\_", "_")  # in \text, the library leaves the backslash of \_
    except Exception:  # the library raises many kinds, none of them documented
        return str(Markup("<code>{}</code>").format(tex))
