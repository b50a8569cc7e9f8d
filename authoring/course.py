"""Where things lie: the chapters of a course, and each one's text, reference and release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode


@dataclass(frozen=True)
class Course:
    """A course rooted at ``root``, which is nbgrader's course root too."""

    root: Path

    @property
    def chapters(self) -> list[str]:
        """The names of all chapters that have a text, in alphabetical order."""
        return sorted(path.stem for path in (self.root / "book" / "chapters").glob("*.md"))

    def text(self, chapter: str) -> Path:
        """What people write."""
        return self.root / "book" / "chapters" / f"{chapter}.md"

    def reference(self, chapter: str) -> Path:
        """The executed notebook with the solutions."""
        return self.root / "solutions" / chapter / f"{chapter}.ipynb"

    def release(self, chapter: str) -> Path:
        """The notebook a student gets."""
        return self.root / "notebooks" / chapter / f"{chapter}.ipynb"

    @property
    def site(self) -> Path:
        """The built book."""
        return self.root / "_build" / "html"

    def select(self, names: tuple[str, ...]) -> list[str]:
        """Return the chapters called ``names``, or all of them.

        Raises:
            LookupError: there is no chapter of one of the names.
        """
        known = self.chapters
        for name in names:
            if name not in known:
                raise LookupError(f"no chapter is called {name!r}; there are: {', '.join(known) or 'none yet'}")
        return list(names) or known


def dumps(notebook: NotebookNode) -> str:
    """Return the notebook's file text, keys in order, so that equal notebooks are equal bytes."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def write(notebook: NotebookNode, path: Path) -> bool:
    """Write the notebook unless the file holds it already; True when something was written."""
    content = dumps(notebook)
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return True
