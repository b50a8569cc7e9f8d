"""Make the licenses page: every file of the site that comes from another package, and its license.

`{licenses}` on a page shows the metadata of the installed packages. A file in the site's `_static` that isn't the
course's own and has no entry here causes a warning, which the build turns into an error.
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
from coursebook.markup.tables import scrolling

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """An installed package, and the files below `_static` that come from it."""

    package: str
    files: str  # names and patterns, separated by spaces
    text_from: str = ""  # another package that ships the license's text, if this package doesn't
    work: str = ""  # the third-party work inside the package that these files belong to
    terms: str = ""  # the text of that work's license, which the package only names


MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""

SOURCES = (
    Source(
        "Sphinx",
        "basic.css doctools.js documentation_options.js sphinx_highlight.js file.png minus.png plus.png",
    ),
    Source("Pygments", "pygments.css"),
    Source(
        "pydata-sphinx-theme",
        "styles/theme.css styles/pydata-sphinx-theme.css scripts/bootstrap.js scripts/pydata-sphinx-theme.js "
        "vendor/fontawesome/*",
    ),
    Source("sphinx-book-theme", "styles/sphinx-book-theme.css scripts/sphinx-book-theme.js images/*"),
    Source("sphinx-design", "sphinx-design.min.css design-tabs.js"),
    Source(
        "sphinx-copybutton",
        "copybutton.css copybutton.js copybutton_funcs.js clipboard.min.js *-button.svg check-solid.svg",
    ),
    Source("sphinx-togglebutton", "togglebutton.css togglebutton.js play-solid.svg"),
    Source("myst-nb", "mystnb.*.css"),
    Source("mkdocs", "lunr.js", work="lunr", terms=MIT),
    Source("sphinx-mathjax-offline", "math.css math/*", text_from="packaging"),
)
MADE = ("store.js", "course-map.js", "questions/*.js", "*.apkg")  # the build makes them from the course's text and code


class Licenses(SphinxDirective):
    """``{licenses}``: a table of the packages, then the text of each package's license, collapsed."""

    def run(self) -> list[nodes.Node]:
        """Return the table and the texts as HTML."""
        rows = "".join(row(source) for source in SOURCES)
        head = "<thead><tr><th>Package</th><th>Version</th><th>License</th><th>Files in the site</th></tr></thead>"
        table = scrolling(f'<table class="table">{head}<tbody>{rows}</tbody></table>')
        return [nodes.raw("", table + "".join(map(text, SOURCES)), format="html")]


def row(source: Source) -> str:
    """Return a package's row of the table."""
    about = metadata.metadata(source.package)
    files = ", ".join(f"<code>{html.escape(file)}</code>" for file in source.files.split())
    return (
        f"<tr><td>{html.escape(name(source))}</td><td>{html.escape(about['Version'])}</td>"
        f"<td>{html.escape(license_of(source))}</td><td>{files}</td></tr>"
    )


def name(source: Source) -> str:
    """Return the name of a package, and of the work inside it if there is one."""
    package = metadata.metadata(source.package)["Name"]
    return f"{source.work}, from {package}" if source.work else package


def license_of(source: Source) -> str:
    """Return the name of a license, as given in the package's metadata."""
    if source.terms:
        return "MIT"
    about = metadata.metadata(source.package)
    said = [*(about.get_all("License-Expression") or []), *(about.get_all("License") or [])]
    named = next(filter(None, said), "")
    if not named or "\n" in named:
        classes = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
        named = ", ".join(line.rpartition(" :: ")[2] for line in classes)
    return named


def text(source: Source) -> str:
    """Return the license's text and the notices in the package's own files, collapsed, as HTML."""
    if source.terms:
        return fold(source, [*notices(source), source.terms])
    wanted = r"dist-info/(.*/)?(LICEN[CS]E|COPYING|NOTICE)"
    if source.text_from:
        wanted = r"dist-info/(.*/)?LICENSE\.APACHE$"
    files = metadata.files(source.text_from or source.package) or []
    found = [path.read_text(encoding="utf-8") for path in files if re.search(wanted, path.as_posix(), re.IGNORECASE)]
    if not found:
        raise LookupError(f"{source.package} was installed without the text of its license")
    return fold(source, [*found, *notices(source)])


def fold(source: Source, texts: list[str]) -> str:
    """Return a package's texts in a collapsed block of HTML."""
    title = html.escape(f"{name(source)}: {license_of(source)}")
    whole = html.escape("\n\n".join(texts))
    return f"<details><summary>{title}</summary><pre>{whole}</pre></details>"


def notices(source: Source) -> list[str]:
    """Return the notices in a package's files about works inside them, such as Bootstrap or Font Awesome."""
    names = {name.rpartition("/")[2] for name in source.files.split()} | {"fontawesome.js.LICENSE.txt"}
    found: dict[str, None] = {}
    for path in metadata.files(source.package) or []:
        if path.name in names and path.suffix in {".css", ".js", ".txt"}:
            content = path.read_text(encoding="utf-8")
            found.update(
                dict.fromkeys(re.sub(r"\s*\n\s*", "\n", one) for one in re.findall(r"/\*!.*?\*/", content, re.DOTALL))
            )
    return list(found)


def check_owners(app: Sphinx) -> None:
    """Warn about each static file in the site that is neither the course's own nor named on the licenses page."""
    static, own = Path(app.outdir, "_static"), own_files(app)
    for path in sorted(static.rglob("*")):
        name = path.relative_to(static).as_posix()
        is_ours = path.name in own or any(fnmatch(name, pattern) for pattern in MADE)
        if path.is_file() and not is_ours and not owners(name):
            logger.warning("_static/%s is in the site and has no entry in coursebook/pages/licenses.py", name)


def owners(name: str) -> list[str]:
    """Return the packages that a file below `_static` comes from."""
    return [source.package for source in SOURCES if any(fnmatch(name, pattern) for pattern in source.files.split())]
