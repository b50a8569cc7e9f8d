"""Test the layer index: every torch name has a section, and the build fails if one is missing."""

from __future__ import annotations

import functools
import re
from types import SimpleNamespace

import pytest
import yaml
from docutils.utils import new_document
from torch import nn

from authoring.upkeep import torch_names
from coursebook.pages import layer_index, layer_places
from tests.root import COURSE, ROOT


@functools.cache
def of_the_course() -> layer_places.Index:
    """Return the course's index, which takes seconds to make because every notebook is searched."""
    return layer_places.index(ROOT)


def test_recorded_names_match_installed_torch():
    written = (ROOT / torch_names.RECORD).read_text(encoding="utf-8")
    assert written == torch_names.record(), "python -m authoring torch-names brings it up to date"


def test_recorded_names_include_every_nn_module():
    names = set(torch_names.public_names()["nn"])
    modules = {name for name in nn.modules.__all__ if issubclass(getattr(nn, name), nn.Module)} | {"DataParallel"}
    assert len(modules) == 163
    assert modules <= names


@pytest.mark.course
def test_every_name_has_a_place_short_words_and_misspellings_of_its_own():
    index, seen = of_the_course(), {}
    assert index.problems == []
    for entry, place in index.rows:
        assert place or entry.reason, entry.shown
        assert len(entry.words) < 90, entry.shown
        assert not entry.words.endswith("."), entry.shown
        for word in (*entry.also, *entry.old):
            assert seen.setdefault(word.lower(), entry.shown) == entry.shown, word


@pytest.mark.course
def test_families_come_in_the_listed_order():
    order = yaml.safe_load((ROOT / "book" / layer_places.WORDS).read_text(encoding="utf-8"))["order"]
    families = [(family["of"], family["family"]) for family in layer_places.read(COURSE)["families"]]
    assert families == [(of, family) for of, listed in order.items() for family in listed]


# --- entries in front matter ------------------------------------------------------------------------------------------


def family(names: dict, section: str = "Later", **more) -> dict:
    """Return front matter with one family of the chapter `scales`; ``section`` teaches all names without a reason."""
    taught = [name for name, said in names.items() if "reason" not in (said or {})]
    return {
        "families": [
            {"family": "Some", "of": "nn", "chapter": "scales", "sections": {section: taught}, "names": names} | more
        ]
    }


def complaints(given: dict, *names: str) -> str:
    entries, problems = layer_places.entries_of(given)
    return "\n".join(problems + layer_places.completeness(entries, {"nn": list(names)}))


@pytest.mark.parametrize(
    ("names", "torch", "complaint"),
    [
        ({"Here": "words"}, ["Here"], ""),
        ({"Here": {"words": "words", "old": ["Hear"]}}, ["Here", "Hear"], ""),  # an old spelling needs no row
        ({"Here": {"words": "w", "old": ["Hear"]}, "Hear": "w"}, ["Here", "Hear"], "nn.Hear has more than one row"),
        ({"Here": "words", "Gone": "words"}, ["Here"], "nn.Gone has a row and is no public name"),
        ({"Here": "words"}, ["Here", "New"], "nn.New has no place"),
        ({"Here": ""}, ["Here"], "say in a few words"),
        ({"Here": {"words": "words", "chaptre": "scales"}}, ["Here"], "'chaptre' is not known"),
        ({"Here": "= Elsewhere"}, ["Here"], "there is no class 'Elsewhere'"),
    ],
)
def test_mistakes_in_entries_are_reported(names, torch, complaint):
    found = complaints(family(names), *torch)
    assert complaint in found
    assert bool(complaint) == bool(found)


@pytest.mark.parametrize(
    ("said", "sections", "complaint"),
    [
        ("words", {}, "nn.Here: list it in `sections`, or give the reason"),
        ({"reason": "too new"}, {"Later": ["Here"]}, "nn.Here: list it in `sections`, or give the reason"),
        ("words", {"Later": ["Here", "Heer"]}, "nn.Heer is given a section and no row"),
    ],
)
def test_every_name_needs_a_section_or_a_reason(said, sections, complaint):
    assert complaint in complaints(family({"Here": said}, sections=sections), "Here")


# --- finding sections -------------------------------------------------------------------------------------------------


