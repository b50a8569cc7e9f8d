"""Test texts in another language: their files, their notebooks and pages, and the grading of translated notebooks."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from authoring.book import build_book, changes
from authoring.book.leaks import search
from authoring.notebooks.build import typed
from authoring.notebooks.release import release
from authoring.translations import exchange, kept_facts, translated_course, translation_commands
from authoring.translations.blocks import block, blocks, has_words, split
from authoring.translations.languages import LANGUAGES
from authoring.translations.translated_course import TranslatedCourse
from authoring.translations.translation_file import State, TranslationError, dumps, load, path_for
from autograder.course import Course
from autograder.grading.grader import Grader
from autograder.model import State as Verdict
from autograder.texts import chapter as chapters
from tests import small_book
from tests.root import SCALES
from tests.typed import authored

GERMAN = LANGUAGES["de"]
WORDS = {
    "# Scales": "# Skalen",
    "## Multiplying": "## Multiplizieren",
    "A scale multiplies: $y = s\\,x$. Its default here is": "Eine Skala multipliziert: $y = s\\,x$. Ihr Standard ist",
    "so the scale is {{ default_scale }}, in percent {{ 100 * default_scale:.1f }}, and there are {{ rows }} rows.": (
        "also {{ default_scale }}, das sind {{ 100 * default_scale:.1f }} Prozent, bei {{ rows }} Zeilen."
    ),
    "a straight line through the origin with slope one third": "eine Gerade durch den Ursprung",
    "### Exercise: a scale from scratch": "### Aufgabe: eine eigene Skala",
    "- A tensor of any shape is taken.": "- Jede Form ist erlaubt.",
    "<details><summary>Hint 1: one operation</summary>": "<details><summary>Tipp 1: eine Operation</summary>",
    "Yes. Twice one is two.": "Ja. Zweimal eins ist zwei.",
}
ANSWERS = """## own_scale
### wrong: a sum
You add the scale.
```diff
-    scaled_by_the_given_factor = x * s
+    scaled_by_the_given_factor = x + s
```
"""
ONE = "# One\n\nFirst of 3.\n\nSecond `x`.\n\n```python\nx = 1\n\ny = 2\n```\n\n$$x + y$$\n\nThird.\n"
DONE = dumps(load(Path("a.md"), blocks(Path("a.md"), ONE))).replace(" en -->", " -->")  # every block is translated


@pytest.fixture
def course(tmp_path):
    """Return a course with one chapter, which is partly translated."""
    made = TranslatedCourse(small_book.course(tmp_path, *small_book.PAGES[:1]).root, "de")
    small_book.put(made.text("scales"), SCALES.read_text(encoding="utf-8"))
    small_book.put(made.reference("scales"), small_book.scales())
    small_book.put(Course(tmp_path).release("scales"), release(small_book.scales()))
    translate(made, WORDS)
    return made


def translate(course, words, name="scales"):
    """Write the translation of a chapter or page; ``words`` maps some of its English blocks to translations."""
    made = course.translation(name)
    content = dumps(made)
    for key, one in made.blocks.items():
        if one.english.text in words:
            content = content.replace(
                f"<!-- {key} en -->\n{one.english.text}", f"<!-- {key} -->\n{words[one.english.text]}"
            )
    path_for(course.source(name), course.language).write_text(content, encoding="utf-8")


def german(course):
    """Return the student notebook in German."""
    content = course.text("scales").read_text(encoding="utf-8")
    return release(exchange.notebook(small_book.scales(), content, course.translation("scales"), GERMAN))


def reword(path, old, new):
    """Replace words of a text."""
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def prose(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def of(path, english, content):
    """Return the translation of a page, given the page's English text and the content of the translation file."""
    path.write_text(content, encoding="utf-8")
    return load(path, blocks(path, english))


def test_split_text_joins_to_itself():
    for text in (ONE, SCALES.read_text(encoding="utf-8"), "\n\n# A\nB\n\n", "A"):
        assert "".join(split(text)) == text


