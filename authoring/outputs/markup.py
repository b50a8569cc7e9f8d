"""Compare drawings and tables: words must be equal; numbers, coordinates, colors, and pixels must agree."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable

import numpy as np
from PIL import Image

from authoring.outputs.tolerance import coordinate_difference, text_difference

LEVEL = 1  # of 255, for a color
DRAWN = 2  # of 255, for the mean over a picture of lines; a shift, and rounding to 64 colors, is visible at their edges

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


def raster_difference(kept: str, new: str, measure: Callable[..., float] = np.max, most: int = LEVEL) -> str:
    """Describe the difference between two base64 images of colored values, or return "" if it is at most ``most``."""
    ours, theirs = _image(kept), _image(new)
    if ours.size != theirs.size:
        return f"a picture of {ours.width} by {ours.height} points became one of {theirs.width} by {theirs.height}"
    gap = measure(np.abs(np.asarray(ours, np.int16) - np.asarray(theirs, np.int16)))
    return f"points of the picture differ by {gap:.1f} of 255" if gap > most else ""


def drawing_difference(kept: str, new: str) -> str:
    """Describe the difference between two base64 images of lines and letters; "" if its mean is at most `DRAWN`."""
    return raster_difference(kept, new, np.mean, DRAWN)


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
