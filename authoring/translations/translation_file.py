"""Read and write translation files, such as `text.de.md` for `text.md`: each block is below its English block's key.

    <!-- 0123abcd -->               a translation of the English block with this key
    <!-- 0123abcd en -->            a block that is not translated yet: the text below it is in English
    <!-- 0123abcd was 4567cdef -->  a stale block: a translation of an earlier version of the English block
    <!-- 4567cdef gone -->          a translated block whose English block no longer exists

`start` writes all four kinds of marks. After bringing a block up to date, the translator deletes everything after the
key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import Enum
from pathlib import Path

from authoring.translations.blocks import Block

HEAD = '<!-- A translation: see "Translations" in CONTRIBUTING.md. -->'
_MARK = re.compile(r"^<!-- (?P<key>[0-9a-f]{8})(?P<en> en)?(?: was (?P<was>[0-9a-f]{8}))?(?P<gone> gone)? -->$")
_LIKE_MARK = re.compile(r"^<!-- *[0-9a-f]{6,10}\b")


class State(Enum):
    """The state of a block's translation."""

    TRANSLATED = "translated"
    STALE = "stale"  # the English block changed after it was translated
    MISSING = "missing"


class TranslationError(ValueError):
    """A mistake in a translation, with its file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True)
class Entry:
    """A block in a translation file."""

    key: str
    text: str
    line: int
    is_english: bool = False
    was: str = ""
    is_gone: bool = False


@dataclass(frozen=True)
class Translated:
    """An English block and its translation."""

    english: Block
    state: State = State.MISSING
    text: str = ""  # the translation; if it is stale, of an earlier version of the English block
    was: str = ""  # the key of that version
    line: int = 0  # the line of the translation in its file


@dataclass(frozen=True)
class Translation:
    """The translation of a text: its English blocks in order, and translated blocks that match none of them."""

    path: Path
    blocks: dict[str, Translated]
    left_over: list[Entry] = field(default_factory=list)

    def count(self, state: State) -> int:
        """Return the number of blocks in a state."""
        return sum(one.state is state for one in self.blocks.values())

    @property
    def share(self) -> float:
        """The fraction of the English characters that are translated; stale blocks count as translated."""
        sizes = {key: len(one.english.text) for key, one in self.blocks.items()}
        done = sum(sizes[key] for key, one in self.blocks.items() if one.state is not State.MISSING)
        return done / max(1, sum(sizes.values()))


def path_for(source: Path, language: str) -> Path:
    """Return the path of a text's translation: `text.de.md` for `text.md`."""
    return source.with_suffix(f".{language}.md")


def load(path: Path, english: Iterable[Block]) -> Translation:
    """Return a file's translation, compared with the current English blocks; without a file, all blocks are missing.

    Raises:
        TranslationError: if a mark is invalid, a block is empty or appears twice, or text precedes the first mark.
    """
    entries = read(path) if path.exists() else []
    made = {block.key: Translated(block) for block in english}
    unknown = []
    for entry in entries:
        if entry.key not in made or entry.is_gone:
            unknown += [] if entry.is_english else [entry]
        elif not entry.is_english:
            state = State.STALE if entry.was else State.TRANSLATED
            made[entry.key] = Translated(made[entry.key].english, state, entry.text, entry.was, entry.line)
    for key, entry in _replaced(made, entries, unknown):
        made[key] = Translated(made[key].english, State.STALE, entry.text, entry.was or entry.key, entry.line)
        unknown.remove(entry)
    return Translation(path, made, unknown)


def _replaced(
    made: Mapping[str, Translated], entries: list[Entry], unknown: list[Entry]
) -> Iterable[tuple[str, Entry]]:
    """Between two known blocks, pair unknown entries with missing blocks in order if their numbers are equal."""
    here, there = list(made), [entry.key for entry in entries]
    for _, i1, i2, j1, j2 in SequenceMatcher(None, here, there, autojunk=False).get_opcodes():
        free = [key for key in here[i1:i2] if made[key].state is State.MISSING]
        waiting = [entry for entry in entries[j1:j2] if entry in unknown and not entry.is_gone]
        if len(free) == len(waiting):
            yield from zip(free, waiting, strict=True)


def read(path: Path) -> list[Entry]:
    """Return the blocks in a file; see `load`."""
    found: list[Entry] = []
    lines = path.read_text(encoding="utf-8").split("\n")
    marks = [n for n, line in enumerate(lines) if _MARK.match(line)]
    for n, line in enumerate(lines):
        if _LIKE_MARK.match(line) and n not in marks:
            raise TranslationError(
                path, n + 1, f"{line!r} is not understood: <!-- key -->, key en, key was key, key gone"
            )
    if any(line.strip() and line != HEAD for line in lines[: min(marks, default=len(lines))]):
        raise TranslationError(path, 1, "there is text before the first <!-- key -->")
    seen: set[str] = set()
    for start, end in zip(marks, [*marks[1:], len(lines)], strict=True):
        mark, text = _MARK.match(lines[start]), "\n".join(lines[start + 1 : end]).strip("\n")
        assert mark
        if not text.strip():
            raise TranslationError(path, start + 1, "the block is empty; delete its mark, or write the translation")
        if mark["key"] in seen:
            raise TranslationError(path, start + 1, f"the block {mark['key']} is there twice")
        seen.add(mark["key"])
        found.append(Entry(mark["key"], text, start + 1, bool(mark["en"]), mark["was"] or "", bool(mark["gone"])))
    return found


def dumps(translation: Translation) -> str:
    """Return the text of a file: all blocks in the order of the English text; untranslated blocks are in English."""
    made = [HEAD]
    for key, one in translation.blocks.items():
        if one.state is State.MISSING:
            made.append(f"<!-- {key} en -->\n{one.english.text}")
        else:
            was = f" was {one.was}" if one.state is State.STALE else ""
            made.append(f"<!-- {key}{was} -->\n{one.text}")
    made += [f"<!-- {entry.key} gone -->\n{entry.text}" for entry in translation.left_over]
    return "\n\n".join(made) + "\n"
