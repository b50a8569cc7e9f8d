"""Test that no chapter or list of sources is missing."""

import pytest

from coursebook.pages import parts
from tests.root import COURSE

pytestmark = pytest.mark.course

CHAPTERS = COURSE.chapters


def test_every_planned_chapter_is_written():
    planned = [chapter.name for part in parts.plan() for chapter in part.chapters]
    assert sorted(planned) == [name for name in CHAPTERS if name != "explorers"]


def test_every_chapter_names_its_sources():
    for name in CHAPTERS:
        text = COURSE.text(name).read_text(encoding="utf-8")
        sources = text.rpartition("\n## Sources and further reading\n")[2]
        assert name == "explorers" or sources.count("](https://") >= 3, name
