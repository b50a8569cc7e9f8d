"""Warn about a file in the site that comes from a package which the licenses page doesn't name."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from coursebook.assets.trim import own_files

PAGE = Path("book", "licenses.md")
MADE = ("store.js", "course-map.js", "questions/*.js")  # the build makes them from the course's text and code

logger = logging.getLogger(__name__)


def check_owners(app: Sphinx) -> None:
    """Warn about each static file that is neither the course's own nor in the table of the licenses page."""
    static, own = Path(app.outdir, "_static"), own_files(app)
    named = (*MADE, *patterns(Path(app.srcdir, PAGE).read_text(encoding="utf-8")))
    for path in sorted(filter(Path.is_file, static.rglob("*"))):
        name = path.relative_to(static).as_posix()
        if path.name not in own and not any(fnmatch(name, pattern) for pattern in named):
            logger.warning("_static/%s comes from a package that %s does not name", name, PAGE)


def patterns(page: str) -> list[str]:
    """Return the names of files in the first column of the page's table."""
    return [name for cell in re.findall(r"^\|([^|]*)\|", page, re.MULTILINE) for name in re.findall("`([^`]+)`", cell)]
