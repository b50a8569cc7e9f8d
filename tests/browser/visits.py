"""Every page of the book opened once a width, by a browser that is new to it, and all that the tests ask written down.

What a page loads and keeps, how it looks in both themes, where Tab leads and what axe finds are read off those two
visits, so that a book of a hundred pages is still looked at in minutes. `SAMPLE` is looked at in every way. Elsewhere
Tab goes from the text on, since the sidebar is the same on every page, and what hardly depends on the width is looked
at in one. The pages of explained solutions are one template filled by a script, and so are those of what was tried on a
chapter's exercises: the sample has one of each, and `make test-long` looks at the others every night, on a phone alone.
"""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from coursebook.pages import moved

SITE = Path(__file__).parents[2] / "_build" / "html"
REDIRECTS = {"index.html": "book/intro.html"} | {  # pages that lead to another at once
    f"book/{old}.html": f"book/{today}.html" for old, today in moved.pages(Path(__file__).parents[2]).items()
}
FILES = (path.relative_to(SITE) for path in SITE.rglob("*.html"))
PAGES = sorted(str(path) for path in FILES if "_static" not in path.parts and str(path) not in REDIRECTS)
WIDE, NARROW = 1280, 390
SOLUTIONS = "book/solutions/"
POINTS = "book/points/"
SAMPLE = (
    "book/intro.html",
    "notebooks/linear/linear.html",
    f"{SOLUTIONS}linear.html",
    f"{SOLUTIONS}overview.html",
    f"{POINTS}linear.html",
)
STEPS = 4_000  # presses of Tab: more than any page here has stops; a page that holds the focus reaches it
AT_ONCE = 25  # presses before the page is asked where it has been

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # axe's rules on all that another theme changes


def _is_one_of_many(page: str) -> bool:
    return page.startswith((SOLUTIONS, POINTS)) and page not in SAMPLE


# For `parametrize`: every page, those that are one of many among the long tests.
EACH = [pytest.param(page, marks=pytest.mark.long) if _is_one_of_many(page) else page for page in PAGES]


@dataclass
class Visit:
    """What one look at a page found, by theme where it may differ; lists of complaints are empty where all is well."""

    way: str  # for messages: "1280 px"
    requests: list[str] = field(default_factory=list)  # all
    loaded: list[str] = field(default_factory=list)  # those of them that it takes to show the page
    complaints: list[str] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)  # about its reader
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)  # what `look.js` returns
    enlarged: dict[str, Any] = field(default_factory=dict)  # `sizes` again: text twice as large, or 320 px wide
    stops: list[dict[str, Any]] | None = None  # of Tab; None where it was not pressed
    sideways: dict[str, Any] = field(default_factory=dict)  # what is wider than the page
    places: dict[str, Any] = field(default_factory=dict)  # the buttons above a chapter
    violations: dict[str, list[str]] = field(default_factory=dict)  # of axe's rules, one line for each element