def test_code_and_formulas_are_no_blocks(tmp_path):
    found = [one.text for one in blocks(tmp_path / "page.md", ONE)]
    assert found == ["# One", "First of 3.", "Second `x`.", "Third."]
    assert has_words(r"$$a \qquad\text{that is}\qquad b$$")
    assert not any(map(has_words, ("</details>", "```{course-ways}\n```", "(an-anchor)=", "$$W_2 \\cdot x$$")))


def test_key_ignores_hidden_comments_and_spacing():
    assert block("- The  values.\n").key == block("- The values. <!-- claims: values; shape -->").key
    assert block("About 12 GB. <!-- 12 GB: by hand -->").key == block("About 12 GB.").key != block("About 13 GB.").key


def test_changed_block_is_stale(tmp_path):
    found = of(tmp_path / "a.md", ONE.replace("First", "The first"), DONE)
    (stale,) = [one for one in found.blocks.values() if one.state is State.STALE]
    assert (stale.english.text, stale.text, stale.was) == ("The first of 3.", "First of 3.", block("First of 3.").key)
    again = of(tmp_path / "a.md", ONE.replace("First", "The first"), dumps(found))
    assert dumps(again) == dumps(found)
    assert again.count(State.STALE) == 1


def test_new_block_is_missing_and_moved_one_stays(tmp_path):
    found = of(tmp_path / "a.md", ONE.replace("# One\n", "# One\n\nThird.\n\nNew.\n"), DONE)
    states = {one.english.text: one.state for one in found.blocks.values()}
    assert states.pop("New.") is State.MISSING
    assert set(states.values()) == {State.TRANSLATED}


def test_block_without_english_is_left_over(tmp_path):
    found = of(tmp_path / "a.md", ONE.replace("Second `x`.", ""), DONE)
    assert [entry.text for entry in found.left_over] == ["Second `x`."]
    assert of(tmp_path / "a.md", ONE.replace("Second `x`.", ""), dumps(found)).left_over[0].is_gone


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("<!-- 0123abcd -->\nA\n\n<!-- 0123abcd -->\nB\n", "twice"),
        ("<!-- 0123abcd -->\n\n<!-- 0123abce -->\nB\n", "empty"),
        ("<!-- 0123abcd done -->\nA\n", "not understood"),
        ("Text\n\n<!-- 0123abcd -->\nA\n", "before the first"),
    ],
)
def test_mistake_in_file_is_reported(tmp_path, content, complaint):
    with pytest.raises(TranslationError, match=complaint):
        of(tmp_path / "a.md", ONE, content)


@pytest.mark.parametrize(
    ("english", "translated", "complaint"),
    [
        ("It takes 12,000 steps.", "Das sind 12\u202f000 Schritte.", ""),
        ("It takes 12,000 steps.", "Das sind 12,000 Schritte.", "numbers"),
        ("See `x` [here](a.md#b).", "Siehe `x` [hier](a.md#c).", "links lost: ](a.md#b)"),
        ("See `x.sum()`.", "Siehe `x.mean()`.", "spans lost: `x.sum()`"),
        (r"So $a \text{ in } b$.", r"Also $a \text{ aus } b$.", ""),
        ("So $a + b$.", "Also $a - b$.", "math lost"),
        ("{{ held }} values.", "Werte.", "marks lost: {{ held }}"),
        ("- one\n- two", "- eins und zwei", "lines lost: 2 × -"),
        ("No. It is two.", "Ja. Es ist zwei.", "begins with 'Nein'"),
        ('<img alt="A house"/>', "Ein Haus", "tags lost: <img"),
    ],
)
def test_lost_facts_are_reported(tmp_path, english, translated, complaint):
    found = of(tmp_path / "a.md", english, f"<!-- {block(english).key} -->\n{translated}\n")
    said = " ".join(kept_facts.lost(found, GERMAN))
    assert complaint in said if complaint else not said


