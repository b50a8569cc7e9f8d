"""The page of licences: every file of the site that comes from somebody else's package, and under which terms.

`{licences}` on a page writes what the installed packages say of themselves. A file in the site's `_static` that belongs
to nobody named here is a warning, which the build turns into an error.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from coursebook.assets.trim import own_files

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """An installed package, and the files below `_static` that come from it."""

    package: str
    files: tuple[str, ...]
    text_from: str = ""  # another package whose copy of the licence is shown, for one that ships none


SOURCES = (
    Source(
        "Sphinx",
        (
            "basic.css",
            "doctools.js",
            "documentation_options.js",
            "language_data.js",
            "searchtools.js",
            "sphinx_highlight.js",
            "file.png",
            "minus.png",
            "plus.png",
        ),
    ),
    Source("Pygments", ("pygments.css",)),
    Source(
        "pydata-sphinx-theme",
        (
            "styles/theme.css",
            "styles/pydata-sphinx-theme.css",
            "scripts/bootstrap.js",
            "scripts/pydata-sphinx-theme.js",
            "vendor/fontawesome/*",
        ),
    ),
    Source("sphinx-book-theme", ("styles/sphinx-book-theme.css", "scripts/sphinx-book-theme.js", "images/*")),
    Source("sphinx-design", ("sphinx-design.min.css", "design-tabs.js")),
    Source(
        "sphinx-copybutton",
        (
            "copybutton.css",
            "copybutton.js",
            "copybutton_funcs.js",
            "clipboard.min.js",
            "*-button.svg",
            "check-solid.svg",
        ),
    ),
    Source("sphinx-togglebutton", ("togglebutton.css", "togglebutton.js", "play-solid.svg")),
    Source("myst-nb", ("mystnb.*.css",)),
    Source("sphinx-mathjax-offline", ("math.css", "math/*"), text_from="packaging"),
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the directive, and look at the finished site."""
    app.add_directive("licences", Licences)
    app.connect("build-finished", check_owners, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Licences(SphinxDirective):
    """``{licences}``: a table of the packages, then the text of each one's licence, folded."""

    def run(self) -> list[nodes.Node]:
        """Return it as HTML, which no search index reads."""
        rows = "".join(row(source) for source in SOURCES)
        head = "<thead><tr><th>Package</th><th>Version</th><th>Licence</th><th>Files in the site</th></tr></thead>"
        table = f'<table class="table">{head}<tbody>{rows}</tbody></table>'
        texts = "".join(text(source) for source in SOURCES)
        return [
            nodes.raw(
                "", f'<div class="pst-scrollable-table-container" tabindex="0">{table}</div>{texts}', format="html"
            )
        ]


def row(source: Source) -> str:
    """Return a package's line of the table."""
    about = metadata.metadata(source.package)
    files = ", ".join(f"<code>{html.escape(name)}</code>" for name in source.files)
    return (
        f"<tr><td>{html.escape(about['Name'])}</td><td>{html.escape(about['Version'])}</td>"
        f"<td>{html.escape(licence(source.package))}</td><td>{files}</td></tr>"
    )


def licence(package: str) -> str:
    """Return the name of a package's licence, as its metadata give it."""
    about = metadata.metadata(package)
    named = about.get("License-Expression") or about.get("License") or ""
    if not named or "\n" in named:
        classes = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
        named = ", ".join(line.rpartition(" :: ")[2] for line in classes)
    return named


def text(source: Source) -> str:
    """Return the licence's text, and the notices that stand in the package's own files, in a fold."""
    wanted = r"dist-info/(.*/)?(LICEN[CS]E|COPYING|NOTICE)"
    if source.text_from:
        wanted = r"dist-info/(.*/)?LICENSE\.APACHE$"
    files = metadata.files(source.text_from or source.package) or []
    found = [path.read_text(encoding="utf-8") for path in files if re.search(wanted, path.as_posix(), re.IGNORECASE)]
    if not found:
        raise LookupError(f"{source.package} was installed without the text of its licence")
    whole = "\n\n".join([*found, *notices(source)])
    name = html.escape(f"{source.package}: {licence(source.package)}")
    return f"<details><summary>{name}</summary><pre>{html.escape(whole)}</pre></details>"


def notices(source: Source) -> list[str]:
    """Return what the files of a package say of works inside them, such as Bootstrap or Font Awesome."""
    names = {name.rpartition("/")[2] for name in source.files} | {"fontawesome.js.LICENSE.txt"}
    found: dict[str, None] = {}
    for path in metadata.files(source.package) or []:
        if path.name in names and path.suffix in {".css", ".js", ".txt"}:
            content = path.read_text(encoding="utf-8")
            found.update(
                dict.fromkeys(re.sub(r"\s*\n\s*", "\n", one) for one in re.findall(r"/\*!.*?\*/", content, re.DOTALL))
            )
    return list(found)


def check_owners(app: Sphinx, exception: Exception | None) -> None:
    """Warn of each file in the site that is neither the course's own nor named on the page."""
    if exception is not None or app.builder.format != "html":
        return
    static, own = Path(app.outdir, "_static"), own_files(app)
    for path in sorted(static.rglob("*")):
        name = path.relative_to(static).as_posix()
        if path.is_file() and path.name not in own and not owners(name):
            logger.warning("_static/%s is in the site and has no entry in coursebook/pages/licences.py", name)


def owners(name: str) -> list[str]:
    """Return the packages that a file below `_static` comes from."""
    return [source.package for source in SOURCES if any(fnmatch(name, pattern) for pattern in source.files)]
