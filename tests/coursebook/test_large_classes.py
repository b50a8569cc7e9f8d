"""Test that every number on the page *Large classes* comes from a measurement, or is computed from one."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest

from autograder.benchmark.bench_report import QUIET
from coursebook.measures import large_classes
from coursebook.measures.large_classes import Cost
from tests.commands.test_capacity import RUN
from tests.root import ROOT

COST = Cost("lazy", "2000-01-01", "2 cores", 24, each=0.36, before=36.0, recording=0.01)


def figures(name: str):
    return json.loads((ROOT / "benchmarks" / name).read_text())


@pytest.fixture(scope="module")
def page(public_site) -> str:
    return html.unescape((public_site / "book" / "capacity.html").read_text())


def test_page_shows_the_measured_class(page: str) -> None:
    run = max(figures("capacity.json"), key=lambda one: one["students"])
    graded = run["students"] - run["kept"]
    assert f"one command graded {graded:,} submissions" in page
    assert f"{graded / run['whole']:.1f} submissions a second" in page
    assert f"{run['cpu'] / graded:.2f} s of processor time" in page
    assert f"a gradebook of {run['gradebook_mb']:,.1f} MiB" in page
    assert f"memory reached {run['points'][-1]['driver_mb']:,.0f} MiB" in page


def test_page_lists_measured_cost_of_every_chapter(page: str) -> None:
    sizes = set()
    for one in figures("grader.json").values():
        timing = max(one["timings"], key=lambda each: (each["students"], each["workers"]))
        assert f"<td>{timing['each'] * timing['workers']:.2f} s</td>" in page, one["chapter"]
        sizes.add(timing["students"])
    assert f"in classes of {' or '.join(map(str, sorted(sizes)))}." in page


def test_machine_was_quiet_as_the_page_says() -> None:
    assert [one["chapter"] for one in figures("grader.json").values() if one["others"] > QUIET] == []


def test_prose_holds_no_typed_measurement() -> None:
    prose = re.sub(r"```.*?```", "", (ROOT / "book" / "capacity.md").read_text(), flags=re.DOTALL)
    assert set(re.findall(r"\d[\d,.]*", prose)) <= {"10,000", "100,000"}


def test_hours_and_machines_follow_from_the_cost() -> None:
    assert COST.hours(10_000) == pytest.approx((36 + 10_000 * 0.36 / 8) / 3600)
    assert COST.hours(10_000, machines=1000) == pytest.approx((36 + 10_000 * 0.01) / 3600)  # the driver is the slowest
    assert COST.machines(100) == 1
    assert COST.machines(1_000_000) == 2
    assert COST.machines(10_000_000) == 0


def test_sizes_beyond_the_measured_are_continued() -> None:
    assert large_classes.memory(RUN, 1000) == "445 MiB"
    assert large_classes.memory(RUN, 100_000) == "5,395 MiB"  # 445 + 99,000 * 45 / 900
    assert large_classes.memory(replace(RUN, points=RUN.points[-1:]), 100) == "not measured"
    assert large_classes.disk(RUN, 2000) == pytest.approx(2 * (6.5 + 280) / 1024)
    rows = large_classes.classes([("Lazy", COST), ("Slow", replace(COST, each=3.6))], RUN)
    assert '<tr><th scope="row">10,000</th><td>Lazy</td><td>8 min</td><td>1</td><td>2 min</td>' in rows
    assert "<td>Slow</td><td>12.5 h</td><td>2</td>" in rows
