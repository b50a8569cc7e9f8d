"""Test the layer index: every torch name has a section, and the build fails if one is missing."""

from __future__ import annotations

import functools
import json
import re
import shutil

import pytest
import yaml
from torch import nn

from authoring.book import build_book
from authoring.upkeep import torch_names
from coursebook.pages import layer_places
from tests import small_book
from tests.root import COURSE, ROOT

WRITTEN = ("linear", "softmax")  # chapters of the small book built for these tests


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
def test_every_name_has_a_section_or_reason():
    index = of_the_course()
    assert index.problems == []
    written = {path.stem for path in (ROOT / "notebooks").glob("*/*.ipynb")}
    for row in index.rows:
        assert row.place or row.entry.reason or not written >= set(row.entry.chapters)


@pytest.mark.course
def test_descriptions_are_short_and_end_without_period():
    for row in of_the_course().rows:
        assert len(row.entry.words) < 90, row.entry.shown
        assert not row.entry.words.endswith("."), row.entry.shown


@pytest.mark.course
def test_misspellings_are_unique_to_one_name():
    seen: dict[str, str] = {}
    for row in of_the_course().rows:
        for word in (*row.entry.also, *row.entry.old):
            assert seen.setdefault(word.lower(), row.entry.shown) == row.entry.shown, word


@pytest.mark.course
def test_families_come_in_the_listed_order():
    order = yaml.safe_load((ROOT / "book" / layer_places.WORDS).read_text(encoding="utf-8"))["order"]
    families = [(family["of"], family["family"]) for family in layer_places.read(COURSE)["families"]]
    assert families == [(of, family) for of, listed in order.items() for family in listed]


# --- entries in front matter ------------------------------------------------------------------------------------------


def family(names: dict, **more) -> dict:
    return {"families": [{"family": "Some", "of": "nn", "chapter": "scales", "names": names} | more]}


def complaints(given: dict, *names: str) -> str:
    entries, problems = layer_places.entries_of(given)
    return "\n".join(problems + layer_places.completeness(entries, {"nn": list(names)}))


def test_missing_and_unknown_names_are_reported():
    assert "nn.Gone has a row and is no public name" in complaints(family({"Here": "words", "Gone": "words"}), "Here")
    assert "nn.New has no place" in complaints(family({"Here": "words"}), "Here", "New")
    assert complaints(family({"Here": "words"}), "Here") == ""


def test_old_spelling_needs_no_separate_row():
    assert complaints(family({"Here": {"words": "words", "old": ["Hear"]}}), "Here", "Hear") == ""
    assert "nn.Hear has more than one row" in complaints(
        family({"Here": {"words": "w", "old": ["Hear"]}, "Hear": "w"}), "Here", "Hear"
    )


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("", "say in a few words"),
        ({"words": "words", "chaptre": "scales"}, "'chaptre' is not known"),
        ({"words": "words", "chapter": []}, "give the chapter"),
        ("= Elsewhere", "there is no class 'Elsewhere'"),
    ],
)
def test_invalid_entry_is_reported(said, complaint):
    assert complaint in complaints(family({"Here": said}), "Here")


# --- finding sections -------------------------------------------------------------------------------------------------


def cell(source: str, kind: str = "code", shown: str = "", **layerlab) -> dict:
    outputs = [{"data": {"text/plain": shown}}] if shown else []
    return {"cell_type": kind, "source": source, "metadata": {"layerlab": layerlab}, "outputs": outputs}


def notebook(*cells: dict) -> layer_places.Notebook:
    return layer_places.read_notebook({"cells": list(cells)})


SCALES = notebook(
    cell("# Scales\n\nOf `nn.Scale`, `nn.Told` and nothing else.", "markdown"),
    cell("## Begin\n\nThere is `Told(x)` too.\n\n```text\n## nn.Quoted\n```", "markdown"),
    cell("layer = nn.Scales(3)\nother = nn.Other(2)"),
    cell("### Exercise: scale it\n\nWrite what `nn.Scale` does.", "markdown"),
    cell("def own(): ...", exercise="own", rules=["nn.Other"]),
    cell("nn.Late(1)", exercise="own"),
    cell("## Now the Scale\n\n### A part of it", "markdown"),
    cell("lab.explorer('slide', ...)", shown="Explorer('slide')"),
    cell("## Later", "markdown"),
    cell("layer = torch.nn.Scale(3)\nnn.Other(1)\nnn.Late(2)"),
)


def found(name: str, **said) -> tuple[layer_places.Place | None, list[str]]:
    entries, problems = layer_places.entries_of(family({name: {"words": "words"} | said}))
    assert problems == []
    return layer_places.locate(entries[0], {"scales": SCALES})


def title(place: layer_places.Place | None) -> str:
    assert place
    return SCALES.headings[place.heading][1]


def test_heading_in_code_fence_is_ignored():
    assert [title for _, title in SCALES.headings] == [
        "Scales", "Begin", "Exercise: scale it", "Now the Scale", "A part of it", "Later"
    ]  # fmt: skip


