"""Test that `validate` reports each kind of fault in an exercise."""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from autograder.commands.validate import validate
from autograder.course import Course
from autograder.grading.known_mistakes import KnownMistakes
from autograder.model import Bullet, Cell, Chapter, Claim, Exercise
from autograder.sandbox.driver.run import Branch, Runner
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.texts.claims import claims
from autograder.validation import cache, in_notebook
from autograder.validation import soak as validate_soak
from autograder.validation.cache import Cache
from autograder.validation.outcome import ChapterReport, Report, Row, Tried
from autograder.validation.structure import chapter_misses, normalised, structure, untested
from autograder.validation.table import show, show_misses
from autograder.validation.tried_answers import judged
from layerlab.judging.claim_model import PUBLIC
from tests.root import KINDS
from tests.typed import typed

IMPORTS = "import torch\nimport layerlab as lab\nfrom torch import nn\nimport torch.nn.functional as F"
SOLUTION = "def scaled(x, factor=2.0):\n    return x * factor + 1"
STUB = "def scaled(x, factor=2.0):\n    raise NotImplementedError"
VISIBLE = "lab.compare(lambda: scaled(-torch.ones(2)), torch.full((2,), -1.0), 'ones')"
CLAIM = """\
with lab.claim("values", points=2):
    draw = lab.inputs()
    x = draw.randn(*draw.sizes(2, 2, 9))
    lab.observe("default factor", scaled(x))
    lab.observe("another factor", scaled(x, draw.uniform(3, 4)))
"""


def variant(heading: str, returned: str, *sentence: str) -> str:
    """Return an entry of `answers.md` whose function returns this expression."""
    code = ("```python", "def scaled(x, factor=2.0):", f"    return {returned}", "```\n")
    return "\n".join([f"### {heading}", *sentence, *code])


RIGHT = variant("right: addcmul", "torch.add(1, x, alpha=factor)")
ORACLE = variant("oracle", "F.linear(x[..., None], torch.tensor([[factor]]))[..., 0] + 1")
CLAMPED = variant("wrong: negative values are lost", "x.clamp(min=0) * factor + 1", "Negative values of x count too.")
WRONG = (
    variant("wrong: the factor is ignored", "x * 2 + 1", "The factor is always 2: use the argument.")
    + variant(
        "wrong: one is added before the product", "(x + 1) * factor - 1", "One is added to x, not to the product."
    )
    + CLAMPED
)
THIRD = "((torch.arange(x.numel()) == 2) & (x.numel() == 2000)).view(x.shape)"
EDGES = """\
### edges
```python
x = tensor(size(0, 3), values="plain zeros mixed", dtypes=(torch.float32,))
factor = number(-3.0, 3.0)

def run(x, factor):
    return scaled(x), scaled(x, factor)
```
"""
VARIANTS = RIGHT + ORACLE + WRONG + EDGES
ROWS = [
    "variants listed",
    "reference",
    "reference, other draws",
    "oracle",
    "released, untouched",
    "right variants",
    "wrong variants",
    "mutants",
    "replay",
    "zeros, input, random",
    "parameters",
    "after reassigned names",
    "edge cases",
    "in a notebook",
    "CPU of the claims",
]


def chapter(**changes) -> Chapter:
    """Return a chapter with one exercise, whose fields ``changes`` replaces; its claims are read from ``hidden``."""
    fields = {"solution": SOLUTION, "stub": STUB, "visible": VISIBLE, "hidden": CLAIM, "rules": ()} | changes
    own = Exercise(
        "scaled", "Scaled", claims=tuple(Claim(c.name, c.points) for c in claims(fields["hidden"])), **fields
    )
    cells = (
        Cell("imports", "provided", IMPORTS),
        Cell("scaled", "solution", own.solution, "scaled"),
        Cell("test_scaled/visible", "visible", own.visible, "scaled"),
        Cell("test_scaled/hidden", "hidden", own.hidden, "scaled"),
    )
    return Chapter("small", cells, (own,), "digest")


def variants(text: str = VARIANTS) -> variant_file.Variants:
    return variant_file.parse("## scaled\n" + text, Path("small.md"), {"scaled": SOLUTION, "other": SOLUTION})


