"""Test the reading time of a chapter, the sections that the core needs, and the times that the course states."""

import json
import re
from html import unescape
from types import SimpleNamespace

import nbformat
import pytest

from autograder.course import name_of
from autograder.texts import chapter, facts, reading_time, text
from autograder.texts.facts import CORE, MORE
from autograder.texts.reading_time import Way, said, spell, ways
from autograder.texts.regions import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION
from coursebook.measures.routes import CourseWays
from tests.root import COURSE, ROOT, SCALES

pytestmark = pytest.mark.course

TEXTS = COURSE.texts
WORDS = reading_time.WORDS_A_MINUTE


def prose(source: str):
    return nbformat.v4.new_markdown_cell(source)


def code(source: str, **metadata):
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def exercise(tier: str, minutes: int, points: int = 1):
    known = {"title": tier, "tier": tier, "difficulty": 1, "minutes": minutes, "points": points}
    cells = [prose("### Exercise: one\n\n" + "word " * 700)]
    cells += [code("pass\n" * 50, layerlab={"exercise": "one", "facts": known})]
    return [*cells, code("pass\n" * 50, layerlab={"exercise": "one"})]


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def minutes_of(*cells) -> float:
    return ways(notebook(*cells))[MORE].reading


def test_reading_time_follows_the_counting_rule():
    assert minutes_of(prose("word " * WORDS)) == 1
    assert minutes_of(prose("- | `` $$ -- word\n" * WORDS)) == 1, "a mark is no word"
    assert minutes_of(prose("{{ f(x, y):.2f }} " * WORDS)) == 1, "a number is one word, filled or not"
    assert minutes_of(code("x = 1\n\n" * 20)) == 20 * reading_time.LINE_SECONDS / 60
    assert minutes_of(code("x = 1\n" * 20, tags=["hide-input"])) == 0
    picture = {"tags": ["hide-input"], "mystnb": {"image": {"alt": "a line"}}}
    assert minutes_of(*(code("plot()", **picture) for _ in range(3))) == 3 * reading_time.FIGURE_SECONDS / 60
    assert minutes_of(*(code("lab.explorer(1)", **picture) for _ in range(2))) == 2 * reading_time.EXPLORER_SECONDS / 60


def test_stated_rule_matches_the_constants():
    names = ("WORDS_A_MINUTE", "LINE_SECONDS", "FIGURE_SECONDS", "EXPLORER_SECONDS", "DIFFICULTY_SECONDS",
             "SOLUTION_SECONDS", "CHECK_SECONDS")  # fmt: skip
    numbers = [getattr(reading_time, name) for name in names]
    assert [int(number) for number in re.findall(r"\d+", reading_time.RULE)] == numbers


def exercise_text(words: int = 0, difficulty: int = 1, lines: int = 1, compares: int = 1):
    """Return the cells of an exercise with these numbers of words, lines, and comparisons."""
    body = "\n".join(["def f(x):", BEGIN_SOLUTION, *["    y = x", "    # why", ""] * lines, END_SOLUTION])
    test = "\n".join([*["lab.compare(f(x), y)"] * compares, BEGIN_HIDDEN, "lab.compare(f(x), y)", END_HIDDEN])
    return [
        prose("Another exercise's hints.\n\n### Exercise: one\n\n" + "word " * words),
        prose("word " * words + "<!-- claims: values -->"),
        code(body, solution="f", difficulty=difficulty),
        code(test, test="f"),
    ]


def test_minutes_of_an_exercise_follow_the_rule():
    minute = 60 // reading_time.CHECK_SECONDS  # comparisons
    assert 60 % reading_time.CHECK_SECONDS == 0
    base = reading_time.exercise_minutes(exercise_text(compares=minute))
    for changed, more in (
        ({"words": WORDS}, 2),
        ({"compares": 4 * minute}, 3),
        ({"difficulty": 4}, round(3 * reading_time.DIFFICULTY_SECONDS / 60)),
        ({"lines": 16}, round(15 * reading_time.SOLUTION_SECONDS / 60)),
    ):
        assert reading_time.exercise_minutes(exercise_text(**{"compares": minute} | changed)) == base + more


