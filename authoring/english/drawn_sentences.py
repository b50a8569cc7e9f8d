"""Sample sentences from the course for a reader who has not seen them, mixed with some from torch's documentation.

The reader marks each sentence that they had to read twice. The sentences from torch's documentation are controls: if a
reader stumbles over them just as often, the subject is the problem, not the words.
"""

from __future__ import annotations

import ast
import random
import re
from pathlib import Path

from authoring.english import counts
from authoring.english.patterns import sentences
from authoring.english.pieces import pieces
from autograder.course import TRANSLATION, Course

PACKAGES = ("layerlab", "autograder", "authoring", "book/_ext")
GROUPS = ("pages", "feedback", "documents", "docstrings")
CONTROLS = 20
LEAST = 5  # words in the shortest sentence


def group(course: Course, name: str) -> list[str]:
    """Return the sentences of one chapter, or of one of `GROUPS`.

    Raises:
        KeyError: if there is neither a chapter nor a group of that name.
    """
    root = course.root
    if name == "feedback":
        answers = [path.read_text(encoding="utf-8") for path in sorted((root / "book/chapters").glob("*/answers.md"))]
        return _long_enough([text for source in answers for text in counts.feedback(source)])
    if name == "docstrings":
        files = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
        return _long_enough([text for path in files for text in docstrings(path)])
    if name in GROUPS:
        paths = [*root.glob("book/*.md"), *root.glob("book/parts/*.md")] if name == "pages" else [*root.glob("*.md")]
    elif name in course.chapters:
        paths = [course.text(name)]
    else:
        raise KeyError(name)
    paths = [path for path in sorted(paths) if not TRANSLATION.fullmatch(path.name)]
    found = [pieces(path.read_text(encoding="utf-8")) for path in paths]
    return _long_enough([part for one in found for part in [*one.paragraphs, *one.alts]])


def docstrings(path: Path) -> list[str]:
    """Return the paragraphs of all docstrings in a Python file."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds)]
    return [" ".join(part.split()) for node in nodes for part in (ast.get_docstring(node) or "").split("\n\n")]


def drawn(course: Course, name: str, number: int, seed: int) -> list[tuple[str, bool]]:
    """Sample sentences from a group and from the controls; return them shuffled, with a flag that marks controls."""
    of_course, chance = sorted(set(group(course, name))), random.Random(f"{name} {seed}")
    controls = chance.sample(sorted(set(_of_torch())), CONTROLS)
    mixed = [(text, False) for text in chance.sample(of_course, min(number, len(of_course)))]
    mixed += [(text, True) for text in controls]
    chance.shuffle(mixed)
    return mixed


def _of_torch() -> list[str]:
    from torch import nn

    layers = [getattr(nn, name) for name in sorted(dir(nn)) if isinstance(getattr(nn, name), type)]
    parts = [part for layer in layers for part in re.split(r"\n\s*\n", layer.__doc__ or "")]
    said = [" ".join(part.split()) for part in parts if not re.match(r"\s*(>>>|Args|Examples?|Shape|\.\. |-)", part)]
    return [re.sub(r":\w+:", "", text) for text in _long_enough(said) if re.fullmatch(r"[A-Z][^:>\\]*\.", text)]


def _long_enough(parts: list[str]) -> list[str]:
    every = [sentence for part in parts if not part.startswith(("#", "|", "+++")) for sentence in sentences(part)]
    return [sentence for sentence in every if len(sentence.split()) >= LEAST]
