"""Mends the markup that the theme writes: nothing that no page needs, names that agree, landmarks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.jinja2glue import BuiltinTemplateLoader

# What unfolds the pages under one in the sidebar shows an arrow alone.
UNFOLDS = re.compile(
    r'(<a class="[^"]*" href="[^"]*">([^<]*)</a><details[^>]*><summary)>(?=<span class="toctree-toggle)'
)


class MendedTemplates(BuiltinTemplateLoader):
    """The theme's templates, each page mended as it is written: a build that writes one page mends one."""

    def render(self, template: str, context: dict[str, Any]) -> str:
        """Return the page."""
        page = super().render(template, context)
        return mended(page, is_search=template == "search.html") if "<html" in page[:300] else page


def setup(app: Sphinx) -> dict[str, bool]:
    """Put the mended templates in the theme's place."""
    app.connect("config-inited", lambda app, config: setattr(config, "template_bridge", f"{__name__}.MendedTemplates"))
    app.connect("build-finished", mend_redirect, priority=550)  # the table of contents writes it at priority 500
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def mended(page: str, is_search: bool) -> str:
    """Return a page without what the theme puts on every one and none here needs, and with names that agree."""
    # 540 kB of icons as a script: the theme's style sheet draws the same ones from a font.
    page = re.sub(r'\s*<(script|link)\b[^>]*(src|href)="[^"]*fontawesome[^"]*\.js[^"]*"[^>]*>(</script>)?', "", page)
    page = re.sub(r'\s*<script type="text/x-thebe-config">.*?</script>', "", page, flags=re.DOTALL)
    page = re.sub(r"\s*<script>kernelName = [^<]*</script>", "", page)
    if not is_search:  # the search field leads to the search page, which loads the index
        page = re.sub(r'\s*<script src="[^"]*(searchtools|language_data|searchindex)\.js[^"]*"></script>', "", page)
    # Written after the pages are: the checksum in its address would be that of the build before, if there was one.
    page = re.sub(r"(_static/(?:math|mystnb\.\w+)\.css)\?v=\w+", r"\1", page)
    # The buttons' visible text is their name; the label beside it says something else.
    page = re.sub(r'(<button[^>]*search-button__button[^>]*?)\s+aria-label="Search"', r"\1", page)
    page = page.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    page = re.sub(r'<th class="head[^"]*"><p></p></th>', "<td></td>", page)  # the corner of a table heads nothing
    page = UNFOLDS.sub(lambda m: f'{m[1]} aria-label="Pages under {m[2].replace(chr(34), "&quot;")}">', page)
    sidebar = '<div id="pst-primary-sidebar"'
    return page.replace(f"{sidebar} class=", f'{sidebar} role="navigation" aria-label="Book" class=')


def mend_redirect(app: Sphinx, exception: Exception | None) -> None:
    """Make the redirect at the site's root a whole page."""
    first = Path(app.outdir, "index.html")
    if exception is None and app.builder.format == "html" and first.exists():
        before = first.read_text(encoding="utf-8")
        if "http-equiv" in before[:100]:
            first.write_text(first_page(before), encoding="utf-8")


def first_page(redirect: str) -> str:
    """Return the redirect at the site's root as a whole page: with a language, a title, an icon and a link."""
    target = re.search(r"url=([^\"]+)", redirect)[1]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n<title>Layer by Layer</title>\n'
        f'<meta http-equiv="refresh" content="0; url={target}"/>\n<link rel="icon" href="data:,"/>\n'
        f'</head>\n<body><p><a href="{target}">Layer by Layer</a></p></body>\n</html>\n'
    )
