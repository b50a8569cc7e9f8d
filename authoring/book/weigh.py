"""Measure the weight of a built page: the compressed size of all files that a browser requests for it."""

from __future__ import annotations

import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from authoring.setup.make import find_browser

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


class PageError(RuntimeError):
    """The built pages could not be opened, measured, or printed; the message says why and what to do."""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and logs nothing, because requests are counted in the browser."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def served(site: Path, handler: type[Quiet] = Quiet) -> Iterator[str]:
    """Serve a folder on a free port of this machine, and yield its address, which ends with a slash."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the local Chromium, and yield it as a Playwright browser.

    Raises:
        PageError: if it cannot be started.
    """
    from playwright.sync_api import Error, sync_playwright  # only this function needs a browser driver

    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=find_browser() or None)
        except Error as error:
            raise PageError(
                "No Chromium could be started. Install one (apt install chromium, or python -m playwright install "
                f"chromium), or name yours in CHROMIUM.\n  {str(error).strip().splitlines()[0]}"
            ) from error
        yield browser
        browser.close()


def pages(site: Path) -> list[str]:
    """Return the paths of a built site's pages, except those that only redirect."""
    found = sorted(path.relative_to(site) for path in site.rglob("*.html") if "_static" not in path.parts)
    return [page.as_posix() for page in found if 'http-equiv="refresh"' not in (site / page).read_text("utf-8")[:400]]


def weigh_all(site: Path) -> list[Weight]:
    """Measure the weight of every page of a built site with the local Chromium.

    Raises:
        PageError: if there is no site, or no Chromium.
    """
    if not (site / "index.html").exists():
        raise PageError("there is no book to weigh: run `make book` first")
    with chromium() as browser, served(site) as address:
        return [weigh(browser, address, site, page) for page in pages(site)]


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
