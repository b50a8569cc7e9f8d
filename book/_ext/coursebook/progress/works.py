"""List, for scripts, what a reader can do in a built book: each chapter's exercises, questions, and predictions."""

from __future__ import annotations

import json
import posixpath
import re
import shutil
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from sphinx.application import Sphinx

from autograder.texts.facts import CORE, Facts
from coursebook import notebooks
from coursebook.pages.parts import plan
from coursebook.pages.solution_pages import chapters_in
from coursebook.search.engine import compact

AGAIN = "book/again"  # the page that asks questions again; links in questions are relative to this page
STORE = "store.js"  # the explorers' script, which stores predictions
MAP, QUESTIONS = "course-map.js", "questions"
QUIZ = re.compile(r'<section id="quiz"[^>]*>(.*?)</section>', re.DOTALL)
NUMBER = re.compile(r"^\d+\. ")


@dataclass(frozen=True)
class Works:
    """Everything a reader can do in a chapter, by name."""

    title: str
    exercises: dict[str, Facts]
    questions: dict[str, str]  # as shown on the page, in HTML, without their numbers
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
    chapters = {name: of_page(app, f"notebooks/{name}/{name}") for name in chapters_in(app.config.external_site_map)}
    static = Path(app.outdir, "_static")
    (static / MAP).write_text(f"globalThis.courseMap = {compact(course_map(chapters))};\n", encoding="utf-8")
    shutil.rmtree(static / QUESTIONS, ignore_errors=True)  # a chapter may be gone
    (static / QUESTIONS).mkdir()
    for name, works in chapters.items():
        asked = {"quiz": works.questions, "predict": works.predictions}
        script = f"(globalThis.courseQuestions ??= {{}})[{compact(name)}] = {compact(asked)};\n"
        (static / QUESTIONS / f"{name}.js").write_text(script, encoding="utf-8")


def of_page(app: Sphinx, page: str) -> Works:
    """Return everything a reader can do in the chapter of a finished page."""
    notebook = notebooks.of_page(app.srcdir, page)
    html = Path(app.outdir, f"{page}.html").read_text(encoding="utf-8")
    return Works(notebook.title, notebook.exercises, questions(html, page), predictions(notebook))


def predictions(notebook: notebooks.Page) -> dict[str, dict[str, Any]]:
    """Return the prediction that each explorer in a notebook asks for, by the explorer's name."""
    models = notebook.explorers.values()
    return {model["name"]: json.loads(model["prediction"]) for model in models if model.get("prediction")}


def questions(html: str, page: str) -> dict[str, str]:
    """Return the questions of a finished page's quiz by name, with links relative to the page `AGAIN`."""
    quiz = QUIZ.search(html)
    soup = BeautifulSoup(quiz[1] if quiz else "", "html.parser")
    for link in soup.find_all(["a", "img"]):
        for name in {"href", "src"} & set(link.attrs):
            link[name] = _from_again(str(link[name]), page)
    asked = ""
    made: dict[str, str] = {}
    for tag in soup.find_all(True, recursive=False):
        strong = tag.find("strong")
        if "data-question" in tag.attrs:  # an option
            name = str(tag["data-question"])
            made[name] = made.get(name, asked) + str(tag)
        elif strong and NUMBER.match(strong.get_text()):
            number = strong.find_all(string=True)[0]
            number.replace_with(NUMBER.sub("", number))
            asked = str(tag)
        else:
            asked += str(tag)
    return made


def _from_again(address: str, page: str) -> str:
    """Make an address on a chapter's page relative to the page `AGAIN`; absolute addresses are unchanged."""
    if re.match(r"[a-z]+:|//", address):
        return address
    path, sign, place = address.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else f"{page}.html"
    return posixpath.relpath(target, posixpath.dirname(AGAIN)) + sign + place


def course_map(chapters: dict[str, Works]) -> dict[str, Any]:
    """Return the names of everything by chapter; a prediction counts only while its question is the same."""
    entries = {
        name: {
            "title": works.title,
            "exercise": list(works.exercises),
            "core": [exercise for exercise, facts in works.exercises.items() if facts.tier == CORE],
            "quiz": list(works.questions),
            "predict": {explorer: asked["question"] for explorer, asked in works.predictions.items()},
        }
        for name, works in chapters.items()
    }
    parts = {part.name: [one.name for one in part.chapters if one.name in chapters] for part in plan()}
    return {"chapters": entries, "parts": parts}
