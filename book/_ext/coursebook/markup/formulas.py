"""Typeset formulas while the book is built, with MathJax in V8, so that pages need no MathJax script.

JupyterLab uses the same MathJax, so a formula looks the same in a notebook and on its page. Screen readers get MathML,
and copying a selection copies the TeX source (`copy-formulas.js`). A formula that MathJax cannot typeset causes a
warning, which the build turns into an error.
"""

from __future__ import annotations

import atexit
import html
import json
import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import tinycss2
from docutils import nodes
from py_mini_racer import MiniRacer
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from tinycss2.ast import AtRule

from coursebook.assets.fonts import subset
from coursebook.assets.sheets import escaped, needed, quoted
from coursebook.assets.used_classes import used_names

logger = logging.getLogger(__name__)

MATHJAX = "sphinx-mathjax-offline"  # the installed package that provides its files
PARTS = ("startup", "core", "adaptors/liteDOM", "input/tex-full", "output/chtml")
PARTS_AFTER = ("output/chtml/fonts/tex", "a11y/assistive-mml")

# JupyterLab's TeX packages, except two that hide mistakes and two that load other packages at run time.
TEX_PACKAGES = re.findall(
    r"\w+",
    """base action ams amscd bbox boldsymbol braket bussproofs cancel cases centernot color colortbl
    configmacros empheq enclose extpfeil gensymb html mathtools mhchem newcommand tagformat textcomp textmacros unicode
    upgreek verb""",
)
SCALE = "108%"  # the text font's letters are a little larger than those of the math fonts
STYLES = "math.css"
OURS = ("mjx-", "TEX-")  # prefixes of the classes in a formula's markup

CONFIGURE = """var MathJax = {
  startup: {typeset: false, ready() {}},
  options: {enableAssistiveMml: true},
  tex: {packages: %s},
  chtml: {adaptiveCSS: false, fontURL: "math", matchFontHeight: false},
};"""
START = """MathJax.startup.getComponents(); MathJax.startup.makeMethods();
var show = node => MathJax.startup.adaptor.outerHTML(node);"""


def mathjax() -> Path:
    """Return the folder of the installed MathJax."""
    return Path(str(distribution(MATHJAX).locate_file("sphinx-mathjax-offline/static/mathjax")))


@cache
def typesetter() -> MiniRacer:
    """Return a JavaScript engine with MathJax loaded; this takes a tenth of a second, once per build."""
    engine = MiniRacer()
    atexit.register(engine.close)  # later, Python 3.13 has stopped the thread that closing waits for
    engine.eval(CONFIGURE % json.dumps(TEX_PACKAGES))
    for part in (*PARTS, *PARTS_AFTER):
        engine.eval((mathjax() / f"{part}.js").read_text(encoding="utf-8"))
    engine.eval(START)
    return engine


def typeset(tex: str, display: bool) -> tuple[str, str]:
    """Return a formula's HTML, and a description of what is wrong with the formula ("" if nothing is)."""
    made = str(typesetter().eval(f"show(MathJax.tex2chtml({json.dumps(tex)}, {{display: {json.dumps(display)}}}))"))
    if error := re.search(r'data-mjx-error="([^"]*)"', made):
        return made, html.unescape(error[1])
    if unknown := re.search(r"<mjx-utext[^>]*>([^<]*)", made):  # MathJax could only guess its width
        return made, f"the mathematics fonts have no {html.unescape(unknown[1])!r}"
    if breaks_nothing(tex):
        return made, r"a line ends (\\) outside of any environment, which shows nothing: use aligned"
    return made.replace("<mjx-container", f'<mjx-container data-tex="{html.escape(tex)}"', 1), ""


def breaks_nothing(tex: str) -> bool:
    """Return whether a formula's first line break is outside environments and braces; renderers ignore that break."""
    before, sign, _ = tex.partition(r"\\")
    plain = before.replace(r"\{", "").replace(r"\}", "")
    return bool(sign) and r"\begin" not in before and plain.count("{") == plain.count("}")


def visit_inline(writer: Any, node: nodes.math) -> None:
    """Write a formula inside a sentence."""
    made = _checked(node, display=False)
    writer.body.append(f"{writer.starttag(node, 'span', '', CLASS='math notranslate')}{made}</span>")
    raise nodes.SkipNode


def visit_block(writer: Any, node: nodes.math_block) -> None:
    """Write a formula on its own line; readers can scroll a wide formula, even with the keyboard."""
    made = _checked(node, display=True).replace("<mjx-container", '<mjx-container tabindex="0"', 1)
    writer.body.append(writer.starttag(node, "div", CLASS="math notranslate"))
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append(f"{made}</div>\n")
    raise nodes.SkipNode


def _checked(node: nodes.Element, display: bool) -> str:
    made, wrong = typeset(node.astext(), display)
    if wrong:
        logger.warning("the formula %s cannot be set: %s", node.astext(), wrong, location=node)
    return made


def write_styles(app: Sphinx) -> None:
    """Write the style sheet and the fonts, reduced to the characters that the book's formulas use."""
    used = {name for name in used_names(Path(app.outdir)).whole if name.startswith(OURS)}
    if not used:
        return
    css, fonts, characters = styles(used)
    static = Path(app.outdir, "_static")
    (static / STYLES).write_text(css, encoding="utf-8")
    for font in fonts:
        source = mathjax() / "output" / "chtml" / "fonts" / "woff-v2" / f"{font}.woff"
        target = static / "math" / f"{font}.woff2"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(subset(source.read_bytes(), characters))


def styles(used: set[str]) -> tuple[str, list[str], set[str]]:
    """Return the style sheet that formulas with these classes need, its fonts' names, and their characters."""
    sheet = typesetter().eval("MathJax.startup.adaptor.textContent(MathJax.chtmlStylesheet())")
    faces, kept, characters = [], [f"mjx-container{{font-size:{SCALE}}}"], {" "}  # every font has a space
    for rule in tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule":
            faces.append(_face(rule))
        elif {name for name in needed(rule.prelude) if name.startswith(OURS)} <= used:
            body = re.sub(r"[ \n]+", " ", tinycss2.serialize(rule.content)).strip()
            characters.update(*quoted(body))
            kept.append(f"{tinycss2.serialize(rule.prelude).strip()}{{{body}}}")
    families = set(re.findall(r"MJX[A-Z]+(?:-\w+)?", "".join(kept)))
    fonts = []
    for family, name in faces:
        if family in families:
            fonts.append(name)
            kept.append(f'@font-face{{font-family:{family};src:url("math/{name}.woff2") format("woff2")}}')
    return escaped("\n".join(kept)) + "\n", fonts, characters


def _face(rule: AtRule) -> tuple[str, str]:
    """Return the font family of a ``@font-face`` rule, and the name of its file."""
    block = tinycss2.parse_blocks_contents(rule.content)
    said = {one.lower_name: tinycss2.serialize(one.value).strip() for one in block if one.type == "declaration"}
    return said["font-family"], Path(next(quoted(said["src"]))).stem