@pytest.fixture(scope="module")
def runner():
    with Runner(workers=2, sandbox=False) as started:
        yield started


def checked(runner, text: str = VARIANTS, **changes) -> Report:
    return validate(chapter(**changes), variants(text), lambda: runner).exercises[0]


def printed(show: Callable[..., None], *shown: object, **options: bool) -> str:
    console = Console(record=True, width=100, file=io.StringIO())
    show(console, *shown, **options)
    return console.export_text()


def test_good_exercise_has_no_misses(runner):
    report = checked(runner)
    assert report.misses == []
    assert report.warnings == []
    assert report.unmoved == []
    assert (report.tried.wrong, report.tried.subtle) == (3, 3)
    assert report.tried.killed == report.tried.mutants > 2
    assert next(row.got for row in report.rows if row.graded == "parameters") == "2 of 2"
    assert [row.graded for row in report.rows] == ROWS
    assert 0 < report.agreeing == report.compared
    assert report.cpu < in_notebook.EXERCISE


def with_claim(body: str) -> dict[str, str]:
    return {"hidden": CLAIM + 'with lab.claim("more"):\n    draw = lab.inputs()\n' + body}


# Each planted fault: what changes in the chapter, the sentences that must report it, and variants other than VARIANTS.
PLANTED = {
    "a claim that only shows a shape": (
        {"hidden": 'with lab.claim("shape"):\n    lab.observe("shape", scaled(torch.ones(3)).shape)\n'},
        [
            "`wrong: the factor is ignored` (small.md:12) gets full marks (seed 20260101 and 23)",
            "a mutant survives, line 2: `return x * factor + 1` became `return x * factor - 1`",
            "replay: the claim 'shape' is earned",
            "constant: the claim 'shape' is earned by zeros",
        ],
    ),
    "inputs that are not drawn": (
        with_claim('    lab.observe("ones", scaled(torch.ones(2, 3)))\n'),
        ["replay: the claim 'more' is earned", "constant: the claim 'more' is earned by random numbers"],
    ),
    "a sample that some draws make too small": (
        with_claim(
            "    n = draw.size(940, 1400)\n"
            '    lab.observe("noise", scaled(torch.rand(n), 1.0) - 1, judge="uniform", low=0, high=1)\n'
        ),
        ["the reference cannot be judged: uniform, 'noise': a distribution is judged on at least 1000 numbers"],
    ),
    "a claim that shows one of its inputs": (
        with_claim('    x, y = draw.randn(4, 5), draw.randn(3)\n    lab.observe("back", (scaled(x) - 1) / 2)\n'),
        ["constant: the claim 'more' is earned by the input"],
    ),
    "a claim that shows zeros of a drawn size": (
        with_claim('    n = draw.sizes(1, 2, 900)[0]\n    lab.observe("difference", scaled(torch.zeros(n)) - 1)\n'),
        ["constant: the claim 'more' is earned by zeros"],
    ),
    "a claim that any number earns": (
        with_claim('    lab.observe("alive", scaled(draw.randn(3)), judge="alive")\n'),
        ["constant: the claim 'more' is earned by random numbers"],
    ),
    "a test that a right answer fails": (
        with_claim('    x = draw.randn(50)\n    lab.observe("bits", scaled(x, 1 / 3), judge="equal")\n'),
        ["`right: addcmul` (small.md:2) loses the claim 'more' (wrong, seed 20260101): bits: expected values"],
        VARIANTS.replace("torch.add(1, x, alpha=factor)", "x / (1 / factor) + 1"),
    ),
    "a right answer that differs for empty input": (
        {},
        ["in an edge case, right: addcmul: "],
        VARIANTS.replace("torch.add(1, x, alpha=factor)", "torch.add(1, x if len(x) else x.double(), alpha=factor)"),
    ),
    "an oracle that disagrees": (
        {},
        ["`oracle` (small.md:7) loses the claim 'values'"],
        VARIANTS.replace("[..., 0] + 1", "[..., 0] + 2"),
    ),
    "a right variant with a forbidden call": (
        {"rules": ("torch.add",)},
        ["`right: addcmul` (small.md:2) makes a forbidden call: line 2 uses torch.add"],
    ),
    "a reference with a forbidden call": (
        {"rules": ("torch.add",), "solution": "def scaled(x, factor=2.0):\n    return torch.add(x * factor, 1)"},
        ["the reference makes a forbidden call: line 2 uses torch.add"],
    ),
    "a released cell that earns": (
        {"stub": SOLUTION},
        ["the released cell earns the claim 'values'", "the released cell runs, so a student starts from a mistake"],
    ),
    "a visible part that stops on the released cell": (
        {"visible": "scaled(torch.ones(1))\n" + VISIBLE},
        ["the visible part stops on the released cell (NotImplementedError"],
    ),
    "a visible check that the reference fails": (
        {"visible": VISIBLE.replace("-1.0", "-2.0")},
        [
            "the reference fails the visible check 'ones'",
            "`right: addcmul` (small.md:2) fails the visible check 'ones'",
        ],
    ),
    "visible checks that no mistake fails": (
        {"visible": "lab.compare(lambda: scaled(torch.ones(2)), torch.full((2,), 3.0), 'ones')"},
        ["the visible checks catch no known mistake"],
    ),
    "mistakes that lose each of several claims": (
        with_claim('    lab.observe("tenfold", scaled(10 * draw.randn(7), 3.0))\n'),
        ["0 subtle wrong variants, 2 are needed", "`wrong: negative values are lost` earns no claim"],
        VARIANTS.replace("x * 2 + 1", "x - 1").replace("(x + 1) * factor - 1", "x + 3"),
    ),
    "no visible check": ({"visible": "print('nothing is compared')"}, ["there is no visible check"]),
    "a name of an earlier cell": (
        {
            "solution": "offset = draw if isinstance(globals().get('draw'), str) else 1\n"
            + SOLUTION.replace("+ 1", "+ offset")
        },
        ["after earlier cells reassigned `inputs x y F draw layer compare`, loses the claim 'values'"],
    ),
    "a check that overwrites a helper": (
        {"visible": f"both = 2\n{VISIBLE}"},
        ["the reference, with helpers named like what its test cell binds, after"],
    ),
    "a reference that is not the same twice": (
        {"solution": "import os\n" + SOLUTION.replace("+ 1", "+ int.from_bytes(os.urandom(2), 'big')")},
        ["the reference, run twice under the seed 20260101, loses the claim 'values'"],
    ),
    "a reference that raises in its claim": (
        with_claim('    lab.observe("never", scaled(None))\n'),
        ["the claim 'more' fails for the reference: TypeError"],
    ),
    "a claim that observes nothing": (with_claim("    scaled(draw.randn(3))\n"), ["observes nothing"]),
    "a test that stops before its claim": (
        {"hidden": "undefined\n" + CLAIM},
        ["the claim 'values' is never opened by the reference: the hidden part raised NameError"],
    ),
    "a judge that there is not": (
        with_claim('    lab.observe("y", scaled(draw.randn(3)), judge="clsoe")\n'),
        ["asks for the judge 'clsoe'"],
    ),
    "an equivalent that is killed": (
        {},
        ["stale: the equivalent `return x * factor - 1` (small.md:38) is killed"],
        VARIANTS + "### equivalent: `return x * factor - 1`\nIt is not.\n",
    ),
    "an equivalent that is no mutant": (
        {},
        ["stale: the equivalent `return x` (small.md:38) is no mutant"],
        VARIANTS + "### equivalent: `return x`\nIt is not.\n",
    ),
    "wrong variants that anyone sees": (
        {},
        [
            "1 subtle wrong variants, 2 are needed",
            "`wrong: the factor is ignored` has another shape, or values that are not finite, in 'default factor'",
        ],
        VARIANTS.replace("x * 2 + 1", "x.sum()").replace("(x + 1) * factor - 1", "x / 0"),
    ),
    "a mistake in a value that a notebook's sample lacks": (
        with_claim('    lab.observe("many", scaled(draw.randn(2000)))\n'),
        ["in a notebook, `wrong: the third of many` loses nothing"],
        VARIANTS + variant("wrong: the third of many", f"x * factor + 1 + {THIRD}", "The third value is too large."),
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_planted_fault_is_reported(runner, fault):
    changes, sentences, *text = PLANTED[fault]
    misses = checked(runner, *text, **changes).misses
    for sentence in sentences:
        assert any(sentence in miss for miss in misses), misses


@pytest.mark.parametrize(
    ("hidden", "took", "misses"),
    [
        (CLAIM, 1.0, []),
        (CLAIM, 1.2, ["the claims take 1.20 s of CPU, more than 1: draw smaller sizes, or repeat less"]),
        (f"{CLAIM}    lab.task('digits')\n", 3.9, []),
        (f"{CLAIM}    lab.task('digits')\n", 4.1, ["the claims take 4.10 s of CPU, more than 4: draw smaller"]),
    ],
)
def test_slow_claims_are_a_miss(hidden, took, misses):
    row = in_notebook.speed_row(chapter(hidden=hidden).exercises[0], took)
    assert len(row.misses) == len(misses)
    assert all(said in miss for said, miss in zip(misses, row.misses, strict=True))


def test_time_of_claims_is_that_of_their_fastest_run(runner):
    first = "if not hasattr(lab, 'ran'):\n    lab.ran = sum(n * n for n in range(10_000_000))\n"
    timed = chapter(hidden=first + CLAIM)
    steady = chapter(hidden="sum(n * n for n in range(1_500_000))\n" + CLAIM)
    assert in_notebook.timed(timed, timed.tested, runner)["scaled"] < 0.3
    assert in_notebook.timed(steady, steady.tested, runner)["scaled"] > 0.03


def test_chapter_with_slow_claims_is_a_miss():
    assert in_notebook.slowness({}) == in_notebook.slowness({"scaled": 3.0, "other": 2.9}) == []
    (miss,) = in_notebook.slowness({"scaled": 3.0, "other": 3.1})
    assert miss.startswith("the claims take 6.1 s of CPU in all, more than 6; those of other")


def test_cell_below_an_answer_may_not_bind_its_name_again():
    small = chapter()
    below = replace(small, cells=(*small.cells, Cell("below", "provided", "scaled = 2")))
    assert in_notebook.chapter_misses(small, []) == []
    assert in_notebook.chapter_misses(below, []) == [
        "below scaled, a cell binds `scaled` again: choose another name there"
    ]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (WRONG.removesuffix(CLAMPED), ["no right variant", "no oracle", "2 wrong variants, 3 are needed"]),
        (
            VARIANTS.replace(RIGHT, variant("right: renamed", "t * factor + 1").replace("(x", "(t")),
            ["`right: renamed` (small.md:2) is the reference under other names"],
        ),
        (
            VARIANTS + variant("wrong: two", "x * 2 + 1", "The factor is always 2.").replace("factor=", "k="),
            ["`wrong: two` (small.md:38) is the code of `wrong: the factor is ignored`"],
        ),
        (VARIANTS, []),
    ],
)
def test_incomplete_variants_are_reported_without_running(text, sentences):
    misses = structure(chapter().exercises[0], variants(text)).misses
    assert len(misses) == len(sentences)
    for miss, sentence in zip(misses, sentences, strict=True):
        assert sentence in miss


