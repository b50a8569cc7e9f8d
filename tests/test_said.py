"""What the chapters say of torch with "every", "all", "never" or "the same", tried in torch.

Each function of `tests/said/` quotes what it tries, so that a sentence and its test change together.
"""

from __future__ import annotations

import importlib

import pytest

from authoring.course import Course
from tests.root import ROOT
from tests.said.tried import TRIED

FILES = sorted(path.stem for path in (ROOT / "tests" / "said").glob("*.py") if path.stem != "tried")
for name in FILES:  # each fills TRIED
    importlib.import_module(f"tests.said.{name}")


@pytest.mark.parametrize(("chapter", "sentence", "tries"), TRIED, ids=[tries.__name__ for _, _, tries in TRIED])
def test_what_a_chapter_says_holds_in_torch(chapter, sentence, tries):
    text = Course(ROOT).text(chapter).read_text(encoding="utf-8")
    assert sentence in text, "the sentence changed: try the new one"
    tries()


@pytest.mark.parametrize("name", FILES)
def test_every_file_tries_something(name):
    assert any(tries.__module__ == f"tests.said.{name}" for _, _, tries in TRIED)
