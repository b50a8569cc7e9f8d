"""Show pages in another language: replace their sources, but keep the English addresses of sections.

`authoring.translations` writes the translated sources. Headings are read in English first, so that every link and index
finds its section. Then each heading gets its translated words, which follow it in the source, after a mark.
"""

from __future__ import annotations

import json
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from autograder.texts.headings import headings

SOURCES, WORDS = "translated_sources", "untranslated_words"  # settings in Sphinx's configuration: a folder, and a note
TITLE = "<!-- translated title -->"
ENGLISH = "english"  # an attribute of a section whose title is translated


def exchange_source(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the source of a page with its translation, if there is one."""
    path = translated(app, docname)
    if path is None:
        return
    content = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        source[0] = with_titles(source[0], content)
        return
    english, made = json.loads(source[0]), json.loads(content)
    for cell, new in zip(english["cells"], made["cells"], strict=True):
        if new["cell_type"] == "markdown":
            new["source"] = with_titles("".join(cell["source"]), "".join(new["source"]))
    source[0] = json.dumps(made)


def translated(app: Sphinx, docname: str) -> Path | None:
    """Return the path of a page's translated source, or None if there is none."""
    paths = (Path(app.config[SOURCES], f"{docname}{suffix}") for suffix in (".md", ".ipynb"))
    return next((path for path in paths if path.exists()), None) if app.config[SOURCES] else None


def with_titles(english: str, text: str) -> str:
    """Return a translated text with its headings in English, each with its translation below it."""
    lines = text.split("\n")
    for old, new in zip(headings(english), headings(text), strict=True):
        if old.title != new.title:
            lines[new.line] = f"{'#' * old.level} {old.title}\n\n{TITLE}\n\n{new.title}\n"
    return "\n".join(lines)


def translate_titles(app: Sphinx, doctree: nodes.document) -> None:
    """Give each section its translated title, and mark a page that has no translation."""
    for mark in [found for found in doctree.findall(nodes.raw) if found.astext().strip() == TITLE]:
        section = mark.parent
        words = section[section.index(mark) + 1]
        title = next(section.findall(nodes.title))
        section[ENGLISH] = title.astext()
        title.children = []
        title.extend(list(words.children))
        section.remove(words)
        section.remove(mark)
    if app.config[SOURCES] and translated(app, app.env.docname) is None:
        for section in [child for child in doctree.children if isinstance(child, nodes.section)]:
            section["classes"].append("language-en")  # which docutils writes as the attribute lang
            note = nodes.paragraph(
                "", app.config[WORDS], classes=["course-untranslated", f"language-{app.config.language}"]
            )
            section.insert(section.index(next(section.findall(nodes.title))) + 1, note)


def english_title(section: nodes.section) -> str:
    """Return the title that the author gave a section."""
    return str(section.get(ENGLISH) or next(section.findall(nodes.title)).astext())
