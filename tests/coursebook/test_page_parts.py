"""Test how the book extension processes formulas, CSS, fonts, images, and files of packages."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from coursebook.assets import sheets
from coursebook.assets.used_classes import used_names
from coursebook.checks import figure_checks, owners
from coursebook.markup import formulas as math
from tests.root import ROOT

# -- formulas ---------------------------------------------------------------------------------------------------------


def test_formula_contains_its_source_and_mathml():
    made, wrong = math.typeset(r"W \in \mathbb{R}^{\text{out\_features} \times n}", display=True)
    assert wrong == ""
    assert r'data-tex="W \in \mathbb{R}^{\text{out\_features} \times n}"' in made
    assert "<mtext>out_features</mtext>" in made  # the escaped underscore loses its backslash
    assert 'display="true"' in made


@pytest.mark.parametrize(
    ("tex", "why"),
    [
        (r"\nosuchmacro", r"Undefined control sequence \nosuchmacro"),
        (r"\frac{a}", "Missing argument"),
        (r"{a", "missing close brace"),
        (r"a = b \\ c = d", "outside of any environment"),
        (r"\text{größer}", "the mathematics fonts have no 'ö'"),
    ],
)
def test_untypesettable_formula_is_explained(tex, why):
    assert why in math.typeset(tex, display=False)[1]


@pytest.mark.parametrize(
    "tex", [r"\begin{aligned} a &= b \\ c &= d \end{aligned}", r"\sum_{\substack{i \\ j}} x", r"\{a\}"]
)
def test_line_breaks_inside_environments_are_accepted(tex):
    assert math.typeset(tex, display=True)[1] == ""


def test_quotes_and_signs_in_a_source_are_escaped():
    made, wrong = math.typeset(r'a < b \text{ "so"}', display=False)
    assert wrong == ""
    assert r'data-tex="a &lt; b \text{ &quot;so&quot;}"' in made


# -- style sheets -----------------------------------------------------------------------------------------------------

SHEET = """/*! A notice */
@import "more.css";
.used, .unused { color: red }
.unused:hover > a { color: blue }
p:not(.unused) { margin: 0 }
.used .unused { padding: 0 }
:is(.unused, .used) { top: 0 }
[class*="col-"] { left: 0 }
.sm\\:w-1 { width: 1px }
@media print { .unused { display: none } .used::after { content: "}" } }
@media screen { .unused { display: none } }
@font-face { font-family: F }
"""


def test_rules_for_absent_classes_are_removed():
    assert sheets.slimmed(SHEET, {"used", "sm:w-1"}) == (
        "/*! A notice */"
        '@import "more.css";'
        ".used{color: red}"
        "p:not(.unused){margin: 0}"
        ":is(.unused, .used){top: 0}"
        '[class*="col-"]{left: 0}'
        ".sm\\:w-1{width: 1px}"
        '@media print{.used::after{content: "}" }}'.replace(" }}", "}}")
        + "@font-face{ font-family: F }"
    )


def test_names_come_from_pages_and_their_scripts(tmp_path):
    (tmp_path / "page.html").write_text(
        '<p class="a b-c"></p><script src="x/own.js?v=1"></script><script>add("inline-name")</script>'
    )
    (tmp_path / "own.js").write_text("element.className = 'bs-tooltip-' + side; element.classList.add('shown')")
    (tmp_path / "other.js").write_text("'never'")
    names = used_names(tmp_path)
    sheet = ".a{} .b-c{} .inline-name{} .shown{} .bs-tooltip-top{} .never{} .bs-other{}"
    assert names.among(sheets.classes(sheet)) == {"a", "b-c", "inline-name", "shown", "bs-tooltip-top"}


@pytest.mark.parametrize(
    ("sheet", "slim"),
    [
        (
            ":where(.a, .b) > .c {} .absent :is(.c) {} :nth-child(2 of .absent) {} .c:not(:is(.absent)) {}",
            ":where(.a, .b) > .c{}.c:not(:is(.absent)){}",
        ),
        ("@layer a, b; @layer a { .absent {} }", "@layer a, b;"),
    ],
)
def test_alternatives_and_layer_statements_are_kept(sheet, slim):
    assert sheets.slimmed(sheet, {"c"}) == slim


def test_dots_outside_selectors_are_not_classes():
    sheet = (
        '.a { margin: .5em; background: url(x.png) } /* .b */ @media (width < 1.2em) { .fa-\\30 {} [class=".c"] {} }'
    )
    assert list(sheets.classes(sheet)) == ["a", "fa-0"]


def test_non_ascii_characters_are_escaped_without_changing_meaning():
    sheet = r"""/*! © */ .a::after { content: '\f0c9' "é1" }"""
    slim = sheets.slimmed(sheet, {"a"})
    assert slim == r"""/*! © */.a::after{content: "\f0c9" "\e9 1"}"""
    assert list(sheets.quoted(slim)) == ["\uf0c9", "é1"]


def test_quoted_characters_are_decoded_from_escapes():
    sheet = r"""i::before { content: "\f0c9"; --more: '\3B1 A' } @media print { a { content: "\"" } } /* "none" */"""
    assert list(sheets.quoted(sheet)) == ["\uf0c9", "αA", '"']


# -- images and licenses ----------------------------------------------------------------------------------------------


def test_file_of_an_unnamed_package_gives_a_warning(tmp_path, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(owners.logger, "warning", lambda words, *of: said.append(words % of))
    for name in ("course.css", "questions/linear.js", "scripts/bootstrap.js", "math/a.woff2", "scripts/new.js"):
        path = tmp_path / "_static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    config = SimpleNamespace(html_static_path=["book/_static"])
    owners.check_owners(SimpleNamespace(outdir=tmp_path, srcdir=ROOT, confdir=ROOT, config=config))
    assert said == ["_static/scripts/new.js comes from a package that book/licenses.md does not name"]


@pytest.mark.parametrize(
    ("html", "count"),
    [
        ('<p><img src="a.png" alt="a line"></p>', 0),
        ('<img src="a.png">', 1),
        ('<IMG SRC="a.png" ALT=" "/><img alt src="b.png">', 2),
        ("<img src='a.png' alt=\"it's a > b\">", 0),
        ("<!-- <img src='a.png'> -->", 0),
    ],
)
def test_images_without_alternative_text_are_found(html, count):
    assert len(figure_checks.silent_images(html)) == count
