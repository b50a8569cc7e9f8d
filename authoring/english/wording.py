"""Find what makes a text hard to read: words that sound translated, and long statements and bullets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from authoring.english import patterns
from authoring.english.pieces import pieces
from autograder.texts.statements import bullets

_STATEMENT = re.compile(
    r"^### Exercise: .*\n(?P<text>(?:(?!### ).*\n)*?)```\{code-cell\}.*\n:solution: (?P<name>\w+)", re.MULTILINE
)
_FEEDBACK = re.compile(r"^### (?:wrong|faulty start).*\n(?P<text>(?:(?!```|#).*\n)*)", re.MULTILINE)
_CLAIM = re.compile(r"""lab\.claim\(\s*[rf]?(["'])(?P<name>.*?)\1""")
_FENCE = re.compile(r"^(?P<mark>`{3,}).*?^(?P=mark)\s*$", re.MULTILINE | re.DOTALL)
_ONE_WORD = re.compile(r"<!--.*?-->|\$\$.+?\$\$|\$[^$\n]+\$|`[^`]+`", re.DOTALL)


def claims(text: str) -> set[str]:
    """Return the names of a text's claims. They seed random sampling, so they must not change."""
    return {match["name"] for match in _CLAIM.finditer(text)}


def translated(source: str, kept: Set[str] = frozenset()) -> list[patterns.Hit]:
    """Return the sentences in prose, alt texts, and comments that contain British spellings or always-wrong words.

    Strings of one word are ignored, because most of them are keys or names that readers don't see.

    Args:
        source: a Markdown text.
        kept: strings that must not change, which are ignored.
    """
    found = pieces(source)
    strings = [text for text in found.comments if " " in text and text.strip("\"'") not in kept]
    parts = [*found.prose, *found.alts, *strings]
    return [hit for part in parts for hit in patterns.hits(part, patterns.ALWAYS + patterns.BRITISH)]


def demands(texts: list[str]) -> list[patterns.Hit]:
    """Return the sentences of statements or feedback that contain words to avoid there."""
    parts = [part for text in texts for part in pieces(text).prose]
    return [hit for part in parts for hit in patterns.hits(part, patterns.DEMANDS)]


def too_long(text: str) -> Iterator[str]:
    """Yield a sentence for each statement or bullet in a chapter's text that has too many words."""
    for exercise, statement in statements(text).items():
        if (count := words(statement)) > patterns.STATEMENT:
            yield f"the statement of {exercise} has {count} words"
        for bullet in bullets(statement):
            if (count := words(bullet.text)) > patterns.BULLET:
                yield f"a bullet of {exercise} has {count} words: {bullet.text}"


def statements(text: str) -> dict[str, str]:
    """Return each exercise's statement: the text from its heading to its solution cell, without code."""
    return {match["name"]: _FENCE.sub("", match["text"]) for match in _STATEMENT.finditer(text)}


def feedback(answers: str) -> list[str]:
    """Return the feedback that students get on the wrong answers in a file."""
    return [" ".join(match["text"].split()) for match in _FEEDBACK.finditer(answers) if match["text"].strip()]


def words(text: str) -> int:
    """Return the number of words in a text; a formula or a code span counts as one word."""
    bare = _ONE_WORD.sub(lambda match: " " if match[0].startswith("<!--") else " code ", text)
    return sum(bool(re.search(r"\w", word)) for word in bare.split())
