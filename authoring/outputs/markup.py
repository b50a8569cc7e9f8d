"""Compare drawings and tables: words must be equal; numbers, coordinates, colors, and pixels must agree."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image, ImageFilter

from authoring.outputs.tolerance import coordinate_difference, text_difference

LEVEL = 1  # of 255, for a color
EDGE = 64  # of 255, for a pixel on a line's edge, where a shift, and rounding to the picture's 64 colors, is visible

_MADE_UP = re.compile(r'(?<=["#])[A-Za-z]+(?:\d+_\d+_)?[0-9a-f]{10}(?=[")])')  # matplotlib's names, made of hashes
_DRAWN, _VALUES = (re.compile(rf"(?<=<{tag} )[^>]*?data:image/png;base64,([^\"]+)") for tag in ("img", "image"))
_COLOR = re.compile(r"(?<=#)[0-9a-f]{6}\b")
_COORDINATES = re.compile(
    r'(?<=\s)(?:[cdr]?[xy]|[xy][12]|d|r|points|width|height|viewBox)="[^"]*"|\b(?:translate|rotate)\([^)]*\)'
)


def markup_difference(kept: str, new: str) -> str:
    """Return the first difference between two HTML or SVG texts that exceeds the tolerance, or ""."""
    kept, new = _numbered(kept), _numbered(new)
    for pattern, difference in (
        (_DRAWN, drawing_difference),
        (_VALUES, raster_difference),
        (_COLOR, _color_difference),
        (_COORDINATES, coordinate_difference),
    ):
        for ours, theirs in zip(pattern.findall(kept), pattern.findall(new), strict=False):
            if described := difference(ours, theirs):
                return described
        kept, new = pattern.sub("\1", kept), pattern.sub("\1", new)  # their number and places are compared below
    return text_difference(kept, new)


def raster_difference(kept: str, new: str) -> str:
    """Describe the difference between two base64 images of colored values, or return "" if it is at most `LEVEL`."""
    return _picture_difference(kept, new, 1, LEVEL)


def drawing_difference(kept: str, new: str) -> str:
    """Describe the difference between two base64 images of lines and letters; "" if it is within the tolerance.

    If a line has shifted slightly, each pixel still resembles a neighboring pixel in the other image.
    """
    return _picture_difference(kept, new, 3, EDGE)


def _picture_difference(kept: str, new: str, window: int, most: int) -> str:
    ours, theirs = _image(kept), _image(new)
    if ours.size != theirs.size:
        return f"a picture of {ours.width} by {ours.height} points became one of {theirs.width} by {theirs.height}"
    gap = max(_beyond(ours, theirs, window), _beyond(theirs, ours, window))
    return f"points of the picture differ by up to {gap} of 255" if gap > most else ""


def _beyond(picture: Image.Image, other: Image.Image, window: int) -> int:
    """Return the largest distance of a pixel in ``other`` from the range of its neighborhood in ``picture``."""
    filters = ImageFilter.MinFilter, ImageFilter.MaxFilter
    low, high = (np.asarray(picture.filter(kind(window)), np.int16) for kind in filters)
    points = np.asarray(other, dtype=np.int16)
    return int(np.maximum(low - points, points - high).max(initial=0))


def _image(data: str) -> Image.Image:
    """Decode a base64 image, on a white page."""
    image = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _color_difference(kept: str, new: str) -> str:
    gap = max(abs(a - b) for a, b in zip(bytes.fromhex(kept), bytes.fromhex(new), strict=True))
    return f"the color #{kept} became #{new}" if gap > LEVEL else ""


def _numbered(markup: str) -> str:
    """Replace each name that matplotlib makes of a hash with a number, in the order in which the names appear."""
    names: dict[str, str] = {}
    return _MADE_UP.sub(lambda name: names.setdefault(name[0], f"name-{len(names)}"), markup)
