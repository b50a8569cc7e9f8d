"""Check that a translated block has the same facts as its English block: numbers, formulas, code, links, and tags."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from authoring.english.pieces import pieces
from authoring.translations.languages import Language
from authoring.translations.translation_file import State, Translated, Translation

_FENCES = re.compile(r"^\s*(?:`{3,}|:{3,}).*$", re.MULTILINE)
_TAGS = re.compile(r"</?[a-z]+")
_BEGINS = re.compile(r"^\s*(?:[-*] |\d+\. |\||#{1,6} )", re.MULTILINE)
_IN_FORMULA = re.compile(r"\\text\{[^}]*\}")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_REASON = re.compile(r"(Yes|No)[.,:;]")
_SPACED = re.compile(r"(?<=\d)[\u202f\u00a0](?=\d{3}\b)")


def lost(translation: Translation, language: Language) -> Iterator[str]:
    """Yield a sentence for each kind of fact that a translated block lost or added; stale blocks are not checked."""
    for one in translation.blocks.values():
        for sentence in _differences(one, language) if one.state is State.TRANSLATED else ():
            yield f"{translation.path}:{one.line}: {sentence}"


def _differences(one: Translated, language: Language) -> Iterator[str]:
    if (reason := _REASON.match(one.english.text)) and not one.text.startswith(language.reasons[reason[1]]):
        yield f"the reason for an option of a quiz begins with {language.reasons[reason[1]]!r}"
    english, translated = _facts(_THOUSANDS.sub("", one.english.text)), _facts(_SPACED.sub("", one.text))
    for kind, facts in english.items():
        gone, new = sorted(facts - translated[kind]), sorted(translated[kind] - facts)
        if gone or new:
            yield "; ".join(
                f"{kind} {word}: {', '.join(said)}" for word, said in (("lost", gone), ("new", new)) if said
            )


def _facts(text: str) -> dict[str, set[str]]:
    """Return the facts of a block by kind. Repetitions don't count, because translations can repeat different facts."""
    found = pieces(_FENCES.sub("", text)).kept
    kept = {kind: found[kind] for kind in ("marks", "spans", "links", "numbers")}
    kept["math"] = {_IN_FORMULA.sub(r"\\text{}", formula) for formula in found["math"]}
    kept["fences"] = {line.strip() for line in _FENCES.findall(text)}
    kept["tags"] = set(_TAGS.findall(text))
    begins = Counter(re.sub(r"\d+", "1", match.strip()) for match in _BEGINS.findall(text))
    kept["lines"] = {f"{times} × {mark}" for mark, times in begins.items()}
    return kept
