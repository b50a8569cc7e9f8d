"""The course is whole: every class, every row and erratum of the source texts, each of their exercises, sources."""

from __future__ import annotations

import yaml
from torch import nn

from authoring.upkeep.coverage import coverage, is_erratum
from coursebook.pages import parts, places
from tests.room import ROOT

CHAPTERS = sorted(path.stem for path in (ROOT / "book" / "chapters").glob("*.md"))

# What the source texts ask their readers to do: twenty exercises and four projects.
SEED_EXERCISES = [
    *(f"S1-{family}-03" for family in ("conv", "pool", "pad", "act", "sm", "norm", "rnn", "attn", "lin", "drop")),
    *(f"S1-{family}-03" for family in ("spa", "dist", "loss", "vis", "shuf", "dp", "util", "quant", "lazy")),
    *("S1-ctn-12", "S4-conv-03", "S4-rnn-03", "S4-attn-03", "S4-loss-05"),
]


def test_every_chapter_of_the_plan_is_written():
    planned = [chapter.name for part in parts.plan() for chapter in part.chapters]
    assert sorted(planned) == [name for name in CHAPTERS if name != "explorers"]


def test_every_class_of_torch_nn_is_taught_in_a_chapter_that_is_there():
    """What makes 163 of them is said in `tests/test_layer_index.py`."""
    entries, _ = places.entries_of(yaml.safe_load((ROOT / "book" / places.WORDS).read_text(encoding="utf-8")))
    classes = {name for name in nn.modules.__all__ if issubclass(getattr(nn, name), nn.Module)} | {"DataParallel"}
    chapters = {entry.name: entry.chapters for entry in entries if entry.namespace == "nn"}
    assert len(classes) == 163
    assert sorted(name for name in classes if not {*chapters.get(name, ())} & {*CHAPTERS}) == []


def test_every_row_and_every_erratum_of_the_source_texts_has_a_place():
    found = coverage(ROOT)
    assert [id for id in found.says if not found.placed(id)] == []
    unplaced = [
        (id, owner)
        for id, owners in found.owners.items()
        for owner in owners
        if is_erratum(id) and not found.placed(id, owner)
    ]
    assert unplaced == []


def test_every_exercise_of_the_source_texts_is_graded():
    found = coverage(ROOT)
    assert len(set(SEED_EXERCISES)) == 24
    assert [id for id in SEED_EXERCISES if "exercise" not in [place.how for place in found.placed(id)]] == []


def test_every_chapter_names_its_sources():
    for name in CHAPTERS:
        text = (ROOT / "book" / "chapters" / f"{name}.md").read_text(encoding="utf-8")
        sources = text.rpartition("\n## Sources and further reading\n")[2]
        assert name == "explorers" or sources.count("](https://") >= 3, name
