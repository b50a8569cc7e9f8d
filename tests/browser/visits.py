"""Every page of the book looked at once in each of four ways, and all that the tests ask of it written down.

A page is opened once for a width and a theme; axe, sizes, pictures, headings and requests are read off that one visit,
so that a book of forty pages is still looked at in minutes.
"""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python

SITE = Path(__file__).parents[2] / "_build" / "html"
REDIRECT = "index.html"  # leads to the first page at once
FILES = (path.relative_to(SITE) for path in SITE.rglob("*.html"))
PAGES = sorted(str(path) for path in FILES if "_static" not in path.parts and str(path) != REDIRECT)
WAYS = [(width, theme) for width in (1280, 390) for theme in ("light", "dark")]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # axe's rules on all that another theme changes


@dataclass
class Visit:
    """What one look at a page found; lists of complaints are empty where all is well."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)  # what `look.js` returns
    violations: list[str] = field(default_factory=list)  # of axe's rules, one line for each element
    enlarged: dict[str, Any] = field(default_factory=dict)  # `sizes` again: text twice as large, or 320 px wide


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing: what failed to load is among a page's complaints."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path, handler: type[Quiet] = Quiet) -> Iterator[str]:
    """Serve a folder on a free port of this machine; yields its address, which ends with a slash."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


class Visitor:
    """Goes to pages with one browser context for each width and theme, and remembers what it saw."""

    def __init__(self, chromium: Any, address: str) -> None:
        self.chromium = chromium
        self.address = address
        self._pages: dict[tuple[int, str], Any] = {}
        self._visits: dict[tuple[str, int, str], Visit] = {}

    def visit(self, name: str, width: int, theme: str) -> Visit:
        """Return what there is to see on a page of the book."""
        key = (name, width, theme)
        if key not in self._visits:
            self._visits[key] = self._look(name, width, theme)
        return self._visits[key]

    def _look(self, name: str, width: int, theme: str) -> Visit:
        page, visit = self._page(width, theme), Visit()
        handlers = {
            "request": lambda request: visit.requests.append(request.url),
            "pageerror": lambda error: visit.complaints.append(str(error)),
            "console": lambda m: (
                visit.complaints.append(f"{m.text} ({m.location['url']})") if m.type in ("error", "warning") else None
            ),
        }
        for event, handler in handlers.items():
            page.on(event, handler)
        go(page, self.address + name)
        visit.seen = page.evaluate("look.seen()")
        if theme == "light":
            visit.enlarged = enlarged(page, width)
        for event, handler in handlers.items():  # axe asks for style sheets again, some under wrong addresses
            page.remove_listener(event, handler)
        visit.violations = violations(page, STANDARDS if theme == "light" else COLOURS)
        return visit

    def _page(self, width: int, theme: str) -> Any:
        if (width, theme) not in self._pages:
            # Without motion: a colour on its way from one to another has the contrast of neither.
            context = self.chromium.new_context(
                viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
            )
            context.set_default_timeout(60_000)  # a busy machine is no fault of a page
            self._pages[width, theme] = context.new_page()
        return self._pages[width, theme]

    def close(self) -> None:
        """Close the browser's contexts."""
        for page in self._pages.values():
            page.context.close()


def go(page: Any, url: str) -> None:
    """Open a page and wait until it is whole: formulas set, explorers alive, pictures there."""
    page.goto(url, wait_until="load")
    page.evaluate(LOOK)
    page.wait_for_function("look.whole()")


def enlarged(page: Any, width: int) -> dict[str, Any]:
    """Return the page's sizes with text twice as large (wide page) or in a window of 320 px (narrow page)."""
    if width > 600:
        page.evaluate("document.documentElement.style.fontSize = '200%'")
    else:
        page.set_viewport_size({"width": 320, "height": 900})
    sizes = page.evaluate("look.sizes()")
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": width, "height": 900})
    return sizes


def violations(page: Any, tags: list[str]) -> list[str]:
    """Return what axe finds by rules of these names or tags, all unfolded. It changes the page: last thing to do."""
    page.evaluate(AXE)
    found = page.evaluate(
        """async tags => {
            look.unfold(); look.thin();
            axe.configure({ rules: [{ id: "color-contrast", selector: "[data-stands-for-all]" }] });
            const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
            return violations.flatMap(({ id, help, nodes }) => nodes.map(({ any, all, none, html }) =>
                [id, [...any, ...all, ...none][0]?.message ?? help, html.slice(0, 160)].join(": ")));
        }""",
        tags,
    )
    return sorted(found)
