"""Measure the weight of a built page: the compressed size of all files that a browser requests for it."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PACKED = {".html", ".css", ".js", ".mjs", ".json", ".svg", ".txt"}  # other files (fonts, PNG) are already compressed
GZIP_LEVEL = 6

# The most a page may weigh, in kB of 1,000 bytes, by its heaviest kind of content.
CEILINGS = {"text": 120, "mathematics": 250, "figures": 270}


@dataclass(frozen=True)
class Weight:
    """The weight of a page: its path, heaviest kind of content (a key of `CEILINGS`), and each file's size in bytes."""

    page: str
    holds: str
    files: dict[str, int]

    @property
    def kilobytes(self) -> float:
        """The total in units of 1,000 bytes."""
        return sum(self.files.values()) / 1000

    @property
    def is_light(self) -> bool:
        """Whether the page is within its ceiling."""
        return self.kilobytes <= CEILINGS[self.holds]


def weigh(browser: Any, address: str, site: Path, page: str) -> Weight:
    """Open a page as a first-time visitor does, and measure what it requests.

    The built book, ``site``, is served at ``address``, and ``page`` is a path in it.

    Raises:
        ValueError: if the page requests something that is not in the site.
    """
    asked: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(address + page, wait_until="networkidle")
    finally:
        context.close()
    return weight_of(asked, address, site, page)


def weight_of(asked: list[str], address: str, site: Path, page: str) -> Weight:
    """Return the weight of a page that requests these addresses.

    Raises:
        ValueError: if the page requests something that is not in the site.
    """
    files = {}
    for url in asked:
        if url.startswith(("data:", "blob:", "about:")):
            continue
        path = site / unquote(urlsplit(url).path.lstrip("/"))
        if not url.startswith(address) or not path.is_file():
            raise ValueError(f"{page} asks for {url}, which is not in the site")
        files[path.relative_to(site).as_posix()] = sent(path)
    return Weight(page, holds((site / page).read_text(encoding="utf-8")), files)


def sent(path: Path) -> int:
    """Return how many bytes a server sends for a file; it gzips text at level 6 and sends other files unchanged."""
    data = path.read_bytes()
    return len(gzip.compress(data, GZIP_LEVEL, mtime=0)) if path.suffix in PACKED else len(data)


def holds(html: str) -> str:
    """Return a page's heaviest kind of content: figures or explorers, mathematics, or only text."""
    if "data-lab-model" in html or ('class="cell_output' in html and "<img" in html):
        return "figures"
    return "mathematics" if 'class="math' in html else "text"