def widths(page: str) -> tuple[int, ...]:
    """Return the widths at which a page is looked at."""
    return (NARROW,) if _is_one_of_many(page) else (WIDE, NARROW)


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
    """Goes to pages, each time as a browser that was never there, and remembers what it saw."""

    def __init__(self, chromium: Any, address: str) -> None:
        self.chromium = chromium
        self.address = address
        self._visits: dict[tuple[str, int], Visit] = {}

    def visits(self, name: str) -> list[Visit]:
        """Return what there is to see on a page of the book, at each of its widths."""
        return [self.visit(name, width) for width in widths(name)]

    def visit(self, name: str, width: int) -> Visit:
        """Return what there is to see on a page of the book at one width."""
        key = (name, width)
        if key not in self._visits:
            # Without motion: a colour on its way from one to another has the contrast of neither.
            context = self.chromium.new_context(
                viewport={"width": width, "height": 900}, color_scheme="light", reduced_motion="reduce"
            )
            context.set_default_timeout(60_000)  # a busy machine is no fault of a page
            self._visits[key] = self._look(context.new_page(), name, width)
            context.close()
        return self._visits[key]

    def _look(self, page: Any, name: str, width: int) -> Visit:
        visit = Visit(f"{width} px")
        handlers = {
            "request": lambda request: visit.requests.append(request.url),
            "pageerror": lambda error: visit.complaints.append(str(error)),
            "console": lambda m: (
                visit.complaints.append(f"{m.text} ({m.location['url']})") if m.type in ("error", "warning") else None
            ),
        }
        for event, handler in handlers.items():
            page.on(event, handler)
        go(page, self.address + name, wait_until="networkidle")
        visit.loaded = list(visit.requests)
        visit.kept = page.evaluate("look.kept()") | {"cookies": page.context.cookies()}
        visit.seen["light"] = page.evaluate("look.seen()")
        visit.enlarged = enlarged(page, width)
        visit.places = page.evaluate("look.places()")
        # Outside the sample, what hardly depends on the width is looked at in one: Tab where the page is wide, the dark
        # theme and axe where it is narrow.
        is_sample, is_narrow = name in SAMPLE, width == NARROW
        themes = ("light", "dark") if is_sample or (is_narrow and not _is_one_of_many(name)) else ("light",)
        if not is_narrow:
            visit.stops = stops(page, from_the_top=is_sample)
        for theme in themes[1:]:
            dress(page, theme)
            visit.seen[theme] = page.evaluate("look.seen()")
        if is_sample and is_narrow:  # outlines in the dark; the sidebar is folded away
            visit.stops = stops(page, from_the_top=True)
        for event, handler in handlers.items():  # axe asks for style sheets again, some under wrong addresses
            page.remove_listener(event, handler)
        visit.sideways = page.evaluate("look.sideways()")
        if is_sample or is_narrow:
            visit.violations = violations(page, themes)
        return visit


def go(page: Any, url: str, wait_until: str = "load") -> None:
    """Open a page and wait until it is whole: formulas set, explorers alive, pictures there."""
    page.goto(url, wait_until=wait_until)
    page.evaluate(LOOK)
    page.wait_for_function("look.whole()")


def dress(page: Any, theme: str) -> None:
    """Let the system be light or dark, and wait until the page is; one without a switch looks only as it is loaded."""
    page.emulate_media(color_scheme=theme)
    if page.locator("button.theme-switch-button").count():
        page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
    else:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


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


def stops(page: Any, from_the_top: bool = True) -> list[dict[str, Any]]:
    """Press Tab until the focus leaves the page or comes back to where it began; return every stop.

    Args:
        page: a page that `go` opened, in which nothing was focused yet.
        from_the_top: begin before everything, the sidebar too; else where the text begins.
    """
    page.evaluate("fromTheTop => look.follow(fromTheTop)", from_the_top)
    for _ in range(STEPS // AT_ONCE):
        for _ in range(AT_ONCE):
            page.keyboard.press("Tab")
        found = page.evaluate("look.followed()")
        if found["over"]:
            return found["stops"]
    raise AssertionError(f"after {STEPS} presses of Tab the focus is still going: {found['stops'][-1]['element']}")


def violations(page: Any, themes: Iterable[str] = ("light",)) -> dict[str, list[str]]:
    """Return what axe finds in each theme, with everything unfolded: every rule in the first theme, then only colors.

    It changes the page: last thing to do.
    """
    # Where Tab ended, a tooltip may be open; the theme's buttons keep from their own blur() what a key focused.
    page.evaluate("HTMLElement.prototype.blur.call(document.activeElement)")
    page.mouse.move(0, 0)
    page.wait_for_function("!document.querySelector('.tooltip')")
    page.evaluate(AXE)
    page.evaluate("look.unfold()")
    for theme in themes:
        dress(page, theme)
        page.evaluate("look.mark()")
    page.evaluate("look.thin()")
    found = {}
    for number, theme in enumerate(themes):
        dress(page, theme)
        found[theme] = sorted(page.evaluate(_RUN_AXE, COLOURS if number else STANDARDS))
    return found


_RUN_AXE = """async tags => {
    axe.configure({ rules: [{ id: "color-contrast", selector: "[data-stands-for-all]" }] });
    const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ any, all, none, html }) =>
        [id, [...any, ...all, ...none][0]?.message ?? help, html.slice(0, 160)].join(": ")));
}"""
