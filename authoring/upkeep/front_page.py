"""Take the screenshot for the README: the book's front page in Chromium, reduced to a few colors."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from authoring.book.chromium import PageError, chromium
from autograder.course import Course

PICTURE = Path("book", "_static", "page.png")
FRONT = Path("book", "intro.html")
WIDTH, HEIGHT = 1280, 900
COLOURS = 256


def take(course: Course) -> Path:
    """Write the screenshot of the built book's front page and return its path.

    Raises:
        PageError: if there is no built book, or no Chromium.
    """
    front = course.site / FRONT
    if not front.is_file():
        raise PageError("There is no book to take a picture of: make book first.")
    with chromium() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(front.as_uri(), wait_until="networkidle")
        shot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    path = course.root / PICTURE
    shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path
