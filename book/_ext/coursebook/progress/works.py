"""List, for scripts, everything a reader can do in a built book: each chapter's exercises, questions, and predictions.

After writing all pages, the build writes two kinds of files. Pages load a map of names (`_static/course-map.js`) once a
reader has done something. The page "Again" loads a chapter's questions, as the chapter's page shows them, from
`_static/questions/<chapter>.js`.
"""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx

from autograder.texts.facts import CORE
from coursebook import notebooks
from coursebook.pages.parts import plan
from coursebook.pages.solution_pages import chapters_in
from coursebook.progress.marks import exercises
from coursebook.search.engine import compact

AGAIN = "book/again"  # the page that asks questions again; links in questions are relative to this page
STORE = "store.js"  # the explorers' script, which stores predictions
MAP, QUESTIONS = "course-map.js", "questions"
QUIZ = re.compile(r'<section id="quiz"[^>]*>(.*?)</section>', re.DOTALL)
NUMBER = re.compile(r"^\d+\. ")


@dataclass(frozen=True)
class Option:
    """An option of a question, as HTML."""

    words: str
    reason: str
    is_right: bool


@dataclass(frozen=True)
class Question:
    """A quiz question as shown on its page, in HTML, without its number."""

    name: str
    asked: str
    options: tuple[Option, ...]
    html: str  # the question and its options


@dataclass(frozen=True)
class Works:
    """Everything a reader can do in a chapter."""

    chapter: str
    title: str
    exercises: tuple[str, ...]
    core: tuple[str, ...]  # those of the exercises that are core
    questions: tuple[Question, ...]
    predictions: dict[str, dict[str, Any]]  # by an explorer's name: the prediction it asks for


def put_store(app: Sphinx) -> None:
    """Copy `STORE` to where pages load it, before Sphinx computes the checksums of scripts."""
    if app.builder.format == "html":
        static = Path(app.outdir, "_static")
        static.mkdir(parents=True, exist_ok=True)
        source = files("layerlab.explorers").joinpath("page/store.mjs")
        (static / STORE).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")


def write(app: Sphinx) -> None:
    """Write the map and the questions."""
    found = list(of_book(app))
    static = Path(app.outdir, "_static")
    (static / MAP).write_text(f"globalThis.courseMap = {compact(course_map(found))};\n", encoding="utf-8")
    shutil.rmtree(static / QUESTIONS, ignore_errors=True)  # a chapter may be gone
    (static / QUESTIONS).mkdir()
    for one in found:
        asked = {"quiz": {question.name: question.html for question in one.questions}, "predict": one.predictions}
        script = f"(globalThis.courseQuestions ??= {{}})[{compact(one.chapter)}] = {compact(asked)};\n"
        (static / QUESTIONS / f"{one.chapter}.js").write_text(script, encoding="utf-8")


def of_book(app: Sphinx) -> Iterator[Works]:
    """Yield everything a reader can do in each chapter of a built book, in order."""
    for name in chapters_in(app.config.external_site_map):
        page = f"notebooks/{name}/{name}"
        notebook = notebooks.of_page(app.srcdir, page)
        html = Path(app.outdir, f"{page}.html").read_text(encoding="utf-8")
        title = app.env.titles[page].astext().partition(":")[0]
        known = exercises(notebook)
        core = tuple(one for one, found in known.items() if found.tier == CORE)
        yield Works(name, title, tuple(known), core, tuple(questions(html, page)), predictions(notebook))


def predictions(notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the prediction that each explorer in a notebook asks for, by the explorer's name."""
    models = notebooks.explorers(notebook).values()
    return {model["name"]: json.loads(model["prediction"]) for model in models if model.get("prediction")}


def questions(html: str, page: str) -> Iterator[Question]:
    """Yield the questions of a finished page's quiz, with links relative to the page `AGAIN`."""
    quiz = QUIZ.search(html)
    soup = BeautifulSoup(quiz[1] if quiz else "", "html.parser")
    for link in soup.find_all(["a", "img"]):
        for name in {"href", "src"} & set(link.attrs):
            link[name] = _from_again(str(link[name]), page)
    asked: list[Tag] = []
    folds: list[Tag] = []
    for tag in [*soup.find_all(True, recursive=False), soup.new_tag("p")]:
        if "data-question" in tag.attrs:
            folds.append(tag)
            continue
        if folds:
            yield _question(asked, folds)
            asked, folds = [], []
        strong = tag.find("strong")
        asked = [tag] if strong and NUMBER.match(strong.get_text()) else [*asked, tag] if asked else []


def _question(asked: list[Tag], folds: list[Tag]) -> Question:
    first = asked[0].select("strong")[0].find_all(string=True)[0]
    first.replace_with(NUMBER.sub("", first))
    options = tuple(_option(fold) for fold in folds)
    said = "".join(str(tag) for tag in asked)
    return Question(str(folds[0]["data-question"]), said, options, said + "".join(str(fold) for fold in folds))


def _option(fold: Tag) -> Option:
    summary = fold.select("summary")[0]
    reason = "".join(str(tag) for tag in summary.find_next_siblings())
    return Option(summary.decode_contents(), reason, "course-right" in fold["class"])


def _from_again(address: str, page: str) -> str:
    """Make an address on a chapter's page relative to the page `AGAIN`; absolute addresses are unchanged."""
    if re.match(r"[a-z]+:|//", address):
        return address
    path, sign, place = address.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else f"{page}.html"
    return posixpath.relpath(target, posixpath.dirname(AGAIN)) + sign + place


def course_map(found: list[Works]) -> dict[str, Any]:
    """Return the names of everything a reader can do in each chapter, and of each part's chapters.

    A prediction also has its question, because a stored prediction counts only while its question is unchanged.
    """
    chapters = {
        one.chapter: {
            "title": one.title,
            "exercise": list(one.exercises),
            "core": list(one.core),
            "quiz": [question.name for question in one.questions],
            "predict": {name: asked["question"] for name, asked in one.predictions.items()},
        }
        for one in found
    }
    parts = {part.name: [one.name for one in part.chapters if one.name in chapters] for part in plan()}
    return {"chapters": chapters, "parts": parts}
