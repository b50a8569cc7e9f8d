"""Test that every translation in the course has the numbers, formulas, code, and links of its English text."""

import pytest

from authoring.translations import kept_facts
from authoring.translations.translated_course import TranslatedCourse, languages
from tests.root import ROOT

TRANSLATED = [(language, name) for language in languages(ROOT) for name in TranslatedCourse(ROOT, language).translated]


@pytest.mark.parametrize(("language", "name"), TRANSLATED)
def test_translation_keeps_every_fact(language, name):
    course = TranslatedCourse(ROOT, language)
    assert not list(kept_facts.lost(course.translation(name), course.words))
