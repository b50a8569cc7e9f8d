"""Put translated blocks into a reference notebook or a page; blocks without a translation stay in English, with a mark.

Nothing is executed: code cells and their outputs stay the same, and filled-in values are read from the English cell.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field

from jupytext.myst import myst_to_notebook
from nbformat import NotebookNode

from authoring.notebooks.fingerprint import fits
from authoring.translations.blocks import block, chunks, has_words, split, without_hidden
from authoring.translations.languages import Language, number
from authoring.translations.translation_file import State, Translated, Translation
from autograder.course import front_and_body
from autograder.texts import reading_time
from autograder.texts.text import PLACEHOLDER

_HEADING = re.compile(r"#{1,6} ")
_SUMMARY = re.compile(r"(\s*<details>)<summary>(.*)</summary>$")


class StaleNotebookError(ValueError):
    """A notebook was not made from the current text, so the blocks of the two don't match."""


@dataclass
class _Exchange:
    """Replaces the blocks of one text with their translations."""

    translation: Translation
    language: Language
    values: dict[str, str] = field(default_factory=dict)  # of placeholders that have the same value in every cell

    def source(self, filled: str, template: str) -> str:
        """Return a Markdown text in the target language.

        ``filled`` is the English text as readers see it; ``template`` is the text as written, with placeholders
        and comments.
        """
        parts, written = split(filled), iter(chunks(template))
        opened = ""  # the opening of the last box, if that box is still open
        for at in range(1, len(parts), 2):
            chunk = parts[at].strip("\n")
            end = parts[at][len(parts[at].rstrip("\n")) :]
            if line := self.language.facts_line(chunk):
                mark, said = "", line
            else:
                template_chunk = without_hidden(next(written, "")).strip("\n")
                is_neutral = not has_words(template_chunk) and not chunk.startswith("<")  # code or a formula
                mark, said = self.chunk(chunk, template_chunk)
                mark = opened if is_neutral else mark
            closing = "</div>\n\n" if opened and mark != opened else ""
            opening = f"{mark}\n\n" if mark and mark != opened else ""
            opened = mark
            parts[at] = closing + opening + said + end
        if opened:
            parts[-1] = f"\n\n</div>{parts[-1]}"
        return "".join(parts)

    def chunk(self, filled: str, template: str) -> tuple[str, str]:
        """Return the HTML that opens a chunk's box ("" without a box), and the chunk in the target language."""
        values = _values(filled, template)
        if not has_words(template):
            return "", filled
        one, known = self.of(template), {**values, **self.values}
        if one.state is State.MISSING or not known.keys() >= set(PLACEHOLDER.findall(one.text)):
            return self.marked(filled, State.MISSING)  # a stale block may show a value that the text no longer has
        return self.marked(PLACEHOLDER.sub(lambda found: number(known[found["code"]]), one.text), one.state)

    def marked(self, said: str, state: State) -> tuple[str, str]:
        """Return the HTML that opens a stale or missing chunk's box, and the chunk; headings get a note, not a box."""
        if state is State.TRANSLATED:
            return "", said
        is_missing = state is State.MISSING
        short = self.language.short if is_missing else self.language.short_stale
        lang = ' lang="en"' if is_missing else ""
        if found := _SUMMARY.match(said):
            return "", f"{found[1]}<summary{lang}>{found[2]} ({short})</summary>"
        if _HEADING.match(said) or said.startswith(" "):  # a box would end the list item that the chunk is in
            return "", f"{said} ({short})"
        words = self.language.untranslated if is_missing else self.language.stale
        mark = f'<small lang="{self.language.name}">{words}:</small>'
        return f'<div class="course-untranslated"{lang}>\n{mark}', said

    def alt(self, english: str) -> str:
        """Return an alt text in the target language; without a translation, return the English alt text with a note."""
        one = self.of(english)
        if one.state is State.MISSING:
            return f"({self.language.short}) {english}"
        return one.text if one.state is State.TRANSLATED else f"({self.language.short_stale}) {one.text}"

    def of(self, english: str) -> Translated:
        """Return the translation of an English chunk, and its state."""
        made = block(english)
        return self.translation.blocks.get(made.key) or Translated(made)


def notebook(reference: NotebookNode, content: str, translation: Translation, language: Language) -> NotebookNode:
    """Return a translated reference notebook: replace its Markdown and alt texts, and keep everything else.

    ``reference`` is the executed notebook, which is not modified. It was made from ``content``, the English text.

    Raises:
        StaleNotebookError: if the notebook was made from another text.
    """
    made, written = copy.deepcopy(reference), myst_to_notebook(content).cells
    through = reading_time.kept(made)
    exchange = _Exchange(translation, language, {"time": language.time(through)} if through else {})
    if len(made.cells) != len(written):
        raise StaleNotebookError("the notebook has other cells than the text: run `make notebooks` first")
    for cell, wanted in zip(made.cells, written, strict=True):
        if cell.cell_type == "markdown":
            cell.source = exchange.source(cell.source, wanted.source)
        elif "alt" in wanted.metadata:
            cell.metadata.mystnb.image.alt = exchange.alt(wanted.metadata.alt)
    return made


def page(content: str, translation: Translation, language: Language) -> str:
    """Return a translated page of the book, with its front matter in English."""
    front, body = front_and_body(content)
    return front + _Exchange(translation, language).source(body, body)


def _values(filled: str, template: str) -> dict[str, str]:
    """Map the code of each placeholder in a chunk to the value that filled it."""
    found = fits(filled, template)
    if found is None:
        raise StaleNotebookError(f"{filled[:60]!r} is not made from {template[:60]!r}: run `make notebooks` first")
    return dict(zip(PLACEHOLDER.split(template)[1::2], found.groups(), strict=True))
