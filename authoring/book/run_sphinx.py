"""Build the book in a process of its own, with the arguments ``SOURCE FOLDER [--all]``.

`jupyter-book build` does the same, but writes the pages one after another: it has no option for Sphinx's ``jobs``.
SOURCE has `_toc.yml`; FOLDER has `_config.yml` and gets `_build`; ``--all`` builds pages that have not changed, too.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_book.sphinx import build_sphinx

JOBS = 3  # one process prepares pages for writing, and two write them


def main(source: Path, folder: Path, is_all: bool) -> int:
    """Build the pages and return the exit status."""
    failed = build_sphinx(
        source,
        folder / "_build" / "html",
        noconfig=True,
        path_config=folder / "_config.yml",
        confoverrides={"external_toc_path": (source / "_toc.yml").as_posix(), "latex_individualpages": False},
        freshenv=is_all,
        warningiserror=True,
        keep_going=True,
        jobs=JOBS,
    )
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), "--all" in sys.argv[3:]))
