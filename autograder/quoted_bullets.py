"""Find which bullet of a statement an answer violates: the one that clearly shares the most words with the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from autograder.model import Bullet

CLEAR, AHEAD = 1.5, 1.5  # the score that a bullet needs, and the smallest ratio to the next best score
_STEM = 5  # letters that the forms of a word share: "gradient" and "gradients"
_WORD, _COMMAND = re.compile(r"[^\W_]+"), re.compile(r"\\([a-z]+)")
_SAME = {"varepsilon": "eps", "epsilon": "eps", "sqrt": "root"}  # the words for a formula's symbols in a reason
_EMPTY = frozenset((
    "all", "also", "and", "any", "are", "both", "but", "does", "each", "every", "for", "from", "has", "have",
    "here", "into", "its", "not", "one", "only", "other", "same", "that", "the", "their", "them", "then",
    "there", "they", "this", "two", "was", "what", "when", "where", "which", "with", "your", "you", "frac",
    "text", "texttt", "cdot", "left", "right", "operatorname", "mathrm", "output", "value", "values",
    "expected", "got", "index", "off", "size",
))  # fmt: skip


def violated(bullets: Sequence[Bullet], claims: Collection[str], why: str) -> Bullet | None:
    """Return the bullet that an answer violates, or None if that is not clear; ``why`` is what the student reads."""
    tests = [bullet for bullet in bullets if {*bullet.claims} & {*claims}]
    if len(tests) < 2:
        return tests[0] if tests else None
    among, said = Counter(word for bullet in bullets for word in _words(bullet.text)), _words(why)
    score = {bullet: sum(1 / among[word] for word in _words(bullet.text) & said) for bullet in tests}
    best, second = sorted(tests, key=lambda bullet: -score[bullet])[:2]
    return best if score[best] >= max(CLEAR, AHEAD * score[second]) else None


def _words(text: str) -> set[str]:
    letters = _COMMAND.sub(lambda found: f" {_SAME.get(found[1], found[1])} ", text)
    found = (word.lower() for word in _WORD.findall(letters))
    return {word[:_STEM] for word in found if len(word) > 2 and word not in _EMPTY}
