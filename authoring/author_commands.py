"""Define the commands for authors, ``python -m authoring``, which make notebooks and pages from chapters' texts."""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from authoring.book import build_book, offline, student_copy
from authoring.book import leaks as leak_search
from authoring.book.wheel import WheelError
from authoring.notebooks import build, claim_files
from authoring.notebooks.fingerprint import misfits
from authoring.upkeep import module_tables
from autograder.class_file.class_settings import ClassFileError
from autograder.classroom.pace import Step, steps
from autograder.course import Course
from autograder.texts.text import ChapterError

ROOT = Path(__file__).resolve().parents[1]
console = Console(highlight=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Turn a chapter's text into notebooks and a page. Exit status 0: no problems; 1: there are problems to fix."""


@main.command()
@click.argument("chapters", nargs=-1)
@click.option("--force", is_flag=True, help="Also execute chapters that have not changed.")
def notebooks(chapters: tuple[str, ...], force: bool) -> None:
    """Execute the chapters that changed, and write their reference and student notebooks."""
    course = Course(ROOT)
    names = _selected(course, chapters)
    todo = names if force else _stale(course, names)
    if todo and (others := misfits(ROOT)):
        raise click.ClickException("; ".join(others) + ": install the pins, or the notebooks would not be reproducible")
    begin = time.monotonic()
    step_of = {step.chapter: step for step in steps(todo)}
    found = build.run(course, todo, lambda chapter, cells: _ticker(step_of[chapter], cells))
    broken = {finding.chapter for finding in found}
    changed = [chapter for chapter in names if chapter not in broken and build.write_release(course, chapter)]
    judged = claim_files.stale(course, [chapter for chapter in names if chapter not in broken])
    if judged:
        with console.status("running known mistakes, for the files with which notebooks judge"):
            claim_files.write(course, judged, lambda chapter: console.print(f"{chapter}: its claims are stored"))
    _say(found)
    done = len(todo) - len(broken)
    console.print(f"{done} executed, {len(changed)} released, of {len(names)}, in {time.monotonic() - begin:.1f} s")
    sys.exit(bool(found))


@main.command()
@click.argument("chapters", nargs=-1)
def check(chapters: tuple[str, ...]) -> None:
    """List the stale notebooks without executing anything."""
    course = Course(ROOT)
    names = _selected(course, chapters)
    found = build.check(course, chapters)
    _say(found)
    if found:
        console.print("`python -m authoring notebooks` brings them up to date")
    else:
        console.print(f"{len(names)} chapters: every notebook was made from today's text and pins")
    sys.exit(bool(found))


@main.command()
@click.option("--force", is_flag=True, help="Build even if nothing changed.")
def book(force: bool) -> None:
    """Build the book if its inputs changed; a warning counts as an error."""
    course, begin = Course(ROOT), time.monotonic()
    if force:
        (ROOT / "_build" / build_book.RECORD).unlink(missing_ok=True)
    with _in_words(build_book.BuildError, WheelError), console.status("building the book"):
        built = build_book.build(course, progress=_tell)
    pages = sum(1 for _ in course.site.rglob("*.html"))
    did = f"{pages} pages built in {time.monotonic() - begin:.1f} s" if built else "nothing changed"
    console.print(f"{did}: {course.site.relative_to(ROOT)}/index.html", soft_wrap=True)


@main.command()
@click.argument("chapters", nargs=-1)
@click.option("--switched-off", is_flag=True, help="Also search a book built without explained solutions.")
def leaks(chapters: tuple[str, ...], switched_off: bool) -> None:
    """Search everything that students receive for answers and hidden tests.

    This covers student notebooks, pages, the search index, the student copy, and every wheel that pip can install.
    """
    course = Course(ROOT)
    names = _selected(course, chapters)
    with _in_words(FileNotFoundError, build_book.BuildError, WheelError):
        found = list(leak_search.search(course, names))
        if switched_off:
            with console.status("building the book without its solutions"):
                built = build_book.build_without_solutions(course)
            found = list(dict.fromkeys([*found, *leak_search.search(course, names, built)]))
        with tempfile.TemporaryDirectory() as folder:
            found += leak_search.search_published(course, Path(folder))
    _say(found)
    console.print(f"{len(names)} chapters, the student copy, and two wheels searched, {len(found)} leaks")
    sys.exit(bool(found))


@main.command("student-copy")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--private",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also add notebooks of the unpublished chapters in this folder, <chapter>/text.md.",
)
def copy_for_students(folder: Path, private: Path | None) -> None:
    """Write the files that students receive, without answers, into FOLDER (new, empty, or with an earlier copy).

    The copy contains the released notebooks, layerlab, and the files that Binder needs. Push it to the branch
    `student`, or give it to students directly.
    """
    course = Course(ROOT)
    known = FileNotFoundError, ChapterError, ClassFileError, student_copy.CopyError, WheelError
    with _in_words(*known), tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary, "copy")
        files = student_copy.write(course, made, private)
        found = list(leak_search.search_folder(made, leak_search.answers(course, private)))
        _say(found)
        if found:
            raise click.ClickException(f"{len(found)} lines of answers would get to students: nothing was written")
        student_copy.put(made, folder)
    console.print(f"{files} files, none with a line of an answer: {folder}", soft_wrap=True)


