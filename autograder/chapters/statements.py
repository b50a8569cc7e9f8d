"""The bullets of an exercise's statement, each with the claims that test it: a comment behind a bullet names them.

    - All have the dtype of the inputs, which are left as they were. <!-- claims: values; the inputs stay -->

Readers never see the comment. Feedback shows the bullet beside a claim that was lost, and `validate` asks for claims
behind every bullet.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from markdown_it import MarkdownIt

CLAIMS = re.compile(r"[ \t]*<!--\s*claims:(?P<names>.*?)-->")

_MARKDOWN = MarkdownIt("commonmark").disable("inline")


class Found(NamedTuple):
    """One bullet as it is written."""

    line: int  # of its first line, from 0
    text: str  # its first paragraph, in one line, without the comment
    claims: tuple[str, ...]


def bullets(source: str) -> list[Found]:
    """Return the bullets of a Markdown text in order; one that holds bullets of its own is none, but they are."""
    tokens, lines, found = _MARKDOWN.parse(source), source.split("\n"), []
    for at, token in enumerate(tokens):
        if token.type != "list_item_open":
            continue
        inside = []
        for following in tokens[at + 1 :]:
            if following.level <= token.level:
                break
            inside.append(following)
        text = next((part.content for part in inside if part.type == "inline"), "")
        if not any(part.type == "list_item_open" for part in inside):
            names = [name for mark in CLAIMS.finditer("\n".join(lines[slice(*token.map)])) for name in _names(mark)]
            found.append(Found(token.map[0], " ".join(without_claims(text).split()), tuple(names)))
    return found


def without_claims(source: str) -> str:
    """Return a Markdown text without the comments that name claims."""
    return CLAIMS.sub("", source)


def _names(mark: re.Match[str]) -> list[str]:
    return [" ".join(name.split()) for name in mark["names"].split(";") if name.strip()]
