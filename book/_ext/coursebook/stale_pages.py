"""Tell Sphinx which pages of an earlier build depend on pages that changed."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from autograder import keys

STORED = "coursebook_headings"


def read_again(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """Return the pages below `book/`, because they can list chapters."""
    return [name for name in env.found_docs if name.startswith("book/")]


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return all pages if a heading or a label changed, because any page may show it or link to it."""
    headings = {name: toc.pformat() for name, toc in env.tocs.items()}
    now = keys.key(headings=headings, labels=env.domaindata["std"]["anonlabels"])
    before = getattr(env, STORED, "")
    setattr(env, STORED, now)  # Sphinx saves the environment with it
    return [] if now == before else list(env.found_docs)
