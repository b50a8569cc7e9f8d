"""Report benchmark results as lines of text, JSON, and a plot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from autograder.benchmark.classes import Figures, Parts, Timing
from autograder.recording.whole_files import replace_text

DATA, PICTURE = "grader.json", "grader.svg"
QUIET = 0.1  # share of the machine that other programs may use before the report mentions it


def last_step(figures: Figures) -> str:
    """Return a one- or two-line summary of the benchmark's last step."""
    if figures.timings:
        t = figures.timings[-1]
        said = (
            f"{t.students:5} submissions, {t.workers} at a time: {t.each:.3f} s each, {figures.ratio(t):.1f} times "
            f"nbgrader, {figures.of_limit(t):.2f} of the limit; whole command {t.whole:.1f} s, "
            f"{figures.ratio_of_all(t):.1f} times; driver {t.parent_mb:.0f} MiB"
        )
    elif figures.submission_mb:
        said = (
            f"one submission, {figures.submission_mb:.0f} MiB: {figures.parts.run:.3f} s with walls, "
            f"{figures.unwalled:.3f} s without, {figures.parts.of_limit:.2f} of the limit"
        )
    else:
        said = f"nbgrader autograde: {figures.nbgrader_each:.3f} s a submission"
    if figures.others > QUIET:
        said += f" (other programs used up to {figures.others:.0%} of the machine: measure again when it is quiet)"
    return f"{figures.chapter}: {said}"


def where(found: Sequence[Figures]) -> Table:
    """Return a table of how the time per submission is spent, in milliseconds, with the slowest chapter first.

    The last two columns are for the largest class: its throughput relative to nbgrader's, and the upper limit of this
    ratio, which the grader would reach if only answers and tests took time. The limit depends on the chapter's
    exercises, not on the grader.
    """
    table = Table(title="Where one submission's time goes, in milliseconds", box=SIMPLE, collapse_padding=True)
    for heading in ("chapter", *(part.name for part in fields(Parts)), "limit", "× nbgrader", "at the limit"):
        table.add_column(heading, justify="left" if heading == "chapter" else "right", no_wrap=True)
    for figures in sorted(found, key=slowness):
        parts = [f"{1000 * value:.0f}" for value in asdict(figures.parts).values()]
        ratios = ", ".join(f"{figures.ratio(t):.1f}" for t in largest(figures))
        most = ", ".join(f"{figures.ratio_at_limit(t):.1f}" for t in largest(figures))
        table.add_row(figures.chapter, *parts, f"{figures.parts.of_limit:.2f}", ratios, most)
    return table


def slowness(figures: Figures) -> float:
    """Return the sort key of a chapter: its lowest throughput relative to nbgrader's."""
    return min((figures.ratio(t) for t in largest(figures)), default=0.0)


def largest(figures: Figures) -> list[Timing]:
    """Return the timings of the largest class, starting with the fewest workers."""
    most = max((t.students for t in figures.timings), default=0)
    return sorted((t for t in figures.timings if t.students == most), key=lambda t: t.workers)


def read(folder: Path) -> dict[str, Figures]:
    """Return the saved figures by chapter, or an empty dict if there is no file."""
    if not (folder / DATA).exists():
        return {}
    return {name: Figures.of(kept) for name, kept in json.loads((folder / DATA).read_text(encoding="utf-8")).items()}


def write(found: Sequence[Figures], folder: Path) -> tuple[Path, Path]:
    """Add these figures to other chapters' saved figures, plot all of them, and return the paths of data and plot."""
    every = read(folder) | {figures.chapter: figures for figures in found}
    kept = {name: asdict(every[name]) for name in sorted(every)}
    data, picture = replace_text(folder / DATA, json.dumps(kept, indent=1) + "\n"), folder / PICTURE
    _draw([figures for figures in every.values() if figures.timings], picture)
    return data, picture


def _draw(found: Sequence[Figures], path: Path) -> None:
    """Plot each chapter's throughput relative to nbgrader's and to the upper limit, with the slowest chapter on top."""
    import matplotlib.pyplot as plt

    rows = sorted(found, key=slowness, reverse=True)
    fig, axes = plt.subplots(1, 2, figsize=(8, 0.8 + 0.28 * max(4, len(rows))), sharey=True)
    for count, marker in ((1, "o"), (2, "s"), (4, "^")):
        points = [(figures, t, row) for row, figures in enumerate(rows) for t in largest(figures) if t.workers == count]
        if points:
            places = [row for *_, row in points]
            label = f"{count} at a time"
            axes[0].plot([figures.ratio(t) for figures, t, _ in points], places, marker, label=label)
            axes[1].plot([figures.of_limit(t) for figures, t, _ in points], places, marker, label=label)
    axes[1].plot([figures.parts.of_limit for figures in rows], range(len(rows)), "|", color="0.3", label="alone")
    _dress(axes, rows)
    fig.tight_layout()
    fig.savefig(path, metadata={"Date": None})
    plt.close(fig)


def _dress(axes: Any, rows: Sequence[Figures]) -> None:
    axes[0].set(xlabel="times stock nbgrader's throughput", xlim=(0, None))
    axes[0].set_yticks(range(len(rows)), [figures.chapter for figures in rows])
    axes[1].set(xlabel="share of the time that answers and tests take", xlim=(0, 1.05))
    for ax in axes:
        ax.grid(axis="x", color="0.9")
        ax.set_axisbelow(True)
    if rows:
        axes[1].legend(loc="lower left", fontsize=8)
        most = max(t.students for t in rows[0].timings)
        axes[0].set_title(f"classes of {most}, {rows[0].machine}", fontsize=9)
