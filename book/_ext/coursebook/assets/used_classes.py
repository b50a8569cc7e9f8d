"""The class names that a site may use: those on its pages, and any that the scripts they load could assemble."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# Regular expressions search 12 MB of pages in each build: a parser would take a tenth of the build's time, and a word
# that is wrongly taken for a class only leaves a rule in a style sheet.
CLASSES = re.compile(r"""\sclass=(?:"([^"]*)"|'([^']*)')""")
SCRIPT = re.compile(r'<script[^>]* src="[^"]*?([\w.-]+)(?:\?[^"]*)?"')
INLINE = re.compile(r"<script>([^<]{1,4000})</script>")  # a longer one is an explorer's data
WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Names:
    """The class names that a site may use: `whole` names, and `beginnings` that scripts complete (`bs-tooltip-`)."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    def among(self, classes: Iterable[str]) -> set[str]:
        """Return the classes that are used."""
        return {name for name in classes if name in self.whole or name.startswith(self.beginnings)}


def used_names(site: Path) -> Names:
    """Return the names in `class` attributes of pages, and every word of the scripts that pages load."""
    whole: set[str] = set()
    scripts: set[str] = set()
    for page in site.rglob("*.html"):
        content = page.read_text(encoding="utf-8")
        for names in set(CLASSES.findall(content)):
            whole.update("".join(names).split())
        scripts.update(SCRIPT.findall(content))
        whole.update(WORD.findall(" ".join(INLINE.findall(content))))
    for path in site.rglob("*.*js"):
        if path.name in scripts:
            whole.update(WORD.findall(path.read_text(encoding="utf-8")))
    beginnings = tuple(sorted(name for name in whole if re.fullmatch(r"[a-z]{2,}-[a-z]+-", name)))
    return Names(frozenset(whole), beginnings)
