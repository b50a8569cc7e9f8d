"""Provide a real browser for tests of pages; it records every request and every error of a page."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import explorers
import pytest
from own_lab import Lab, jupyterlab

from authoring.setup.make import find_browser
from tests.browser.visits import SITE, Visitor, go
from tests.served import served


@dataclass
class Watched:
    """A page, and a record of its requests and errors."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def strangers(self, *own: str) -> list[str]:
        """Return the requested addresses outside ``own``, without data:, blob:, and about:, which send nothing."""
        return [url for url in self.requests if not url.startswith((*own, "data:", "blob:", "about:"))]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Yield a headless Chromium. If there is none, skip the tests, or fail if CI is set."""
    from playwright.sync_api import Error, sync_playwright

    found = find_browser() or None  # None: Playwright's own browser
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except Error as error:
            sentence = f"no Chromium to look at the pages with (install chromium, or `playwright install`): {error}"
            if os.environ.get("CI"):
                pytest.fail(sentence)
            pytest.skip(sentence)
        yield browser
        browser.close()


@pytest.fixture
def watch(chromium: Any) -> Iterator[Callable[..., Watched]]:
    """Yield a function that opens an empty watched page, as in ``watch(width=390, theme="dark")``."""
    contexts = []

    def open_page(width: int = 1280, theme: str = "light", **options: Any) -> Watched:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, **options)
        context.set_default_timeout(60_000)  # a busy machine is not a page's fault
        contexts.append(context)
        watched = Watched(context.new_page())
        watched.page.on("request", lambda request: watched.requests.append(request.url))
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.on(
            "console", lambda m: watched.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        return watched

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def book() -> Iterator[str]:
    """Serve the built book; the address ends with a slash."""
    with served(SITE) as address:
        yield address


@pytest.fixture
def shown(watch: Callable[..., Watched], book: str) -> Callable[..., Watched]:
    """Return a function that opens a page of the book and waits for it: ``shown("book/intro.html", width=390)``."""

    def open_page(name: str, wait_until: str = "load", **options: Any) -> Watched:
        watched = watch(**options)
        go(watched.page, book + name, wait_until)
        return watched

    return open_page


@pytest.fixture(scope="session")
def visitor(chromium: Any, book: str) -> Visitor:
    """Return a visitor; it opens each page of the book once per width, when a test first asks for that page."""
    return Visitor(chromium, book)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Yield a JupyterLab for all tests of a process; each test file writes its own notebooks."""
    with jupyterlab(tmp_path_factory.mktemp("lab")) as started:
        yield started


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Serve the pages with explorers for the whole session; the address ends with a slash."""
    with served(explorers.site()) as site:
        yield site


@pytest.fixture
def opened(watch: Callable[..., Watched], address: str) -> Callable[..., Watched]:
    """Return a function like ``watch`` that also opens a page of explorers, as in ``opened("moved.html#map")``."""

    def open_page(place: str = "explorers.html", **options: Any) -> Watched:
        watched = watch(**options)
        watched.page.goto(address + place)
        explorers.alive(watched.page)
        return watched

    return open_page
