"""The book as one zip file that works where it is unpacked: the site, and the student notebooks beside it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from authoring.course import Course

FOLDER = "layer-by-layer"
MOMENT = (2000, 1, 1, 0, 0, 0)  # one moment for all files, so that the same book gives the same bytes
BUILD_RECORDS = (".buildinfo", "objects.inv")  # what Sphinx and other books read, and no page

READ_ME = """\
Layer by Layer, to read and work on without a connection.

book/index.html   the book: open it in a browser. Everything works from here, with two differences to a website:
                  the search lists pages without excerpts, and some browsers show a notebook instead of saving it.
notebooks/        the student notebooks, one folder per chapter: open them in JupyterLab.
                  They need Python with torch and this course's package, layerlab.
"""


def write(course: Course, path: Path) -> int:
    """Pack the built book and the student notebooks into ``path``, and return how many files that are.

    Raises:
        FileNotFoundError: the book is not built, or a chapter not released.
    """
    if not (course.site / "index.html").exists():
        raise FileNotFoundError(f"there is no book in {course.site} yet: run `make book` first")
    packed = {"README.txt": READ_ME.encode()}
    for file in course.site.rglob("*"):
        if file.is_file() and file.name not in BUILD_RECORDS:
            packed[f"book/{file.relative_to(course.site).as_posix()}"] = file.read_bytes()
    for chapter in course.chapters:
        packed[f"notebooks/{chapter}/{chapter}.ipynb"] = course.release(chapter).read_bytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(packed):
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, packed[name])
    return len(packed)
