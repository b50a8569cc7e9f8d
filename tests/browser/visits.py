"""Open every page of the book once per width, in a new browser, and record everything that the tests check.

Tests read from these two visits what a page loads and stores, how it looks in both themes, where Tab leads, and what
axe finds, so a book of a hundred pages is checked in minutes. The pages in `SAMPLE`, one of each kind, get all checks.
The other pages are complete and fit both windows; a tenth of them, each day another, also get Tab from the text, the
dark theme, and axe, each at one width. All pages of explained solutions have the same template. The sample contains one
of them; `make test-long` checks the others, only at a phone's width.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from coursebook.pages import moved

SITE = Path(__file__).parents[2] / "_build" / "html"
REDIRECTS = {"index.html": "book/intro.html"} | {  # pages that immediately redirect to another
    f"book/{old}.html": f"book/{today}.html" for old, today in moved.pages(Path(__file__).parents[2]).items()
}
FILES = (path.relative_to(SITE) for path in SITE.rglob("*.html"))
PAGES = sorted(str(path) for path in FILES if "_static" not in path.parts and str(path) not in REDIRECTS)
CHAPTERS = [page for page in PAGES if page.startswith("notebooks/")]
WIDE, NARROW = 1280, 390
SOLUTIONS = "book/solutions/"
SAMPLED = "lazy"  # the smallest page of a chapter with exercises, because the sample gets every check
SAMPLE = (
    "book/intro.html",
    f"notebooks/{SAMPLED}/{SAMPLED}.html",
    f"{SOLUTIONS}{SAMPLED}.html",
    f"{SOLUTIONS}overview.html",
    "book/points.html",
)
TURN, TURNS = date.today().toordinal(), 10
STEPS = 4_000  # presses of Tab: more than the stops on any page here; a page that traps the focus reaches this limit
AT_ONCE = 25  # presses before the page is asked for its stops

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # axe's rules on everything that another theme changes


def _is_one_of_many(page: str) -> bool:
    return page.startswith(SOLUTIONS) and page not in SAMPLE


def is_searched(page: str) -> bool:
    """Return whether Tab, the dark theme, and axe try a page today: all in the sample, and a tenth of the others."""
    return page in SAMPLE or (PAGES.index(page) % TURNS == TURN % TURNS and not _is_one_of_many(page))


# For `parametrize`: every page; those that are one of many are in the long tests.
EACH = [pytest.param(page, marks=pytest.mark.long) if _is_one_of_many(page) else page for page in PAGES]


@dataclass
class Visit:
    """The findings of one visit to a page; those that may differ between themes are stored by theme."""

    way: str  # for messages: "1280 px"
    requests: list[str] = field(default_factory=list)  # all requests
    loaded: list[str] = field(default_factory=list)  # those needed to show the page
    complaints: list[str] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)  # what it stores about its reader
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)  # what `look.js` returns
    enlarged: dict[str, Any] = field(default_factory=dict)  # `sizes` again: text twice as large, or 320 px wide
    stops: list[dict[str, Any]] | None = None  # the stops of Tab; None if it was not pressed
    sideways: dict[str, Any] = field(default_factory=dict)  # what is wider than the page
    unmoved: list[str] = field(default_factory=list)  # controls of explorers that need Python; empty on narrow pages
    violations: dict[str, list[str]] = field(default_factory=dict)  # of axe's rules, one line per element


def widths(page: str) -> tuple[int, ...]:
    """Return the widths at which a page is visited."""
    return (NARROW,) if _is_one_of_many(page) else (WIDE, NARROW)


class Visitor:
    """A visitor that opens each page in a new browser and caches the findings."""

    def __init__(self, chromium: Any, address: str) -> None:
        self.chromium = chromium
        self.address = address
        self._visits: dict[tuple[str, int], Visit] = {}

    def visits(self, name: str) -> list[Visit]:
        """Return the visits to a page of the book, at each of its widths."""
        return [self.visit(name, width) for width in widths(name)]

    def visit(self, name: str, width: int) -> Visit:
        """Return the visit to a page of the book at one width."""
        key = (name, width)
        if key not in self._visits:
            # Turn off motion: a color in mid-transition has neither color's contrast.
            context = self.chromium.new_context(
                viewport={"width": width, "height": 900}, color_scheme="light", reduced_motion="reduce"
            )
            context.set_default_timeout(60_000)  # a busy machine is not a page's fault
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
        is_sample, is_narrow = name in SAMPLE, width == NARROW
        themes = ("light", "dark") if is_sample or (is_narrow and is_searched(name)) else ("light",)
        page.evaluate("look.shorten(true)")
        if is_searched(name) and not is_narrow:
            visit.stops = stops(page, from_the_top=is_sample)
        for theme in themes[1:]:
            dress(page, theme)
            visit.seen[theme] = page.evaluate("look.seen()")
        if is_sample and is_narrow:  # outlines in the dark theme; the sidebar is collapsed
            visit.stops = stops(page, from_the_top=True)
        for event, handler in handlers.items():  # axe requests style sheets again, some from wrong addresses
            page.remove_listener(event, handler)
        page.evaluate("look.shorten(false)")
        visit.sideways = page.evaluate("look.sideways()")
        if is_sample or (is_narrow and (is_searched(name) or _is_one_of_many(name))):
            visit.violations = violations(page, themes)
        if not is_narrow:
            visit.unmoved = page.evaluate("look.unmoved()")
        return visit


def go(page: Any, url: str, wait_until: str = "load") -> None:
    """Open a page and wait until it is complete: formulas typeset, explorers live, images loaded."""
    page.goto(url, wait_until=wait_until)
    page.evaluate(LOOK)
    page.wait_for_function("look.whole()")


def dress(page: Any, theme: str) -> None:
    """Switch the system to a theme, and wait for the page to follow; set the theme on pages without a switch."""
    page.emulate_media(color_scheme=theme)
    if page.locator("button.theme-switch-button").count():
        page.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)
    else:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


def enlarged(page: Any, width: int) -> dict[str, Any]:
    """Return the sizes on a wide page with text at twice its size, or on a narrow page in a 320 px window."""
    if width > 600:
        page.evaluate("document.documentElement.style.fontSize = '200%'")
    else:
        page.set_viewport_size({"width": 320, "height": 900})
    sizes = page.evaluate("look.sizes()")
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": width, "height": 900})
    return sizes


def stops(page: Any, from_the_top: bool = True) -> list[dict[str, Any]]:
    """Press Tab, from the top or from the text, until the focus leaves the page or is back; return every stop."""
    page.evaluate("fromTheTop => look.follow(fromTheTop)", from_the_top)
    for _ in range(STEPS // AT_ONCE):
        for _ in range(AT_ONCE):
            page.keyboard.press("Tab")
        found = page.evaluate("look.followed()")
        if found["over"]:
            return found["stops"]
    raise AssertionError(f"after {STEPS} presses of Tab the focus is still going: {found['stops'][-1]['element']}")


def violations(page: Any, themes: Iterable[str] = ("light",)) -> dict[str, list[str]]:
    """Return axe's findings in each theme, with everything unfolded.

    All rules run in the first theme, and only the color rules run in the others. Call this function last, because it
    changes the page.
    """
    # A tooltip may be open where Tab ended; the theme's buttons do not blur what a key has focused.
    page.evaluate("HTMLElement.prototype.blur.call(document.activeElement)")
    page.mouse.move(0, 0)
    page.wait_for_function("!document.querySelector('.tooltip')")
    page.evaluate(AXE)
    page.evaluate("look.unfold()")
    page.evaluate("look.shorten(true)")
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