def cell(source: str, kind: str = "code", shown: str = "", **layerlab) -> dict:
    outputs = [{"data": {"text/plain": shown}}] if shown else []
    return {"cell_type": kind, "source": source, "metadata": {"layerlab": layerlab}, "outputs": outputs}


def notebook(*cells: dict) -> layer_places.Notebook:
    return layer_places.read_notebook({"cells": list(cells)})


WRITTEN = {
    "scales": notebook(
        cell("# Scales\n\nOf `nn.Scale`, `nn.Told` and nothing else.", "markdown"),
        cell("## Begin\n\nThere is `Told(x)` too.\n\n```text\n## nn.Quoted\n```", "markdown"),
        cell("### Exercise: scale it\n\nWrite what `nn.Scale` does.", "markdown"),
        cell("def own(): ...", exercise="own", rules=["nn.Other"]),
        cell("## Now the `Scale`: a story\n\n### A part of it", "markdown"),
        cell("lab.explorer('slide', ...)", shown="Explorer('slide')"),
        cell("## Later", "markdown"),
    ),
    "more": notebook(
        cell("# More scales\n\n### Exercise: scale it again\n\nWhat `nn.Scale` does.", "markdown"),
        cell("def again(): ...", exercise="again", rules=["nn.Other"]),
    ),
}
OWN, AGAIN, SLIDE = ("scales", 2), ("more", 1), ("slide", 4)


def rows(given: dict, has: dict | None = None) -> dict[str, layer_places.Entry]:
    entries, problems = layer_places.entries_of(given, has)
    assert problems == []
    return {entry.shown: entry for entry in entries}


def located(entry: layer_places.Entry) -> tuple[layer_places.Place | None, str]:
    problems: list[str] = []
    place = layer_places.locate(entry, WRITTEN, problems)
    return place, "\n".join(problems)


def found(name: str, section: str = "Later", chapter: str | list[str] = "scales", **said) -> layer_places.Place | None:
    (entry,) = rows(family({name: {"words": "words"} | said}, section, chapter=chapter)).values()
    place, problems = located(entry)
    assert problems == ""
    return place


def test_heading_in_code_fence_is_ignored():
    assert [title for _, title in WRITTEN["scales"].headings] == [
        "Scales", "Begin", "Exercise: scale it", "Now the `Scale`: a story", "A part of it", "Later"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("section", "number"), [("Now the Scale", 3), ("Now the Scale: a story", 3), ("scales/Later", 5)]
)
def test_section_is_named_by_its_heading_or_the_term_before_the_colon(section, number):
    assert found("Told", section, ["scales", "losses"]).section == ("scales", number)
    assert found("Told", chapter="losses") is None, "it is outside the book"


@pytest.mark.parametrize(
    ("name", "said", "exercises"),
    [
        ("Other", {}, (OWN,)),  # forbidden
        ("Scale", {}, (OWN,)),  # mentioned
        ("Told", {}, ()),
        ("Told", {"exercises": ["again", "own"]}, (AGAIN, OWN)),
        ("Scale", {"chapter": ["scales", "more"]}, (OWN, AGAIN)),
    ],
)
def test_exercises_forbid_or_mention_a_name_or_are_listed(name, said, exercises):
    assert found(name, **said).exercises == exercises


def test_bare_ambiguous_name_means_the_nn_class():
    pruning = family({"Told": "w", "Late": "w"}, "Pruning", family="Other", of="nn.utils.prune")["families"]
    pages = notebook(
        cell("# Names\n\n## Pruning", "markdown"),
        cell("### Exercise: told\n\nWrite `Told`; it is no `prune.Late`.", "markdown"),
        cell("def told(): ...", exercise="told", rules=[]),
    )
    entries = rows({"families": [*family({"Told": "w"}, "Pruning")["families"], *pruning]})
    found_in = {name: layer_places.locate(entry, {"scales": pages}, []).exercises for name, entry in entries.items()}
    assert found_in == {"nn.Told": (OWN,), "nn.utils.prune.Told": (), "nn.utils.prune.Late": (OWN,)}


def test_explorers_come_from_section_or_entry():
    assert found("Scale", "Now the Scale").explorers == (SLIDE,)
    assert found("Other").explorers == ()
    assert found("Other", explorers=["slide"]).explorers == (SLIDE,)