def test_section_prefers_heading_then_code_then_prose():
    assert title(found("Scale")[0]) == "Now the Scale"
    assert title(found("Other")[0]) == "Begin"
    assert title(found("Told")[0]) == "Begin"
    assert title(found("Late")[0]) == "Later", "an exercise's code teaches nothing"
    assert title(found("Other", section="Later")[0]) == "Later"


def test_exercises_forbid_or_mention_the_name():
    assert found("Other")[0].exercises == (("scales", 2),)
    assert found("Scale")[0].exercises == (("scales", 2),)
    assert found("Told")[0].exercises == ()
    assert found("Told", exercises=["own"])[0].exercises == (("scales", 2),)


SECOND = notebook(
    cell("# More scales\n\n### Exercise: scale it again\n\nWhat `nn.Scale` does.", "markdown"),
    cell("def again(): ...", exercise="again", rules=["nn.Other"]),
)


@pytest.mark.parametrize(
    ("said", "exercises"),
    [
        ({}, (("scales", 2), ("more", 1))),
        ({"exercises": ["again"]}, (("more", 1),)),
        ({"exercises": ["again", "own"]}, (("more", 1), ("scales", 2))),
    ],
)
def test_exercises_are_found_in_every_listed_chapter(said, exercises):
    entries, _ = layer_places.entries_of(family({"Scale": {"words": "w", "chapter": ["scales", "more"]} | said}))
    place, problems = layer_places.locate(entries[0], {"scales": SCALES, "more": SECOND})
    assert (place.chapter, place.exercises, problems) == ("scales", exercises, [])


def test_bare_ambiguous_name_means_the_nn_class():
    pruning = {"family": "Other", "of": "nn.utils.prune", "chapter": "scales", "names": {"Told": "w", "Late": "w"}}
    statement = "### Exercise: told\n\nWrite `Told`; it is no `prune.Late`."
    pages = notebook(
        cell("# Names", "markdown"),
        cell("## Pruning\n\nHere are `nn.Told`, `prune.Told` and `prune.Late`.", "markdown"),
        cell(statement, "markdown"),
        cell("def told(): ...", exercise="told", rules=[]),
    )
    entries, _ = layer_places.entries_of({"families": [*family({"Told": "w"})["families"], pruning]})
    found_in = {entry.shown: layer_places.locate(entry, {"scales": pages})[0].exercises for entry in entries}
    exercise = (("scales", 2),)
    assert found_in == {"nn.Told": exercise, "nn.utils.prune.Told": (), "nn.utils.prune.Late": exercise}


def test_explorers_come_from_section_or_entry():
    assert found("Scale")[0].explorers == (("slide", 4),)
    assert found("Other")[0].explorers == ()
    assert found("Other", explorers=["slide"])[0].explorers == (("slide", 4),)


@pytest.mark.parametrize(
    ("name", "said", "complaint"),
    [
        ("Nowhere", {}, "the chapter scales is written and has it nowhere"),
        ("Scale", {"section": "Elsewhere"}, "has a section 'Elsewhere' nowhere"),
        ("Scale", {"exercises": ["gone"]}, "has no exercise 'gone'"),
        ("Scale", {"explorers": ["gone"]}, "has no explorer 'gone'"),
    ],
)
def test_missing_item_in_written_chapter_is_reported(name, said, complaint):
    assert complaint in "\n".join(found(name, **said)[1])


def test_chapter_outside_the_book_is_accepted():
    assert found("Nowhere", chapter="losses") == (None, [])
    assert found("Nowhere", chapter=["scales", "losses"]) == (None, [])
    assert title(found("Scale", chapter=["losses", "scales"])[0]) == "Now the Scale"


def rows(given: dict, has: dict | None = None) -> dict[str, layer_places.Entry]:
    entries, problems = layer_places.entries_of(given, has)
    assert problems == []
    return {entry.shown: entry for entry in entries}


def test_section_override_wins_by_heading_or_term():
    notebook_of = notebook(
        cell("# Pools\n\n## `nn.Max` in code\n\n## Mean pooling: who is in", "markdown"), cell("nn.Mean(2)")
    )
    family_of = family({"Max": "words", "Mean": "words"}, sections={"Mean pooling": ["Max"]})
    place = layer_places.locate(rows(family_of)["nn.Max"], {"scales": notebook_of})[0]
    assert notebook_of.headings[place.heading][1] == "Mean pooling: who is in"
    assert layer_places.named("nn.Max in code", notebook_of) == 1
    assert layer_places.named("Mean", notebook_of) is None
    _, problems = layer_places.entries_of(family({"Max": "words"}, sections={"Mean pooling": ["Maxx"]}))
    assert problems == ["nn.Maxx is given a section and no row"]


def test_section_override_can_name_another_chapter():
    place, problems = found("Told", chapter="losses", section="scales/Later")
    assert (place.chapter, title(place), problems) == ("scales", "Later", [])


def test_function_shares_section_with_its_class():
    given = family({"Scale": {"words": "w", "section": "Later"}})
    given["families"].append(
        {"family": "Some", "of": "nn.functional", "chapter": "scales", "names": {"scale": "= Scale"}}
    )
    assert title(layer_places.locate(rows(given)["F.scale"], {"scales": SCALES})[0]) == "Later"


