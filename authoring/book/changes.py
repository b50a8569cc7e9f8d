"""Find what changed since the last build: only the wording of some pages, or more.

If only words changed, the build rebuilds only the pages that contain them; otherwise, it rebuilds all pages. Words are
the text between a page's headings, labels, and figures. Other pages show headings, labels, and figures or link to them,
so a change to one of these is more than a change in wording. A change to front matter, or to any file that is not a
page, is also more than a change in wording.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder import keys
from autograder.class_file.class_settings import path_of
from autograder.course import ANSWERS, TEXT, front_and_body
from autograder.practicing import wheel_name

# Lines of Markdown that other pages may show or link to, or that a directive reads.
BONES = re.compile(r"^[ \t]*(?:#{1,6} |\(\S+\)=|:{3,}|`{3,}|:[\w-]+:|\[\^).*$", re.MULTILINE)

FILES = ("_config.yml", "_toc.yml", "requirements.txt", "requirements-torch.txt")
FOLDERS = (
    ("book", "**/*"), ("notebooks", "**/*.ipynb"), ("solutions", "**/*.ipynb"),
)  # fmt: skip
NOT_READ = ("book/solutions",)  # the build itself writes these pages


@dataclass(frozen=True)
class Page:
    """Two hashes of a page's source: `whole` covers all of it; `bones` covers only the parts other pages depend on."""

    whole: str
    bones: str


@dataclass(frozen=True)
class Inputs:
    """Hashes of everything that the site is made from: the sources of pages by their path, and all other files."""

    rest: str
    pages: dict[str, Page]

    def save(self, path: Path) -> None:
        """Save the hashes to a file."""
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Inputs | None:
        """Load the hashes that `save` wrote; return None if no file exists, or if an incompatible version wrote it."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls(found["rest"], {name: Page(**page) for name, page in found["pages"].items()})
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def without(self, changed: Iterable[str]) -> Inputs:
        """Return these inputs without the hashes of changed pages, so that the next build rebuilds those pages."""
        forgotten = {name: Page("", self.pages[name].bones) for name in changed}
        return Inputs(self.rest, self.pages | forgotten)


def sources(root: Path) -> list[Path]:
    """Return all files that the site is made from."""
    found = [root / name for name in FILES]
    found += [path] if (path := path_of(root)).exists() else []
    for folder, pattern in FOLDERS:
        found += [path for path in (root / folder).glob(pattern) if path.is_file() and path.suffix != ".pyc"]
    return sorted(path for path in found if not any(path.is_relative_to(root / folder) for folder in NOT_READ))


def inputs(root: Path) -> Inputs:
    """Return the current inputs."""
    contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in sources(root)}
    return inputs_of(contents, keys.files(root, keys.PAGES))


def inputs_of(contents: Mapping[str, bytes], code: Mapping[str, str]) -> Inputs:
    """Return the inputs, given the contents of files by path and the hashes of our code.

    In pyproject.toml, only the version counts, because it is in the name of the wheel that pages offer. In a chapter's
    text, only the front matter counts, because the chapter's page is made from its notebook.
    """
    pages = {
        name: Page(keys.key(page=content), keys.key(bones=bones(Path(name), content.decode("utf-8"))))
        for name, content in contents.items()
        if document(name)
    }
    rest = {
        name: front_and_body(content.decode("utf-8"))[0] if Path(name).name == TEXT else content
        for name, content in contents.items()
        if name not in pages
    }
    return Inputs(keys.key(files=rest, code=dict(code), wheel=wheel_name()), pages)


def document(name: str) -> str:
    """Return the page of the book that is made from the file `name`, or "" if it belongs to no page."""
    path = Path(name)
    if name.startswith("notebooks/"):
        return path.with_suffix("").as_posix()
    if name.startswith("solutions/"):
        return f"book/solutions/{path.stem}"
    if path.name == ANSWERS:
        return f"book/solutions/{path.parent.name}"
    return path.with_suffix("").as_posix() if path.suffix == ".md" and path.name != TEXT else ""


def bones(path: Path, content: str) -> str:
    """Return the parts of a page's source that other pages can depend on."""
    if path.name == ANSWERS:
        return ""  # no page shows or links to their headings
    if path.suffix != ".ipynb":
        front, body = front_and_body(content)
        return "\n".join([front, *BONES.findall(body)])
    found = []
    for cell in json.loads(content)["cells"]:
        if cell["cell_type"] == "markdown":
            found += BONES.findall("".join(cell["source"]))
        found.append(json.dumps(cell["metadata"].get("mystnb", {}), sort_keys=True))
    return "\n".join(found)


def changed(before: Inputs | None, now: Inputs) -> list[str] | None:
    """Return the sources whose words changed; None if anything else changed, or if no earlier state is known."""
    if before is None or before.rest != now.rest or before.pages.keys() != now.pages.keys():
        return None
    if any(before.pages[name].bones != page.bones for name, page in now.pages.items()):
        return None
    return [name for name, page in now.pages.items() if before.pages[name] != page]


def forget(doctrees: Path, names: Iterable[str], root: Path) -> None:
    """Make Sphinx read the pages of these sources again, and also all pages under `book/`, which can list chapters."""
    every = (document(path.relative_to(root).as_posix()) for path in sources(root))
    for page in {*map(document, names), *(page for page in every if page.startswith("book/"))}:
        (doctrees / f"{page}.doctree").unlink(missing_ok=True)
