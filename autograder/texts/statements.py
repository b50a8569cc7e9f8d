"""Read the bullets of an exercise's statement, and the claims that test each bullet, from a comment after it:

    - All have the dtype of the inputs, which are not modified. <!-- claims: values; the inputs stay -->

Readers never see the comment. Feedback shows the bullet next to a lost claim; `validate` requires claims of each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from nbformat import NotebookNode

from autograder.model import Bullet
from autograder.texts.headings import headings

_DISPLAYED = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_SENTENCE_END = (".", ";", ",", "!", "?")
STATED = re.compile(r"<!--\s*(?!claims:)(?P<number>[^:>]+?)\s*:\s*(?P<reason>\w+)[^>]*-->")  # where a number comes from
CLAIMS = re.compile(r"[ \t]*<!--\s*claims:(?P<names>.*?)-->")

_MARKDOWN = MarkdownIt("commonmark").disable("inline")


class Found(NamedTuple):
    """One bullet as written."""

    line: int  # of its first line, from 0
    text: str  # its first paragraph on one line, without the comment, plus a formula below that ends its sentence
    claims: tuple[str, ...]


def bullets(source: str) -> list[Found]:
    """Return the bullets of a Markdown text in order; for a bullet with nested bullets, return only the nested ones."""
    tokens, lines, found = _MARKDOWN.parse(source), source.split("\n"), []
    for at, token in enumerate(tokens):
        if token.type != "list_item_open" or token.map is None:
            continue
        inside = []
        for following in tokens[at + 1 :]:
            if following.level <= token.level:
                break
            inside.append(following)
        text = next((part.content for part in inside if part.type == "inline"), "")
        if not any(part.type == "list_item_open" for part in inside):
            names = [name for mark in CLAIMS.finditer("\n".join(lines[slice(*token.map)])) for name in _names(mark)]
            whole = _ended(" ".join(without_claims(text).split()), tokens[at + 1 :])
            found.append(Found(token.map[0], whole, tuple(names)))
    return found


def _ended(text: str, following: Sequence[Token]) -> str:
    """Complete a bullet's text, to be read alone: add the displayed formula below, or a reference to the statement."""
    if text.endswith(_SENTENCE_END):
        return text
    blocks = (part for part in following if part.type in ("inline", "fence", "list_item_open"))
    below = [part for part in blocks if part.type != "inline" or " ".join(without_claims(part.content).split()) != text]
    formula = _DISPLAYED.fullmatch(below[0].content.strip()) if below and below[0].type == "inline" else None
    if formula:
        return f"{text} ${' '.join(formula[1].split())}$"
    return f"{text[:-1]}, as the statement shows." if text.endswith(":") else text


def statement(above: str, below: str) -> str:
    """Update ``above``, the text since the last heading, with the Markdown cell ``below``, and return the result."""
    lines = below.split("\n")
    titles = [heading for heading in headings(below) if heading.level <= 3]
    return "\n".join(lines[titles[-1].line + 1 :]) if titles else f"{above}\n\n{below}"


def numbered(claims: Sequence[str], names: Sequence[str]) -> str:
    """Return a bullet's claims in the form that a notebook stores: their numbers in the exercise, such as "1 3"."""
    return " ".join(str(names.index(name) + 1) for name in claims)


def kept(source: str, numbers: Sequence[str], names: Sequence[str]) -> tuple[Bullet, ...]:
    """Return the bullets of a statement, each with its stored claims; none if someone edited the notebook since."""
    texts = [found.text for found in bullets(source)]
    known = {str(number): name for number, name in enumerate(names, start=1)}
    if len(texts) != len(numbers) or not known.keys() >= {n for row in numbers for n in row.split()}:
        return ()
    return tuple(Bullet(text, tuple(known[n] for n in row.split())) for text, row in zip(texts, numbers, strict=True))


def without_claims(source: str) -> str:
    """Return a Markdown text without the comments that name claims."""
    return CLAIMS.sub("", source)


def drop_stated(notebook: NotebookNode) -> None:
    """Remove the comments that explain where a number comes from, because they are for people who check the text."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(rf" *{STATED.pattern}", "", cell.source)


def _names(mark: re.Match[str]) -> list[str]:
    return [" ".join(name.split()) for name in mark["names"].split(";") if name.strip()]
