"""Find the files of a course: the folder of each chapter, and the files made from that folder.

Authors write `text.md` and `answers.md` in ``book/chapters/linear/``, and `validate` writes `tried.json`; a draft is a
folder elsewhere with these files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHAPTERS = Path("book") / "chapters"
TEXT, ANSWERS, TRIED = "text.md", "answers.md", "tried.json"
FRONT_MATTER = re.compile(r"\A---\n.*?^---\n", re.DOTALL | re.MULTILINE)


def name_of(path: Path) -> str:
    """Return a chapter's name from the path of its text or notebook; the name for ``linear/text.md`` is ``linear``."""
    return path.resolve().parent.name if path.name == TEXT else path.stem


def is_of_a_course(text: Path) -> bool:
    """Return whether a text belongs to a chapter below `book/chapters`, rather than to a draft."""
    return text.name == TEXT and text.resolve().parent.parent.parts[-2:] == CHAPTERS.parts


def front_matter(text: Path) -> dict[str, Any]:
    """Return the `course` entry in the front matter of a text or of a book page, or an empty dict if there is none."""
    import yaml  # imported here, because this module must work without third-party packages

    front, _ = front_and_body(text.read_text(encoding="utf-8"))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast, where PyYAML has it
    return (next(yaml.load_all(front, Loader=loader), None) or {}).get("course", {})


def front_and_body(content: str) -> tuple[str, str]:
    """Split a text into its front matter, which includes the `---` lines but may be empty, and the rest."""
    found = FRONT_MATTER.match(content)
    at = found.end() if found else 0
    return content[:at], content[at:]


@dataclass(frozen=True)
class Course:
    """The paths of a course whose root folder is ``root``, which is also nbgrader's course directory."""

    root: Path

    @property
    def chapters(self) -> list[str]:
        """The names of all chapters that have a text, in alphabetical order."""
        return [path.parent.name for path in self.texts]

    @property
    def texts(self) -> list[Path]:
        """The paths of all chapters' texts, in alphabetical order of the chapters."""
        return sorted((self.root / CHAPTERS).glob(f"*/{TEXT}"))

    def text(self, chapter: str) -> Path:
        """Return the path of the chapter's text, which authors write for readers."""
        return self.root / CHAPTERS / chapter / TEXT

    def answers(self, chapter: str) -> Path:
        """Return the path of the file of right and wrong answers to exercises, which authors write for the grader."""
        return self.root / CHAPTERS / chapter / ANSWERS

    def tried(self, chapter: str) -> Path:
        """Return the path of the file in which `validate` records its findings about the exercises."""
        return self.root / CHAPTERS / chapter / TRIED

    def reference(self, chapter: str) -> Path:
        """Return the path of the executed notebook with the solutions."""
        return self.root / "solutions" / chapter / f"{chapter}.ipynb"

    def release(self, chapter: str) -> Path:
        """Return the path of the notebook that students receive."""
        return self.root / "notebooks" / chapter / f"{chapter}.ipynb"

    @property
    def site(self) -> Path:
        """The folder of the built book."""
        return self.root / "_build" / "html"

    def select(self, names: tuple[str, ...]) -> list[str]:
        """Return the chapters in ``names``, or all if it is empty; raise LookupError if one is no chapter."""
        known = self.chapters
        for name in names:
            if name not in known:
                raise LookupError(f"no chapter is called {name!r}; there are: {', '.join(known) or 'none yet'}")
        return list(names) or known
