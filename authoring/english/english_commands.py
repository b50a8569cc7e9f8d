"""Define the commands of `python -m authoring english`: count and sample sentences, and compare an edit's facts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from authoring.english import drawn_sentences, same_facts
from authoring.english.counts import Counts, counts, total
from autograder.course import Course

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ("sentences", "translated", "often right", "long", "statement", "nine in ten", "bullets", "feedback")
console = Console(highlight=False, soft_wrap=True, width=120)


@click.group()
def english() -> None:
    """Count what makes the texts hard to read, sample sentences for a reader, and compare an edit's facts."""


@english.command()
@click.argument("chapters", nargs=-1)
@click.option("--commit", default="", help="Count the texts of this commit instead of today's.")
@click.option("--hits", is_flag=True, help="Also print each sentence that sounds translated, with the word.")
def count(chapters: tuple[str, ...], commit: str, hits: bool) -> None:
    """Count, for each chapter, the sentences that sound translated and the words of its statements.

    Columns: sentences · words that are always wrong, or wrong in statements and feedback · words that are often right ·
    sentences of more than 35 words · median words of a statement · number of words that nine in ten statements stay
    below · bullets of more than 25 words · feedback of more than 30 words.
    """
    course, table = Course(ROOT), Table("chapter", box=None, pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    found = {name: _counted(course, name, commit) for name in _selected(course, chapters)}
    for name, one in found.items():
        table.add_row(name, *(str(number) for number in _row(one)))
        for hit in one.translated if hits else ():
            console.print(f"{name}: {hit.pattern}: {hit.sentence}", markup=False)
    table.add_row("all", *(str(number) for number in _row(total(list(found.values())))))
    console.print(table)


@english.command("sample")
@click.argument("group")
@click.option("--number", default=100, show_default=True, help="How many sentences of the course.")
@click.option("--seed", default=0, show_default=True)
@click.option("--controls", is_flag=True, help="Print only the numbers of the sentences that are torch's.")
def draw(group: str, number: int, seed: int, controls: bool) -> None:
    """Sample sentences for a reader from GROUP: a chapter, or pages, feedback, documents, or docstrings.

    They are mixed with sentences from torch's documentation. The reader marks each sentence that they had to read
    twice.
    """
    try:
        found = drawn_sentences.drawn(Course(ROOT), group, number, seed)
    except KeyError as error:
        raise click.ClickException(
            f"no chapter is called {group!r}, and the groups are {', '.join(drawn_sentences.GROUPS)}"
        ) from error
    for at, (text, is_control) in enumerate(found, start=1):
        if not controls:
            console.print(f"{at}. {text}", markup=False)
        elif is_control:
            console.print(at)


@english.command()
@click.argument("commit")
@click.argument("chapters", nargs=-1)
@click.option("--strings", is_flag=True, help="Also print the comments and strings of code that changed.")
def compare(commit: str, chapters: tuple[str, ...], strings: bool) -> None:
    """List the numbers, formulas, code, and links that changed in chapters since COMMIT; exit status 1 if any did."""
    course, changed = Course(ROOT), 0
    for name in _selected(course, chapters):
        for path in (course.text(name), course.answers(name)):
            if not path.exists():
                continue
            old, new = _at(path, commit), path.read_text(encoding="utf-8")
            found = same_facts.differences(old, new)
            changed += len(found)
            for line in [*found, *(same_facts.strings(old, new) if strings else ())]:
                console.print(f"{path.relative_to(ROOT)}: {line}", markup=False)
    console.print(f"{changed} pieces changed")
    sys.exit(bool(changed))


def _selected(course: Course, chapters: tuple[str, ...]) -> list[str]:
    try:
        return course.select(chapters)
    except LookupError as error:
        raise click.ClickException(str(error)) from error


def _at(path: Path, commit: str) -> str:
    try:
        return same_facts.before(path, commit)
    except subprocess.CalledProcessError as error:
        raise click.ClickException(error.stderr.strip()) from error


def _counted(course: Course, chapter: str, commit: str) -> Counts:
    return counts(*(_read(path, commit) for path in (course.text(chapter), course.answers(chapter))))


def _read(path: Path, commit: str) -> str:
    if not path.exists():  # a chapter without exercises has no answers
        return ""
    return _at(path, commit) if commit else path.read_text(encoding="utf-8")


def _row(found: Counts) -> tuple[int, ...]:
    counted = found.sentences, len(found.translated), found.often_right, found.long_sentences
    return *counted, found.median, found.longest_tenth, found.long_bullets, found.long_feedback
