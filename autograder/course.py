"""Find the files of a course: a folder for each chapter, and whatever is made from it.

``book/chapters/linear/`` contains what people write for a chapter, `text.md` and `answers.md`, and `tried.json`,
which `validate` writes. A draft is a folder of the same kind anywhere else. `front_matter` reads what other
pages say about a chapter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHAPTERS = Path("book") / "chapters"
TEXT, ANSWERS, TRIED = "text.md", "answers.md", "tried.json"
TRANSLATION = re.compile(r".+\.(?P<language>[a-z]{2})\.md")  # the name of a text in another language: text.de.md
FRONT_MATTER = re.compile(r"\A---\n.*?^---\n", re.DOTALL | re.MULTILINE)


def name_of(path: Path) -> str:
    """Return the name of the chapter in a text or a notebook; for ``linear/text.md``, the folder's name."""
    return path.resolve().parent.name if path.name == TEXT else path.stem


def is_of_a_course(text: Path) -> bool:
    """Return whether a text is of a chapter below `book/chapters`, and not a draft."""
    return text.name == TEXT and text.resolve().parent.parent.parts[-2:] == CHAPTERS.parts


def front_matter(text: Path) -> dict[str, Any]:
    """Return `course` from the front matter of a chapter's text or a page of the book; empty if it has none."""
    import yaml  # here, because this module must import without third-party packages

    front, _ = front_and_body(text.read_text(encoding="utf-8"))
    return (next(yaml.safe_load_all(front), None) or {}).get("course", {})


def front_and_body(content: str) -> tuple[str, str]:
    """Return a text's front matter, with its `---` lines, and the rest; the front matter is empty if there is none."""
    found = FRONT_MATTER.match(content)
    at = found.end() if found else 0
    return content[:at], content[at:]


@dataclass(frozen=True)
class Course:
    """A course rooted at ``root``, which is nbgrader's course root too."""

    root: Path

    @property
    def chapters(self) -> list[str]:
        """The names of all chapters that have a text, in alphabetical order."""
        return [path.parent.name for path in self.texts]

    @property
    def texts(self) -> list[Path]:
        """The texts of all chapters, in the same order."""
        return sorted((self.root / CHAPTERS).glob(f"*/{TEXT}"))

    def text(self, chapter: str) -> Path:
        """The text that people write for readers."""
        return self.root / CHAPTERS / chapter / TEXT

    def answers(self, chapter: str) -> Path:
        """The right and wrong answers to the exercises, which people write for the grader."""
        return self.root / CHAPTERS / chapter / ANSWERS

    def tried(self, chapter: str) -> Path:
        """What `validate` recorded about the exercises."""
        return self.root / CHAPTERS / chapter / TRIED

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
            LookupError: if one of the names is not a chapter.
        """
        known = self.chapters
        for name in names:
            if name not in known:
                raise LookupError(f"no chapter is called {name!r}; there are: {', '.join(known) or 'none yet'}")
        return list(names) or known