def test_peculiar_exercise_has_no_misses(runner):
    """It has equivalent mutants, a faulty start, two mistakes alike, and an observation that no mistake changes."""
    text = VARIANTS + variant("wrong: twice", "x + x + 1", "The factor is ignored.")
    text += "### faulty start\nThe sign of the offset is wrong.\n"
    text += "### equivalent: `return x * factor + 1 if x.numel() >= 0 else x`\nNo input is empty.\n"
    text += "### equivalent: `return x * factor + 1 if x.numel() > 1 else x`\nDrawn inputs hold four at least.\n"
    copied = CLAIM + '    lab.observe("is x as it was?", torch.equal(x.clone(), x))\n'
    solution, stub = SOLUTION + " if x.numel() > 0 else x", SOLUTION.replace("+ 1", "- 1")
    report = checked(runner, text, solution=solution, stub=stub, hidden=copied)
    assert report.misses == []
    assert (report.tried.wrong, report.tried.equivalent) == (5, 2)
    assert report.tried.killed == report.tried.mutants - 2
    assert "`wrong: the factor is ignored` and `wrong: twice` observe the same" in report.warnings[0]
    assert report.unmoved == ["nothing moves 'is x as it was?' of the claim 'values'"]
    assert "1 of 3 observations that nothing moved" in printed(show, ChapterReport("small", [report]))


