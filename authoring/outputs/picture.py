"""Compare two PNG images, pixel by pixel."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image, ImageFilter

from authoring.outputs.tolerance import EDGE, LEVEL


def raster_difference(kept: str, new: str) -> str:
    """Describe the difference between two base64 images of colored values, or return "" if it is at most `LEVEL`."""
    ours, theirs = (np.asarray(image, dtype=np.int16) for image in (_image(kept, "RGBa"), _image(new, "RGBa")))
    if ours.shape != theirs.shape:
        return f"a picture of {_size(ours)} points became one of {_size(theirs)}"
    gap = np.abs(ours - theirs).max(initial=0)
    return f"points of the picture differ by up to {gap} of 255" if gap > LEVEL else ""


def drawing_difference(kept: str, new: str) -> str:
    """Describe the difference between two base64 images of lines and letters; "" if it is within the tolerance.

    If a line has shifted slightly, each pixel still resembles a neighboring pixel in the other image.
    """
    ours, theirs = _image(kept, "RGB"), _image(new, "RGB")
    if ours.size != theirs.size:
        return f"a picture of {ours.width} by {ours.height} points became one of {theirs.width} by {theirs.height}"
    gap = max(_beyond_neighbours(ours, theirs), _beyond_neighbours(theirs, ours))
    return f"points of the picture differ from all around them by up to {gap} of 255" if gap > EDGE else ""


def _beyond_neighbours(picture: Image.Image, other: Image.Image) -> int:
    """Return the largest distance of a pixel in ``other`` from the range of its 3×3 neighborhood in ``picture``."""
    low, high = (np.asarray(picture.filter(f(3)), np.int16) for f in (ImageFilter.MinFilter, ImageFilter.MaxFilter))
    points = np.asarray(other, dtype=np.int16)
    return int(np.maximum(low - points, points - high).max(initial=0))


def _image(data: str, mode: str) -> Image.Image:
    """Decode a base64 image; in the mode RGBa, colors are multiplied by their opacity."""
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        return image.convert("RGBA").convert(mode)


def _size(points: np.ndarray) -> str:
    return f"{points.shape[1]} by {points.shape[0]}"
