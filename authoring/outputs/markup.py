"""Compare HTML and SVG by structure: the same elements and words, and numbers, coordinates, and colors that agree.

An HTML parser reads both, and a CSS parser reads styles and transforms.
"""

from __future__ import annotations

import re

import tinycss2
from bs4 import BeautifulSoup, PageElement, Tag
from tinycss2 import color3

from authoring.outputs.picture import drawing_difference, raster_difference
from authoring.outputs.tolerance import LEVEL, coordinate_difference, text_difference

# Attributes of a drawing that contain coordinates or lengths, as the parser spells them.
_LENGTHS = ("cx", "cy", "d", "dx", "dy", "height", "points", "r", "rx", "ry", "viewbox", "width")
_GEOMETRY = frozenset((*_LENGTHS, "x", "x1", "x2", "y", "y1", "y2"))
_MOVES = frozenset(("translate", "rotate"))  # transforms whose numbers are coordinates; those of others are values
_NAMES = frozenset(("id", "href", "xlink:href", "clip-path"))
# A name that matplotlib generates from a hash, as an id or in a reference to it.
_MADE_UP = re.compile(r"(?P<before>(?:url\()?#)?(?P<name>[A-Za-z]+(?:\d+_\d+_)?[0-9a-f]{10})\)?")


def markup_difference(kept: str, new: str) -> str:
    """Return the first difference between two HTML or SVG texts that exceeds the tolerance, or ""."""
    if kept == new:
        return ""
    return _Comparison().of(BeautifulSoup(kept, "html.parser"), BeautifulSoup(new, "html.parser"))


class _Comparison:
    """One comparison, which remembers which of matplotlib's generated names corresponds to which."""

    def __init__(self) -> None:
        self._new_of: dict[str, str] = {}
        self._kept_of: dict[str, str] = {}

    def of(self, kept: BeautifulSoup, new: BeautifulSoup) -> str:
        """Return the first difference in document order, or ""."""
        ours, theirs = list(kept.descendants), list(new.descendants)
        for a, b in zip(ours, theirs, strict=False):
            if found := self._of_nodes(a, b):
                return f"in {_path(a)}: {found}"
        if len(ours) != len(theirs):
            return f"{len(ours)} elements and texts became {len(theirs)}"
        return ""

    def _of_nodes(self, kept: PageElement, new: PageElement) -> str:
        if _depth(kept) != _depth(new) or type(kept) is not type(new):
            return f"{_short(kept)} became {_short(new)}"
        if not (isinstance(kept, Tag) and isinstance(new, Tag)):
            return text_difference(str(kept), str(new))
        if kept.name != new.name or list(kept.attrs) != list(new.attrs):
            return f"{_short(kept)} became {_short(new)}"
        for name in kept.attrs:
            if found := self._of_values(kept.name, name, str(kept[name]), str(new[name])):
                return f"{name}: {found}"
        return ""

    def _of_values(self, tag: str, name: str, kept: str, new: str) -> str:
        """Compare one attribute of an element."""
        if name in _NAMES and _MADE_UP.fullmatch(kept) and _MADE_UP.fullmatch(new):
            return "" if self._stand_for_the_same(kept, new) else f"{kept} became {new}, which names something else"
        if kept == new:
            return ""
        if kept.startswith("data:image/png;base64,"):
            difference = drawing_difference if tag == "img" else raster_difference
            return difference(kept.partition(",")[2], new.partition(",")[2])
        if name == "style":
            return _style_difference(kept, new)
        if name == "transform":
            return _transform_difference(kept, new)
        if name in _GEOMETRY:
            return coordinate_difference(kept, new)
        return _value_difference(kept, new)

    def _stand_for_the_same(self, kept: str, new: str) -> bool:
        """Return whether one of two generated names consistently replaces the other."""
        a, b = _MADE_UP.fullmatch(kept), _MADE_UP.fullmatch(new)
        if a is None or b is None or a["before"] != b["before"]:
            return False
        return (
            self._new_of.setdefault(a["name"], b["name"]) == b["name"]
            and self._kept_of.setdefault(b["name"], a["name"]) == a["name"]
        )


def _style_difference(kept: str, new: str) -> str:
    ours, theirs = _declarations(kept), _declarations(new)
    if list(ours) != list(theirs):
        return f"{kept!r} became {new!r}"
    return next(filter(None, (_value_difference(ours[name], theirs[name]) for name in ours)), "")


def _declarations(style: str) -> dict[str, str]:
    found = tinycss2.parse_declaration_list(style, skip_comments=True, skip_whitespace=True)
    return {entry.name: tinycss2.serialize(entry.value).strip() for entry in found if entry.type == "declaration"}


def _transform_difference(kept: str, new: str) -> str:
    ours, theirs = _functions(kept), _functions(new)
    if [name for name, _ in ours] != [name for name, _ in theirs]:
        return f"{kept!r} became {new!r}"
    for (name, a), (_, b) in zip(ours, theirs, strict=True):
        if found := coordinate_difference(a, b) if name in _MOVES else text_difference(a, b):
            return found
    return ""


def _functions(transform: str) -> list[tuple[str, str]]:
    parts = tinycss2.parse_component_value_list(transform)
    return [(part.lower_name, tinycss2.serialize(part.arguments)) for part in parts if part.type == "function"]


def _value_difference(kept: str, new: str) -> str:
    """Compare two colors, or any other two values as text."""
    a, b = color3.parse_color(kept), color3.parse_color(new)
    if isinstance(a, color3.RGBA) and isinstance(b, color3.RGBA):
        gap = max(abs(x - y) for x, y in zip(a, b, strict=True)) * 255
        return "" if gap < LEVEL + 0.01 else f"{kept} became {new}"
    return text_difference(kept, new)


def _depth(node: PageElement) -> int:
    return sum(1 for _ in node.parents)


def _path(node: PageElement) -> str:
    """Return where a node is: the names of the elements that contain it."""
    names = [parent.name for parent in reversed(list(node.parents)) if parent.parent is not None]
    return " ".join([*names, node.name] if isinstance(node, Tag) else names) or "the text"


def _short(node: PageElement) -> str:
    if isinstance(node, Tag):
        return "<" + " ".join([node.name, *(f'{key}="{str(value)[:40]}"' for key, value in node.attrs.items())]) + ">"
    return repr(str(node)[:60])
