"""Cuts a font down to its characters that are used."""

from __future__ import annotations

import io
import logging

from fontTools import subset as fonts
from fontTools.ttLib import TTFont

logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table it cuts


def subset(font: bytes, characters: str) -> bytes:
    """Return a font with these characters only, as WOFF2."""
    options = fonts.Options(flavor="woff2", layout_features=["*"], notdef_outline=True)
    loaded = TTFont(io.BytesIO(font), recalcTimestamp=False)
    subsetter = fonts.Subsetter(options)
    has = loaded.getBestCmap()
    wanted = set(map(ord, characters)) & set(has)
    subsetter.populate(unicodes=wanted or [min(has)])  # browsers complain of a font without any character
    subsetter.subset(loaded)
    loaded.flavor = "woff2"
    written = io.BytesIO()
    loaded.save(written)
    return written.getvalue()
