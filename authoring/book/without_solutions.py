"""Build the book again without the explained solutions, as when a teacher turns them off, to search it for leaks."""

from __future__ import annotations

from pathlib import Path

import yaml

from authoring.book import build_book
from autograder.course import Course


def build(course: Course) -> Path:
    """Build the book with `explained_solutions: false` if its inputs changed, and return the site.

    Raises:
        BuildError: the build gave a warning.
    """
    folder = course.root / "_build" / "without_solutions"
    built, record, now = folder / "_build" / "html", folder / build_book.RECORD, build_book.inputs(course.root)
    if record.exists() and record.read_text() == now and (built / "index.html").exists():
        return built
    folder.mkdir(parents=True, exist_ok=True)
    record.unlink(missing_ok=True)
    config = yaml.safe_load((course.root / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"]["explained_solutions"] = False
    extensions = config["sphinx"]["local_extensions"]  # relative to the configuration file, which has moved
    config["sphinx"]["local_extensions"] = {name: str(course.root / path) for name, path in extensions.items()}
    (folder / "_config.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    build_book.render(course, "--all", "--config", str(folder / "_config.yml"), "--path-output", str(folder))
    record.write_text(now)
    return built
