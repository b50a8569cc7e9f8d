"""What this course adds to Sphinx: nothing from third parties, nothing a page does not use, and mended markup.

Every page loads what it needs from the site itself. Figures without alternative text are warnings, which the build
turns into errors.
"""

from __future__ import annotations

import json
import re
import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

# What MathJax loads by itself, beside its one script: TeX extensions on demand, and its fonts.
MATHJAX_PARTS = ("tex-mml-chtml.js", "input/tex/extensions", "output/chtml/fonts")

# A script is kept where the page's body holds what it works on.
NEEDED_BY = {
    "togglebutton.js": 'class="toggle',
    "togglebutton.css": 'class="toggle',
    "copybutton.js": 'class="highlight',
    "copybutton.css": 'class="highlight',
    "clipboard.min.js": 'class="highlight',
    "design-tabs.js": "sd-tab-",
    "sphinx-design.min.css": 'class="sd-',
}
UNWANTED = ("thebe",)
UNWANTED_INLINE = ("const THEBE", "let toggle", "var togglebutton")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the course's changes to the build."""
    app.connect("config-inited", use_local_mathjax)
    app.connect("doctree-resolved", check_alternative_texts)
    app.connect("html-page-context", say_what_ran)
    app.connect("html-page-context", drop_unused_scripts, priority=900)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def use_local_mathjax(app: Sphinx, config: Any) -> None:
    """Point pages with formulas at the copy of MathJax that `finish` puts beside them."""
    config.mathjax_path = "mathjax/tex-mml-chtml.js"


def check_alternative_texts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of every image that tells nothing to somebody who cannot see it; a path is what myst-nb falls back to."""
    for image in doctree.findall(nodes.image):
        alt = image.get("alt", "").strip()
        if not alt or alt == image["uri"] or re.fullmatch(r"\S+\.(png|svg|jpe?g|gif)|\S*/\S+/\S*", alt):
            logger.warning("the image %s has no alternative text", image["uri"], location=image)


def say_what_ran(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Say at the end of a chapter which torch its outputs come from; the notebook records it when it is executed."""
    notebook = Path(app.srcdir, f"{pagename}.ipynb")
    if notebook.exists():
        made_by = json.loads(notebook.read_text(encoding="utf-8"))["metadata"].get("layerlab", {}).get("torch")
        if made_by:
            context["body"] += f'<p class="course-ran">The outputs on this page were computed with torch {made_by}.</p>'


def drop_unused_scripts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Take a page's scripts out that nothing on it uses, and those that stand there twice."""
    body = context.get("body", "")
    context["css_files"] = [file for file in context.get("css_files", []) if _is_used(file, body)]
    kept: dict[str, Any] = {}
    for script in context.get("script_files", []):
        inline = str(getattr(script, "attributes", {}).get("body") or "")
        if _is_used(script, body) and not inline.startswith(UNWANTED_INLINE):
            kept.setdefault(inline or str(script.filename), script)
    context["script_files"] = list(kept.values())


def _is_used(asset: Any, body: str) -> bool:
    """True unless a page with this body has nothing for the script or style sheet to work on."""
    name = Path(str(getattr(asset, "filename", None) or "").partition("?")[0]).name
    return NEEDED_BY.get(name, "") in body and not any(word in name for word in UNWANTED)


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Bring MathJax to the site, mend its pages, and put the student notebooks where the download button looks."""
    if exception is not None or app.builder.format != "html":
        return
    out, source = Path(app.outdir), Path(app.srcdir)
    mathjax = Path(distribution("sphinx-mathjax-offline").locate_file("sphinx-mathjax-offline/static/mathjax"))
    for part in MATHJAX_PARTS:
        target = out / "_static" / "mathjax" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (mathjax / part).is_dir():
            shutil.copytree(mathjax / part, target, dirs_exist_ok=True)
        else:
            shutil.copy(mathjax / part, target)
    for page in out.rglob("*.html"):
        before = page.read_text(encoding="utf-8")
        is_redirect = "http-equiv" in before[:100]
        after = first_page(before) if is_redirect else mend(before, is_search=page.name == "search.html")
        if after != before:
            page.write_text(after, encoding="utf-8")
    for notebook in (out / "_sources").rglob("*.ipynb"):
        shutil.copy(source / notebook.relative_to(out / "_sources"), notebook)


def first_page(redirect: str) -> str:
    """Return the redirect at the site's root as a whole page: with a language, a title, an icon and a link."""
    target = re.search(r"url=([^\"]+)", redirect)[1]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n<title>Layer by Layer</title>\n'
        f'<meta http-equiv="refresh" content="0; url={target}"/>\n<link rel="icon" href="_static/favicon.svg"/>\n'
        f'</head>\n<body><p><a href="{target}">Layer by Layer</a></p></body>\n</html>\n'
    )


def mend(page: str, is_search: bool) -> str:
    """Return a page without what the theme puts on every one and none here needs, and with names that agree."""
    # 540 kB of icons as a script: the theme's style sheet draws the same ones from a font.
    page = re.sub(r'\s*<(script|link)\b[^>]*(src|href)="[^"]*fontawesome[^"]*\.js[^"]*"[^>]*>(</script>)?', "", page)
    page = re.sub(r'\s*<script type="text/x-thebe-config">.*?</script>', "", page, flags=re.DOTALL)
    page = re.sub(r"\s*<script>kernelName = [^<]*</script>", "", page)
    if not is_search:  # the search field leads to the search page, which loads the index
        page = re.sub(r'\s*<script src="[^"]*(searchtools|language_data|searchindex)\.js[^"]*"></script>', "", page)
    # The buttons' visible text is their name; the label beside it says something else.
    page = re.sub(r'(<button[^>]*search-button__button[^>]*?)\s+aria-label="Search"', r"\1", page)
    page = page.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    page = re.sub(r'<th class="head[^"]*"><p></p></th>', "<td></td>", page)  # the corner of a table heads nothing
    sidebar = '<div id="pst-primary-sidebar"'
    return page.replace(f"{sidebar} class=", f'{sidebar} role="navigation" aria-label="Book" class=')
