"""Test that no planned chapter, no class of torch.nn, and no chapter's sources are missing from the course."""

from torch import nn

from coursebook.pages import layer_places, parts
from tests.root import COURSE

CHAPTERS = COURSE.chapters


def test_every_planned_chapter_is_written():
    planned = [chapter.name for part in parts.plan() for chapter in part.chapters]
    assert sorted(planned) == [name for name in CHAPTERS if name != "explorers"]


def test_every_torch_nn_class_has_an_existing_chapter():
    """Count the 163 classes as `tests/coursebook/test_layer_index.py` does."""
    entries, _ = layer_places.entries_of(layer_places.read(COURSE))
    classes = {name for name in nn.modules.__all__ if issubclass(getattr(nn, name), nn.Module)} | {"DataParallel"}
    chapters = {entry.name: entry.chapters for entry in entries if entry.namespace == "nn"}
    assert len(classes) == 163
    assert sorted(name for name in classes if not {*chapters.get(name, ())} & {*CHAPTERS}) == []


def test_every_chapter_names_its_sources():
    for name in CHAPTERS:
        text = COURSE.text(name).read_text(encoding="utf-8")
        sources = text.rpartition("\n## Sources and further reading\n")[2]
        assert name == "explorers" or sources.count("](https://") >= 3, name
