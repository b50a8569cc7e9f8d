"""Build the course in another language: translated notebooks and pages, and the book made from them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from authoring.book import build_book, offline
from authoring.notebooks.notebook_file import write
from authoring.notebooks.release import release
from authoring.translations import exchange
from authoring.translations.blocks import blocks
from authoring.translations.languages import LANGUAGES, Language
from authoring.translations.translation_file import Translation, load, path_for
from autograder import keys
from autograder.course import TRANSLATION, Course


@dataclass(frozen=True)
class TranslatedCourse(Course):
    """A course in which some texts are translated. Everything else is the same as in the course at ``root``."""

    language: str

    @property
    def words(self) -> Language:
        """The course's own words in this language."""
        return LANGUAGES[self.language]

    @property
    def folder(self) -> Path:
        """The folder for translated notebooks and pages, each with the same relative path as in English."""
        return self.root / "_build" / self.language

    @property
    def site(self) -> Path:
        """The built book."""
        return self.root / "_build" / f"html-{self.language}"

    def release(self, chapter: str) -> Path:
        """Return the path of a chapter's student notebook, in this language if the chapter has a translation."""
        english = super().release(chapter)
        return self.folder / english.relative_to(self.root) if self.is_translated(chapter) else english

    def source(self, name: str) -> Path:
        """Return the path of the English text of a chapter, or of a page in `book/`."""
        text = self.text(name)
        return text if text.exists() else self.root / "book" / f"{name}.md"

    def is_translated(self, name: str) -> bool:
        """Return whether a chapter or page has a translation, however incomplete."""
        return path_for(self.source(name), self.language).exists()

    @property
    def translated(self) -> list[str]:
        """The names of all pages and chapters that have a translation, pages first."""
        pages = sorted((self.root / "book").glob(f"*.{self.language}.md"))
        names = [path.name.removesuffix(f".{self.language}.md") for path in pages]
        return [*names, *(name for name in self.chapters if self.is_translated(name))]

    def translation(self, name: str) -> Translation:
        """Return the translation of a chapter or page, compared with the current English text.

        Raises:
            FileNotFoundError: if there is no such chapter or page.
            TranslationError: if the file has a mistake.
        """
        source = self.source(name)
        return load(path_for(source, self.language), blocks(source, source.read_text(encoding="utf-8")))


def languages(root: Path) -> list[str]:
    """Return the languages for which the course has any translation."""
    names = (TRANSLATION.fullmatch(path.name) for path in (root / "book").rglob("*.md"))
    return sorted({found["language"] for found in names if found})


def write_sources(course: TranslatedCourse) -> None:
    """Write the translated student notebooks and pages.

    Raises:
        StaleNotebookError: if a chapter's notebook was made from another text.
        TranslationError: if a translation has a mistake.
    """
    for name in course.translated:
        source, translation = course.source(name), course.translation(name)
        content = source.read_text(encoding="utf-8")
        if name in course.chapters:
            reference = nbformat.read(course.reference(name), as_version=4)
            try:
                made = exchange.notebook(reference, content, translation, course.words)
            except exchange.StaleNotebookError as error:
                raise exchange.StaleNotebookError(f"{name}: {error}") from error
            write(release(made), course.release(name))
        else:
            path = course.folder / source.relative_to(course.root)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(exchange.page(content, translation, course.words), encoding="utf-8")


def build(course: TranslatedCourse, progress: Callable[[str], None] = lambda line: None) -> bool:
    """Build the book in the course's language if anything changed; return whether it was built.

    Raises:
        BuildError: if the build gave a warning, or a built page breaks a promise.
        StaleNotebookError: if a chapter's notebook was made from another text.
        TranslationError: if a translation has a mistake.
    """
    record, texts = (
        course.folder / build_book.RECORD,
        [path_for(course.source(name), course.language) for name in course.translated],
    )
    now = keys.key(english=build_book.inputs(course.root), texts={str(path): path.read_bytes() for path in texts})
    if record.exists() and record.read_text() == now and (course.site / "index.html").exists():
        return False
    shutil.rmtree(course.folder, ignore_errors=True)
    write_sources(course)
    settings = {
        "language": course.language,
        "translated_sources": str(course.folder),
        "untranslated_words": course.words.untranslated,
    }
    built = build_book.render_with(course, course.folder, settings, progress)
    shutil.rmtree(course.site, ignore_errors=True)
    shutil.move(built, course.site)
    offline.hand_out(course)
    if problems := list(build_book.check(course)):
        raise build_book.BuildError("\n".join(problems))
    record.write_text(now)
    return True
