"""Use the secret of a class to determine which edition of a chapter each student has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from nbformat import NotebookNode

from autograder.class_file import class_reader
from autograder.course import name_of
from autograder.editions import class_secret
from autograder.editions.edition_notebooks import counts_of, notebook_in
from autograder.model import Chapter
from autograder.texts import chapter as chapters

_T = TypeVar("_T")


@dataclass(frozen=True)
class Edition:
    """One edition of a chapter, or the public chapter.

    Args:
        folder: the folder for saved observations, relative to the chapter's report folder; "" for the public chapter.
    """

    chapter: Chapter
    reference: NotebookNode
    folder: str = ""


class Editions:
    """The editions of a chapter by student; without a secret, every student gets the public chapter."""

    def __init__(self, reference: NotebookNode, name: str, secret: bytes | None = None) -> None:
        self.public = Edition(chapters.from_notebook(reference, name), reference)
        self.is_personal = secret is not None
        self._secret = secret or b""
        self._counts = counts_of(self.public.chapter)
        self._made = cache(self._make)

    def of(self, student: str) -> Edition:
        """Return the edition of a student, which depends on the name of the student's folder."""
        if not self.is_personal:
            return self.public
        found = (class_secret.chosen(self._secret, student, *one) for one in self._counts.items())
        return self._made(tuple(found))

    def apart(self, waiting: Sequence[_T], student: Callable[[_T], str]) -> Iterator[tuple[Edition, list[_T]]]:
        """Group the items in ``waiting`` by edition: yield each edition with the items that belong to it.

        Args:
            waiting: the items, such as submissions.
            student: a function that returns the student of an item.
        """
        found: dict[str, list[_T]] = {}
        for one in waiting:
            found.setdefault(self.of(student(one)).folder, []).append(one)
        for those in found.values():
            yield self.of(student(those[0])), those

    def _make(self, editions: tuple[int, ...]) -> Edition:
        reference = notebook_in(self.public.reference, dict(zip(self._counts, editions, strict=True)))
        chapter = chapters.from_notebook(reference, self.public.chapter.name)
        return Edition(chapter, reference, f"editions/{'-'.join(str(number + 1) for number in editions)}")


def of_class(reference: NotebookNode, name: str, root: Path) -> Editions:
    """Return the editions of a chapter in the class at ``root``.

    Raises:
        ClassFileError: if the class file has mistakes.
        RecordError: if the class has personal constants, but its secret cannot be read.
    """
    is_personal = class_reader.of_course(root).personal and counts_of(chapters.from_notebook(reference, name))
    return Editions(reference, name, class_secret.read(root) if is_personal else None)


def in_class(name: str, root: Path, private: Path | None = None) -> Editions:
    """Return the editions of the chapter called ``name`` in the course or in the folder ``private``; see `of_class`.

    Raises:
        ChapterNotFound: if there is no such chapter.
    """
    path = chapters.find(name, root, private)
    return of_class(chapters.notebook(path), name_of(path), root)
