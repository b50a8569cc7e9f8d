"""Reduce a font to the characters in use."""

from __future__ import annotations

import io
import logging
from collections.abc import Set

from fontTools import subset as fonts
from fontTools.ttLib import TTFont

logging.getLogger("fontTools").setLevel(logging.ERROR)  # it logs every table it cuts


def subset(font: bytes, characters: Set[str]) -> bytes:
    """Return a font reduced to these characters, as WOFF2."""
    options = fonts.Options(flavor="woff2", layout_features=["*"], notdef_outline=True)
    loaded = TTFont(io.BytesIO(font), recalcTimestamp=False)
    subsetter = fonts.Subsetter(options)
    has = loaded.getBestCmap()
    wanted = set(map(ord, characters)) & set(has)
    subsetter.populate(unicodes=wanted or [min(has)])  # browsers complain about a font without characters
    subsetter.subset(loaded)
    loaded.flavor = "woff2"
    written = io.BytesIO()
    loaded.save(written)
    return written.getvalue()
