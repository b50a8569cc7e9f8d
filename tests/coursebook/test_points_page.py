"""Test points pages: what they count in the records of `validate`, what they show, and what they hide."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from docutils import nodes
from docutils.utils import new_document

from autograder.commands import validate
from autograder.model import Bullet
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.regions import solved
from autograder.validation.lost_claims import Record, Tried
from coursebook.markup import access
from coursebook.measures import point_pages, validated
from coursebook.measures.validated import ChapterKnown, Known
from tests.root import COURSE, ROOT

PAGE = ROOT / "book" / "points.md"
LINEAR = chapters.load("linear", ROOT)
VARIANTS = variant_file.load(LINEAR, COURSE.answers("linear"))
TRIED = Tried(right=2, wrong=9, subtle=6, mutants=12, killed=10, equivalent=2, seeds=7)


def known(at: int, tried: Tried | None = TRIED) -> Known:
    """Return an exercise of `linear` with three wrong answers, two of which lose its first claim."""
    exercise = LINEAR.exercises[at]
    first, *others = [claim.name for claim in exercise.claims]
    exercise = replace(exercise, bullets=(Bullet("$y$ is right, see [there](#there)", (first,)), *exercise.bullets))
    lost = {"wrong: a": [first, *others], "wrong: b": others, "wrong: c": [first]}
    record = Record("today", lost, tried) if tried else None
    return Known(exercise, record, tuple(variant for variant in VARIANTS.cells if variant.kind == "equivalent")[:2])


def page(*exercises: Known, explained: bool = True) -> str:
    return point_pages.page(ChapterKnown("linear", exercises), ROOT, explained)


def test_page_shows_trials_and_bullets_tested_by_claims():
    one = known(0)
    made, first = page(one), one.exercise.claims[0]
    assert "3 right answers beside the reference accepted" in made, "the two ways and the oracle"
    assert "9 of 9 wrong answers refused, 6 of them subtle. 10 of 12 mutants killed; the other 2 compute" in made
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(\d+)</td><td>(\d of 3)</td></tr>', made)
    assert rows[0] == (point_pages.inline(first.name), str(first.points), "2 of 3")
    assert [row[0] for row in rows] == [point_pages.inline(claim.name) for claim in one.exercise.claims]
    tested = f'<span class="course-tested">Tested by *{first.name}*.</span>'
    assert f"- $y$ is right, see there {tested}\n" in made, "a link of its chapter would lead nowhere here"
    assert made.count("- ") >= len(one.exercise.bullets)


def test_changed_exercise_shows_no_old_results():
    made = page(known(0, tried=None))
    assert point_pages.CHANGED in made
    assert "refused" not in made
    assert "<td></td>" in made
    assert " of 3" not in made
    total = point_pages.totals((ChapterKnown("linear", (known(0), known(1, tried=None))),))
    assert "1 exercise changed since they were tried" in total
    assert f"1, {LINEAR.exercises[0].points}</td>" in total


def test_totals_add_counts_and_take_fewest_seeds():
    other = replace(TRIED, wrong=5, killed=12, equivalent=0, seeds=4)
    assert validated.total([TRIED, other]) == Tried(4, 14, 12, 24, 22, 2, 4)
    total = point_pages.totals((ChapterKnown("linear", (known(0), known(1, other))),))
    assert re.findall("<td>(.*?)</td>", total)[1:] == ["6 of 6", "14 of 14", "12", "22 of 24", "2", "4 or more"]


def test_equivalent_mutants_appear_only_with_solutions():
    one = known(0)
    assert len(one.equivalents) == 2
    shown, kept = page(one), page(one, explained=False)
    for variant in one.equivalents:
        assert f"<code>{point_pages.escape(variant.title)}</code>" in shown
        assert point_pages.inline(variant.sentence) in shown
        assert point_pages.escape(variant.title) not in kept
    assert "../solutions/linear.html#" in shown
    assert "solutions" not in kept


def test_page_shows_no_title_of_a_wrong_answer():
    made = page(*(known(at) for at in range(len(LINEAR.exercises))), explained=False)
    for variant in VARIANTS.cells:
        if variant.kind == "wrong":
            assert variant.title not in made or len(variant.title) < 12, variant.title


def test_exercise_facts_link_to_their_section():
    builder = SimpleNamespace(get_relative_uri=lambda here, there: f"../../{there}.html")
    app = SimpleNamespace(srcdir=ROOT, builder=builder, env=SimpleNamespace(found_docs={"book/points/linear"}))

    def with_facts() -> nodes.document:
        document = new_document("page")
        for number in range(len(LINEAR.exercises)):
            document += [nodes.paragraph("", str(number), classes=[access.FACTS]), nodes.paragraph("", "text")]
        return document

    document = with_facts()
    point_pages.link_exercises(app, document, "notebooks/linear/linear")
    led = re.findall(r'href="../../book/points/linear\.html#([\w-]+)"', document.astext())
    assert led == [point_pages.anchor(exercise.title) for exercise in LINEAR.exercises]
    headings = re.findall(r"^## (.*)$", page(*(known(at) for at in range(len(led)))), re.MULTILINE)
    assert [point_pages.nodes.make_id(heading) for heading in headings] == led
    document = with_facts()
    point_pages.link_exercises(app, document, "notebooks/padding/padding")
    assert document.astext() == with_facts().astext(), "a book without the page"


def test_recorded_counts_of_the_course_are_consistent():
    found = {one.name: one for one in validated.gathered(ROOT, ("lazy", "padding", "before_you_start", "nowhere"))}
    assert found.keys() == {"lazy", "padding"}
    for one in found.values():
        for exercise in one.exercises:
            if exercise.tried:
                wrong = len(exercise.record.lost)
                assert (exercise.tried.wrong, exercise.tried.killed) <= (wrong, exercise.tried.mutants)
                assert exercise.tried.mutants - exercise.tried.killed == exercise.tried.equivalent


# -- the recipe -------------------------------------------------------------------------------------------------------


def recipe() -> tuple[str, str, str]:
    """Return the file, the exercise, and the entry that the page tells a reader to write."""
    content = PAGE.read_text(encoding="utf-8")
    file, exercise = re.search(r"Open `([\w/.]+)`, find the line `## (\w+)`", content).groups()
    fence = re.search(r"^( +)````markdown\n(.*?)^\1````$", content, re.MULTILINE | re.DOTALL)
    return file, exercise, re.sub(rf"^{fence[1]}", "", fence[2], flags=re.MULTILINE)


def test_recipe_wrong_answer_is_accepted_and_loses_points(runner):
    file, exercise, entry = recipe()
    chapter = chapters.load(Path(file).parent.name, ROOT)
    content = (ROOT / file).read_text(encoding="utf-8")
    assert content.count(f"\n## {exercise}\n") == 1
    solutions = {one.name: solved(one.solution) for one in chapter.exercises}
    listed = variant_file.parse(
        content.replace(f"\n## {exercise}\n", f"\n## {exercise}\n\n{entry}\n"), ROOT / file, solutions
    )
    mine = listed.wrong(exercise)[0]
    assert f"### {mine.label}\n" in entry
    few = replace(listed, cells=tuple(v for v in listed.cells if v.exercise == exercise and v.kind != "right"))
    (only,) = [one for one in chapter.exercises if one.name == exercise]
    (gathered,) = validate.gathered(chapter, [only], few, runner)
    (tried,) = [attempt for attempt in gathered.of("wrong", batch=0) if attempt.about == mine]
    assert gathered.earned(tried) < only.points


def test_recipe_has_one_command_for_its_chapter():
    (printed,) = re.findall(r"python -m autograder (validate .*)", PAGE.read_text(encoding="utf-8"))
    words = printed.split()
    context = validate.command.make_context(words[0], words[1:])
    assert context.params["chapters_given"] == (Path(recipe()[0]).parent.name,)


def test_page_names_only_existing_options():
    named = re.findall(r"validate (--\w+)", PAGE.read_text(encoding="utf-8"))
    assert named
    assert set(named) <= {name for parameter in validate.command.params for name in parameter.opts}
