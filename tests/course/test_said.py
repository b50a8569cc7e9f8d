"""Test sentences in chapters that say "every", "all", "never", or "the same" about torch.

Each function in `tests/said/` quotes the sentences that it tests, so that a sentence and its test change together.
"""

import importlib

import pytest

from autograder.course import Course
from tests.root import ROOT
from tests.said.tried import TRIED

pytestmark = pytest.mark.course

FILES = sorted(path.stem for path in (ROOT / "tests" / "said").glob("*.py") if path.stem != "tried")
for name in FILES:  # Each import adds its functions to TRIED.
    importlib.import_module(f"tests.said.{name}")


@pytest.mark.parametrize(("chapter", "sentence", "tries"), TRIED, ids=[tries.__name__ for _, _, tries in TRIED])
def test_chapter_sentence_holds_in_torch(chapter, sentence, tries):
    text = Course(ROOT).text(chapter).read_text(encoding="utf-8")
    assert sentence in text, "the sentence changed: try the new one"
    tries()


def test_every_file_tries_a_sentence():
    assert {tries.__module__ for _, _, tries in TRIED} == {f"tests.said.{name}" for name in FILES}
