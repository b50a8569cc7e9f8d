"""Compare two PNG images, pixel by pixel."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image, ImageFilter

from authoring.outputs.tolerance import EDGE, LEVEL


def raster_difference(kept: str, new: str) -> str:
    """Return how two images (base64) whose pixels are colored values differ by more than a level, else ""."""
    ours, theirs = (np.asarray(image, dtype=np.int16) for image in (_image(kept, "RGBa"), _image(new, "RGBa")))
    if ours.shape != theirs.shape:
        return f"a picture of {_size(ours)} points became one of {_size(theirs)}"
    gap = np.abs(ours - theirs).max(initial=0)
    return f"points of the picture differ by up to {gap} of 255" if gap > LEVEL else ""


def drawing_difference(kept: str, new: str) -> str:
    """Return how two images (base64) of lines and letters differ by more than the tolerance, else "".

    If a line is slightly shifted, each pixel is still like one of those next to it in the other image.
    """
    ours, theirs = _image(kept, "RGB"), _image(new, "RGB")
    if ours.size != theirs.size:
        return f"a picture of {ours.width} by {ours.height} points became one of {theirs.width} by {theirs.height}"
    gap = max(_beyond_neighbours(ours, theirs), _beyond_neighbours(theirs, ours))
    return f"points of the picture differ from all around them by up to {gap} of 255" if gap > EDGE else ""


def _beyond_neighbours(picture: Image.Image, other: Image.Image) -> int:
    """Return how far a pixel of ``other`` is at most outside the range of the nine pixels around it in ``picture``."""
    low, high = (np.asarray(picture.filter(f(3)), np.int16) for f in (ImageFilter.MinFilter, ImageFilter.MaxFilter))
    points = np.asarray(other, dtype=np.int16)
    return int(np.maximum(low - points, points - high).max(initial=0))


def _image(data: str, mode: str) -> Image.Image:
    """Return an image; in the mode RGBa, colors count in proportion to their opacity."""
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        return image.convert("RGBA").convert(mode)


def _size(points: np.ndarray) -> str:
    return f"{points.shape[1]} by {points.shape[0]}"
