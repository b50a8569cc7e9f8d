"""List and read the files of a downloaded zip or folder without trusting any of them.

No file is written under a name that the archive gives: the caller gets bytes and decides where to write them. Links,
unusual compression methods, and files above the size limit for notebooks are reported instead of read. A zip that a
student submitted is opened within narrower limits, and no zip within it.
"""

from __future__ import annotations

import io
import os
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.plain import printable
from autograder.submissions.rebuild import MAX_BYTES
from autograder.submissions.student_files import read_regular

MAX_ENTRIES = 50_000
MAX_TOTAL = 8 * 2**30  # bytes read from one archive; entries that share their data can unpack to more than a disk holds
# zipfile's other methods unpack a whole block at a time, no matter how large it becomes.
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
IGNORED = ("__MACOSX", ".DS_Store", ".ipynb_checkpoints", "__pycache__")
# A zip that a student submitted; its files together are limited to `MAX_BYTES`.
MAX_INNER_ENTRIES = 500
MAX_INNER_RATIO = 100  # of its files' size to its own


class ArchiveError(ValueError):
    """The archive, or one file in it, cannot be read; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One file of an archive."""

    name: str  # its path in the archive, printable, with "/" between folders; never used as a path on this machine
    read: Callable[[], bytes]  # returns its bytes, or raises `ArchiveError`
    modified: float = 0.0  # seconds since 1970; many systems give every file the time of the download


@contextmanager
def entries(source: Path) -> Iterator[list[Entry]]:
    """Open a zip or a folder and yield its files by name, to read in the `with` block, or raise ArchiveError."""
    if source.is_dir():
        yield _listed(_in_folder(source), str(source), MAX_ENTRIES)
        return
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise ArchiveError(f"{source} is neither a folder nor a zip that can be opened: {error}") from None
    with archive:
        yield _listed(_in_zip(archive), str(source), MAX_ENTRIES)


def unzipped(entry: Entry) -> list[Entry]:
    """Return the files of a zip that a student submitted, or raise ArchiveError."""
    content = entry.read()
    try:
        if content.count(b"PK\1\2") > MAX_ENTRIES:  # before zipfile makes an object of each
            raise ValueError(f"it contains more than {MAX_ENTRIES:,} files")
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ArchiveError(f"it cannot be opened: {error}") from None
    size = sum(info.file_size for info in archive.infolist())
    if size > min(MAX_BYTES, MAX_INNER_RATIO * len(content)):
        raise ArchiveError(f"its files have more than {MAX_BYTES >> 20} MiB or {MAX_INNER_RATIO} times the zip's size")
    return _listed(_in_zip(archive), "it", MAX_INNER_ENTRIES, f"{entry.name}/")


def _in_folder(source: Path) -> Iterator[Entry]:
    for folder, _, files in os.walk(source):
        for path in (Path(folder, file) for file in files):
            yield Entry(path.relative_to(source).as_posix(), partial(_read_file, path), path.lstat().st_mtime)


def _read_file(path: Path) -> bytes:
    try:
        return _short(read_regular(path, MAX_BYTES + 1))
    except OSError as error:
        raise ArchiveError(f"it cannot be read: {error.strerror}") from None


def _in_zip(archive: zipfile.ZipFile) -> Iterator[Entry]:
    left = [MAX_TOTAL]  # shared by all entries
    for info in archive.infolist():
        if not info.is_dir():
            modified = time.mktime((*info.date_time, 0, 0, -1))
            yield Entry(info.filename, partial(_unpack, archive, info, left), modified)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: list[int]) -> bytes:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise ArchiveError("its path leads out of the archive")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveError("it is a link, not a file")
    if info.compress_type not in COMPRESSIONS:
        raise ArchiveError("it is compressed in a way that no learning management system uses")
    if min(info.file_size, MAX_BYTES + 1) > left[0]:
        raise ArchiveError(f"the files before it already have {MAX_TOTAL >> 30} GiB")
    try:
        with archive.open(info) as file:
            content = file.read(MAX_BYTES + 1)  # `file_size` is only what the archive says
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise ArchiveError(f"it cannot be unpacked: {error}") from None
    left[0] -= len(content)
    return _short(content)


def _short(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise ArchiveError(f"it is larger than {MAX_BYTES >> 20} MiB")
    return content


def _listed(entries: Iterable[Entry], source: str, most: int, before: str = "") -> list[Entry]:
    found = [replace(one, name=printable(before + one.name.replace("\\", "/"))) for one in entries]
    if len(found) > most:
        raise ArchiveError(f"{source} contains {len(found):,} files; {most:,} can be collected at a time")
    kept = [entry for entry in found if not set(entry.name.split("/")) & set(IGNORED)]
    return sorted(kept, key=lambda entry: entry.name)