def test_hanging_mutant_is_killed_within_seconds(runner):
    solution = "def scaled(x, factor=2.0):\n    n = 0\n    while n < 1:\n        n = n + 1\n    return x * factor + n"
    text = VARIANTS + "### equivalent: `n = 1`\nThe loop ends with n = 1; it may begin with it too.\n"
    began = time.monotonic()
    report = checked(runner, text, solution=solution)  # the mutant `n = n - 1` never ends
    assert report.misses == []
    assert report.tried.killed == report.tried.mutants - 1
    assert 2.0 < time.monotonic() - began < 30.0


def test_one_mistake_cannot_serve_two_exercises():
    misses = chapter_misses(variants(WRONG + "## other\n" + WRONG))
    assert len(misses) == 3
    assert any("is the code of `wrong: negative values are lost` of scaled" in miss for miss in misses)


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        (
            "def f(a, b=1):\n    c = a + b\n    return c",
            "def f(x, y=1):\n    # words\n    z = x + y\n    return z",
            True,
        ),
        ("def f(a: int) -> int:\n    'words'\n    return a", "def f(a):\n    return a", True),
        (
            "class A:\n    def g(self, n):\n        self.n = n",
            "class A:\n    def g(self, m):\n        self.m = m",
            True,
        ),
        ("y = torch.sum(x)", "y = torch.mean(x)", False),
        ("def f(a, b):\n    return a - b", "def f(a, b):\n    return b - a", False),
        ("def f(a):\n    return a.t()", "def f(a):\n    return a.mT", False),
    ],
)
def test_normalised_keeps_operations_but_ignores_names(first, second, alike):
    assert (normalised(first) == normalised(second)) is alike