def test_arguments_and_methods_link_to_their_sections():
    given = family({"Scale": "w", "Other": "w"}, parts={"factor, reset": "Later", "gone": "Nowhere"})
    entry = rows(given, {"nn.Scale": "factor reset bias", "nn.Other": "gone"})["nn.Scale"]
    assert entry.has == ("factor", "reset", "bias")
    place, problems = layer_places.locate(entry, {"scales": SCALES})
    assert ([part for part, _, _ in place.parts], problems) == (["factor", "reset"], [])
    assert {SCALES.headings[heading][1] for _, _, heading in place.parts} == {"Later"}
    other = rows(given, {"nn.Other": "gone"})["nn.Other"]
    assert layer_places.locate(other, {"scales": SCALES})[1] == ["the chapter scales has no section 'Nowhere' for gone"]


def test_topics_find_sections_and_report_missing_ones():
    given = {"scales": {"Later": ["afterwards"]}, "losses": {"Any": ["x"]}}
    assert layer_places.topics_of(given, {"scales": SCALES}) == ({"scales": {5: ("afterwards",)}}, [])
    assert layer_places.topics_of({"scales": {"Gone": ["x"]}}, {"scales": SCALES})[1] == [
        "topics: the chapter scales has no section 'Gone'"
    ]


@pytest.mark.course
@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("nn.GELU", "GELU, exact and tanh"),
        ("nn.init.kaiming_normal_", "Kaiming"),
        ("nn.init.kaiming_uniform_", "Kaiming"),
        ("nn.ZeroPad1d", "F.pad"),
        ("nn.LazyLinear", "Uninitialized parameters"),
        ("nn.LPPool2d", "LP-pooling (LPPool2d)"),
        ("F.adaptive_max_pool1d", "Adaptive pooling"),
    ],
)
def test_name_links_to_the_section_teaching_it(name, section):
    index = of_the_course()
    place = next(row.place for row in index.rows if row.entry.shown == name)
    path = ROOT / "notebooks" / place.chapter / f"{place.chapter}.ipynb"
    taught = layer_places.read_notebook(json.loads(path.read_text(encoding="utf-8")))
    assert taught.headings[place.heading][1].replace("`", "").partition(":")[0] == section


def test_function_matches_every_prefix_but_no_partial_word():
    entry = layer_places.Entry("nn.utils.rnn", "pad_sequence", "Some")
    for code in ("rnn.pad_sequence(x)", "nn.utils.rnn.pad_sequence(x)", "torch.nn.utils.rnn.pad_sequence"):
        assert layer_places.code_pattern(entry).search(code), code
    for code in ("rnn.pad_sequences(x)", "my.rnn.pad_sequence(x)", "pad_sequence(x)"):
        assert not layer_places.code_pattern(entry).search(code), code
    assert layer_places.prose_pattern(entry).search("call `pad_sequence(batch)` first")


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Return a built course with two real chapters and their index; browser tests follow the links to all chapters."""
    pages = map("notebooks/{0}/{0}".format, WRITTEN)
    course = small_book.course(tmp_path_factory.mktemp("course"), *pages, left_out="answers.md")
    for chapter in WRITTEN:
        shutil.copytree(COURSE.release(chapter).parent, course.release(chapter).parent)
    shutil.copy(ROOT / "book" / "layer_index.md", course.root / "book" / "intro.md")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_book.offline, "hand_out", lambda _: True)  # the other chapters have no notebook to hand out
        assert build_book.build(course)
    return course


@pytest.fixture(scope="module")
def page(course):
    return (course.site / "book" / "intro.html").read_text(encoding="utf-8")


def test_every_name_has_a_row_on_the_page(page):
    ids = re.findall(r'<tr id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 360
    assert {"Conv2d", "F.conv2d", "nn.init.xavier_uniform_", "nn.utils.prune.Identity", "Identity"} <= set(ids)
    assert re.search(r"\d+ rows, 168 of them classes", page)


def test_linear_row_links_to_section_exercise_and_explorer(page):
    (row,) = re.findall(r'<tr id="Linear".*?</tr>', page)
    assert '#weight-and-bias-from-one-row-to-a-layer">Weight and bias: from one row to a layer</a>' in row
    assert '#exercise-a-linear-layer-from-scratch">a linear layer from scratch</a>' in row
    assert '">rank</a>' in row


def test_only_the_index_page_loads_its_script(course, page):
    assert "layer_index.js" in page
    assert "layer_index.js" not in (course.site / "notebooks" / "linear" / "linear.html").read_text(encoding="utf-8")


def test_build_fails_when_a_name_has_no_section(course):
    path = course.text("distance")
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("  layers:\n", "  others:\n"), encoding="utf-8")
    with pytest.raises(build_book.BuildError) as caught:
        build_book.build(course)
    path.write_text(before, encoding="utf-8")
    assert "nn.CosineSimilarity has no place" in str(caught.value)
