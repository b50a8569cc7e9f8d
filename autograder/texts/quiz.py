"""Check the quiz at a chapter's end: questions such as ``**1. ``, with options, ``<details>`` with Yes or No."""

from __future__ import annotations

import re
from collections.abc import Iterator

QUESTION = re.compile(r"^\*\*\d+\. ")
OPTION = re.compile(r"^<details>\s*<summary>")
REASON = re.compile(r"(Yes|No)\b")


def mistakes(section: str) -> Iterator[tuple[int, str]]:
    """For each mistake that makes a quiz question impossible to answer, yield a line offset and a sentence."""
    lines = section.split("\n")
    starts = [offset for offset, line in enumerate(lines) if QUESTION.match(line)]
    if not starts:
        yield 0, "the quiz has no question: add a line that begins with '**1. '"
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        options = [offset for offset in range(start, end) if OPTION.match(lines[offset])]
        reasons = [_reason(lines[option + 1 : end]) for option in options]
        for option, reason in zip(options, reasons, strict=True):
            if not REASON.match(reason):
                yield option, "the reason for an option must begin with 'Yes' or 'No'"
        right = sum(reason.startswith("Yes") for reason in reasons)
        if len(options) < 2 or right != 1:
            yield start, f"a question needs two or more options, one of them right, not {len(options)} and {right}"


def _reason(lines: list[str]) -> str:
    """Return the first line of text below an option's summary."""
    return next((line.strip() for line in lines if line.strip()), "")