def test_unchanged_exercise_is_not_run_again(runner, tmp_path):
    def must_not_start():
        raise AssertionError("there is nothing to run")

    kept = Cache(tmp_path)
    first = validate(chapter(), variants(), lambda: runner, kept)
    again = validate(chapter(), variants(), must_not_start, kept)
    assert again.exercises[0].is_cached
    assert replace(again.exercises[0], is_cached=False) == first.exercises[0]
    with pytest.raises(AssertionError, match="nothing to run"):
        validate(chapter(visible=VISIBLE + "\n"), variants(), must_not_start, kept)
    reworded = validate(chapter(), variants(VARIANTS.replace("always 2", "always two")), must_not_start, kept)
    assert reworded.exercises[0].is_cached
    with pytest.raises(AssertionError, match="nothing to run"):
        validate(chapter(), variants(VARIANTS.replace("x * 2 + 1", "2 * x + 1")), must_not_start, kept)


def test_table_with_a_miss_is_not_cached(runner, tmp_path):
    kept = Cache(tmp_path)
    validate(chapter(), variants(WRONG), lambda: runner, kept)
    assert list(tmp_path.iterdir()) == []


def soaked(own, listed, runner, seeds):
    return validate_soak.soak(own, own.exercises, listed, runner, seeds)["scaled"]


def test_clean_soak_is_cached_by_seeds_and_variants(tmp_path):
    own, kept, row = chapter(), Cache(tmp_path), Row("soak", "the same, 30 seeds", "33 of 33, 9 of 9 lose")
    (exercise,) = own.exercises
    kept.put_soak(own, exercise, variants(), 30, row)
    assert kept.get_soak(own, exercise, variants(), 30) == row
    assert kept.get_soak(own, exercise, variants(), 40) is None
    assert kept.get_soak(own, exercise, variants(WRONG), 30) is None
    assert kept.get(own, exercise, variants()) is None, "a soak is no table"
    kept.put_soak(own, exercise, variants(WRONG), 30, replace(row, misses=["one"]))
    assert kept.get_soak(own, exercise, variants(WRONG), 30) is None, "what missed is run again"


