"""Test that every translation in the course has the numbers, formulas, code, and links of its English text."""

import pytest

from authoring.english.pieces import pieces
from authoring.translations import kept_facts
from authoring.translations.translated_course import TranslatedCourse, languages
from coursebook.markup.formulas import typeset
from tests.root import ROOT

TRANSLATED = [(language, name) for language in languages(ROOT) for name in TranslatedCourse(ROOT, language).translated]


@pytest.mark.parametrize(("language", "name"), TRANSLATED)
def test_translation_keeps_every_fact(language, name):
    course = TranslatedCourse(ROOT, language)
    assert not list(kept_facts.lost(course.translation(name), course.words))


@pytest.mark.parametrize(("language", "name"), TRANSLATED)
def test_translated_formulas_can_be_typeset(language, name):
    """Words inside a formula may have letters that the math fonts lack, such as ö."""
    blocks = TranslatedCourse(ROOT, language).translation(name).blocks.values()
    formulas = {formula.strip("$") for one in blocks for formula in pieces(one.text).kept["math"]}
    assert not {formula: wrong for formula in formulas if (wrong := typeset(formula, display=False)[1])}
