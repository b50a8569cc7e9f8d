"""`python -m authoring translations`: list what is translated or stale, and write files for translators to fill in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from authoring.translations.blocks import blocks
from authoring.translations.kept_facts import lost
from authoring.translations.languages import LANGUAGES
from authoring.translations.translated_course import TranslatedCourse, languages
from authoring.translations.translation_file import State, Translated, Translation, TranslationError, dumps

ROOT = Path(__file__).resolve().parents[2]
console = Console(highlight=False)


@click.group(invoke_without_command=True)
@click.option("--stale", "shows_stale", is_flag=True, help="Also print each stale block: English then and now.")
@click.option("--check", is_flag=True, help="Exit with 1 if a block is unknown, or lost a number, formula, or link.")
@click.pass_context
def translations(context: click.Context, shows_stale: bool, check: bool) -> None:
    """List how much of each text is translated, by characters, and how many blocks are stale or missing."""
    if context.invoked_subcommand:
        return
    table = Table("text", box=None, pad_edge=False)
    for column in ("share", *(state.value for state in State)):
        table.add_column(column, justify="right")
    problems = []
    for language in languages(ROOT):
        course = TranslatedCourse(ROOT, language)
        for name in course.translated:
            found = _translation(course, name)
            counts = (str(found.count(state)) for state in State)
            table.add_row(f"{language} {name}", f"{found.share:.0%}", *counts)
            problems += [*lost(found, course.words), *unknown(found)]
            for one in found.blocks.values() if shows_stale else ():
                if one.state is State.STALE:
                    _show(course.source(name), found.path, one)
    console.print(table)
    for problem in problems:
        console.print(problem, markup=False, soft_wrap=True)
    sys.exit(bool(check and problems))


@translations.command()
@click.argument("language", type=click.Choice(sorted(LANGUAGES)))
@click.argument("names", nargs=-1, required=True)
def start(language: str, names: tuple[str, ...]) -> None:
    """For each chapter or page in NAMES, write a file for a translator to fill in, or update an existing file.

    Existing translations stay. New blocks are in English, stale blocks are marked, and blocks that no longer have an
    English block are at the end.
    """
    course = TranslatedCourse(ROOT, language)
    for name in names:
        found = _translation(course, name)
        found.path.write_text(dumps(found), encoding="utf-8")
        path = found.path.relative_to(ROOT)
        console.print(f"{path}: {found.count(State.MISSING)} missing, {found.count(State.STALE)} stale", soft_wrap=True)


def unknown(found: Translation) -> list[str]:
    """Return a sentence for each translated block that belongs to no English block."""
    return [
        f"{found.path}:{entry.line}: no English block is {entry.key}: move what you need of it, and delete it"
        for entry in found.left_over
    ]


def earlier(source: Path, key: str) -> str:
    """Return the English block with this key from an earlier commit of the text, or "" if no commit has it."""
    command = ["git", "log", "--format=%H", "--", source.name]
    done = subprocess.run(command, cwd=source.parent, capture_output=True, text=True, check=False)
    for commit in done.stdout.split():
        then = subprocess.run(
            ["git", "show", f"{commit}:./{source.name}"], cwd=source.parent, capture_output=True, text=True
        )
        known = {block.key: block.text for block in blocks(source, then.stdout)}  # none if the commit deleted the text
        if key in known:
            return known[key]
    return ""


def _show(source: Path, path: Path, one: Translated) -> None:
    old = earlier(source, one.was) or "(in no commit)"
    said = (("English then", old), ("English now", one.english.text), ("translation", one.text))
    lines = (f"  {what}: {text}" for what, text in said)
    console.print(f"{path.relative_to(ROOT)}:{one.line}: stale", *lines, sep="\n", markup=False, soft_wrap=True)


def _translation(course: TranslatedCourse, name: str) -> Translation:
    try:
        return course.translation(name)
    except FileNotFoundError as error:
        raise click.ClickException(f"there is no chapter or page {name!r}") from error
    except TranslationError as error:
        raise click.ClickException(str(error)) from error
