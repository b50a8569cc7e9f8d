"""Read the prose of the book, from which `llama-tiny` learns, and split it into byte-pair tokens."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

import numpy as np
import torch

HELD_OUT = ("padding", "distance", "memory", "capstone_losses")  # chapters that the network never reads
Pair = tuple[int, int]

_DROPPED = (
    r"(?s)\A---\n.*?\n---\n",  # the front matter
    r"(?sm)^```.*?^```[^\n]*$",  # cells, with their code
    r"(?sm)^\$\$.*?\$\$",  # formulas on lines of their own
    r"(?s)<!--.*?-->",
    r"</?\w+[^>]*>",  # HTML
    r"(?m)^(?:\+\+\+|\||#|!\[|>).*$",  # cell breaks, tables, headings, images, and quotations
)
_WORDS = re.compile(r" ?[^\W_]+| ?[^\w\s]+|\s|_")


def paragraphs(text: str) -> list[str]:
    """Return a chapter's paragraphs and list items, one per line, without code, tables, and any with a placeholder."""
    for pattern in _DROPPED:
        text = re.sub(pattern, "", text)
    text = re.sub(r"\]\([^)]*\)", "]", text).replace("**", "")
    blocks = re.split(r"\n\s*\n|\n(?=- |\d+\. )", text)
    lines = (" ".join(block.split()).removeprefix("- ").replace("[", "").replace("]", "") for block in blocks)
    return [line for line in lines if len(line) > 40 and "{{" not in line]


def read(chapters: Path) -> tuple[str, str]:
    """Return the prose to train on and the held-out prose, with a paragraph on each line."""
    texts: tuple[list[str], list[str]] = ([], [])
    for folder in sorted(path for path in chapters.iterdir() if (path / "text.md").is_file()):
        texts[folder.name in HELD_OUT].extend(paragraphs((folder / "text.md").read_text(encoding="utf-8")))
    return "\n".join(texts[0]), "\n".join(texts[1])


def words(text: str) -> list[bytes]:
    """Split a text into words, each with the space before it; joined, they are the text again."""
    return [word.encode() for word in _WORDS.findall(text)]


def train_merges(text: str, count: int) -> list[Pair]:
    """Return the pairs of tokens to merge, in order; tokens 0 to 255 are bytes, and merge k creates token 256 + k."""
    counts = Counter(words(text))
    splits = {word: list(word) for word in counts}
    merges: list[Pair] = []
    for new in range(256, 256 + count):
        pairs: Counter[Pair] = Counter()
        for word, tokens in splits.items():
            for pair in _apart(tokens):
                pairs[pair] += counts[word]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        splits = {word: merge(tokens, best, new) for word, tokens in splits.items()}
        merges.append(best)
    return merges


def _apart(tokens: list[int]) -> list[Pair]:
    """Return the pairs of neighboring tokens; if equal pairs overlap, as in ``aaa``, keep those that can be merged."""
    pairs: list[Pair] = []
    last: Pair | None = None
    for pair in itertools.pairwise(tokens):
        last = None if pair == last else pair
        pairs += [pair] if last else []
    return pairs


def merge(tokens: list[int], pair: Pair, new: int) -> list[int]:
    """Replace each occurrence of a pair with a new token, from left to right."""
    result: list[int] = []
    at = 0
    while at < len(tokens):
        found = tuple(tokens[at : at + 2]) == pair
        result.append(new if found else tokens[at])
        at += 2 if found else 1
    return result


def encode(text: str, merges: list[Pair]) -> list[int]:
    """Return the tokens of a text: in each word, the earliest merge is applied first."""
    known: dict[bytes, list[int]] = {}
    for word in set(words(text)):
        tokens = list(word)
        for new, pair in enumerate(merges, 256):
            if len(tokens) < 2:
                break
            tokens = merge(tokens, pair, new)
        known[word] = tokens
    return [token for word in words(text) for token in known[word]]


def write(chapters: Path, folder: Path, count: int = 256) -> torch.Tensor:
    """Write the held-out prose and the merges into a folder; return the tokens to train on."""
    train, held = read(chapters)
    merges = train_merges(train, count)
    raw = np.frombuffer(held.encode(), np.uint8)
    np.savez_compressed(folder / "prose.npz", allow_pickle=False, bytes=raw)
    np.savez_compressed(folder / "merges.npz", allow_pickle=False, pairs=np.array(merges, np.int16))
    return torch.tensor(encode(train, merges))
