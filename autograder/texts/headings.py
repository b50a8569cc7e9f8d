"""Find the headings of a Markdown text by CommonMark's rules: not ``#`` lines in code fences or front matter."""

from __future__ import annotations

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

EXERCISE = "Exercise: "

_MARKDOWN = MarkdownIt("commonmark").use(front_matter_plugin).disable("inline")  # only blocks are needed
_MAY_HEAD = re.compile(r"#|^ {0,3}(=+|-+)\s*$", re.MULTILINE)  # a text without either has no heading


class Heading(NamedTuple):
    """One heading, with its title as written."""

    line: int  # from 0
    level: int  # 1 to 6
    title: str

    @property
    def is_exercise(self) -> bool:
        """Whether it is ``### Exercise: ...``, or the same at a higher level."""
        return self.level <= 3 and self.title.startswith(EXERCISE)


def headings(source: str) -> list[Heading]:
    """Return the headings of a Markdown text in order, except those inside a list or a quotation."""
    if not _MAY_HEAD.search(source):  # true of most cells; parsing costs a hundred times as much
        return []
    tokens = _MARKDOWN.parse(source)
    return [
        Heading(token.map[0], int(token.tag[1:]), tokens[n + 1].content)
        for n, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map is not None
    ]
