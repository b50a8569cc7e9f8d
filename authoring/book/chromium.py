"""Start the Chromium that prints the book and takes its picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from authoring.setup.make import find_browser


class PageError(RuntimeError):
    """The built pages could not be opened or printed; the message says why and what to do."""


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
