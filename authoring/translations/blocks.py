"""Split chapters and pages into blocks (text between blank lines, and alt texts), which are translated one by one.

A block's key is a short hash of its words. The hash ignores white space and comments that readers never see, such as
those that name claims. Code, formulas without words, and lone tags are not blocks and don't change.
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

    key: str  # eight hexadecimal digits, a hash of its words
    text: str
    is_alt: bool = False  # whether it is a figure's alternative text


def blocks(path: Path, content: str) -> list[Block]:
    """Return the blocks of a text in order; if several have the same words, return only the first of them.

    The file's name tells whether the text is a chapter or a page. ``content`` may be an earlier version of the file.
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
    """Make a block from a chunk or an alt text."""
    text = without_hidden(chunk).strip("\n")
    return Block(hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8], text, is_alt)


def without_hidden(chunk: str) -> str:
    """Return a chunk without the comments that readers never see."""
    return re.sub(rf" *{STATED.pattern}", "", without_claims(chunk))


def split(source: str) -> list[str]:
    """Split a Markdown text into alternating gaps and chunks, with a gap first and last; joined, they give the text.

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
    """Return the chunks of a Markdown text, which blank lines and headings separate."""
    return split(source)[1::2]


def has_words(chunk: str) -> bool:
    """Return whether a chunk has words to translate: in text (not code, math, or tags), alt text, or ``\\text``."""
    if re.match(r"\s*`{3,}(?!\{)", chunk):
        return False
    formulas = " ".join(re.findall(r"\\text\{([^}]*)\}", " ".join(_FORMULA.findall(chunk))))
    words = _WORDLESS.sub(" ", _FORMULA.sub(" ", chunk))
    return bool(_IN_TAGS.search(chunk) or _WORD.search(words) or _WORD.search(formulas.replace(r"\_", "_")))
