"""Check that figures use only the palette's colors, and that color-blind readers can tell the colors apart.

Color vision is simulated with the matrices of Machado, Oliveira, and Fernandes, "A physiologically-based model for
simulation of color vision deficiency", IEEE TVCG 15 (2009), for full protanopia, deuteranopia, and tritanopia. Color
differences are CIEDE2000, as given by Sharma, Wu, and Dalal, Color Research and Application 30 (2005).

The palette is read from the text of `layerlab/style.py`, because importing it would load torch, and a build must work
without torch.
"""

from __future__ import annotations

import ast
import base64
import io
import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from PIL import Image

LEAST_DIFFERENCE = 10.0  # in CIEDE2000, between any two line colors; 1 is just noticeable side by side
NEUTRALS = ("INK", "QUIET", "GRID")
PAPER = "#ffffff"

EYES = {
    "all cones": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "no red cones": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green cones": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue cones": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}

_PAINT = re.compile(r"(?:^|;)\s*(fill|stroke|stop-color)\s*:\s*([^;]+)")
_EMBEDDED = re.compile(r"data:image/png;base64,\s*([A-Za-z0-9+/=\s]+)")


@dataclass(frozen=True)
class Palette:
    """The course's colors, each as a pair of ``#rrggbb`` values for a light and a dark page."""

    lines: dict[str, tuple[str, str]]
    neutrals: dict[str, tuple[str, str]]

    @property
    def light(self) -> set[str]:
        """All colors that a figure may use; its style sheet changes them in dark mode."""
        return {light for light, _ in (*self.lines.values(), *self.neutrals.values())}


def palette() -> Palette:
    """Return the palette in the text of the installed `layerlab/style.py`."""
    found = find_spec("layerlab")
    if found is None or found.origin is None:
        raise ImportError("layerlab is not installed")
    source = Path(found.origin).with_name("style.py").read_text(encoding="utf-8")
    given: dict[str, Any] = {
        statement.targets[0].id: statement.value
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    lines = given["PALETTE"]
    names = [ast.literal_eval(key) for key in lines.keys]
    shades = {name: _shade(call) for name, call in zip(names, lines.values, strict=True)}
    return Palette(shades, {name.lower(): _shade(given[name]) for name in NEUTRALS})


def _shade(call: ast.Call) -> tuple[str, str]:
    light, dark = map(ast.literal_eval, call.args)
    return light, dark


# -- how far apart ----------------------------------------------------------------------------------------------------


def too_close(given: Palette) -> Iterator[str]:
    """Yield a sentence for each pair of line colors that some readers can hardly tell apart on a light or dark page."""
    for at, theme in enumerate(("light", "dark")):
        for (a, first), (b, second) in itertools.combinations(given.lines.items(), 2):
            for eyes in EYES:
                apart = difference(seen_as_lab(first[at], eyes), seen_as_lab(second[at], eyes))
                if apart < LEAST_DIFFERENCE:
                    yield (
                        f"{a} and {b} ({theme}) are {apart:.1f} apart for eyes with {eyes}, "
                        f"at least {LEAST_DIFFERENCE:g} is needed (layerlab/style.py)"
                    )


def seen_as_lab(color: str, eyes: str = "all cones") -> tuple[float, float, float]:
    """Return the CIELAB (D65) values of a color ``#rrggbb`` as seen with a type of color vision."""
    rgb = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    r, g, b = (min(1.0, max(0.0, sum(m * c for m, c in zip(row, linear, strict=True)))) for row in EYES[eyes])
    xyz = (
        (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883,
    )
    x, y, z = (c ** (1 / 3) if c > (6 / 29) ** 3 else c / (3 * (6 / 29) ** 2) + 4 / 29 for c in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Return the CIEDE2000 difference of two CIELAB colors; variable names follow the paper."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    apart = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(apart) / 2)
    l_mean, c_mean = (l1 + l2) / 2, (c1 + c2) / 2
    h_mean = h1 + h2 if not c1 * c2 else (h1 + h2) / 2 if abs(h1 - h2) <= 180 else ((h1 + h2 + 360) / 2) % 360
    t = (
        1
        - 0.17 * math.cos(math.radians(h_mean - 30))
        + 0.24 * math.cos(math.radians(2 * h_mean))
        + 0.32 * math.cos(math.radians(3 * h_mean + 6))
        - 0.20 * math.cos(math.radians(4 * h_mean - 63))
    )
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / math.sqrt(20 + (l_mean - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_mean, 1 + 0.015 * c_mean * t
    turn = math.radians(60 * math.exp(-(((h_mean - 275) / 25) ** 2)))
    r_t = -2 * math.sqrt(c_mean**7 / (c_mean**7 + 25**7)) * math.sin(turn)
    light, chroma, hue = (l2 - l1) / s_l, (c2 - c1) / s_c, hue / s_h
    return math.sqrt(light**2 + chroma**2 + hue**2 + r_t * chroma * hue)


# -- outside the palette -----------------------------------------------------------------------------------------------


def strange_colors(svg: str, given: Palette, with_pictures: bool = True) -> list[str]:
    """Return the colors of an SVG figure, including images inside it, that are not in the palette.

    Strokes, fills, and gradients are compared as written. An embedded image (a heat map) is checked pixel by pixel, and
    may use the palette's colors at any opacity. Without ``with_pictures``, embedded images count as data and are not
    checked.
    """
    known = given.light | {PAPER}
    found: dict[str, None] = {}
    for element in ElementTree.fromstring(svg).iter():
        for color in _paints(element):
            if color not in known:
                found[color] = None
        for key, value in element.attrib.items():
            match = _EMBEDDED.match(value) if with_pictures and key.endswith("href") else None
            if match:
                found |= dict.fromkeys(_strange_pixels(base64.b64decode(match[1]), given))
    return list(found)


def _paints(element: ElementTree.Element) -> Iterator[str]:
    written = [(key, element.get(key, "")) for key in ("fill", "stroke", "stop-color")]
    for _, value in [*written, *_PAINT.findall(element.get("style", ""))]:
        value = value.strip().lower()
        if value in ("", "none", "inherit", "currentcolor", "transparent") or value.startswith("url("):
            continue
        yield "#" + "".join(2 * digit for digit in value[1:]) if re.fullmatch("#[0-9a-f]{3}", value) else value


def _strange_pixels(png: bytes, given: Palette) -> Iterator[str]:
    """Yield the first color outside the palette, if there is one; ignore nearly transparent pixels."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    allowed = [tuple(int(color[n : n + 2], 16) for n in (1, 3, 5)) for color in (*given.light, PAPER)]
    counted: Any = image.getcolors(image.width * image.height) or []
    for _, (*rgb, alpha) in counted:
        if alpha >= 16 and not any(max(map(abs, map(int.__sub__, rgb, one))) <= 3 for one in allowed):
            yield "#" + "".join(f"{value:02x}" for value in rgb)
            return
