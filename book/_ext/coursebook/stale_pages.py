"""Tell Sphinx which pages of an earlier build depend on sources that changed; it compares only the times of files."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from autograder import keys
from coursebook import notebooks
from coursebook.pages import class_chapters, explorer_list, solution_pages

SOURCES, HEADINGS = "coursebook_sources", "coursebook_headings"  # Sphinx saves them with the environment


def read_again(app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """Return the pages whose source changed, and those that list chapters or explorers."""
    before = getattr(env, SOURCES, {})
    now = {name: keys.key(source=Path(env.doc2path(name))) for name in env.found_docs}
    setattr(env, SOURCES, now)
    lists = {name for name in now if name.startswith("book/") and not name.startswith(f"{solution_pages.FOLDER}/")}
    return [name for name in now if name in {*lists, explorer_list.PAGE} or before.get(name) != now[name]]


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return all pages if a heading or a label changed, because any page may show it or link to it."""
    headings = {name: toc.pformat() for name, toc in env.tocs.items()}
    left_out = {page: notebooks.of_page(app.srcdir, page).title for page in app.config[class_chapters.PAGES]}
    names = env.domaindata["std"]
    labels = {name: list(map(str, place)) for name, place in {**names["anonlabels"], **names["labels"]}.items()}
    now = keys.key(headings=headings, left_out=left_out, labels=labels)
    before = getattr(env, HEADINGS, "")
    setattr(env, HEADINGS, now)
    return [] if now == before else list(env.found_docs)
