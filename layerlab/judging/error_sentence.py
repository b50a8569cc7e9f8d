"""Explain where an answer stopped with an error; quote the student's own line and name the tested case.

The student's process reports the lines in an exception's traceback. A sentence quotes a line only if the answer really
contains it, so no sentence ever shows a line of the hidden tests.
"""

from __future__ import annotations

import re

from layerlab.checks.causes.errors import error_cause
from layerlab.judging.claim_model import ClaimRun, SentenceKind
from layerlab.judging.notebook_words import WORDS
from layerlab.judging.words import put

MAX_CODE, MAX_MESSAGE = 100, 200  # characters shown
_PLACE = re.compile(r" \([^()]*, line \d+\)$")  # the location in a syntax error, in a file unknown to the student


Lines = tuple[tuple[int, str], ...]  # number and text of each line in a traceback


def claim_stopped(got: ClaimRun, expected: ClaimRun, answer: str | None) -> tuple[str, SentenceKind]:
    """Return the sentence for a claim that raised an error, and its kind.

    ``answer`` is the solution cell's text; None in a notebook, where the traceback has no lines of hidden tests.
    """
    raised, cause = _shown(got.raised or ""), _likely(got.raised or "")
    at = case(got, expected)
    own = line_in(answer, got.lines)
    if got.raised_type == "NotImplementedError" and (own is None or "raise NotImplementedError" in own):
        return (
            f"{at}, your answer is not written yet: it raises NotImplementedError",
            SentenceKind.LINE if own else SentenceKind.CASE,
        )
    if own is not None:
        return f"{at}, {own} stops with {raised}{cause}", SentenceKind.LINE
    return (
        f"{at}, what your answer returns cannot be used as the statement says: {_outside(raised)}{cause}",
        SentenceKind.CASE,
    )


def answer_stopped(error: str, lines: Lines, answer: str) -> tuple[str, SentenceKind]:
    """Return the sentence for an answer cell that raised an error, and the sentence's kind."""
    raised, cause = _shown(error), _likely(error)
    own = line_in(answer, lines)
    where = f", in {own}" if own else ""
    return (
        f"the answer cell stops with {_PLACE.sub('', raised)}{where}{cause}",
        SentenceKind.LINE if own else SentenceKind.CASE,
    )


def case(got: ClaimRun, expected: ClaimRun) -> str:
    """Describe which observation would have been next, such as "for “output of a batch of one”"."""
    labels = [observed.label for observed in expected.observed]
    name = labels[len(got.observed)] if len(got.observed) < len(labels) else expected.name
    return f"for “{name}”"


def line_in(answer: str | None, lines: Lines) -> str | None:
    """Quote the last of ``lines`` that the answer contains, as "line 4 of your answer (`y = x @ w`)"."""
    own = (answer or "").split("\n")
    for number, said in reversed(lines):
        code = said if answer is None else own[number - 1].strip() if 0 < number <= len(own) else ""
        if code and code.startswith(said) and said:
            shown = code if len(code) <= MAX_CODE else f"{code[:MAX_CODE]}…"
            return f"line {number} of your answer (`{shown.replace('`', chr(39))}`)"
    return None


def _shown(raised: str) -> str:
    kind, _, message = raised.partition(":")
    message = " ".join(message.split())
    message = message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
    return f"{kind}: {message}" if message else kind


def _outside(raised: str) -> str:
    """Describe which key, attribute, or name was missing when the test used the answer's result."""
    if found := re.fullmatch(r"KeyError: (.+)", raised):
        return f"the dict has no key {found[1]} (KeyError)"
    if found := re.fullmatch(r"AttributeError: '(\w+)' object has no attribute '(\w+)'.*", raised):
        return f"the {found[1]} has no attribute `{found[2]}` (AttributeError)"
    if found := re.fullmatch(r"NameError: name '(\w+)' is not defined.*", raised):
        return f"there is no `{found[1]}` (NameError)"
    return raised


def _likely(raised: str) -> str:
    kind, _, message = raised.partition(": ")
    cause = error_cause(kind, message)
    return f". Likely cause: {put(WORDS, cause).rstrip('.')}" if cause else ""
