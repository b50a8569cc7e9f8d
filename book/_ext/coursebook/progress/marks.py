"""Mark a chapter's questions and exercises, so that the scripts in `book/_static/done/` recognize them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from autograder.texts.headings import EXERCISE
from coursebook import notebooks

NUMBER = re.compile(r"\d+\. ")  # before a question's words
FOLD = '<details class="course-'  # an option of a quiz, marked by `markup.access`


@dataclass
class Options:
    """A quiz question on its page: its paragraph, and the raw nodes that begin its options."""

    asked: nodes.paragraph
    folds: list[nodes.raw]

    @property
    def name(self) -> str:
        """The question's name: eight hexadecimal digits, hashed from its words, its options, and which one is right."""
        said = [NUMBER.sub("", _plain(self.asked.astext()), count=1)]
        said += [f"{'+' if 'course-right' in one.astext() else '-'}{_plain(one.astext())}" for one in self.folds]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]


def mark_questions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Mark each option of a quiz with the name of its question."""
    for question in questions(doctree):
        name = question.name
        for fold in question.folds:
            marked = fold.astext().replace(FOLD, f'<details data-question="{name}" class="course-', 1)
            fold.replace_self(nodes.raw("", marked, format=fold["format"]))


def questions(doctree: nodes.document) -> Iterator[Options]:
    """Yield the questions of a page's quiz, in order."""
    found: list[Options] = []
    for quiz in doctree.findall(lambda node: isinstance(node, nodes.section) and "quiz" in node["ids"]):
        for child in quiz.children:
            if isinstance(child, nodes.paragraph) and NUMBER.match(child.astext()) and any(child.findall(nodes.strong)):
                found.append(Options(child, []))
            elif found and isinstance(child, nodes.raw) and child.astext().startswith(FOLD):
                found[-1].folds.append(child)
    yield from (question for question in found if question.folds)


def _plain(text: str) -> str:
    """Return the words of text or HTML, separated by single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def mark_exercises(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Mark the section of each exercise with the exercise's name."""
    known = notebooks.of_page(app.srcdir, docname).exercises
    names = {nodes.make_id(EXERCISE + found.title): name for name, found in known.items()}
    for section in doctree.findall(nodes.section):
        if name := names.get(section["ids"][0]):
            section["exercise"] = name


def visit_section(writer: Any, node: nodes.section) -> None:
    """Begin a section, with the name of its exercise, if any."""
    writer.section_level += 1
    name = {"data-exercise": node["exercise"]} if "exercise" in node else {}
    writer.body.append(writer.starttag(node, "section", **name))