def test_core_reads_only_the_sections_it_needs():
    minute = "word " * WORDS
    found = ways(
        notebook(
            prose(f"# Title\n\n{minute}\n\n## Formula\n\n{minute}\n\n## First\n\n{minute}"),
            *exercise(MORE, 30, points=2),
            prose(f"## Second\n\n{minute}"),
            *exercise(CORE, 10, points=3),
            prose(f"### Seen\n\n{minute}\n\n## Third\n\n{minute}"),
        )
    )
    headings = 4 / WORDS  # Each heading is one word; the core skips "First" and "Third".
    assert found[CORE] == Way(1, 3, 10, round(4 + 4 / WORDS, 1))
    assert found[MORE] == Way(2, 5, 40, round(6 + headings, 1))
    assert found[MORE].minutes == pytest.approx(46, abs=0.1)


def test_both_ways_agree_without_exercises_and_are_rounded():
    found = ways(notebook(prose("word " * 40 * WORDS), prose("## More\n\n" + "word " * 40 * WORDS)))
    assert found[CORE] == found[MORE] == Way(reading=80.0)
    assert said(found) == "about 80 minutes to read"
    rounded = [spell(minutes) for minutes in (1, 93, 119, 120, 160, 1000)]
    assert rounded == ["5 minutes", "95 minutes", "120 minutes", "2 hours", "2.5 hours", "17 hours"]


def test_time_placeholder_is_filled_with_both_ways(tmp_path):
    path = tmp_path / "scales.md"
    path.write_text(SCALES.read_text(encoding="utf-8").replace("A chapter of", "**Time**: {{ time }}. A chapter of", 1))
    made = text.read(path)
    through = reading_time.kept(made)
    assert through[CORE] == Way(2, 6, 8, through[CORE].reading)
    assert through[CORE].reading == reading_time.kept(text.read(SCALES))[CORE].reading, "the line itself is not counted"
    assert f"**Time**: {said(through)}. A chapter" in made.cells[0].source
    assert "2 exercises, 6 points" in said(through)


@pytest.mark.parametrize("arguments", [[], ["start"]])
def test_table_shows_both_ways_and_the_rule_only_without_a_part(arguments):
    page = SimpleNamespace(ways={CORE: Way(4, 20, 70, 20), MORE: Way(9, 50, 200, 40)})
    directive = SimpleNamespace(
        arguments=arguments, named_parts=list, chapters=lambda parts: ["linear"], notebook=lambda name: page
    )
    (made,) = CourseWays.run(directive)
    row = re.findall("<t[hd].*?>(.*?)</t[hd]>", made.astext())[4:]
    assert row == ["Core", "4", "20 minutes", "90 minutes", "All of it", "9", "40 minutes", "4 hours"]
    assert (reading_time.RULE in unescape(made.astext())) == (not arguments)


# -- the course -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_chapters_use_the_time_placeholder(path):
    (line,) = re.findall(r"^\*\*Time\*\*.*", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert line.startswith("**Time**: {{ time }}.")
    assert not re.search(r"\d|\bhour", line)


@pytest.mark.parametrize("name", chapter.names(ROOT))
def test_core_has_few_exercises_and_takes_an_hour(name):
    reference = COURSE.reference(name)
    made = json.loads(reference.read_text(encoding="utf-8"))
    found, through = facts.of_all(made), reading_time.kept(made)
    assert len(found) == len(chapter.load(reference).exercises)
    assert 30 <= sum(known.minutes for known in found if known.tier == CORE) <= 50
    core, every = (through[way] for way in facts.TIERS)
    assert core.exercises in (4, 5)
    assert 40 <= core.minutes <= 80
    assert core.minutes < 0.65 * every.minutes, "there is little to leave out"


@pytest.mark.parametrize(
    "page", ["intro.md", *(f"parts/{name}.md" for name in ("start", "layers", "craft", "capstones"))]
)
def test_cover_and_part_pages_use_computed_times(page):
    content = (ROOT / "book" / page).read_text(encoding="utf-8")
    part = page.removeprefix("parts/").removesuffix(".md") if "/" in page else ""
    assert f"```{{course-ways}} {part}".rstrip() + "\n" in content
    assert not re.search(r"\d+ (?:minutes|hours)\b", content)
