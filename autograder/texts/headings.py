"""Find the headings of a Markdown text, by CommonMark's rules, and the lines of a text's cells."""

from __future__ import annotations

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin
from nbformat import NotebookNode

EXERCISE = "Exercise: "

_MARKDOWN = MarkdownIt("commonmark").use(front_matter_plugin).disable("inline")  # only blocks are needed
_MAY_HEAD = re.compile(r"#|^ {0,3}(=+|-+)\s*$", re.MULTILINE)  # a text without a match has no heading


class Heading(NamedTuple):
    """One heading, with its title as written."""

    line: int  # from 0
    level: int  # 1 to 6
    title: str

    @property
    def is_exercise(self) -> bool:
        """Whether the heading is ``### Exercise: ...``, or the same text at level 1 or 2."""
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


def first_lines(content: list[str], notebook: NotebookNode) -> list[int]:
    """Return the 1-based line where each cell's source begins, below its marks, from jupytext's source map."""
    lines = []
    for start, cell in zip(notebook.metadata.source_map, notebook.cells, strict=True):
        at = start
        if cell.cell_type == "code":
            if at < len(content) and content[at].startswith("---"):
                at = next((i for i in range(at + 1, len(content)) if content[i].startswith("---")), at) + 1
            else:
                while at < len(content) and content[at].lstrip().startswith(":"):
                    at += 1
        while at < len(content) and not content[at].strip():
            at += 1
        lines.append(at + 1)
    return lines