@pytest.mark.parametrize(
    ("section", "said", "complaint"),
    [
        ("Elsewhere", {}, "nn.Scale: the chapter scales has no section 'Elsewhere'"),
        ("Later", {"exercises": ["gone"]}, "there is no exercise 'gone'"),
        ("Later", {"explorers": ["gone"]}, "has no explorer 'gone'"),
        ("Later", {"parts": {"factor": "Nowhere"}}, "nn.Scale, factor: the chapter scales has no section 'Nowhere'"),
    ],
)
def test_missing_item_in_written_chapter_is_reported(section, said, complaint):
    given = family({"Scale": {"words": "words"} | said}, section)
    assert complaint in located(rows(given, {"nn.Scale": "factor"})["nn.Scale"])[1]


def test_function_shares_section_with_its_class():
    given = family({"Scale": "w"})
    given["families"].append(
        {"family": "Some", "of": "nn.functional", "chapter": "more", "names": {"scale": "= Scale"}}
    )
    assert located(rows(given)["F.scale"])[0].section == ("scales", 5)


def test_arguments_and_methods_link_to_their_sections():
    parts = {"factor, reset": "Later", "gone": "losses/Nowhere"}
    given = family({"Scale": {"words": "w", "parts": {"bias": "Begin"}}}, parts=parts)
    entry = rows(given, {"nn.Scale": "factor reset bias own"})["nn.Scale"]
    assert entry.has == ("factor", "reset", "bias", "own")
    place, problems = located(entry)
    assert place.parts == (("factor", ("scales", 5)), ("reset", ("scales", 5)), ("bias", ("scales", 1)))
    assert problems == ""


def test_taught_names_include_parts_and_topics():
    entry = layer_places.Entry("nn", "Scale", "Some", also=("Ruler",))
    place = layer_places.Place(("scales", 3), parts=(("factor", ("more", 0)),))
    index = layer_places.Index("2", [(entry, place), (entry, None)], [], {("scales", 3): ["length"]})
    assert index.taught() == {("scales", 3): ["length", "Scale", "Ruler"], ("more", 0): ["factor"]}


def test_topic_without_a_section_is_reported():
    problems: list[str] = []
    assert layer_places.find(("scales", "Gone"), WRITTEN, "topics", problems) is None
    assert problems == ["topics: the chapter scales has no section 'Gone'"]


def test_function_matches_every_prefix_but_no_partial_word():
    entry = layer_places.Entry("nn.utils.rnn", "pad_sequence", "Some")
    for code in ("rnn.pad_sequence(x)", "nn.utils.rnn.pad_sequence(x)", "torch.nn.utils.rnn.pad_sequence"):
        assert layer_places.pattern(entry).search(code), code
    for code in ("rnn.pad_sequences(x)", "my.rnn.pad_sequence(x)", "pad_sequence(x)"):
        assert not layer_places.pattern(entry).search(code), code
    assert layer_places.pattern(entry, is_prose=True).search("call `pad_sequence(batch)` first")


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page(small_site):
    return (small_site / "book" / "layer_index.html").read_text(encoding="utf-8")


def test_rows_are_counted_and_link_to_section_exercise_and_explorer(page):
    """`tests/browser/test_index.py` looks for rows."""
    assert re.search(r"\d+ rows, 168 of them classes", page)
    (row,) = re.findall(r'<tr id="Linear".*?</tr>', page)
    assert '#weight-and-bias-from-one-row-to-a-layer">Weight and bias: from one row to a layer</a>' in row
    assert '#exercise-a-linear-layer-from-scratch">a linear layer from scratch</a>' in row
    assert '">rank</a>' in row


def test_only_the_index_page_loads_its_script(small_site, page):
    assert "layer_index.js" in page
    assert "layer_index.js" not in (small_site / "notebooks" / "linear" / "linear.html").read_text(encoding="utf-8")


def test_mistake_in_front_matter_gives_a_warning(monkeypatch):
    """A warning fails the build."""
    told: list[str] = []
    monkeypatch.setattr(layer_index.logger, "warning", lambda words, *of, location: told.append(words % of))
    monkeypatch.setattr(layer_places, "index", lambda root: layer_places.Index("2", [], ["nn.Here has no place"], {}))
    document = new_document("page")
    document += layer_index.layer_index(part=layer_index.FILTER)
    layer_index.fill(SimpleNamespace(srcdir=ROOT), document, "book/layer_index")
    assert told == ["layer index: nn.Here has no place"]
