"""Find British spellings and words that sound translated, and define how long statements may be.

The words were found by reading: each of them made native readers stop, wherever it occurred. The words in `ALWAYS` have
no correct use in this course's prose; those in `DEMANDS` may occur in a story, but not in statements and feedback.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ALWAYS = (
    r"\banew\b", r"\bin the place of\b", r", also (?:where|when|if|none|those|with)\b",
    r"\b(?:number|module|function|layer|version) of (?:yours|ours)\b", r"(?<!the )\b(?:in|out)side of\b",
    r"\basked for (?:is|are)\b", r"\bno .{1,20} any more\b", r"\bcomes? from above\b", r"\bthe one of\b(?! the two)",
    r"\bputs? out\b", r"\bin small letters\b", r"\bfor each its own\b", r", for (?:it|they|there|you|we) ",
    r"\b(?:is|are) taken off\b", r"\b(?:as|so|too|is|are) dear\b", r"\bone behind the other\b", r"\bA tiny example\b",
    r"^Who (?:has|writes|hands|puts|wants)\b[^?]*$", r"\bWhat of\b", r"^To \w+ [^,]* (?:changes|is allowed|raises)\b",
)  # fmt: skip
DEMANDS = (
    r"\bas (?:it|they) (?:was|were)\b", r"\bwho(?:m)?ever\b", r"\b(?:some|every)body\b",
    r"\bhand(?:ed|s|ing)? (?:over|in|on)\b", r"\b(?:is|are) to be\b", r"\bstands?\b(?! (?:for|out))",
    r"\bwhole numbers?\b", r"\bplaces\b", r"\bmend(?:s|ed|ing)?\b",
)  # fmt: skip
BRITISH = (
    r"\b(?:whilst|towards|amongst|spelt|learnt)\b",
    r"\b\w*(?:optimis|initialis|normalis|minimis|maximis|regularis|generalis|parametris|vectoris|quantis|realis|recognis"
    r"|organis|memoris|summaris|randomis|specialis|standardis|visualis|factoris|linearis|discretis|stabilis)\w*\b",
    r"\b(?:centre|neighbour|colour|grey|behaviour|labelled|modelling|modelled|favour|harbour|honour|licence|litre|metre"
    r"|kilometre|programme|cancelled|travelled|practis|catalogue|analys)(?:s|d|e|ed|ing|es)?\b",
)  # fmt: skip
BULLET, STATEMENT = 25, 150  # maximum number of words

_SENTENCES = re.compile(r"(?<=[.!?])[\"')*]*\s+(?=[\"'(*]*[A-Z0-9])")
_ITEM = re.compile(r"^(?:[-*]|\d+\.)\s+")


@dataclass(frozen=True)
class Hit:
    """A sentence that matches one of the patterns."""

    pattern: str
    sentence: str


def sentences(prose: str) -> list[str]:
    """Return the sentences of a paragraph, a list item, or a row of a table."""
    cells = re.split(r"\s*\|\s*", prose.strip("|")) if prose.startswith("|") else [_ITEM.sub("", prose)]
    return [part.strip() for cell in cells for part in _SENTENCES.split(cell) if part.strip()]


def hits(prose: str, patterns: tuple[str, ...]) -> Iterator[Hit]:
    """Yield each sentence of a paragraph once for every pattern that it matches."""
    for sentence in sentences(prose):
        for pattern in patterns:
            if re.search(pattern, sentence, re.IGNORECASE if pattern.islower() else 0):
                yield Hit(pattern, sentence)
