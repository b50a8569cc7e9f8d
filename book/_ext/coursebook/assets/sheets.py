"""Cuts a style sheet down to the classes that a site uses, and a font to its characters: once for the same input."""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fontTools import subset as fonts
from fontTools import version as fonttools_version
from fontTools.ttLib import TTFont

logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table it cuts

Content = TypeVar("Content", str, bytes)

NAME = r"(?:[\w-]|\\.)+"
CLASS = re.compile(rf"\.({NAME})")
NOT = re.compile(r":not\((?:[^()]|\([^()]*\))*\)")
ONE_OF = re.compile(r":(?:is|where|has|matches|-webkit-any)\(")
PART = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]""", re.DOTALL)


@dataclass(frozen=True)
class Names:
    """The class names that a site may use: `whole`, and what a script puts a name together from (`bs-tooltip-`)."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    def of(self, sheet: str) -> set[str]:
        """Return those classes of a style sheet that are used."""
        classes = {name.replace("\\", "") for name in CLASS.findall(sheet)}
        return {name for name in classes if name in self.whole or name.startswith(self.beginnings)}


def used_names(site: Path) -> Names:
    """Return what pages say in `class` attributes, and every word of the scripts that pages load."""
    whole: set[str] = set()
    scripts: set[str] = set()
    for page in site.rglob("*.html"):
        content = page.read_text(encoding="utf-8")
        for names in set(re.findall(r' class="([^"]*)"', content)):
            whole.update(names.split())
        scripts.update(re.findall(r'<script[^>]* src="[^"]*?([\w.-]+)(?:\?[^"]*)?"', content))
        # Short scripts in the page itself; a long one is an explorer's data.
        whole.update(re.findall(r"[\w-]+", " ".join(re.findall(r"<script>([^<]{1,4000})</script>", content))))
    for path in site.rglob("*.*js"):
        if path.name in scripts:
            whole.update(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
    beginnings = tuple(sorted(name for name in whole if re.fullmatch(r"[a-z]{2,}-[a-z]+-", name)))
    return Names(frozenset(whole), beginnings)


def rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield the rules of a style sheet: what stands before a block, and the block's content ("" for `@import …;`)."""
    depth, begin, opened = 0, 0, 0
    for part in PART.finditer(sheet):
        sign = part[0]
        if sign.startswith("/*") and not depth and not sheet[begin : part.start()].strip():
            begin = part.end()
        elif sign == "{":
            depth += 1
            opened = part.end() if depth == 1 else opened
        elif sign == "}":
            depth -= 1
            if not depth:
                yield sheet[begin : opened - 1].strip(), sheet[opened : part.start()]
                begin = part.end()
        elif sign == ";" and not depth:
            yield sheet[begin : part.start()].strip(), ""
            begin = part.end()


def slimmed(sheet: str, used: str) -> str:
    """Return a style sheet without the rules that need a class which is not `used` (names with spaces between)."""
    notices = re.findall(r"/\*!.*?\*/", sheet, re.DOTALL)
    return "".join(dict.fromkeys(notices)) + _slimmed(sheet, set(used.split()))


def _slimmed(sheet: str, used: set[str]) -> str:
    kept = []
    for before, block in rules(sheet):
        if before.startswith(("@media", "@supports", "@layer", "@container")):
            if inner := _slimmed(block, used):
                kept.append(f"{before}{{{inner}}}")
        elif before.startswith("@"):
            kept.append(f"{before}{{{block}}}" if block else f"{before};")
        elif selectors := [one for one in _selectors(before) if _may_match(one, used)]:
            kept.append(f"{','.join(selectors)}{{{block.strip()}}}")
    return "".join(kept)


def _selectors(before: str) -> list[str]:
    """Split at commas that stand in no bracket."""
    return [one.strip() for one in re.split(r",(?![^(\[]*[)\]])", before)] if "(" not in before else _nested(before)


def _nested(before: str) -> list[str]:
    depth, found = 0, [""]
    for sign in before:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return [one.strip() for one in found]


def _may_match(selector: str, used: set[str]) -> bool:
    needed = NOT.sub("", selector)
    if ONE_OF.search(needed):
        return True
    return {name.replace("\\", "") for name in CLASS.findall(re.sub(r"\[[^\]]*\]", "", needed))} <= used


def unescaped(css: str) -> str:
    """Return a style sheet's text with its numbered escapes as characters."""
    return re.sub(r"\\([0-9A-Fa-f]{2,6}) ?", lambda found: chr(int(found[1], 16)), css)


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


@dataclass(frozen=True)
class Made:
    """What was made once for an input, kept in `folder`: a second build finds it there."""

    folder: Path

    def once(self, make: Callable[[Content, str], Content], source: Content, wanted: str) -> Content:
        """Return ``make(source, wanted)``."""
        data = source if isinstance(source, bytes) else source.encode()
        code = Path(__file__).read_bytes() + fonttools_version.encode()
        key = hashlib.sha256(b"\0".join([make.__name__.encode(), code, wanted.encode(), data])).hexdigest()
        path = self.folder / key
        if not path.exists():
            result = make(source, wanted)
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(result if isinstance(result, bytes) else result.encode())
        kept = path.read_bytes()
        return kept if isinstance(source, bytes) else kept.decode()
