"""Count what makes a text hard to read: words that sound translated, and long sentences, statements, and feedback."""

from __future__ import annotations

import re
import statistics
from collections.abc import Set
from dataclasses import dataclass

from authoring.english import patterns
from authoring.english.pieces import Pieces, pieces
from autograder.texts.statements import bullets

_STATEMENT = re.compile(
    r"^### Exercise: .*\n(?P<text>(?:(?!### ).*\n)*?)```\{code-cell\}.*\n:solution: (?P<name>\w+)", re.MULTILINE
)
_FEEDBACK = re.compile(r"^### (?:wrong|faulty start).*\n(?P<text>(?:(?!```|#).*\n)*)", re.MULTILINE)
_CLAIM = re.compile(r"""lab\.claim\(\s*[rf]?(["'])(?P<name>.*?)\1""")
_FENCE = re.compile(r"^(?P<mark>`{3,}).*?^(?P=mark)\s*$", re.MULTILINE | re.DOTALL)
_ONE_WORD = re.compile(r"<!--.*?-->|\$\$.+?\$\$|\$[^$\n]+\$|`[^`]+`", re.DOTALL)


@dataclass(frozen=True)
class Counts:
    """The counts of one chapter's text and answers."""

    sentences: int
    translated: list[patterns.Hit]  # words that are always wrong, British spellings, and words wrong in demands
    often_right: int
    long_sentences: int
    statements: dict[str, int]  # exercise: words
    long_bullets: int
    long_feedback: int

    @property
    def median(self) -> int:
        return round(statistics.median(self.statements.values())) if self.statements else 0

    @property
    def longest_tenth(self) -> int:
        """The number of words that nine in ten statements do not exceed."""
        return sorted(self.statements.values())[-max(1, len(self.statements) // 10)] if self.statements else 0


def counts(text: str, answers: str) -> Counts:
    """Return the counts of a chapter's two files; ``answers`` may be empty."""
    both = [pieces(text), pieces(answers)]
    prose = [part for found in both for part in [*found.prose, *found.alts]]
    every = [sentence for part in prose for sentence in patterns.sentences(part)]
    stated, told = statements(text), feedback(answers)
    return Counts(
        sentences=len(every),
        translated=[*translated(both, claims(text)), *demands([*stated.values(), *told])],
        often_right=sum(1 for part in prose for _ in patterns.hits(part, patterns.COUNTED)),
        long_sentences=sum(len(sentence.split()) > patterns.SENTENCE for sentence in every),
        statements={name: words(statement) for name, statement in stated.items()},
        long_bullets=sum(
            words(bullet.text) > patterns.BULLET for statement in stated.values() for bullet in bullets(statement)
        ),
        long_feedback=sum(words(sentence) > patterns.FEEDBACK for sentence in told),
    )


def total(all_counts: list[Counts]) -> Counts:
    """Combine the counts of several chapters."""
    return Counts(
        sentences=sum(one.sentences for one in all_counts),
        translated=[hit for one in all_counts for hit in one.translated],
        often_right=sum(one.often_right for one in all_counts),
        long_sentences=sum(one.long_sentences for one in all_counts),
        statements={name: words for one in all_counts for name, words in one.statements.items()},
        long_bullets=sum(one.long_bullets for one in all_counts),
        long_feedback=sum(one.long_feedback for one in all_counts),
    )


def claims(text: str) -> set[str]:
    """Return the names of a text's claims. They seed random sampling, so they must not change."""
    return {match["name"] for match in _CLAIM.finditer(text)}


def translated(found: list[Pieces], kept: Set[str] = frozenset()) -> list[patterns.Hit]:
    """Return the sentences in prose, alt texts, and comments that contain British spellings or always-wrong words.

    Strings of one word are ignored, because most of them are keys or names that readers don't see.

    Args:
        found: the pieces of the texts.
        kept: strings that must not change, which are ignored.
    """
    strings = [text for one in found for text in one.comments if " " in text and text.strip("\"'") not in kept]
    parts = [*(part for one in found for part in [*one.prose, *one.alts]), *strings]
    return [hit for part in parts for hit in patterns.hits(part, patterns.ALWAYS + patterns.BRITISH)]


def demands(texts: list[str]) -> list[patterns.Hit]:
    """Return the sentences of statements or feedback that contain words to avoid there."""
    parts = [part for text in texts for part in pieces(text).prose]
    return [hit for part in parts for hit in patterns.hits(part, patterns.DEMANDS)]


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
