"""Find the class names that a site could use: those on its pages, and those that its scripts could assemble."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Each build searches 12 MB of pages with regular expressions, because a parser would take a tenth of the build's time.
# A word that is mistaken for a class only keeps a rule in a style sheet.
CLASSES = re.compile(r"""\sclass=(?:"([^"]*)"|'([^']*)')""")
SCRIPT = re.compile(r'<script[^>]* src="[^"]*?([\w.-]+)(?:\?[^"]*)?"')
INLINE = re.compile(r"<script>([^<]{1,4000})</script>")  # a longer script is an explorer's data
WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Names:
    """The class names that a site could use: `whole` names, and prefixes (`beginnings`) that scripts complete."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    def among(self, classes: Iterable[str]) -> set[str]:
        """Return those of the given classes that the site could use."""
        return {name for name in classes if name in self.whole or name.startswith(self.beginnings)}


@cache
def used_names(site: Path) -> Names:
    """Return the names in pages' `class` attributes, every word in the pages' scripts, and the prefixes among them."""
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
