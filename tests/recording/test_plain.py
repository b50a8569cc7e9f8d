"""Test that untrusted text stays text in terminals, Markdown, and spreadsheets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from autograder.plain import as_answer, as_cell, as_comment, formula, plain, printable

MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](http://example.org/a.png)", "<!-- x -->",
    "[x](javascript:alert(1))", "[x]: javascript:alert(1)\n\n[x]", "<http://example.org>", "\\(x\\)",
    "$\\href{javascript:alert(1)}{x}$", "`<b>`", "&lt;script&gt;", "|<b>|\n|-|\n|<i>|",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKUP)
def test_comment_and_text_answer_have_no_html_or_images(text):
    comment = markdown2html_mistune(as_comment(f"ValueError: {text}"))
    answer = markdown2html_mistune(as_answer(f"Because {text}"))
    for mark in ("<script", "<img", "<b>", "<i>", "<!--"):
        assert mark not in comment + answer
    for mark in ("<a ", "$", *(() if "href" in text else ("href",))):
        assert mark not in comment


def test_text_answer_links_to_no_script():
    links = "[a](javascript:x) [b][c] <javascript:x>\n\n[c]: javascript:x\n\n[b]: <javascript:x>"
    assert "href" in markdown2html_mistune(links)
    assert "href" not in markdown2html_mistune(as_answer(links))


@pytest.mark.parametrize(
    "tex", [r"\href{javascript:x}{y}", r"\HREF{x}{y}", r"\mmlToken{mi}[href='x']{y}", r"\require{html}"]
)
def test_text_answer_has_no_formula_with_html(tex):
    assert tex not in as_answer(f"$x$ and ${tex}$")


def test_text_answer_keeps_its_markdown_and_formulas():
    text = "**Bold**, `x < 3`, $a < b$ and $$\\frac{1}{2}$$\n\n- a list\n\n```python\nx[0][1] = 3\n```"
    assert as_answer(text) == text
    html = markdown2html_mistune(as_answer(text))
    assert "<strong>Bold</strong>" in html
    assert "<li>" in html


@given(st.text())
def test_no_terminal_control_character_remains(text):
    shown = plain(text)
    assert not any(ord(letter) < 32 and letter not in "\t\n" for letter in shown)
    assert len(shown) == len(text)
    printable(text).encode()


def test_own_message_is_unchanged():
    text = "shape (3, 4) where (4, 3) is expected; a weight of −1.5 — “ü” [0]['weight']"
    assert plain(text) == as_comment(text) == as_cell(text) == text


@pytest.mark.parametrize("text", ["=1+1", "＝1+1", "+1", "-1", "@x", "a;=1+1", "a\t=1+1", " =1", 'a;"=1', "a; ＋1"])
def test_no_cell_starts_a_spreadsheet_formula(text):
    for part in as_cell(text).replace("\t", ";").split(";"):
        assert part.lstrip(' "')[:1] not in tuple("=+-@＝＋－＠")


@pytest.mark.parametrize(
    ("tex", "letters"),
    [
        (r"x_{i+1} / 2^{n}", "x_(i+1) / 2^n"),
        (r"\frac{x_{i+1}}{2} \le \texttt{most}", "x_(i+1)/2 ≤ most"),
        (r"\frac{m_n}{1 - p}", "m_n/(1 - p)"),
        (r"a \cdot \frac{1 + \cos(q)}{2}", "a ·(1 + cos(q))/2"),
        (r"\frac{\text{step} - \text{warmup}}{\text{total}}", "(step - warmup)/total"),
        (r"\frac{e^{-z^2/2}}{\sqrt{2\pi}}", "e^(-z^2/2)/√(2π)"),
        (r"\frac{a}{\frac{b}{c + d} + e}", "a/(b/(c + d) + e)"),
        (r"\sum_{j = o_i}^{o_{i+1}-1} a_j", "∑_(j = o_i)^(o_(i+1)-1) a_j"),
        (r"n_{\text{in}}", "n_in"),
        (r"\frac12 x", "1/2 x"),
        (r"x_{i", "x_i"),
    ],
)
def test_plain_text_formula_keeps_its_grouping(tex, letters):
    assert " ".join(formula(tex).split()) == letters