@main.command()
def pdf() -> None:
    """Print the built book as one PDF, using Chromium."""
    from authoring.book import printed  # only this command needs a browser driver and a PDF reader

    course, begin = Course(ROOT), time.monotonic()
    path = course.site.with_name(f"{offline.FOLDER}.pdf")
    with _in_words(printed.PageError), console.status("printing the book"):
        pages = printed.write(course, path, _tell)
    console.print(
        f"{pages} pages printed in {time.monotonic() - begin:.1f} s: {path.relative_to(ROOT)}", soft_wrap=True
    )


@main.command("zip")
def pack() -> None:
    """Pack the built book and the student notebooks into one zip file that works offline."""
    course = Course(ROOT)
    path = course.site.with_name(f"{offline.FOLDER}.zip")
    with _in_words(FileNotFoundError):
        files = offline.write(course, path)
    megabytes = path.stat().st_size / 1e6
    console.print(f"{files} files in {megabytes:.1f} MB: {path.relative_to(ROOT)}", soft_wrap=True)


@main.command("torch-names")
def list_torch_names() -> None:
    """Update the list of torch.nn's public names; run this after upgrading torch."""
    from authoring.upkeep import torch_names

    torch_names.main(ROOT)


@main.command("weights")
def make_weights() -> None:
    """Train the networks whose weights ship with layerlab, and rewrite their files; this takes eight minutes.

    `llama-tiny` learns from the chapters as they are now, so its weights change with them.
    """
    from authoring.weights import book_prose, cnn_scattered, llama_tiny, unet_digits, weight_file  # need torch

    folder = ROOT / "layerlab" / "data"
    tokens = book_prose.write(ROOT / "book" / "chapters", folder)
    trained = {
        "cnn-scattered": cnn_scattered.train(),
        "llama-tiny": llama_tiny.train(tokens),
        "unet-digits": unet_digits.train(),
    }
    for name, net in trained.items():
        path = folder / f"{name}.safetensors"
        console.print(f"{path.name} {weight_file.write(net.state_dict(), path):,} bytes")


@main.command("modules")
def list_modules() -> None:
    """Rewrite the tables of modules in MODULES.md, as `make format` does."""
    module_tables.main()


@contextmanager
def _in_words(*known: type[Exception]) -> Iterator[None]:
    """End the command with the message of a known error, without a traceback."""
    try:
        yield
    except known as error:
        raise click.ClickException(str(error)) from error


def _selected(course: Course, chapters: tuple[str, ...]) -> list[str]:
    try:
        return course.select(chapters)
    except LookupError as error:
        raise click.UsageError(str(error.args[0])) from error


def _stale(course: Course, names: list[str]) -> list[str]:
    """Return the stale chapters; a text with a mistake counts as stale, because executing it reports the mistake."""
    found = []
    for name in names:
        try:
            found += build.stale(course, [name])
        except ChapterError:
            found.append(name)
    return found


def _ticker(step: Step, cells: int) -> Callable[[], None]:
    """Return a function to call after each cell of a chapter; it prints ten progress lines in all."""
    counts = itertools.count(1)

    def tick() -> None:
        count = next(counts)
        if count * 10 // cells > (count - 1) * 10 // cells:
            console.print(step.words(f"{count} of {cells} cells", count / cells), markup=False, soft_wrap=True)

    return tick


def _tell(line: str) -> None:
    """Print a line about a page, which `make` shows, if no terminal shows what is being built."""
    if not console.is_terminal:
        console.print(line, markup=False, soft_wrap=True)


def _say(found: Iterable[build.Finding | leak_search.Leak]) -> None:
    for place, words in map(astuple, found):
        console.print(f"[red]{escape(place)}[/red]: {escape(words)}", soft_wrap=True)
