"""Split chapters and pages into the blocks that are translated one by one: what blank lines separate, and alt texts.

A block is known by a short hash of its words. Comments that readers never see don't count, such as those that name
claims, and neither does white space. Code, formulas without words, and lone tags are not blocks and don't change.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from jupytext.myst import myst_to_notebook

from autograder.course import TEXT, front_and_body
from autograder.texts.statements import STATED, without_claims

_FENCE = re.compile(r"\s*(`{3,})")
_HEADING = re.compile(r"#{1,6} ")
_WORDLESS = re.compile(
    r"<[^>]*>|^\s*(?:`{3,}|:{3,})(?:\{[\w-]+\})?|^\([\w-]+\)=$|\{\{.*?\}\}|(`+).+?\1|\\[a-zA-Z]+(?<!\\text)",
    re.MULTILINE | re.DOTALL,
)
_FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
_IN_TAGS = re.compile(r"\b(?:alt|title)=\"[^\"]")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Block:
    """A piece of an English text that is translated as a whole."""

    key: str  # eight digits made from its words
    text: str
    is_alt: bool = False  # what a figure shows, for people who cannot see it


def blocks(path: Path, content: str) -> list[Block]:
    """Return the blocks of a text in order; if several have the same words, only the first.

    Args:
        path: where the text is; a chapter's is a notebook, all others are pages.
        content: the text, today's or an earlier one.
    """
    found = []
    if path.name != TEXT:
        found = [block(chunk) for chunk in chunks(front_and_body(content)[1])]
    else:
        for cell in myst_to_notebook(content).cells:
            if cell.cell_type == "markdown":
                found += [block(chunk) for chunk in chunks(cell.source)]
            elif "alt" in cell.metadata:
                found.append(block(cell.metadata.alt, is_alt=True))
    known: dict[str, Block] = {}
    for one in found:
        if has_words(one.text):
            known.setdefault(one.key, one)
    return list(known.values())


def block(chunk: str, is_alt: bool = False) -> Block:
    """Return the block of a chunk, or of an alt text."""
    text = without_hidden(chunk).strip("\n")
    return Block(hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8], text, is_alt)


def without_hidden(chunk: str) -> str:
    """Return a chunk without the comments that readers never see."""
    return re.sub(rf" *{STATED.pattern}", "", without_claims(chunk))


def split(source: str) -> list[str]:
    """Return a Markdown text as alternating gaps and chunks, from a gap to a gap; joined, they give the text.

    Blank lines and headings end a chunk, except inside fenced code.
    """
    found, fence = [""], ""
    for line in source.splitlines(keepends=True):
        is_open = len(found) % 2 == 0
        if not fence and not line.strip():
            found += [line] if is_open else []
            if not is_open:
                found[-1] += line
            continue
        if not fence and is_open and (_HEADING.match(line) or _HEADING.match(found[-1])):
            found.append("")
            is_open = False
        if is_open:
            found[-1] += line
        else:
            found.append(line)
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and line.strip().startswith(fence) and not line.strip(" `\n"):
            fence = ""
    return found if len(found) % 2 else [*found, ""]


def chunks(source: str) -> list[str]:
    """Return what blank lines and headings separate in a Markdown text."""
    return split(source)[1::2]


def has_words(chunk: str) -> bool:
    """Return whether there is anything to translate: a word outside code, formulas, and tags, or in a formula."""
    if re.match(r"\s*`{3,}(?!\{)", chunk):
        return False
    formulas = " ".join(re.findall(r"\\text\{([^}]*)\}", " ".join(_FORMULA.findall(chunk))))
    words = _WORDLESS.sub(" ", _FORMULA.sub(" ", chunk))
    return bool(_IN_TAGS.search(chunk) or _WORD.search(words) or _WORD.search(formulas.replace(r"\_", "_")))
