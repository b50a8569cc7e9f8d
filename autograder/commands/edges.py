"""`python -m autograder edges`: check that an exercise's right answers agree on inputs that its statement allows."""

from __future__ import annotations

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.commands.texts import texts
from autograder.course import name_of
from autograder.texts import chapter as chapters
from autograder.texts import variants as variant_file
from autograder.validation.edges.edge_data import Found, answers
from autograder.validation.edges.processes import searched


@click.command("edges")
@click.argument("chapters_given", metavar="[CHAPTER|TEXT.md]...", nargs=-1)
@click.option("--exercise", "only", help="Only this exercise.")
@click.option("--examples", type=click.IntRange(1), help="Cases for each exercise, instead of the number in its entry.")
def command(chapters_given: tuple[str, ...], only: str | None, examples: int | None) -> None:
    """Sample edge cases for each exercise and compare its right answers on them.

    Without arguments, run every chapter in book/chapters. The exit status is 1 if any two right answers disagree.
    """
    console, total, missing = Console(), Found("in all"), 0
    disagreements: list[str] = []
    table = Table(box=None, pad_edge=False)
    for header in ("exercise", "answers", "drawn", "disagree", "seconds"):
        table.add_column(header, header_style="dim", justify="left" if header == "exercise" else "right")
    for path in texts(chapters_given):
        try:
            chapter = chapters.load(path)
            variants = variant_file.load(chapter, variant_file.path_of(path)) if chapter.exercises else None
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        if variants is None:
            continue
        wanted = [e for e in chapter.tested if only in (None, e.name)]
        missing += sum(variants.edges(e.name) is None for e in wanted)
        asked = [a for e in wanted if (a := answers(chapter, e, variants, examples))]
        for found in searched(asked):
            name = f"{name_of(path)} · {found.exercise}"
            _add(table, name, found)
            for line in found.disagreements:
                console.print(f"[red]{escape(name)}[/]: {escape(line)}\n", soft_wrap=True, highlight=False)
            disagreements += found.disagreements
            total.drawn, total.seconds = total.drawn + found.drawn, total.seconds + found.seconds
            total.answers += found.answers
        console.print(f"{name_of(path)}: {len(asked)} of {len(wanted)} searched", style="dim", highlight=False)
    total.disagreements = disagreements
    _add(table, total.exercise, total)
    console.print(table)
    if missing:
        console.print(f"{missing} exercises declare no edges", highlight=False)
    raise SystemExit(1 if disagreements else 0)


def _add(table: Table, name: str, found: Found) -> None:
    numbers = (found.answers, found.drawn, len(found.disagreements))
    table.add_row(escape(name), *map(str, numbers), f"{found.seconds:.1f}")
