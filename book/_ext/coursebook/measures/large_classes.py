"""Show how many machines and hours a class needs, as measured by `autograder bench` or computed for other sizes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from autograder.benchmark import capacity_data
from autograder.benchmark.capacity_data import Capacity
from coursebook import notebooks
from coursebook.markup.tables import table

BENCHMARKS, COSTS = "benchmarks", "grader.json"
CLASSES = (100, 10_000, 100_000)
PROCESSORS = 8  # in one machine
NIGHT = 8  # hours
ASSUMED = (
    "Assumed: one submission per student; machines with {processors} processors, each as fast as the measured ones; one"
    " worker per processor; no worker ever waits. A night has {night} hours. Everything in this table is computed."
)


@dataclass(frozen=True)
class Cost:
    """The cost of grading one chapter, as measured by the benchmark, in seconds."""

    chapter: str
    date: str
    machine: str
    students: int  # in the measured class
    each: float  # of one processor, per submission
    before: float  # until the first result
    recording: float  # per submission; only the driver records

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Cost:
        """Return the cost from a chapter's figures, measured while every processor of the machine was busy."""
        timing = max(kept["timings"], key=lambda one: (one["students"], one["workers"]))
        each = timing["each"] * timing["workers"]
        about = kept["chapter"], kept["date"], kept["machine"], timing["students"]
        return cls(*about, each, timing["before"], kept["parts"]["recording"])

    def hours(self, students: int, machines: int = 1) -> float:
        """Return how many hours a class takes on processors of the measured speed; the driver can be the bottleneck."""
        together = self.each / (machines * PROCESSORS)
        return (self.before + students * max(together, self.recording)) / 3600

    def machines(self, students: int) -> int:
        """Return how many machines are needed to grade a class in one night, or 0 if the driver alone takes longer."""
        left = NIGHT * 3600 - self.before
        return 0 if students * self.recording > left else ceil(students * self.each / (left * PROCESSORS))


class CourseCapacity(SphinxDirective):
    """``{course-capacity} measured``, ``chapters``, or ``classes``: a paragraph on the large class, or a table."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the requested part, or nothing if nothing was measured."""
        folder = Path(self.env.srcdir, BENCHMARKS)
        for name in (COSTS, capacity_data.DATA):
            self.env.note_dependency(str(folder / name))
        found, costs = capacity_data.read(folder), _costs(folder)
        if not found or not costs:
            return []
        largest = max(found, key=lambda one: one.students)
        ways = {
            "measured": lambda: said(largest, self._title(largest.chapter)),
            "chapters": lambda: chapters([(self._title(cost.chapter), cost) for cost in costs]),
            "classes": lambda: classes([(self._title(cost.chapter), cost) for cost in (costs[0], costs[-1])], largest),
        }
        if self.arguments[0] not in ways:
            raise self.error(f"{self.arguments[0]!r} is none of {', '.join(ways)}")
        return [nodes.raw("", ways[self.arguments[0]](), format="html")]

    def _title(self, chapter: str) -> str:
        return notebooks.of_page(self.env.srcdir, f"notebooks/{chapter}/{chapter}").title or chapter


def _costs(folder: Path) -> list[Cost]:
    """Return the measured cost of each chapter, cheapest first."""
    path = folder / COSTS
    kept = json.loads(path.read_text(encoding="utf-8")).values() if path.exists() else []
    return sorted((Cost.of(one) for one in kept), key=lambda cost: cost.each)


def said(run: Capacity, title: str) -> str:
    """Return a paragraph about the large class that was measured."""
    again = f" An earlier run that was stopped had graded {run.kept:,} of them." if run.kept else ""
    sizes = {"graded notebooks": "autograded", "feedback pages": "feedback", "reports": "reports"}
    parts = [f"{run.folders_mb[part]:,.0f} MiB of {name}" for name, part in sizes.items()]
    return (
        f"<p>On {run.date}, one command graded {run.graded:,} submissions of <em>{escape(title)}</em>, all different, "
        f"on a machine with {run.processors} processors ({escape(run.machine)}).{again} It took "
        f"{lasting(run.whole)}: {run.graded / run.whole:.1f} submissions a second, each with "
        f"{run.cpu / run.graded:.2f} s of processor time. Other programs used the machine, too: a computation that "
        f"takes 1 s on two quiet processors took {run.workload:.1f} s. The driver's memory reached "
        f"{run.points[-1].driver_mb:,.0f} MiB. The class left a gradebook of "
        f"{run.gradebook_mb:,.1f} MiB, {', '.join(parts[:-1])}, and {parts[-1]}.</p>"
    )


def chapters(costs: Sequence[tuple[str, Cost]]) -> str:
    """Return a table of each chapter's cost per submission, cheapest first."""
    rows = [(escape(title), f"{cost.each:.2f} s", f"{3600 / cost.each:,.0f}", cost.date) for title, cost in costs]
    machines = sorted({cost.machine for _, cost in costs})
    sizes = " or ".join(str(size) for size in sorted({cost.students for _, cost in costs}))
    words = f"<p>Measured on a quiet machine ({escape('; '.join(machines))}), in classes of {sizes}.</p>"
    return table(("Chapter", "Processor time each", "An hour, per processor", "Measured"), rows) + words


def classes(costs: Sequence[tuple[str, Cost]], run: Capacity) -> str:
    """Return a table of the machines, time, and space that classes of different sizes need for these chapters."""
    rows = [
        (
            f"{students:,}",
            escape(title),
            lasting(3600 * cost.hours(students)),
            f"{cost.machines(students) or 'none can'}",
            lasting(students * cost.recording),
            memory(run, students),
            f"{disk(run, students):,.1f} GiB",
            f"{run.gradebook_mb * students / run.students:,.0f} MiB",
        )
        for students in CLASSES
        for title, cost in costs
    ]
    heads = (
        "Students", "Chapter", "One machine", "Machines for a night", "Recording alone", "Driver's memory",
        "Disk", "Gradebook",
    )  # fmt: skip
    return table(heads, rows) + f"<p>{ASSUMED.format(processors=PROCESSORS, night=NIGHT)}</p>"


def memory(run: Capacity, students: int) -> str:
    """Return the driver's memory for a class, extrapolated linearly; "not measured" if only one point was measured."""
    first, last = run.points[0], run.points[-1]
    if first.results == last.results:
        return "not measured"
    slope = (last.driver_mb - first.driver_mb) / (last.results - first.results)
    return f"{last.driver_mb + slope * (students - last.results):,.0f} MiB"


def disk(run: Capacity, students: int) -> float:
    """Return the disk space in GiB that a class takes, including its submissions."""
    return (run.gradebook_mb + sum(run.folders_mb.values())) * students / run.students / 1024


def lasting(seconds: float) -> str:
    """Return a duration in the unit that fits: "12 s", "35 min", "9.7 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