def test_changed_chapters_are_due_at_once_and_others_in_turn():
    names = [f"chapter_{at:02}" for at in range(25)]
    today, days = dict.fromkeys(names, "new"), [date(2026, 1, 1) + timedelta(at) for at in range(cache.TURNS)]
    before = dict.fromkeys(names, "old")
    assert sorted(name for day in days for name in cache.due(before, today, (), day)) == names
    assert cache.due(before, today, names, days[0]) == names
    assert cache.due(today, today, names, days[0]) == [], "they passed as they are today"
    assert cache.due({}, today, names[:1], days[1])[0] == names[0]


def test_chapter_key_changes_with_code_exercises_or_variants():
    own, listed = chapter(), variants()
    key = cache.chapter_key("code", own, listed)
    assert key == cache.chapter_key("code", chapter(), variants())
    (exercise,) = own.exercises
    wrong = listed.wrong(exercise.name)[0]
    others = tuple(replace(cell, source=f"{cell.source}\n# more") if cell is wrong else cell for cell in listed.cells)
    changed = [
        cache.chapter_key("other code", own, listed),
        cache.chapter_key("code", replace(own, exercises=(replace(exercise, hidden=exercise.hidden + "\n"),)), listed),
        cache.chapter_key("code", own, replace(listed, cells=others)),
    ]
    assert len({key, *changed}) == 4
    reworded = tuple(replace(cell, sentence=f"{cell.sentence} More.") for cell in listed.cells)
    assert cache.chapter_key("code", own, replace(listed, cells=reworded)) == key


def test_soak_counts_seeds_and_names_first_bad_seed(runner):
    unjust = (
        CLAIM + 'with lab.claim("more"):\n    n = lab.inputs().size(0, 1)\n    lab.observe("n", n / scaled(n * 1.0))\n'
    )
    right = RIGHT.replace("torch.add(1, x, alpha=factor)", "x * factor + 1 if isinstance(x, torch.Tensor) else 1")
    row = soaked(chapter(hidden=unjust), variants(right + WRONG), runner, 40)
    assert row.got.endswith("12 of 12 lose")
    assert len(row.misses) == 1
    assert "`right: addcmul` loses a claim in" in row.misses[0]
    assert "of 40 seeds (seed 50" in row.misses[0]
    good = soaked(chapter(), variants(), runner, 30)
    assert (good.got, good.misses) == ("33 of 33, 9 of 9 lose", [])


def test_soak_includes_mutants_of_a_trained_network():
    path = KINDS / "open" / "text.md"
    own = chapters.load(path)
    listed = variant_file.load(own, variant_file.path_of(path))
    (exercise,) = own.exercises
    equivalent = {variant.title for variant in listed.equivalents(exercise.name)}
    found = validate_soak._soaked(exercise, listed, 2)
    lines = {label.split(": ", 1)[1]: t for label, t in found.tallies.items() if t.is_mutant}
    assert equivalent < set(lines), "killed ones and equivalent ones"
    assert {line for line, tally in lines.items() if not tally.must_lose} == equivalent
    chance = validate_soak.Tally("mutant, line 9: lr=1.01", must_lose=True, is_mutant=True, runs=10, wrongly=8)
    assert "gets full marks in 8 of 10 seeds" in validate_soak._miss(chance)
    assert "write the solution so that" in validate_soak._miss(chance)
    assert "write the solution so that" not in validate_soak._miss(replace(chance, is_mutant=False))


