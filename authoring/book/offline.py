"""Write the downloads for readers: a zip of the book and one of the notebooks, with layerlab's wheel beside them."""

from __future__ import annotations

import zipfile
from pathlib import Path

from authoring.book import wheel
from autograder import keys, practicing
from autograder.class_file.class_reader import left_out
from autograder.course import Course

FOLDER = practicing.WHOLE_BOOK
MOMENT = (2000, 1, 1, 0, 0, 0)  # one timestamp for all files, so that the same book gives the same bytes
BUILD_RECORDS = (".buildinfo", "objects.inv")  # read by Sphinx and other books, but by no page

BOOK = """\
book/index.html   the book: open it in a browser. Everything works from here as on a website, the search too; only that
                  some browsers show a notebook instead of saving it.
"""
READ_ME = """\
Layer by Layer, to read and work on without a connection.

{book}notebooks/        the student notebooks, one folder per chapter, and layerlab, the package that they import.

With Jupyter, torch and matplotlib on this machine, open a notebook and run it from the top: its first cell finds
layerlab. Otherwise install what is missing; this needs a connection, once. In this folder:

    python -m pip install jupyterlab notebooks/{wheel}
    python -m jupyterlab notebooks
"""


def write(course: Course, path: Path) -> int:
    """Pack the built book, the student notebooks, and layerlab into ``path``, and return the number of files."""
    if not (course.site / "index.html").exists():
        raise FileNotFoundError(f"there is no book in {course.site} yet: run `make book` first")
    packed = practice(course, BOOK)
    for file in course.site.rglob("*"):
        if file.is_file() and file.name not in BUILD_RECORDS:
            packed[f"book/{file.relative_to(course.site).as_posix()}"] = file.read_bytes()
    pack(packed, path)
    return len(packed)


def hand_out(course: Course) -> bool:
    """Put the wheel, and a zip of the wheel and notebooks, in the site's top folder; return whether anything is new."""
    path, record = course.site / practicing.NOTEBOOKS, course.site.with_name(f"handed_out_{course.site.name}.txt")
    packed = practice(course)
    now = keys.key(packed=packed)
    if path.exists() and record.exists() and record.read_text() == now:
        return False
    for old in course.site.glob("layerlab-*.whl"):
        old.unlink()
    (course.site / practicing.wheel_name()).write_bytes(wheel.built().read_bytes())
    pack(packed, path)
    record.write_text(now)
    return True


def practice(course: Course, book: str = "") -> dict[str, bytes]:
    """Return the files for practice, by path in the zip; ``book`` is text about the book for the README."""
    name = practicing.wheel_name()
    packed = {"README.txt": READ_ME.format(book=book, wheel=name).encode()}
    packed[f"notebooks/{name}"] = wheel.built().read_bytes()
    without = left_out(course.root)
    for chapter in (name for name in course.chapters if name not in without):
        packed[f"notebooks/{chapter}/{chapter}.ipynb"] = course.release(chapter).read_bytes()
    return packed


def pack(files: dict[str, bytes], path: Path) -> None:
    """Write a zip of ``files``, a mapping from names to contents, with everything inside one top-level folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