def test_notebook_is_translated_with_its_values(course):
    made = german(course)
    assert "# Skalen" in prose(made)
    assert "also 12\u202f000, das sind 12\u202f000 Prozent, bei 12\u202f000 Zeilen." in prose(made)
    assert "Kern. Schwierigkeit 1 von 5. Etwa" in prose(made)
    assert "- Jede Form ist erlaubt." in prose(made)
    assert any(
        cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").startswith("eine Gerade") for cell in made.cells
    )


def test_code_and_ids_stay_as_in_english(course):
    english, made = release(small_book.scales()), german(course)
    assert [cell.id for cell in made.cells] == [cell.id for cell in english.cells]
    for cell, same in zip(made.cells, english.cells, strict=True):
        if cell.cell_type == "code":
            assert (cell.source, cell.outputs) == (same.source, same.outputs)
            assert cell.metadata.get("nbgrader") == same.metadata.get("nbgrader")


def test_missing_and_stale_blocks_are_marked(course):
    made = prose(german_after(course, "is taken.", "is accepted."))
    assert '<div class="course-untranslated" lang="en">\n<small lang="de">Noch nicht übersetzt:</small>' in made
    assert "geändert:</small>\n\n- Jede Form ist erlaubt.\n\n</div>" in made
    assert "## What to remember (englisch)" in made
    assert '<summary lang="en">three (englisch)</summary>' in made
    assert made.count("<div") == made.count("</div>")


def test_stale_block_with_unknown_value_is_english(course):
    made = prose(german_after(course, "there are {{ rows }} rows", "that is all"))
    assert course.translation("scales").count(State.STALE) == 1
    assert "in percent 12,000, and that is all." in made


def german_after(course, old, new):
    """Return the notebook in German, executed after its English text changed."""
    path = course.text("scales")
    reword(path, old, new)
    executed = small_book.scales(path)
    return exchange.notebook(executed, path.read_text(encoding="utf-8"), course.translation("scales"), GERMAN)


def test_notebook_of_another_text_is_refused(course):
    content = course.text("scales").read_text(encoding="utf-8").replace("Multiply, then add.", "Add.")
    with pytest.raises(exchange.StaleNotebookError, match="make notebooks"):
        exchange.notebook(small_book.scales(), content, course.translation("scales"), GERMAN)


def test_german_notebook_is_graded_as_english(course, runner, batch):
    grader = Grader(chapters.load(course.text("scales")), batch, runner)
    for answer, earned in (("x * s", 3), ("x + s", 0), ("x * s if x.dim() == 2 else x", 2)):
        made, english = german(course), release(small_book.scales())
        for notebook in (made, english):
            (cell,) = [cell for cell in notebook.cells if cell.id == "own_scale"]
            cell.source = f"def own_scale(x, s):\n    return {answer}"
        results = [
            grader.grade(small_book.dumps(notebook).encode(), "ada").exercises[0] for notebook in (made, english)
        ]
        assert results[0].earned == earned
        verdicts = [[(v.claim, v.state) for v in result.verdicts] for result in results]
        assert verdicts[0] == verdicts[1]
        assert (verdicts[0][0][1] is Verdict.PASSED) == (earned > 0)


def test_english_inputs_ignore_translations(course):
    before = changes.inputs(course.root)
    translate(course, WORDS)
    small_book.put(course.root / "book" / "intro.de.md", "<!-- 0123abcd -->\nEtwa 12 % schneller.\n")
    assert changes.inputs(course.root) == before
    assert not typed(course)


def test_start_keeps_what_fits(course, monkeypatch):
    monkeypatch.setattr(translation_commands, "ROOT", course.root)
    path = path_for(course.text("scales"), "de")
    before = path.read_text(encoding="utf-8")
    authored("translations", "start", "de", "scales")
    assert path.read_text(encoding="utf-8") == before
    reword(course.text("scales"), "Twice one is two.", "Twice one gives two.")
    authored("translations", "start", "de", "scales")
    assert f" was {block('Yes. Twice one is two.').key} -->\nJa. Zweimal" in path.read_text(encoding="utf-8")