@pytest.fixture(scope="module")
def of_two_claims(runner):
    """Return a chapter whose exercise has two claims, and its known mistakes."""
    second = (
        'with lab.claim("another"):\n    draw = lab.inputs()\n    x = draw.randn(3)\n'
        '    lab.observe("positive", scaled(x.abs(), 3.0))\n    lab.observe("another'
    )
    own = chapter(hidden=CLAIM.replace('    lab.observe("another', second))
    return own, KnownMistakes(runner, own, variants())


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        # Each lost claim, and the mistake that is named for it.
        ("return 2 * x + 1", {"another": "the factor is ignored"}),
        ("return factor * (1 + x) - 1", {"another": "one is added before the product"}),
        ("return factor * x.relu() + 1", dict.fromkeys(["values", "another"], "negative values are lost")),
        ("return x", {"values": None, "another": None}),
        ("raise NotImplementedError", {"values": None, "another": None}),
        ("return x * factor + 1", {}),
        # The mistake loses the other claim, too, but this answer earns it.
        ("return (x.relu() if factor == 2 else x) * factor + 1", {"values": None}),
        # In the first claim, this answer is wrong in a different way.
        ("return x * 2 + (1.5 if factor == 2 else 1)", {"values": None, "another": "the factor is ignored"}),
    ],
)
def test_student_is_told_the_mistake_with_equal_observations(runner, of_two_claims, answer, lost):
    own, mistakes = of_two_claims
    sources = (SOLUTION, f"def scaled(x, factor=2.0):\n    {answer}")
    asked = [Branch("scaled", str(n), source, PUBLIC.seed, record_draws=True) for n, source in enumerate(sources)]
    expected, got = (branch.run for branch in runner.branches(own, asked, PUBLIC))
    assert lost.keys() == {v.claim for v in judged(own.exercises[0], expected, got, PUBLIC) if not v.earned}
    named = mistakes.explaining(own.exercises[0], got)
    assert {claim: variant.title for claim, variant in named.items()} == {c: m for c, m in lost.items() if m}


ROW = Row("oracle", "full marks", "0 of 1", ["`oracle` loses [this]"])
MISSED = Report("shifted", 5, rows=[ROW], warnings=["two [are] alike"])


def test_tables_show_misses_warnings_and_counts():
    chapter_report = ChapterReport("small", [MISSED], ["no exercise `third`"], 1.25)
    text = printed(show, chapter_report)
    assert "miss `oracle` loses [this]" in text
    assert "warning two [are] alike" in text
    assert "1 exercises, 0 wrong variants (0 subtle), no mutants, 1.2 s: 2 missed" in text

    lines = [line.strip() for line in printed(show_misses, [chapter_report, ChapterReport("large", [])]).splitlines()]
    assert lines[0] == "2 missed in all:"
    assert lines[1:] == ["miss small, no exercise `third`", "miss small, shifted: `oracle` loses [this]"]

    tried = Tried(right=2, wrong=9, subtle=7, mutants=12, killed=10, equivalent=2)
    report = Report("scaled", 6, difficulty=3, minutes=15, claims=4, observations=21, tried=tried)
    brief = printed(show, ChapterReport("small", [report, MISSED]), is_brief=True)
    lines = [line.split() for line in brief.splitlines()]
    assert ["scaled", "3", "15", "6", "4", "21", "2", "9", "7", "12/12"] in lines
    assert ["small", "·", "shifted", "(5", "points)"] in lines
    assert ["small", "·", "scaled", "(6", "points)"] not in lines


def test_impossible_rule_is_reported_before_running():
    with pytest.raises(
        ValueError, match=r"scaled: the rule 'torch\.optim\.sgd' names a module: write .* torch\.optim\.sgd\.SGD"
    ):
        validate(chapter(rules=("torch.optim.sgd",)), variants(), lambda: pytest.fail("it was run"))


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("--due", 0, "0 of 0 chapters passed as they are today"),
        ("nowhere", 2, "there is no chapter 'nowhere'"),
        ("[b]/text.md", 2, "no chapter can be called '[b]'"),
    ],
)
def test_course_without_exercises_or_a_missing_chapter_runs_nothing(tmp_path, monkeypatch, asked, status, said):
    for words in (Course(tmp_path).text("words"), tmp_path / "[b]" / "text.md"):
        words.parent.mkdir(parents=True)
        words.write_text("# Only words\n\nNo exercise.\n")
    monkeypatch.chdir(tmp_path)
    assert said in typed("validate", asked, status=status)


def test_untested_bullet_is_reported():
    exercise = replace(
        chapter().exercises[0],
        bullets=(Bullet("tested", ("values",)), Bullet("promised " * 20, ()), Bullet("never lost", ("shape", "dtype"))),
    )
    promised, never = untested(exercise, Report("scaled", 2, lost={"sum": ["values"], "product": ["values", "size"]}))
    assert promised.startswith("scaled: no claim is named by the bullet 'promised ")
    assert len(promised) < 250
    assert never.startswith("scaled: no wrong answer loses what tests the bullet 'never lost': list a mistake")
