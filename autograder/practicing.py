"""Provide facts for notebooks, pages, and the zip file: the course's addresses, layerlab's wheel, and points."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import yaml

ROOT = Path(__file__).resolve().parents[1]
WHOLE_BOOK = "layer-by-layer"  # .pdf and .zip: at the root of the published site, and in a release
STUDENT_BRANCH = "student"  # of the repository: what `authoring student-copy` writes
NOTEBOOKS = f"{WHOLE_BOOK}-notebooks.zip"  # next to the wheel at the root of the site
MISTAKE_FORM = "mistake.yml"  # in .github/ISSUE_TEMPLATE/; its fields are named in the link that opens it
RESERVED = ("example.org", "example.com", "example.net")  # RFC 2606 reserves these names for examples


@dataclass(frozen=True)
class Addresses:
    """The public addresses of the book and the repository; an address is empty if there is none."""

    book: str = ""
    repository: str = ""

    @property
    def layerlab(self) -> str:
        """The pip argument that installs layerlab: the book's wheel, or else the student copy; or ""."""
        if self.book:
            return f"{self.book}/{wheel_name()}"
        return f"layerlab @ git+{self.repository}@{STUDENT_BRANCH}" if self.repository else ""

    def report(self, page: str) -> str:
        """Return the address of a form to report a mistake on a page (its path in the site, without suffix), or ""."""
        parts, title = urlsplit(self.repository), f"Mistake in {page}"
        base = self.repository.rstrip("/").removesuffix(".git")
        if parts.hostname == "github.com":
            where = f"{self.book}/{page}.html" if self.book else page
            return f"{base}/issues/new?{urlencode({'template': MISTAKE_FORM, 'title': title, 'page': where})}"
        return f"{base}/-/issues/new?{urlencode({'issue[title]': title})}" if parts.hostname == "gitlab.com" else ""


def addresses(root: Path) -> Addresses:
    """Return the addresses in the ``_config.yml`` of a course; a placeholder such as example.org counts as empty."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    return Addresses(_public(config, "html", "baseurl").rstrip("/"), _public(config, "repository", "url"))


def _public(config: Mapping[str, Any], table: str, key: str) -> str:
    address = str((config.get(table) or {}).get(key) or "")
    parts = urlsplit(address)
    return address if parts.scheme in ("http", "https") and (parts.hostname or "") not in RESERVED else ""


def version() -> str:
    """Return the version of layerlab and of the course, from pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def wheel_name() -> str:
    """Return the file name of layerlab's wheel."""
    return f"layerlab-{version()}-py3-none-any.whl"


def points(chapter: str) -> str:
    """Return sentences in Markdown that tell learners how to get the points of a chapter."""
    return (
        "The check below each exercise shows your points, wherever you work: `lab.claims` judges as a grader does. The "
        f'last cell, `lab.points("{chapter}")`, sums them up.'
    )