def test_list_shows_stale_block_with_its_history(course, monkeypatch):
    monkeypatch.setattr(translation_commands, "ROOT", course.root)
    for command in ("init -q", "add .", "-c user.name=a -c user.email=a@b commit -q -m text"):
        subprocess.run(["git", *command.split()], cwd=course.root, check=True)
    reword(course.text("scales"), "Twice one is two.", "Twice one gives two.")
    said = authored("translations", "--stale")
    for line in ("English then: Yes. Twice one is", "English now: Yes. Twice one gives", "translation: Ja. Zweimal"):
        assert line in said
    assert "de scales" in said


def test_check_fails_on_lost_fact_only(course, monkeypatch):
    monkeypatch.setattr(translation_commands, "ROOT", course.root)
    authored("translations", "--check")
    reword(path_for(course.text("scales"), "de"), "$y = s\\,x$. Ihr", "$y = x$. Ihr")
    assert "math lost" in authored("translations", "--check", status=1)


def test_leak_in_german_notebook_is_found(course):
    translated_course.write_sources(course)
    page = course.site / "notebooks" / "scales" / "scales.html"
    small_book.put(page, "<p>nothing</p>")
    small_book.put(
        course.site / "search" / "index.js",
        'courseSearch.put({"pages": [["notebooks/scales/scales", ""]], "entries": [], "lunr": {"invertedIndex": []}});',
    )
    assert not list(search(course, ["scales"]))
    reword(course.release("scales"), "# YOUR CODE HERE", "scaled_by_the_given_factor = x * s")
    assert any("scaled_by" in leak.secret for leak in search(course, ["scales"]))


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """Build a small book in English, in English again after its translation, and in German; return the sites' files."""
    folder = tmp_path_factory.mktemp("course")
    english = small_book.course(folder, *small_book.PAGES[:1])
    small_book.put(english.text("scales"), SCALES.read_text(encoding="utf-8"))
    small_book.put(english.reference("scales"), small_book.scales())
    small_book.put(english.release("scales"), release(small_book.scales()))
    small_book.put(english.answers("scales"), ANSWERS)
    build_book.build(english)
    before = small_book.files(english.site)
    course = TranslatedCourse(folder, "de")
    translate(course, WORDS)
    translate(course, {"## Three doors": "## Drei Türen"}, "intro")
    (folder / "_build" / build_book.RECORD).unlink()
    shutil.rmtree(english.site)
    build_book.build(english)
    translated_course.build(course)
    return before, small_book.files(english.site), small_book.files(course.site)


def test_english_pages_ignore_translation(sites):
    before, after, _ = sites
    assert before == after


def test_german_pages_are_translated_and_linked(sites):
    before, _, made = sites
    page, cover = (made[f"{name}.html"].decode() for name in ("notebooks/scales/scales", "book/intro"))
    assert ' lang="de">\n<head>' in page
    assert '<section id="multiplying">\n<h2>Multiplizieren' in page
    assert 'href="#multiplying">Multiplizieren' in page.replace('<span class="pre">', "")
    assert re.search(r'<section id="three-doors">\n(<span id="[\w-]+"></span>)*<h2>Drei Türen', cover)
    assert 'data-exercise="own_scale"' in page
    assert page.count('class="course-solution"') == 2
    assert page.count('class="course-right"') == before["notebooks/scales/scales.html"].decode().count(
        'class="course-right"'
    )
    assert (
        b"Noch nicht \\u00fcbersetzt" in made["_sources/notebooks/scales/scales.ipynb"]
        or "Noch nicht übersetzt" in page
    )


def test_untranslated_page_is_marked_as_english(sites):
    page = sites[2]["book/solutions/overview.html"].decode()
    assert re.search(r'<section [^>]*lang="en">', page)
    assert '</h1>\n<p class="course-untranslated" lang="de">Noch nicht übersetzt</p>' in page
