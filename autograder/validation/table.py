"""Print the findings of `validate`: a table for each exercise, followed by one line for each miss."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.validation.outcome import ChapterReport, Report


def show(console: Console, chapter: ChapterReport, is_brief: bool = False) -> None:
    """Print a chapter's tables (only those with misses if ``is_brief``), misses, and an overview."""
    for report in chapter.exercises:
        if not is_brief or report.misses:
            show_exercise(console, chapter.chapter, report)
    for miss in chapter.misses:
        _say(console, "miss", miss)
    if chapter.exercises:
        console.print(overview(chapter))
    if chapter.recorded:
        console.print(f"what was tried on {', '.join(chapter.recorded)} was recorded", soft_wrap=True)
    console.print(_summary(chapter), soft_wrap=True)


def show_misses(console: Console, chapters: list[ChapterReport]) -> None:
    """Print the misses of all chapters again, each with its chapter, because people read the end of a log."""
    missed = [(chapter.chapter, miss) for chapter in chapters for miss in chapter.all_misses]
    console.print(f"[red]{len(missed)} missed[/] in all:")
    for name, miss in missed:
        _say(console, "miss", f"{name}, {miss}")


def overview(chapter: ChapterReport) -> Table:
    """Return a table whose rows show each exercise's effort and points, and how many answers were tried."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))  # fits in 80 characters, even in a log
    table.add_column(escape(chapter.chapter), no_wrap=True)
    for header in ("level", "min", "points", "claims", "shown", "right", "wrong", "subtle", "mutants"):
        table.add_column(header, header_style="dim", justify="right", no_wrap=True)
    for report in chapter.exercises:
        tried = report.tried
        effort = (report.difficulty, report.minutes, report.points, report.claims, report.observations)
        mutants = f"{tried.killed + tried.equivalent}/{tried.mutants}"
        table.add_row(escape(report.exercise), *map(str, (*effort, tried.right, tried.wrong, tried.subtle)), mutants)
    return table


def show_exercise(console: Console, chapter: str, report: Report) -> None:
    """Print the table of one exercise, followed by its misses, warnings, and notes."""
    cached = ", unchanged" if report.is_cached else ""
    title = f"[bold]{escape(chapter)} · {escape(report.exercise)}[/] ({report.points} points{cached})"
    table = Table(title=title, title_justify="left", title_style="", box=None, pad_edge=False)
    for header in ("what is graded", "must get", "got", ""):
        table.add_column(header, header_style="dim")
    for row in report.rows:
        state = "[red]miss[/]" if row.misses else "[green]ok[/]"
        table.add_row(escape(row.graded), escape(row.must), escape(row.got), state)
    console.print(table)
    for kind, sentences in (("miss", report.misses), ("warning", report.warnings), ("note", report.unmoved)):
        for sentence in sentences:
            _say(console, kind, sentence)
    console.print()


def _say(console: Console, kind: str, sentence: str) -> None:
    colour = {"miss": "red", "warning": "yellow", "note": "cyan"}[kind]
    console.print(f"  [{colour}]{kind}[/] {escape(sentence)}", soft_wrap=True, highlight=False)


def _summary(chapter: ChapterReport) -> str:
    exercises = chapter.exercises
    wrong, subtle, total, killed, equivalent = (
        sum(getattr(report.tried, name) for report in exercises)
        for name in ("wrong", "subtle", "mutants", "killed", "equivalent")
    )
    share = f"{killed} of {total} mutants killed ({killed / total:.1%})" if total else "no mutants"
    listed = f", {equivalent} listed as equivalent" if equivalent else ""
    still, shown = sum(len(report.unmoved) for report in exercises), sum(report.observations for report in exercises)
    unmoved = f", {still} of {shown} observations that nothing moved" if still else ""
    agreeing, compared = (sum(getattr(report, name) for report in exercises) for name in ("agreeing", "compared"))
    agreed = f", notebook and grader agree on {agreeing / compared:.1%} of {compared} claims" if compared else ""
    misses = len(chapter.all_misses)
    verdict = "[green]nothing missed[/]" if not misses else f"[red]{misses} missed[/]"
    if not exercises:
        return f"[bold]{escape(chapter.chapter)}[/]: no exercises: {verdict}\n"
    return (
        f"[bold]{escape(chapter.chapter)}[/]: {len(exercises)} exercises, {wrong} wrong "
        f"variants ({subtle} subtle), {share}{listed}{unmoved}{agreed}, "
        f"{chapter.seconds:.1f} s: {verdict}\n"
    )
