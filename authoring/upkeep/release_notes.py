"""Check that a tag names the version in pyproject.toml, and print that version's notes from CHANGELOG.md.

The release workflow runs this module before anything is installed: ``python3 -m authoring.upkeep.release_notes
v1.2.3``.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class ReleaseError(ValueError):
    """The tag cannot become a release; the message says what to do."""


def notes(tag: str, root: Path) -> str:
    """Return the notes in CHANGELOG.md for the version that a tag names.

    Raises:
        ReleaseError: if the tag is not for the current version, or CHANGELOG.md has no notes for that version or still
            has unreleased notes.
    """
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if tag != f"v{version}":
        raise ReleaseError(f"the tag is {tag}, but pyproject.toml has version {version}: tag v{version}, or change it")
    parts = re.split(r"^## \[(.+?)\].*\n", (root / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    sections = {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
    if sections.get("Unreleased"):
        raise ReleaseError(f"CHANGELOG.md has entries under [Unreleased]: move them under [{version}]")
    if not sections.get(version):
        raise ReleaseError(f"CHANGELOG.md says nothing under [{version}]: write what changed")
    return sections[version]


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Print the notes; return 1 if the tag cannot become a release, else 0."""
    parser = argparse.ArgumentParser(prog="python -m authoring.upkeep.release_notes", description=__doc__)
    parser.add_argument("tag", help='the tag: "v" and the version in pyproject.toml')
    try:
        print(notes(parser.parse_args(arguments).tag, root))
    except ReleaseError as error:
        print(f"::error title=Release::{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
