"""Save the corpus's figures in ``benchmarks/corpus.json``, and show them on the page about isolation."""

import datetime
import importlib.metadata
import json
import platform
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.corpus import counted
from tests.corpus.case import Case
from tests.root import ROOT

FILE = ROOT / "benchmarks" / "corpus.json"
PAGE = ROOT / "ISOLATION.md"
BLOCK = re.compile(r"(<!-- corpus -->\n).*?(<!-- end -->)", re.DOTALL)
KINDS = ("unearned", "lost", "harm", "stopped", "went on")  # what `Outcome.through` returns: one word per case


@dataclass(frozen=True)
class Row:
    """A class of cases, and how many of them got through each grader, by kind."""

    name: str
    cases: int
    counted: int
    nbgrader: dict[str, int]
    ours: dict[str, int]


def rows(chosen: Sequence[Case], ours: Sequence[str], theirs: Sequence[str]) -> list[Row]:
    """Return the rows of the table from `Outcome.through` of each case in our grader and in stock nbgrader."""
    known = counted.counted()
    found = list(zip(chosen, ours, theirs, strict=True))
    made = []
    for group in dict.fromkeys(case.group for case in chosen):
        those = [(case, own, their) for case, own, their in found if case.group == group]
        by_nbgrader = _counts([their for *_, their in those])
        by_us = _counts([own for _, own, _ in those])
        made.append(Row(group, len(those), sum(case in known for case, *_ in those), by_nbgrader, by_us))
    return made


def _counts(words: Sequence[str]) -> dict[str, int]:
    found = Counter(words)
    return {kind: found[kind] for kind in KINDS}


def write(made: Sequence[Row]) -> None:
    """Save the figures, and update the page."""
    versions = {name: importlib.metadata.version(name) for name in ("torch", "nbgrader", "ipykernel")}
    content = {
        "date": datetime.date.today().isoformat(),
        "versions": {"Python": platform.python_version(), **versions},
        "classes": [asdict(row) for row in made],
    }
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(content, indent=1) + "\n")
    PAGE.write_text(with_table(PAGE.read_text(), content))


def with_table(page: str, content: Mapping[str, Any]) -> str:
    """Return the page with the table of these figures."""
    return BLOCK.sub(lambda found: f"{found[1]}{_table(content)}{found[2]}", page)


def _table(content: Mapping[str, Any]) -> str:
    classes = [Row(**found) for found in content["classes"]]
    versions = ", ".join(f"{name} {version}" for name, version in content["versions"].items())
    lines = [
        "| class | cases | points without an answer | honest points lost | harm | not graded | through this grader |",
        "|---|--:|--:|--:|--:|--:|--:|",
        *(_line(row.name, row.cases, row.nbgrader, row.ours) for row in classes),
        _line("**all**", sum(row.cases for row in classes), _sum(classes, "nbgrader"), _sum(classes, "ours")),
    ]
    cases, those = sum(row.cases for row in classes), sum(row.counted for row in classes)
    say = (
        f"The four columns in the middle are those of stock nbgrader. {those} of the {cases} cases count; the others "
        f"are controls. Run on {content['date']} with {versions}."
    )
    return "\n".join([*lines, "", say, ""])


def _line(name: str, cases: int, theirs: Mapping[str, int], ours: Mapping[str, int]) -> str:
    middle = [theirs[kind] for kind in ("unearned", "lost", "harm", "stopped")]
    return f"| {' | '.join(map(str, [name, cases, *middle, sum(ours.values())]))} |"


def _sum(classes: Sequence[Row], grader: str) -> Counter[str]:
    return sum((Counter(getattr(row, grader)) for row in classes), Counter())
